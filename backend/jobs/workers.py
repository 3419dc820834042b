"""The jobs that run in this process, on their own threads: a closed tab does not stop one, and no session is
needed.

    jobs = Jobs(store)
    id_ = jobs.submit(owner, draft, work)
    jobs.join(id_)

A job is stored before its first request is sent, and each step before it begins and when it has ended. A finished
step is never repeated; whether a step that was in flight when the process was killed was charged is unknown.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping

from backend.jobs.endpoints import Endpoints
from backend.jobs.job import Bounds, Budget, Draft, StepState, Work
from backend.jobs.run import JobRun
from backend.jobs.saved_jobs import SavedJobs
from backend.store import Store, new_id

STOPPED = "The app was stopped."  # the pause reason after an orderly shutdown
LEFT: tuple[StepState, ...] = ("cancelled",)  # states that are resumed besides waiting
Works = Work | Mapping[str, Work]  # the work for all steps of a job, or one per queue


class Jobs:
    """The jobs of a process. `store` may be a function that returns the store."""

    def __init__(self, store: Store | Callable[[], Store], endpoints: Endpoints | None = None) -> None:
        self._where = store
        self._runs: dict[str, JobRun] = {}
        self._lock = threading.Lock()
        self.endpoints = endpoints or Endpoints()

    def saved_jobs(self, owner: str) -> SavedJobs:
        """The stored jobs of the owner."""
        return SavedJobs(self._where if isinstance(self._where, Store) else self._where(), owner)

    def submit(
        self, owner: str, draft: Draft, work: Works, bounds: Bounds | None = None, budget: Budget | None = None
    ) -> str:
        """Store a job and begin to work on it; returns its id.

        Raises TooMuch, Unavailable, and what the budget raises: then nothing is stored and nothing reserved.
        """
        bounds, saved, worker = bounds or Bounds(), self.saved_jobs(owner), new_id()
        if budget:
            budget.reserve([task.task for task in draft.tasks])
        try:
            id_ = saved.add(draft, bounds, worker, budget.id if budget else "")
        except BaseException:  # any exception: nothing stays reserved; always re-raised
            if budget:
                budget.release()
            raise
        self._begin(JobRun(id_, saved, worker, _by_queue(work), bounds, budget, self.endpoints))
        return id_

    def go_on(
        self,
        owner: str,
        id_: str,
        work: Works,
        bounds: Bounds | None = None,
        budget: Budget | None = None,
        again: Collection[StepState] = LEFT,
    ) -> None:
        """Resume a job that no process works on, and repeat the steps in a state of `again`.

        Raises TooMuch, NoSuchJob, Unavailable, and what the budget raises.
        """
        bounds, saved, worker = bounds or Bounds(), self.saved_jobs(owner), new_id()
        job = saved.job(id_)
        if budget and job and not job.at_work(time.time()):
            if job.reserved:  # reserved by a process that was killed
                budget.release(job.reserved)
            budget.reserve([step.task for step in saved.steps(id_) if step.is_left(again)])
        try:
            saved.claim(id_, worker, bounds, again, budget.id if budget else "")
        except BaseException:  # as above
            if budget:
                budget.release()
            raise
        self._begin(JobRun(id_, saved, worker, _by_queue(work), bounds, budget, self.endpoints))

    def cancel(self, owner: str, id_: str) -> None:
        """Begin no more of its steps, and stop what is in flight. Raises NoSuchJob, Unavailable."""
        run = self._run(owner, id_)
        try:
            self.saved_jobs(owner).cancel(id_)
        finally:
            if run:
                run.stop()

    def delete(self, owner: str, id_: str) -> Callable[[], None]:
        """Stop and delete it; returns the undo data. Raises NoSuchJob, Unavailable."""
        run = self._run(owner, id_)
        put_back = self.saved_jobs(owner).delete(id_)
        if run:
            run.stop()
        return put_back

    def wait_seconds(self, owner: str, id_: str) -> float:
        """Seconds for which the endpoints of a job that runs here are paused."""
        run = self._run(owner, id_)
        return run.wait_seconds if run else 0.0

    def join(self, id_: str, timeout: float | None = None) -> Jobs:
        """Wait until it no longer runs here."""
        with self._lock:
            run = self._runs.get(id_)
        if run:
            run.join(timeout)
        return self

    def close(self, timeout: float = 5.0) -> None:
        """The process is ending: stop what is in flight, so that its outcome is stored."""
        with self._lock:
            runs = list(self._runs.values())
        for run in runs:
            run.pause(STOPPED)
        for run in runs:
            run.join(timeout)

    def _begin(self, run: JobRun) -> None:
        with self._lock:
            self._runs = {other: one for other, one in self._runs.items() if one.running}
            self._runs[run.id] = run
            run.start()

    def _run(self, owner: str, id_: str) -> JobRun | None:
        with self._lock:
            run = self._runs.get(id_)
        return run if run and run.running and self.saved_jobs(owner).job(id_) is not None else None


def _by_queue(work: Works) -> Mapping[str, Work]:
    return work if isinstance(work, Mapping) else {"": work}
