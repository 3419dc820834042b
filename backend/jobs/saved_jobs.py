"""Jobs of one owner in a store. Every statement asks for the owner: what is another's is not there.

What works on a job says so with the name of its process: once another process has taken the job over, or it was
deleted, nothing is written any more.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any, cast

from sqlalchemy import Connection, CursorResult, Row, TextClause

from backend.jobs import statements as sql
from backend.jobs.job import DAY, STALE, Bounds, Draft, Job, JobState, Outcome, Step, StepState
from backend.store import Store, StoreError, is_id, new_id, stored_owner
from backend.text import clean
from backend.types import JSON
from backend.untrusted import cleaned

TITLE = 200  # characters
_PIECE = 500  # rows of one statement


class TooMuch(StoreError):
    """A job that there is no room for. `str()` says why."""


class NoSuchJob(StoreError):
    words = "There is no such experiment. It may have been deleted, or its time was over."


class TakenAway(Exception):
    """The job is another process's by now, was ended, or is gone: whoever worked on it stops."""


class SavedJobs:
    """The jobs of one owner. What writes raises Unavailable while the database is in trouble."""

    def __init__(self, store: Store, owner: str, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._owner = stored_owner(owner)
        self._clock = clock

    # ---- what there is ------------------------------------------------------------------------------------

    def all(self, kind: str = "") -> list[Job]:
        """Without plans, the newest first."""
        none: list[Job] = []
        return self._store.read(lambda connection: self._list(connection, kind), none)

    def job(self, id_: str) -> Job | None:
        """With its plan. None for another's, and for one that is gone."""
        return self._store.read(lambda connection: self._job(connection, id_), None) if is_id(id_) else None

    def steps(self, id_: str, since: float = 0.0) -> list[Step]:
        """Its steps in order; those that ended at or after a time, where that is given."""
        none: list[Step] = []
        return (
            self._store.read(lambda connection: self._steps(connection, id_, since), none) if is_id(id_) else none
        )

    # ---- keeping and deleting -----------------------------------------------------------------------------

    def add(self, draft: Draft, bounds: Bounds, worker: str, reserved: str = "") -> str:
        """Keep a job with all its steps, at work already; its id. Raises TooMuch."""
        if not draft.tasks:
            raise TooMuch("There is nothing to do.")
        if len(draft.tasks) > bounds.steps:
            raise TooMuch(f"{len(draft.tasks):,} requests are too many: there is room for {bounds.steps:,}.")
        plan, id_ = _written(draft.plan), new_id()
        tasks = [_written(task.task) for task in draft.tasks]
        size = len(plan) + sum(map(len, tasks))
        if size > bounds.bytes // 2:
            raise TooMuch(f"What is to be asked takes {size:,} bytes: there is room for {bounds.bytes // 2:,}.")
        now = self._clock()
        head = {
            "kind": draft.kind,
            "title": " ".join(clean(draft.title).split())[:TITLE],
            "plan": plan,
            "cap": draft.cap,
            "bytes": size,
            "worker": worker,
            "now": now,
            "reserved": reserved,
        }
        rows = [
            {"job": id_, "place": place, "task": written, "most": task.most}
            for place, (task, written) in enumerate(zip(draft.tasks, tasks, strict=True))
        ]

        def work(connection: Connection) -> None:
            self._make_room(connection, bounds, draft.kind)
            self._run(connection, sql.ADD, id=id_, **head)
            for start in range(0, len(rows), _PIECE):
                connection.execute(sql.ADD_STEP, rows[start : start + _PIECE])

        self._store.edit(work)
        return id_

    def delete(self, id_: str) -> None:
        """For good; whoever works on it stops before its next step. Raises NoSuchJob."""

        def work(connection: Connection) -> None:
            if self._run(connection, sql.DELETE, id=id_).rowcount == 0:
                raise NoSuchJob

        self._store.edit(work)
        self._store.cleaner.soon(gone=True)

    # ---- for what works on it -----------------------------------------------------------------------------

    def claim(
        self, id_: str, worker: str, bounds: Bounds, again: Collection[StepState], reserved: str = ""
    ) -> None:
        """Take up a job that nobody works on; steps in a state of `again` are to be done once more.

        What was in flight becomes "unknown", but for what the far end goes on with by itself. Raises NoSuchJob,
        TooMuch.
        """

        def work(connection: Connection) -> None:
            job, now = self._job(connection, id_), self._clock()
            if job is None:
                raise NoSuchJob
            if job.at_work(now):
                raise TooMuch("It is at work already, perhaps in another tab.")
            self._check_at_work(connection, bounds, job.kind)
            self._run(connection, sql.CLAIM, id=id_, worker=worker, now=now, reserved=reserved)
            connection.execute(sql.LOST, {"job": id_, "now": now})
            for state in again:
                connection.execute(sql.ONCE_MORE, {"job": id_, "state": state})

        self._store.edit(work)

    def beat(self, id_: str, worker: str) -> None:
        """A sign of life. Raises TakenAway."""
        self._as_worker(id_, worker, lambda connection: None)

    def take(self, id_: str, worker: str) -> Step | str:
        """The next step, which is "running" from now on. Else why there is none: "" where nothing is left, "wait"
        where what runs may cost less than the most, so that there is money for one more.

        Raises TakenAway.
        """
        taken: list[Step | str] = []

        def work(connection: Connection) -> None:
            row = connection.execute(sql.NEXT, {"job": id_}).one_or_none()
            job = self._job(connection, id_)
            if row is None or job is None:
                taken.append("")
            elif job.cap is not None and job.usd + float(row.most or 0.0) > job.cap * (1 + 1e-9):
                over = f"The next request could pass the limit of ${job.cap:,.2f}."
                taken.append("wait" if job.counts.get("running") else over)
            else:
                connection.execute(sql.BEGIN, {"job": id_, "place": row.place, "now": self._clock()})
                taken.append(_step(row))

        self._as_worker(id_, worker, work)
        return taken[0]

    def put_back(self, id_: str, worker: str, place: int, tries: int) -> None:
        """A step that nothing came of, and that cost nothing. Raises TakenAway."""
        values = {"job": id_, "place": place, "tries": tries}
        self._as_worker(id_, worker, lambda connection: _execute(connection, sql.PUT_BACK, values))

    def keep_handle(self, id_: str, worker: str, place: int, handle: str) -> None:
        """What the far end calls a step. Raises TakenAway."""
        values = {"job": id_, "place": place, "handle": clean(handle)}
        self._as_worker(id_, worker, lambda connection: _execute(connection, sql.HANDLE, values))

    def end_step(self, id_: str, place: int, outcome: Outcome, bounds: Bounds) -> bool:
        """What came of a step: written whoever works on the job by now, for it was paid. False where its result
        found no room."""
        result = _written(outcome.result) if outcome.result else ""
        fits: list[bool] = []

        def work(connection: Connection) -> None:
            size = self._run(connection, sql.SIZES, id=id_, place=place).one_or_none()
            if size is None:  # the job was deleted meanwhile
                return
            grows = len(result) - int(size.before or 0)
            fits.append(int(size.bytes) + grows <= bounds.bytes)
            kept = result if fits[-1] else ""
            more = len(kept) - int(size.before or 0)
            self._run(connection, sql.GROW, id=id_, more=more, now=self._clock())
            values = {"job": id_, "place": place, "state": outcome.state, "usd": outcome.usd, "result": kept}
            connection.execute(sql.END_STEP, {**values, "now": self._clock()})

        self._store.edit(work)
        return all(fits)

    def end(self, id_: str, worker: str, state: JobState, why: str = "") -> None:
        """Nobody works on it any more. Raises TakenAway."""
        values = {"state": state, "why": clean(why)[:1_000], "now": self._clock()}
        self._as_worker(id_, worker, lambda connection: self._run(connection, sql.END, id=id_, **values))

    def cancel(self, id_: str) -> None:
        """Begin nothing of it any more, whoever works on it. Raises NoSuchJob."""

        def work(connection: Connection) -> None:
            job, now = self._job(connection, id_), self._clock()
            if job is None:
                raise NoSuchJob
            if job.state == "done":
                return
            self._run(connection, sql.STOP, id=id_, now=now)
            connection.execute(sql.CANCEL, {"job": id_})
            if not job.at_work(now):
                connection.execute(sql.LOST, {"job": id_, "now": now})

        self._store.edit(work)

    # ---- what is done in a transaction --------------------------------------------------------------------

    def _as_worker(self, id_: str, worker: str, work: Callable[[Connection], object]) -> None:
        def checked(connection: Connection) -> None:
            if not self._run(connection, sql.BEAT, id=id_, worker=worker, now=self._clock()).rowcount:
                raise TakenAway
            work(connection)

        self._store.edit(checked)

    def _make_room(self, connection: Connection, bounds: Bounds, kind: str) -> None:
        """Bounds are those of one kind of job: a hundred pictures do not push an experiment out."""
        self._run(connection, sql.OLD, before=self._clock() - bounds.days * DAY, kind=kind)
        self._check_at_work(connection, bounds, kind)
        self._run(connection, sql.TOO_MANY, keep=bounds.kept - 1, kind=kind)

    def _check_at_work(self, connection: Connection, bounds: Bounds, kind: str) -> None:
        count = self._run(connection, sql.AT_WORK, stale=self._clock() - STALE, kind=kind).scalar()
        if int(count or 0) >= bounds.at_once:
            one, several = bounds.names
            jobs = f"1 {one} runs" if bounds.at_once == 1 else f"{bounds.at_once} {several} run"
            raise TooMuch(f"{jobs} already: wait until one has ended, or stop one.")

    def _list(self, connection: Connection, kind: str) -> list[Job]:
        counts: dict[str, dict[StepState, int]] = {}
        spent: dict[str, float] = {}
        for row in self._run(connection, sql.COUNTS_OF_ALL):
            counts.setdefault(row.job, {})[row.state] = int(row.steps)
            spent[row.job] = spent.get(row.job, 0.0) + float(row.usd or 0.0)
        rows = self._run(connection, sql.LIST, kind=kind)
        return [_job(row, counts.get(row.id, {}), spent.get(row.id, 0.0)) for row in rows]

    def _job(self, connection: Connection, id_: str) -> Job | None:
        row = self._run(connection, sql.ONE, id=id_).one_or_none()
        if row is None:
            return None
        found = connection.execute(sql.COUNTS, {"job": id_}).all()
        counts = {one.state: int(one.steps) for one in found}
        return _job(row, counts, sum(float(one.usd or 0.0) for one in found), _read(row.plan))

    def _steps(self, connection: Connection, id_: str, since: float) -> list[Step]:
        return [_step(row) for row in self._run(connection, sql.STEPS, id=id_, since=since)]

    def _run(self, connection: Connection, statement: TextClause, **values: object) -> CursorResult[Any]:
        given = {"owner": self._owner, **values}
        wanted = set(statement.compile().params)
        return connection.execute(statement, {name: value for name, value in given.items() if name in wanted})


def forget_old(store: Store, days: float, clock: Callable[[], float] = time.time, but: str = "") -> None:
    """Delete what nobody has touched for so long, of all owners and all kinds `but` one. Raises Unavailable."""
    values = {"before": clock() - days * DAY, "except": but}
    store.edit(lambda connection: _execute(connection, sql.OLD_OF_ALL, values))


def _execute(connection: Connection, statement: TextClause, values: Mapping[str, object]) -> None:
    connection.execute(statement, dict(values))


def _written(value: Mapping[str, JSON]) -> str:
    return json.dumps(cleaned(value), separators=(",", ":"))  # as many characters as bytes


def _read(written: str) -> Mapping[str, JSON]:
    value = json.loads(written) if written else {}
    return cast("Mapping[str, JSON]", value) if isinstance(value, dict) else {}


def _job(row: Row[Any], counts: Mapping[StepState, int], usd: float, plan: Mapping[str, JSON] | None = None) -> Job:
    return Job(
        *(row.id, row.kind, row.title, row.state, row.why, row.cap, int(row.bytes), row.worker, float(row.beat)),
        *(row.reserved, float(row.created), float(row.updated), counts, usd, plan or {}),
    )


def _step(row: Row[Any]) -> Step:
    return Step(
        *(int(row.place), _read(row.task), row.state, int(row.tries), row.most, row.usd, row.began, row.ended),
        *(row.handle, _read(row.result)),
    )
