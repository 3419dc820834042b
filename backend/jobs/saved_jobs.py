"""The jobs of one owner in a store. Every statement filters by owner: another owner's job does not exist here.

A process that works on a job identifies itself by name: once another process has taken the job over, or it was
deleted, it can write nothing more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping

from sqlalchemy import Connection, TextClause

from backend.jobs import row_conversion
from backend.jobs import statements as sql
from backend.jobs.job import DAY, Bounds, Draft, Job, JobState, JobStep, StepOutcome, StepState
from backend.jobs.job_rows import PIECE, JobRows, NoSuchJob, TakenAway, TooMuch, put_back
from backend.store import Store, is_id, new_id, stored_owner
from backend.text import clean
from backend.untrusted import string

TITLE = 200  # characters
SOUGHT = 10_000  # characters of a prompt that are searched


class SavedJobs:
    """The jobs of one owner. What writes raises Unavailable while the database is in trouble."""

    def __init__(self, store: Store, owner: str, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._owner = stored_owner(owner)
        self._rows = JobRows(self._owner, clock)
        self._clock = clock

    # ---- reading ------------------------------------------------------------------------------------------

    def all(self, kind: str = "", search: str = "", most: int | None = None) -> list[Job]:
        """The jobs without plans, the newest first; of one kind, and with all these words in title or prompt."""
        none: list[Job] = []
        return self._store.read(lambda connection: self._rows.all(connection, kind, search, most), none)

    def newest(self, kind: str, title: str) -> str:
        """The id of the newest job with a title; "" if there is none."""
        values = {"kind": kind, "title": title}
        found = self._store.read(lambda connection: self._rows.run(connection, sql.NEWEST, **values).scalar(), None)
        return str(found or "")

    def job(self, id_: str, *, plan: bool = True) -> Job | None:
        """The job, with its plan unless `plan` is False. None if it is another owner's, or gone."""
        if not is_id(id_):
            return None
        return self._store.read(lambda connection: self._rows.job(connection, id_, plan=plan), None)

    def step(self, id_: str, place: int) -> JobStep | None:
        """One step."""
        if not is_id(id_):
            return None
        return self._store.read(lambda connection: self._rows.step(connection, id_, place), None)

    def steps(self, id_: str, since: float = 0.0) -> list[JobStep]:
        """The steps in order; only those that ended at or after a time, if that is given."""
        none: list[JobStep] = []
        return (
            self._store.read(lambda connection: self._rows.steps(connection, id_, since), none)
            if is_id(id_)
            else none
        )

    # ---- keeping and deleting -----------------------------------------------------------------------------

    def add(
        self,
        draft: Draft,
        bounds: Bounds,
        worker: str,
        reserved: str = "",
        at_rest: tuple[JobState, str, float] | None = None,
    ) -> str:
        """Store a job with all its steps, already running; returns its id. Raises TooMuch.

        `at_rest`: it is not running: its state, the id that it keeps if that is free, and its creation time.
        """
        if not draft.tasks:
            raise TooMuch("There is nothing to do.")
        if len(draft.tasks) > bounds.steps:
            raise TooMuch(f"{len(draft.tasks):,} requests are too many: there is room for {bounds.steps:,}.")
        now = self._clock()
        state, wanted, created = at_rest or ("running", "", now)
        id_, plan = (
            wanted if is_id(wanted) and self._is_free(wanted) else new_id(),
            row_conversion.dump(draft.plan),
        )
        steps = [row_conversion.row_of(id_, place, task, now) for place, task in enumerate(draft.tasks)]
        size = len(plan) + sum(len(row["task"]) for row in steps)
        known = sum(len(row["result"]) for row in steps)
        if size > bounds.bytes // 2 or size + known > bounds.bytes:
            raise TooMuch(f"What is to be asked takes {size:,} bytes: there is room for {bounds.bytes // 2:,}.")
        head = {
            "kind": draft.kind,
            "title": " ".join(clean(draft.title).split())[:TITLE],
            "prompt": clean(string(draft.plan.get("prompt")))[:SOUGHT],
            "plan": plan,
            "state": state,
            "cap": draft.cap,
            "bytes": size + known,
            "worker": worker,
            "created": created,
            "now": now,
            "reserved": reserved,
        }

        def work(connection: Connection) -> None:
            self._rows.make_room(connection, bounds, draft.kind, begins=state == "running")
            self._rows.run(connection, sql.ADD, id=id_, **head)
            for start in range(0, len(steps), PIECE):
                connection.execute(sql.ADD_STEP, steps[start : start + PIECE])

        self._store.edit(work)
        return id_

    def _is_free(self, id_: str) -> bool:
        """Whether no job has this id."""
        return self._store.read(
            lambda connection: connection.execute(sql.TAKEN, {"id": id_}).first() is None, False
        )

    def delete(self, id_: str) -> Callable[[], None]:
        """Delete a job; a process that works on it stops before its next step. Returns the undo data, in memory
        only. Raises NoSuchJob.
        """
        gone: list[tuple[dict[str, object], list[dict[str, object]]]] = []

        def work(connection: Connection) -> None:
            row = self._rows.run(connection, sql.WHOLE, id=id_).mappings().one_or_none()
            if row is None:
                raise NoSuchJob
            steps = self._rows.run(connection, sql.WHOLE_STEPS, id=id_).mappings()
            gone.append((dict(row), [dict(step) for step in steps]))
            self._rows.run(connection, sql.DELETE, id=id_)

        def undo() -> None:
            row, steps = gone[-1]
            self._store.edit(lambda connection: put_back(connection, row, steps))

        self._store.edit(work)
        self._store.cleaner.soon(gone=True)
        return undo

    def bring(self, draft: Draft, bounds: Bounds, id_: str, created: float) -> tuple[str, bool]:
        """Store an exported job unchanged, not running. Returns (its id, whether it is new here).

        `id_`: its original id. Raises TooMuch.
        """
        if is_id(id_) and self.job(id_, plan=False):
            return id_, False
        state: JobState = "done" if all(task.known for task in draft.tasks) else "cancelled"
        kept = self.add(draft, bounds, "", at_rest=(state, id_, created))
        return kept, True

    # ---- for its worker -----------------------------------------------------------------------------------

    def claim(
        self, id_: str, worker: str, bounds: Bounds, again: Collection[StepState], reserved: str = ""
    ) -> None:
        """Take over a job that no process works on; steps in a state of `again` are to be done once more.

        What was in flight becomes "unknown", except what the server continues by itself. Raises NoSuchJob, TooMuch.
        """

        def work(connection: Connection) -> None:
            job, now = self._rows.job(connection, id_), self._clock()
            if job is None:
                raise NoSuchJob
            if job.at_work(now):
                raise TooMuch("It is at work already, perhaps in another tab.")
            self._rows.check_at_work(connection, bounds, job.kind)
            self._rows.run(connection, sql.CLAIM, id=id_, worker=worker, now=now, reserved=reserved)
            connection.execute(sql.LOST, {"job": id_, "now": now})
            for state in again:
                connection.execute(sql.ONCE_MORE, {"job": id_, "state": state})

        self._store.edit(work)

    def beat(self, id_: str, worker: str) -> None:
        """Write a heartbeat. Raises TakenAway."""
        self._as_worker(id_, worker, lambda connection: None)

    def take(self, id_: str, worker: str, queue: str = "") -> JobStep | str:
        """The next step of a queue, now "running". Otherwise the reason: "" if nothing is left, "wait" if running
        steps may turn out cheaper than reserved, so that the budget allows another.

        Raises TakenAway.
        """
        taken: list[JobStep | str] = []

        def work(connection: Connection) -> None:
            row = connection.execute(sql.NEXT, {"job": id_, "queue": queue}).one_or_none()
            if row is None:
                taken.append("")
            elif why := self._rows.too_dear(connection, id_, float(row.most or 0.0)):
                taken.append(why)
            else:
                connection.execute(sql.BEGIN, {"job": id_, "place": row.place, "now": self._clock()})
                taken.append(row_conversion.step_of(row))

        self._as_worker(id_, worker, work)
        return taken[0]

    def put_back(self, id_: str, worker: str, place: int, tries: int) -> None:
        """Return a step that had no result and no cost: it is not "unknown", even if its job was cancelled
        meanwhile. Not written if another process works on the job by now.
        """
        values = {"job": id_, "place": place, "tries": tries, "worker": worker, "owner": self._owner}
        self._store.edit(lambda connection: _execute(connection, sql.PUT_BACK, values))

    def keep_handle(self, id_: str, worker: str, place: int, handle: str) -> None:
        """Store the server's id of a step. Raises TakenAway."""
        values = {"job": id_, "place": place, "handle": clean(handle)}
        self._as_worker(id_, worker, lambda connection: _execute(connection, sql.HANDLE, values))

    def end_step(self, id_: str, place: int, outcome: StepOutcome, bounds: Bounds) -> bool:
        """Store the outcome of a step, even if another process works on the job by now: it was paid for. False
        if there was no room for its result.
        """
        result = row_conversion.dump(outcome.result) if outcome.result else ""
        fits: list[bool] = []

        def work(connection: Connection) -> None:
            size = self._rows.run(connection, sql.SIZES, id=id_, place=place).one_or_none()
            if size is None:  # the job has been deleted meanwhile
                return
            grows = len(result) - int(size.before or 0)
            fits.append(int(size.bytes) + grows <= bounds.bytes)
            kept = result if fits[-1] else ""
            more = len(kept) - int(size.before or 0)
            self._rows.run(connection, sql.GROW, id=id_, more=more, now=self._clock())
            values = {"job": id_, "place": place, "state": outcome.state, "usd": outcome.usd, "result": kept}
            connection.execute(sql.END_STEP, {**values, "now": self._clock()})

        self._store.edit(work)
        return all(fits)

    def end(self, id_: str, worker: str, state: JobState, why: str = "") -> None:
        """Release the job. Raises TakenAway."""
        values = {"state": state, "why": clean(why)[:1_000], "now": self._clock()}
        self._as_worker(id_, worker, lambda connection: self._rows.run(connection, sql.END, id=id_, **values))

    def cancel(self, id_: str) -> None:
        """Begin no more steps, whichever process works on it. Raises NoSuchJob."""

        def work(connection: Connection) -> None:
            job, now = self._rows.job(connection, id_), self._clock()
            if job is None:
                raise NoSuchJob
            if job.state == "done":
                return
            self._rows.run(connection, sql.STOP, id=id_, now=now)
            connection.execute(sql.CANCEL, {"job": id_})
            if not job.at_work(now):
                connection.execute(sql.LOST, {"job": id_, "now": now})

        self._store.edit(work)

    def _as_worker(self, id_: str, worker: str, work: Callable[[Connection], object]) -> None:
        def checked(connection: Connection) -> None:
            if not self._rows.run(connection, sql.BEAT, id=id_, worker=worker, now=self._clock()).rowcount:
                raise TakenAway
            work(connection)

        self._store.edit(checked)


def forget_old(store: Store, days: float, clock: Callable[[], float] = time.time, but: str = "") -> None:
    """Delete jobs that have not changed for this long, of all owners and all kinds `but` one. Raises
    Unavailable.
    """
    values = {"before": clock() - days * DAY, "except": but}
    store.edit(lambda connection: _execute(connection, sql.OLD_OF_ALL, values))


def _execute(connection: Connection, statement: TextClause, values: Mapping[str, object]) -> None:
    connection.execute(statement, dict(values))
