"""Parsed results of a run are files on the shelf. They may come with a backup, which anybody may have written."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.jobs.job import Job, JobStep
from backend.studio.shelf import Shelf
from backend.studio.task import read
from components.session.studio_runs import Run
from components.studio.downloads import kept_json


@pytest.mark.parametrize("content", [b"[" * 200_000, b"\xff\xfe{"], ids=["deep", "no UTF-8"])
def test_a_hostile_result_reads_as_none(tmp_path: Path, content: bytes) -> None:
    shelf = Shelf(tmp_path, "anna")
    with shelf.new() as file:
        file.write(content)
        kept = file.keep()
    step = JobStep(0, {}, "done", result={"pages": {"id": kept.id}})
    job = Job("a", "studio", "", "done", "", None, 0, "", 0.0, "", 0.0, 0.0)
    assert kept_json(Run(job, (step,), read({})), "pages", shelf) is None
