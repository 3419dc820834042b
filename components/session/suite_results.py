"""The results of a suite's run in one tab. An answer is loaded when its cell is opened."""

from __future__ import annotations

import time
from dataclasses import replace

from backend.compare.suite import job
from backend.compare.suite.results import Cell, Results
from backend.jobs.job import Job
from backend.untrusted import Unreadable
from components.session import exhibit
from components.session.exhibit import Exhibit
from components.session.experiments import Experiments

_OVERLAP = 5.0  # seconds: the times written by several processes are not in order


class SuiteResults:
    """The results in one tab. They are cached as long as the run does not change."""

    def __init__(self) -> None:
        self._job: Job | None = None
        self._found: Results | None = None
        # a run, the time at which this tab first saw it running, and its progress then
        self._since: tuple[str, float, int] = ("", 0.0, 0)
        self._before: tuple[str, Results | None] = ("", None)

    def of(self, experiments: Experiments, run: Job) -> Results | None:
        """The grid of a run, given without its plan, so far. None if it cannot be read."""
        known = self._job
        if self._found is None or known is None or known.id != run.id:
            self._found = self._empty(experiments, run.id)
            known = None
        if self._found is not None and (known is None or known.updated != run.updated):
            goes_on = known is not None and known.state == run.state
            since = known.updated - _OVERLAP if known is not None and goes_on else 0.0
            found = self._found if goes_on else replace(self._found, cells={})
            found = job.with_steps(found, experiments.saved_jobs.steps(run.id, since))
            self._found = replace(found, cells={place: _bare(cell) for place, cell in found.cells.items()})
        self._job = run
        return self._found

    def seconds_left(self, run: Job) -> float | None:
        """Seconds until the end of a running run, at the rate that this tab has observed. None at first."""
        now = time.monotonic()
        if self._since[0] != run.id or run.ended_steps < self._since[2]:
            self._since = run.id, now, run.ended_steps
        _, began, ended = self._since
        return (
            (now - began) / (run.ended_steps - ended) * (run.total - run.ended_steps)
            if run.ended_steps > ended
            else None
        )

    def before(self, experiments: Experiments, id_: str) -> Results | None:
        """The grid of the run that the one in view is compared with."""
        if self._before[0] != id_:
            found = self.whole(experiments, id_)
            cells = {place: _bare(cell) for place, cell in found.cells.items()} if found else {}
            self._before = id_, replace(found, cells=cells) if found else None
        return self._before[1]

    def whole(self, experiments: Experiments, id_: str) -> Results | None:
        """All results of a run, with answers and requests. None if it is gone, or cannot be read."""
        found = experiments.saved_jobs.job(id_) if id_ else None
        try:
            return job.whole(found, experiments.saved_jobs.steps(id_)) if found else None
        except Unreadable:
            return None

    def cell(self, experiments: Experiments, run: Job, row: int, lane: int) -> tuple[Cell, Exhibit | None] | None:
        """One cell with its answer and its request, and the answer for the inspector if there is one."""
        whole = experiments.saved_jobs.job(run.id)
        found = self._found
        if whole is None or found is None:
            return None
        step = experiments.saved_jobs.step(run.id, lane * len(found.rows) + row)
        shown = job.with_steps(replace(found, cells={}), [step] if step else [], whole.plan)
        cell = shown.cell(found.rows[row][0], lane)
        return cell, exhibit.of_suite(whole, step, cell) if step and cell.state != "waiting" else None

    def _empty(self, experiments: Experiments, id_: str) -> Results | None:
        whole = experiments.saved_jobs.job(id_)
        try:
            return job.grid(whole) if whole else None
        except Unreadable:
            return None


def _bare(cell: Cell) -> Cell:
    """The part that the grid shows: a result and a cost."""
    verdicts = tuple(replace(one, check="", why="") for one in cell.verdicts if one.cost is not None)
    return replace(cell, verdicts=verdicts, answer="", calls=(), request={})
