"""The jobs of one owner within a transaction: the building blocks of backend/jobs/saved_jobs.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult, Row, TextClause, text

from backend.jobs import row_conversion
from backend.jobs import statements as sql
from backend.jobs.job import DAY, STALE, Bounds, Job, JobStep, StepState
from backend.store import StoreError

PIECE = 500  # rows of one statement


class TooMuch(StoreError):
    """There is no room for a job. `str()` says why."""


class NoSuchJob(StoreError):
    """There is no such job of this owner."""

    words = "There is no such experiment. It may have been deleted, or its time was over."


class TakenAway(Exception):
    """The job was taken over by another process, was ended, or is gone: this process stops working on it."""


class JobRows:
    """The job rows of one owner. Every statement filters by owner."""

    def __init__(self, owner: str, clock: Callable[[], float]) -> None:
        self._owner = owner
        self._clock = clock

    def too_dear(self, connection: Connection, id_: str, most: float) -> str:
        """Why the budget of a job does not allow another step; "" if it does."""
        cap = self.run(connection, sql.CAP, id=id_).scalar()
        if cap is None:
            return ""
        counts = connection.execute(sql.COUNTS, {"job": id_}).all()
        if sum(float(one.usd or 0.0) for one in counts) + most <= float(cap) * (1 + 1e-9):
            return ""
        runs = any(one.state == "running" for one in counts)
        return "wait" if runs else f"The next request could pass the limit of ${cap:,.2f}."

    def make_room(self, connection: Connection, bounds: Bounds, kind: str, *, begins: bool) -> None:
        """Enforce the bounds. They are those of one kind of job: a hundred pictures do not displace an
        experiment.
        """
        self.run(connection, sql.OLD, before=self._clock() - bounds.days * DAY, kind=kind)
        if begins:
            self.check_at_work(connection, bounds, kind)
        self.run(connection, sql.TOO_MANY, keep=bounds.kept - 1, kind=kind)

    def check_at_work(self, connection: Connection, bounds: Bounds, kind: str) -> None:
        now = self._clock()
        count = self.run(connection, sql.AT_WORK, stale=now - STALE, ahead=now + STALE, kind=kind).scalar()
        if int(count or 0) >= bounds.at_once:
            one, several = bounds.names
            jobs = f"1 {one} runs" if bounds.at_once == 1 else f"{bounds.at_once} {several} run"
            raise TooMuch(f"{jobs} already: wait until one has ended, or stop one.")

    def all(self, connection: Connection, kind: str, search: str, most: int | None) -> list[Job]:
        words, found = search.casefold().split(), self.run(connection, sql.LIST, kind=kind).all()
        if words:
            prompts = {row.id: row.prompt for row in self.run(connection, sql.PROMPTS, kind=kind)}
            found = [row for row in found if row_conversion.has_words(words, row.title, prompts.get(row.id, ""))]
        return [self._counted(connection, row) for row in found[:most]]

    def job(self, connection: Connection, id_: str, *, plan: bool = False) -> Job | None:
        row = self.run(connection, sql.ONE if plan else sql.HEAD, id=id_).one_or_none()
        return None if row is None else self._counted(connection, row, plan=plan)

    def _counted(self, connection: Connection, row: Row[Any], *, plan: bool = False) -> Job:
        """The job of a row, with the counts of its steps."""
        found = connection.execute(sql.COUNTS, {"job": row.id}).all()
        counts: dict[StepState, int] = {one.state: int(one.steps) for one in found}
        usd = sum(float(one.usd or 0.0) for one in found)
        return row_conversion.job_of(row, counts, usd, row_conversion.read(row.plan) if plan else None)

    def step(self, connection: Connection, id_: str, place: int) -> JobStep | None:
        row = self.run(connection, sql.STEP, id=id_, place=place).one_or_none()
        return row_conversion.step_of(row) if row else None

    def steps(self, connection: Connection, id_: str, since: float) -> list[JobStep]:
        return [row_conversion.step_of(row) for row in self.run(connection, sql.STEPS, id=id_, since=since)]

    def run(self, connection: Connection, statement: TextClause, **values: object) -> CursorResult[Any]:
        given = {"owner": self._owner, **values}
        wanted = set(statement.compile().params)
        return connection.execute(statement, {name: value for name, value in given.items() if name in wanted})


def put_back(connection: Connection, job: Mapping[str, object], steps: Sequence[Mapping[str, object]]) -> None:
    """Restore the rows of a deleted job."""
    for table, of_table in (("jobs", [job]), ("job_steps", steps)):
        for start in range(0, len(of_table), PIECE):
            columns = ", ".join(of_table[0])
            values = ", ".join(f":{name}" for name in of_table[0])
            insert = text(f"INSERT INTO {table} ({columns}) VALUES ({values})")  # noqa: S608  (columns of ours)
            connection.execute(insert, [dict(row) for row in of_table[start : start + PIECE]])
