"""An experiment or the run of a suite as one file, and back: the exact requests, and their results.

    text = export(job, steps)
    id_, new = bring(saved, parsed(text), bounds)

A file is untrusted: an imported job sends nothing until a person resumes it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

from backend.compare import experiment
from backend.compare import grid as grids
from backend.compare.grid import BadGrid
from backend.compare.kept_requests import request
from backend.compare.suite import job as suites
from backend.conversation.tree import Conversation
from backend.formats.archive import Record
from backend.formats.imports import EXPERIMENT
from backend.formats.zip import file_name, zipped
from backend.jobs.job import Bounds, Draft, Job, JobStep, StepOutcome
from backend.jobs.job_rows import TooMuch
from backend.jobs.saved_jobs import SavedJobs
from backend.types import JSON
from backend.untrusted import Object, Unreadable, fields, items, number, string

VERSION = 1
KINDS = (experiment.KIND, suites.KIND)


def export(job: Job, steps: Sequence[JobStep]) -> str:
    """The file of a job and its results."""
    out: dict[str, JSON] = {
        "format": EXPERIMENT,
        "version": VERSION,
        "kind": job.kind,
        "id": job.id,
        "title": job.title,
        "created": job.created,
        "state": job.state,
        "cap": job.cap,
        "plan": dict(job.plan),
        "steps": [_step(job, step) for step in steps],
    }
    if job.kind == experiment.KIND:
        out["values"] = [dict(cell) for cell in grids.read(job.plan).cells()]
    return json.dumps(out, ensure_ascii=False, indent=1)


def planned_job_file(draft: Draft) -> str:
    """The file of a job that has not begun, with every request that it would send."""
    now = time.time()
    steps = [JobStep(place, task.task, most=task.most, queue=task.queue) for place, task in enumerate(draft.tasks)]
    head = Job("", draft.kind, draft.title, "cancelled", "", draft.cap, 0, "", 0.0, "", now, now, plan=draft.plan)
    return export(head, steps)


def _step(job: Job, step: JobStep) -> dict[str, JSON]:
    whole = suites.body_of(job.plan, step.task) if job.kind == suites.KIND else request(job.plan, step.task).raw
    return {
        "task": dict(step.task),
        "state": step.state,
        "most": step.most,
        "usd": step.usd,
        # it contains an address
        "result": {name: value for name, value in step.result.items() if name != "exchange"},
        "request": dict(whole or {}),
    }


def name_of(job: Job) -> str:
    """The file name of an exported job."""
    return file_name(Record(Conversation(), f"{job.kind} {job.title}", updated=job.created), "json")


def packed(saved: SavedJobs, ids: Iterable[str]) -> bytes:
    """A zip with one file per job. A job that has been deleted meanwhile is not in it."""
    jobs = (job for id_ in ids if (job := saved.job(id_)) and job.kind in KINDS)
    return zipped((name_of(job), export(job, saved.steps(job.id))) for job in jobs)


def bring(saved: SavedJobs, value: Object, bounds: Bounds) -> tuple[str, bool]:
    """Store the experiment of a file unchanged; (its id, whether it is new here). Raises Unreadable,
    Unavailable.
    """
    created = min(time.time(), max(0.0, number(value.get("created")) or 0.0))
    try:
        return saved.bring(draft(value, bounds), bounds, string(value.get("id")), created)
    except (BadGrid, TooMuch) as error:
        raise Unreadable(str(error)) from None


def draft(value: Object, bounds: Bounds) -> Draft:
    """The job in a file, with its results. Raises Unreadable, BadGrid."""
    kind = value.get("kind", experiment.KIND)
    if kind not in KINDS:
        raise Unreadable("This kind of experiment is not known here: it may come from a newer playground.")
    read = experiment.read(dict(value), bounds.steps) if kind == experiment.KIND else suites.read(value)
    entries = [fields(entry) for entry in items(value.get("steps"))]
    tasks = [
        replace(task, most=_dollars(entry.get("most")), known=_outcome(entry))
        for task, entry in zip(read.tasks, entries, strict=True)
    ]
    return replace(read, tasks=tasks, cap=_dollars(value.get("cap")))


def _outcome(entry: Object) -> StepOutcome | None:
    """The result of a step; None: it is still to be done."""
    reported = entry.get("state")
    if reported == "running":
        return StepOutcome("unknown")
    ends: tuple[Literal["done", "failed", "unknown"], ...] = ("done", "failed", "unknown")
    state = next((end for end in ends if end == reported), None)
    return StepOutcome(state, fields(entry.get("result")), _dollars(entry.get("usd"))) if state else None


def _dollars(value: JSON) -> float | None:
    found = number(value)
    return None if found is None else max(0.0, found)
