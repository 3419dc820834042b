"""Runs with their files as a zip: nothing is lost on the way, and nothing in one of a stranger's is believed."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from stores import open_store as opened_store
from studio import files

from backend.backups.import_job import ImportJob
from backend.formats.imports import Experiment
from backend.jobs.job import Bounds, Draft, Job, JobTask, StepOutcome
from backend.jobs.saved_jobs import SavedJobs
from backend.store import Store
from backend.studio import run_files
from backend.studio.families import KIND
from backend.studio.media_types import MediaType
from backend.studio.shelf import MB, Quota, Shelf
from backend.studio.task import Given, Task

BOUNDS = Bounds()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = opened_store(f"sqlite:///{tmp_path / 'kept.db'}")
    yield made
    made.close()


def kept(shelf: Shelf, content: bytes, type_: MediaType | None = None) -> str:
    with shelf.new() as file:
        file.write(content)
        return file.keep(type_).id


def added(store: Store, shelf: Shelf, owner: str = "anna", **result: Any) -> Job:
    """A picture made of a picture, with a table of our own beside it."""
    rows = kept(shelf, b'[{"id": "a"}]', MediaType("application/json", "json"))
    given = Given(kept(shelf, files()["blue.png"]), "mine.png")
    body = {"model": "m", "prompt": "A <b>fox</b>"}
    task = Task("image", "m", "/v1/images/generations", body=body, files={"image_url": (given,)})
    made = {"files": [{"id": kept(shelf, files()["red.png"]), "show": "image"}], "rows": {"id": rows}, "seed": "7"}
    outcome = StepOutcome("done", {**made, **result}, 0.04)
    saved = SavedJobs(store, owner)
    draft = Draft(KIND, "A fox", {"prompt": "A fox", "server": "s"}, [JobTask(task.as_json(), known=outcome)])
    job = saved.job(saved.add(draft, BOUNDS, "", at_rest=("done", "", 1_000.0)))
    assert job is not None
    return job


def taken(store: Store, shelf: Shelf, data: bytes, owner: str = "ben") -> ImportJob:
    saved = SavedJobs(store, owner)

    def experiment(each: Experiment) -> bool:
        return run_files.bring(saved, shelf, each.value, each.opened, BOUNDS)

    job = ImportJob(store, owner, [("x.zip", io.BytesIO(data), len(data))], experiment=experiment)
    job.run()
    return job


def test_a_run_comes_back_with_every_file_and_everything_that_made_it(store: Store, tmp_path: Path) -> None:
    mine, other = Shelf(tmp_path, "anna"), Shelf(tmp_path, "ben")
    job = added(store, mine)
    data = run_files.packed([(job, SavedJobs(store, "anna").steps(job.id))], mine)
    with zipfile.ZipFile(io.BytesIO(data)) as zip_:
        assert sorted(name.partition("/")[2] for name in zip_.namelist()) == [
            "1.png",
            "2.json.txt",
            "3.png",
            "run.json",
        ]
        sidecar = json.loads(zip_.read(zip_.namelist()[0]))
    assert sidecar["steps"][0]["task"]["body"]["prompt"] == "A <b>fox</b>" and sidecar["steps"][0]["usd"] == 0.04
    SavedJobs(store, "anna").delete(job.id)
    assert taken(store, other, data).experiments == {KIND: 1}
    saved = SavedJobs(store, "ben")
    (brought,) = saved.all(KIND)
    (step,) = saved.steps(brought.id)
    assert (brought.id, brought.title, brought.created, brought.state, step.usd) == (
        job.id,
        "A fox",
        1_000.0,
        "done",
        0.04,
    )
    found = [other.find(id_) for id_ in run_files.file_ids([step])]
    assert [file and file.path.read_bytes() for file in found] == [
        files()["red.png"], b'[{"id": "a"}]', files()["blue.png"]
    ]  # fmt: skip
    used = other.used_bytes
    again = taken(store, other, data)
    assert (again.came, again.known, other.used_bytes) == (0, 1, used), (
        "it is here already, and takes no room twice"
    )


def test_files_too_large_or_gone_are_left_out_and_named(store: Store, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, "anna")
    large = kept(shelf, files()["clip.mp4"].ljust(run_files.FILE + 1, b"\0"))
    job = added(store, shelf, files=[{"id": large}, {"id": "0" * 32}])
    steps = SavedJobs(store, "anna").steps(job.id)
    data = run_files.packed([(job, steps)], shelf)
    assert len(data) < 1 * MB
    with zipfile.ZipFile(io.BytesIO(data)) as zip_:
        left = json.loads(zip_.read(zip_.namelist()[0]))["left_out"]
    assert [(one["id"], one["why"]) for one in left] == [
        (large, "There is room for 16 MB of one run."), ("0" * 32, "It is not here any more.")
    ]  # fmt: skip
    (gone,) = run_files.files_for_zip(steps, shelf, run_files.ALONE)[1]
    assert not gone.bytes, "alone the large one goes in"


def zip_of(sidecar: Any, **entries: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zip_:
        zip_.writestr("run.json", json.dumps(sidecar))
        for name, content in entries.items():
            zip_.writestr(name, content)
    return buffer.getvalue()


def stranger(**more: Any) -> dict[str, Any]:
    task = {"family": "image", "model": "m", "files": {"image_url": [{"id": "F" * 32, "name": "x"}]}}
    steps = [{"task": task, "state": "done", "result": {"files": [{"id": "1"}, {"id": "mine"}]}}]
    return {"format": "llm-playground/experiment", "kind": KIND, "version": 1, "steps": steps, **more}


def test_a_stranger_s_zip_names_no_file_of_this_shelf_and_keeps_no_page(store: Store, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, "ben")
    mine = kept(shelf, files()["red.png"])
    rows = [{"id": "1", "file": "a", "type": "image/png"}, {"id": "2", "file": "../../etc/passwd"}, {"id": "3"}, 7]
    sidecar = stranger(files=rows, created=1e18, id="../x", title=7)
    text = json.dumps(sidecar).replace('"mine"', f'"{mine}"').replace("F" * 32, mine)
    job = taken(store, shelf, zip_of(json.loads(text), a=b"<html><script>alert(1)</script>"))
    saved = SavedJobs(store, "ben")
    (brought,) = saved.all(KIND)
    assert job.came == 1 and run_files.file_ids(saved.steps(brought.id)) == []
    assert shelf.used_bytes == len(files()["red.png"]), "a page is not kept"


@pytest.mark.parametrize(
    ("path", "poll", "asked"),
    [
        ("/v1/keys", "/v1/billing?x={id}", "/v1/images/generations"),
        ("/v1/chat/completions", "{id:>999999999}", "/v1/images/generations"),
        ("../../admin", "{id.__class__}", "/v1/images/generations"),
        ("", "", "/v1/images/generations"),
        ("/v1/images/edits", "", "/v1/images/edits"),
        ("images/generations", "/x", "images/generations"),
    ],
)
def test_a_strangers_run_is_asked_where_its_family_is(
    path: str, poll: str, asked: str, store: Store, tmp_path: Path
) -> None:
    sidecar = stranger()
    sidecar["steps"][0]["task"] |= {"path": path, "poll": poll}
    taken(store, Shelf(tmp_path, "ben"), zip_of(sidecar))
    saved = SavedJobs(store, "ben")
    (step,) = saved.steps(saved.all(KIND)[0].id)
    assert (step.task["path"], step.task["poll"]) == (asked, "")


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"version": 99}, "newer"),
        ({"steps": []}, "not known"),
        ({"steps": [{"task": {"family": "teleport"}}]}, "not known"),
        ({"steps": 7}, "not known"),
    ],
)
def test_a_file_that_is_no_run_is_refused_in_words(more: Any, word: str, store: Store, tmp_path: Path) -> None:
    job = taken(store, Shelf(tmp_path, "ben"), zip_of(stranger(**more)))
    assert not job.came and word in job.refused[0].why


def test_a_small_zip_that_unpacks_to_much_is_not_kept_beyond_one_run(store: Store, tmp_path: Path) -> None:
    buffer, large = io.BytesIO(), files()["red.png"].ljust(30 * MB, b"\0")
    rows = [{"id": str(place), "file": str(place)} for place in range(4)]
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zip_:
        zip_.writestr("run.json", json.dumps(stranger(files=rows)))
        for place in range(4):
            zip_.writestr(str(place), large)
    shelf = Shelf(tmp_path, "ben")
    assert taken(store, shelf, buffer.getvalue()).came == 1
    assert shelf.used_bytes == 2 * len(large)


def test_a_full_shelf_says_so_and_leaves_nothing(store: Store, tmp_path: Path) -> None:
    rows = [{"id": str(place), "file": str(place)} for place in range(3)]
    content = {str(place): files()["red.png"] for place in range(3)}
    shelf = Shelf(tmp_path, "ben", Quota(2 * len(files()["red.png"])))
    job = taken(store, shelf, zip_of(stranger(files=rows), **content))
    assert "no room" in job.refused[0].why and not shelf.used_bytes and not SavedJobs(store, "ben").all(KIND)
