"""The runs of the studio as they are kept, each of them a job with its files on the shelf: read, taken in, deleted.
Nothing is asked of a server here, and nothing drawn.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from backend.formats.imports import Experiment
from backend.jobs.job import Bounds, Job, JobStep
from backend.jobs.saved_jobs import SavedJobs
from backend.store import StoreError
from backend.studio import durations, models, run_files
from backend.studio import task as tasks
from backend.studio.families import KIND, Name
from backend.studio.shelf import MB, Shelf
from backend.studio.task import Task
from backend.untrusted import fields, items
from components.session import services
from components.session.deletions import Deletions
from components.session.services import configured

_OWNER = Bounds(200, 50 * MB, 3_650.0, 8, 500, ("run", "runs"))
_GUEST = Bounds(20, 8 * MB, 7.0, 2, 60, ("run", "runs"))


class Whole(Protocol):
    """The session of the tab."""

    @property
    def owner(self) -> str: ...

    @property
    def deletions(self) -> Deletions: ...


@dataclass(frozen=True)
class Run:
    """One run as it is kept: its job and its steps, and the task of the first. Only moderation has several."""

    job: Job
    steps: tuple[JobStep, ...]
    task: Task

    @property
    def step(self) -> JobStep:
        return self.steps[0]

    @property
    def at_work(self) -> bool:
        return self.job.at_work(time.time())

    @property
    def files(self) -> list[Mapping[str, object]]:
        return [dict(fields(file)) for file in items(self.step.result.get("files"))]

    @property
    def file_ids(self) -> list[str]:
        """Of everything on the shelf that belongs to it."""
        return run_files.file_ids(self.steps)


class KeptRuns:
    """Those of whoever has this tab."""

    def __init__(self, session: Whole) -> None:
        self._session = session
        self._tidy = False
        self._known: dict[str, Run] = {}  # as they were when they were looked at last

    @property
    def bounds(self) -> Bounds:
        return _GUEST if configured().shared else _OWNER

    @property
    def shelf(self) -> Shelf:
        return services.shelf(self._session.owner)

    @property
    def saved(self) -> SavedJobs:
        return services.jobs().saved(self._session.owner)

    def all(self, family: Name | None = None) -> list[Run]:
        """The newest first; of one family, or of all. Looked at every second: what has not changed is not read."""
        known, self._known = self._known, {}
        for job in self.saved.all(KIND):
            before = known.get(job.id)
            if before and before.job.state != "running" and before.job.updated == job.updated:
                self._known[job.id] = before
            elif run := self._read(job):
                self._known[job.id] = run
        return [run for run in self._known.values() if family in (None, run.task.family)]

    def _read(self, job: Job) -> Run | None:
        steps = self.saved.steps(job.id)
        return Run(job, tuple(steps), tasks.read(steps[0].task)) if steps else None

    def usual(self, run: Run) -> float | None:
        """The seconds that runs of the same model take here, or in the documents; None where nobody knows."""
        past = [
            one.step.ended - one.job.created
            for one in self._known.values()
            if one.task.model == run.task.model and one.step.state == "done" and one.step.ended
        ]
        found = models.find(run.task.model)
        return durations.usual(past, found.seconds if found else ())

    def one(self, id_: str) -> Run | None:
        """One by its id, with all of its job."""
        job = self.saved.job(id_)
        return self._read(job) if job and job.kind == KIND else None

    def server_of(self, run: Run) -> object:
        """What a run's server is known by."""
        job = self.saved.job(run.job.id)
        return job.plan.get("server") if job else None

    def forget(self, run: Run) -> None:
        """Delete a run, its files and queries; the far end may be at work yet. Raises NoSuchJob, Unavailable."""
        for each in (*self.queries(run), run):
            services.jobs().delete(self._session.owner, each.job.id)
            self.shelf.delete(each.file_ids)

    def queries(self, run: Run) -> list[Run]:
        """The runs that embed a text to rank those of this one by, the newest first."""
        return [one for one in self.all(run.task.family) if one.task.query_of == run.job.id != one.job.id]

    def delete(self, id_: str, title: str) -> None:
        """The same of a run of the list on History: it can be undone, and its files go when it cannot any more."""
        run, shelf = self.one(id_), self.shelf
        all_ = [*self.queries(run), run] if run else []
        ids = [each.job.id for each in all_] or [id_]
        files = [file for each in all_ for file in each.file_ids]
        self._session.deletions.experiment(title, lambda: self._delete(ids), lambda: shelf.delete(files))

    def _delete(self, ids: Sequence[str]) -> Callable[[], None]:
        """Delete these, all or none of them; the way back. Raises NoSuchJob, Unavailable."""
        back: list[Callable[[], None]] = []

        def undo() -> None:
            while back:
                back.pop()()

        try:
            for id_ in ids:
                back.append(services.jobs().delete(self._session.owner, id_))
        except StoreError:
            undo()
            raise
        return undo

    def taker(self) -> Callable[[Experiment], bool]:
        """Takes a run of a file in, from any thread, and says whether it is new here. Raises Unreadable,
        StoreError."""
        saved, shelf, bounds = self.saved, self.shelf, self.bounds
        return lambda each: run_files.bring(saved, shelf, each.value, each.opened, bounds)

    def tidy(self) -> None:
        """Once in a tab: delete files that no run names, and those whose time is over."""
        if not self._tidy:
            self._tidy = True
            wanted = {id_ for run in self.all() for id_ in run.file_ids}
            if not services.journals().store.trouble:
                self.shelf.sweep(wanted)
