"""A run with its files as a zip, to export and to import: a JSON beside the files describes how they were made.

    data = packed([(job, steps)], shelf)
    new = bring(saved, shelf, value, open_entry, bounds)

A zip is untrusted: its files are recognised by their content and get new ids of this shelf, and references to any
other id become invalid. An imported run sends nothing.
"""

from __future__ import annotations

import io
import json
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from backend import errors
from backend.backups.parts import PART
from backend.formats.imports import EXPERIMENT
from backend.jobs.job import Bounds, Draft, Job, JobStep, JobTask, StepOutcome
from backend.jobs.job_rows import TooMuch
from backend.jobs.saved_jobs import SavedJobs
from backend.studio import media_types
from backend.studio import task as tasks
from backend.studio.families import FAMILIES, KIND
from backend.studio.media_types import MediaType
from backend.studio.shelf import KeptFile, NoRoom, Shelf
from backend.types import JSON
from backend.untrusted import Object, Unreadable, fields, number, objects, string, text

VERSION = 1
FILE = PART  # bytes of one file in a backup: a larger one could not be imported again
ALONE = 64 * 2**20  # bytes of all files of one run that is exported by itself, or imported
_STEPS = 200
_FILES = 60
_IN_FILES = ("vectors", "pages", "rows", "lines", "source")  # fields of a result that are stored in a file
_DATED = (1980, 1, 1, 0, 0, 0)
_CHUNK = 2**20
_OWN = {"application/json": "json", "application/jsonl": "jsonl"}  # types that only this app writes
# Entries with these extensions are read as conversations by an import.
_ENDINGS = {"json": "json.txt", "jsonl": "jsonl.txt"}
Opener = Callable[[str], IO[bytes] | None]
Whole = tuple[Job, Sequence[JobStep]]


@dataclass(frozen=True)
class LeftOut:
    """A file that is not in a zip, and why."""

    id: str
    bytes: int
    why: str


def file_ids(steps: Iterable[JobStep]) -> list[str]:
    """The files on the shelf that belong to a run: its results first, then its inputs."""
    ids: list[str] = []
    for step in steps:
        made = [*objects(step.result.get("files")), *(fields(step.result.get(name)) for name in _IN_FILES)]
        given = [one.id for several in tasks.read(step.task).files.values() for one in several]
        ids += [id_ for id_ in (*(string(file.get("id")) for file in made), *given) if id_]
    return list(dict.fromkeys(ids))


# ---- out ----------------------------------------------------------------------------------------------------


def files_for_zip(steps: Iterable[JobStep], shelf: Shelf, most: int = FILE) -> tuple[list[KeptFile], list[LeftOut]]:
    """The files of a run for a zip of at most this many bytes, and those that do not fit."""
    kept, left, room = list[KeptFile](), list[LeftOut](), most
    for id_ in file_ids(steps):
        file = shelf.find(id_)
        if file is None:
            left.append(LeftOut(id_, 0, "It is not here any more."))
        elif file.bytes > room:
            left.append(LeftOut(id_, file.bytes, f"There is room for {most // 2**20} MB of one run."))
        else:
            room -= file.bytes
            kept.append(file)
    return kept, left


def packed(runs: Iterable[Whole], shelf: Shelf, most: int = FILE) -> bytes:
    """The zip of these runs: a folder for each, with `run.json` and its files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zip_:
        for number_, (job, steps) in enumerate(runs, 1):
            folder = f"run-{number_:03}-{job.id[:8]}"
            kept, left = files_for_zip(steps, shelf, most)
            names = {file.id: f"{folder}/{_name(place, file)}" for place, file in enumerate(kept, 1)}
            sidecar = zipfile.ZipInfo(f"{folder}/run.json", _DATED)
            zip_.writestr(sidecar, export(job, steps, kept, names, left), zipfile.ZIP_DEFLATED)
            for file in kept:
                zip_.writestr(zipfile.ZipInfo(names[file.id], _DATED), file.path.read_bytes(), zipfile.ZIP_STORED)
    return buffer.getvalue()


def _name(place: int, file: KeptFile) -> str:
    return f"{place}.{_ENDINGS.get(file.type.ending, file.type.ending)}"


def export(
    job: Job, steps: Sequence[JobStep], kept: Sequence[KeptFile], names: Mapping[str, str], left: Sequence[LeftOut]
) -> str:
    """The JSON beside the files: how they were made. `names`: of their entries, by their ids."""
    files: list[JSON] = [
        {"id": file.id, "file": names[file.id], "type": file.type.name, "bytes": file.bytes} for file in kept
    ]
    out: dict[str, JSON] = {
        "format": EXPERIMENT,
        "version": VERSION,
        "kind": KIND,
        "id": job.id,
        "title": job.title,
        "created": job.created,
        "plan": dict(job.plan),
        "steps": [
            {"task": dict(step.task), "state": step.state, "usd": step.usd, "result": dict(step.result)}
            for step in steps
        ],
        "files": files,
        "left_out": [{"id": one.id, "bytes": one.bytes, "why": one.why} for one in left],
    }
    return json.dumps(out, ensure_ascii=False, indent=1)


# ---- in -----------------------------------------------------------------------------------------------------


def bring(saved: SavedJobs, shelf: Shelf, value: Object, opened: Opener, bounds: Bounds) -> bool:
    """Store the run of a zip unchanged; returns whether it is new here. `opened` gives the entries of the zip.

    Raises Unreadable, Unavailable.
    """
    if (number(value.get("version")) or 0) > VERSION:
        raise Unreadable("It was written by a newer playground.")
    id_, title = string(value.get("id")), text(value.get("title"), 200)
    rows = objects(value.get("steps"), _STEPS)
    if not rows or string(fields(rows[0].get("task")).get("family")) not in FAMILIES:
        raise Unreadable("This kind of run is not known here: it may come from a newer playground.")
    if saved.job(id_, plan=False) is not None:
        return False
    taken, room = dict[str, str](), ALONE
    try:
        for row in objects(value.get("files"), _FILES):
            if (file := _shelve(shelf, row, opened, room)) is not None:
                taken[string(row.get("id"))] = file.id
                room -= file.bytes
        made = [JobTask(_task(fields(row.get("task")), taken), known=_outcome(row, taken)) for row in rows]
        about = fields(value.get("plan"))
        plan: dict[str, JSON] = {name: text(about.get(name), 10_000) for name in ("server", "model", "prompt")}
        created = min(time.time(), max(0.0, number(value.get("created")) or 0.0))
        _, new = saved.bring(Draft(KIND, title, plan, made), bounds, id_, created)
    except TooMuch as error:
        shelf.delete(taken.values())
        raise Unreadable(str(error)) from None
    except BaseException:
        shelf.delete(taken.values())
        raise
    return new


def _shelve(shelf: Shelf, row: Object, opened: Opener, room: int) -> KeptFile | None:
    """Put a file of the zip on the shelf, of at most `room` bytes; None if it is of no accepted type. Raises
    Unreadable.
    """
    entry = opened(string(row.get("file")))
    if entry is None:
        return None
    try:
        with entry, shelf.new(room) as file:
            while piece := entry.read(_CHUNK):
                file.write(piece)
            own = _OWN.get(string(row.get("type")))
            if own and media_types.is_text(file.beginning):
                return file.keep(MediaType(string(row.get("type")), own))
            known = media_types.of(file.beginning) != media_types.UNKNOWN
            return file.keep() if known or not media_types.is_text(file.beginning) else None
    except NoRoom as error:
        raise Unreadable(error.title) from None
    except (errors.AnswerTooLarge, zipfile.BadZipFile, zlib.error, EOFError, OSError):
        return None


def _task(given: Object, taken: Mapping[str, str]) -> dict[str, JSON]:
    """An untrusted task in this app's own form."""
    kept = tasks.by_its_family(tasks.read(given)).as_json()
    files: dict[str, JSON] = {}
    for field, rows in fields(kept.get("files")).items():
        files[field] = [{**row, "id": taken.get(string(row.get("id")), "")} for row in objects(rows)]
    return {**kept, "files": files, "mark": ""}


def _outcome(row: Object, taken: Mapping[str, str]) -> StepOutcome:
    """How a step ended; an unfinished one is not continued here."""
    state = row.get("state")
    if state not in ("done", "failed"):
        return StepOutcome("unknown", {"error": "It had not ended when it was exported."})
    result = dict(fields(row.get("result")))
    result["files"] = [_here(file, taken) for file in objects(result.get("files"), _FILES)]
    for name in _IN_FILES:
        if name in result:
            result[name] = _here(fields(result[name]), taken)
    usd = number(row.get("usd"))
    return StepOutcome("done" if state == "done" else "failed", result, None if usd is None else max(0.0, usd))


def _here(file: Object, taken: Mapping[str, str]) -> dict[str, JSON]:
    return {**file, "id": taken.get(string(file.get("id")), "")}
