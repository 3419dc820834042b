"""Converts rows of jobs and steps to values and back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from sqlalchemy import Row

from backend.jobs.job import Job, JobStep, JobTask, StepState
from backend.types import JSON
from backend.untrusted import clean_json, fields


class StepRow(TypedDict):
    """The columns of a new step."""

    job: str
    place: int
    task: str
    most: float | None
    queue: str
    state: StepState
    usd: float | None
    ended: float | None
    result: str


def row_of(job: str, place: int, task: JobTask, now: float) -> StepRow:
    """The row of a step that is to be done, or whose outcome is known."""
    known = task.known
    return {
        "job": job,
        "place": place,
        "task": dump(task.task),
        "most": task.most,
        "queue": task.queue,
        "state": known.state if known else "waiting",
        "usd": known.usd if known else None,
        "ended": now if known else None,
        "result": dump(known.result) if known and known.result else "",
    }


def has_words(words: Sequence[str], *texts: str) -> bool:
    """Whether all of these words occur somewhere in the texts, ignoring case."""
    whole = " ".join(texts).casefold()
    return all(word in whole for word in words)


def dump(value: Mapping[str, JSON]) -> str:
    """JSON for the database."""
    return json.dumps(clean_json(value), separators=(",", ":"))  # as many characters as bytes


def read(written: str) -> Mapping[str, JSON]:
    return fields(json.loads(written)) if written else {}


def job_of(
    row: Row[Any], counts: Mapping[StepState, int], usd: float, plan: Mapping[str, JSON] | None = None
) -> Job:
    return Job(
        *(row.id, row.kind, row.title, row.state, row.why, row.cap, int(row.bytes), row.worker, float(row.beat)),
        *(row.reserved, float(row.created), float(row.updated), counts, usd, plan or {}),
    )


def step_of(row: Row[Any]) -> JobStep:
    return JobStep(
        *(int(row.place), read(row.task), row.state, int(row.tries), row.most, row.usd, row.began, row.ended),
        *(row.handle, read(row.result), row.queue),
    )
