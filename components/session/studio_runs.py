"""The stored runs of the Studio, each of them a job with its files on the shelf: read, imported, deleted.
Nothing is sent to a server here, and nothing drawn.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
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
from backend.untrusted import Object, fields, items
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
    """One stored run: its job and its steps, and the task of the first. Only moderation has several."""

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
    def files(self) -> list[Object]:
        return [fields(file) for file in items(self.step.result.get("files"))]

    @property
    def file_ids(self) -> list[str]:
        """The ids of all of its files on the shelf."""
        return run_files.file_ids(self.steps)


class KeptRuns:
    """The runs of this tab's visitor."""

    def __init__(self, session: Whole) -> None:
        self._session = session
        self._tidy = False
        self._known: dict[str, Run] = {}  # as last read

    @property
    def bounds(self) -> Bounds:
        return _GUEST if configured().shared else _OWNER

    @property
    def shelf(self) -> Shelf:
        return services.shelf(self._session.owner)

    @property
    def saved_jobs(self) -> SavedJobs:
        return services.jobs().saved_jobs(self._session.owner)

    def all(self, family: Name | None = None) -> list[Run]:
        """The runs, the newest first; of one family, or of all. Called every second: unchanged ones are not read
        again.
        """
        known, self._known = self._known, {}
        for job in self.saved_jobs.all(KIND):
            before = known.get(job.id)
            if before and before.job.state != "running" and before.job.updated == job.updated:
                self._known[job.id] = before
            elif run := self._read(job):
                self._known[job.id] = run
        return [run for run in self._known.values() if family in (None, run.task.family)]

    def _read(self, job: Job) -> Run | None:
        steps = self.saved_jobs.steps(job.id)
        return Run(job, tuple(steps), tasks.read(steps[0].task)) if steps else None

    def usual(self, run: Run) -> float | None:
        """The usual seconds of runs of the same model, here or in the documentation; None if unknown."""
        past = [
            one.step.ended - one.job.created
            for one in self._known.values()
            if one.task.model == run.task.model and one.step.state == "done" and one.step.ended
        ]
        found = models.find(run.task.model)
        return durations.usual(past, found.seconds if found else ())

    def one(self, id_: str) -> Run | None:
        """One run by its id, with the whole job."""
        job = self.saved_jobs.job(id_)
        return self._read(job) if job and job.kind == KIND else None

    def server_of(self, run: Run) -> object:
        """The identifier of a run's server."""
        job = self.saved_jobs.job(run.job.id)
        return job.plan.get("server") if job else None

    def forget(self, run: Run) -> None:
        """Delete a run, its files and queries, even if the server still works on it. Raises NoSuchJob,
        Unavailable.
        """
        for each in (*self.queries(run), run):
            services.jobs().delete(self._session.owner, each.job.id)
            self.shelf.delete(each.file_ids)

    def queries(self, run: Run) -> list[Run]:
        """The runs that embed a query for ranking the texts of this one, the newest first."""
        return [one for one in self.all(run.task.family) if one.task.query_of == run.job.id != one.job.id]

    def delete(self, id_: str, title: str) -> None:
        """The same from the list on History: it can be undone, and its files are deleted afterwards."""
        run, shelf = self.one(id_), self.shelf
        all_ = [*self.queries(run), run] if run else []
        ids = [each.job.id for each in all_] or [id_]
        files = [file for each in all_ for file in each.file_ids]
        self._session.deletions.experiment(title, lambda: self._delete(ids), lambda: shelf.delete(files))

    def _delete(self, ids: Sequence[str]) -> Callable[[], None]:
        """Delete all or none of these; returns the undo function. Raises NoSuchJob, Unavailable."""
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
        """A function that imports a run of a file, from any thread, and returns whether it is new here. Raises
        Unreadable, StoreError.
        """
        saved, shelf, bounds = self.saved_jobs, self.shelf, self.bounds
        return lambda each: run_files.bring(saved, shelf, each.value, each.opened, bounds)

    def tidy(self) -> None:
        """Once per tab: delete files without a run, and expired ones."""
        if not self._tidy:
            self._tidy = True
            wanted = {id_ for run in self.all() for id_ in run.file_ids}
            if not services.journals().store.trouble:
                self.shelf.sweep(wanted)
