"""Jobs: kept before the first step, bounded, resumed by their id, and nobody else's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import text
from stores import forget_the_process, open_store

from backend.guests.retention import Keeping
from backend.jobs import run
from backend.jobs.endpoints import Endpoints
from backend.jobs.job import Again, Bounds, Draft, Halt, Hands, JobTask, StepOutcome
from backend.jobs.job_rows import NoSuchJob, TooMuch
from backend.jobs.workers import Jobs
from backend.store import Store
from backend.types import JSON

ANNA, BEN = "guest-anna", "guest-ben"
PATIENCE = 20.0


@dataclass
class Scripted:
    """Does what `do` says, and remembers which steps it was handed and how many of them at once."""

    do: Callable[[int, Hands], StepOutcome] = lambda number, hands: StepOutcome("done", {"said": number}, 0.25)
    endpoint: str = "here"
    at_once: int = 4
    asked: list[int] = field(default_factory=list)
    most: int = 0
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, task: Mapping[str, JSON], hands: Hands) -> StepOutcome:
        number = int(str(task["number"]))
        with self._lock:
            self.asked.append(number)
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            return self.do(number, hands)
        finally:
            with self._lock:
                self._now -= 1


def draft(count: int, cap: float | None = None, most: float | None = None) -> Draft:
    return Draft(
        "test", "A title", {"prompt": "Hi"}, [JobTask({"number": number}, most) for number in range(count)], cap
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """In SQLite: what differs in PostgreSQL is in test_saved_jobs.py."""
    made = open_store(f"sqlite:///{tmp_path / 'kept.db'}")
    yield made
    made.close()


@pytest.fixture
def jobs(store: Store) -> Iterator[Jobs]:
    made = Jobs(store)
    yield made
    made.close()


def states(jobs: Jobs, id_: str, owner: str = ANNA) -> str:
    return " ".join(step.state for step in jobs.saved_jobs(owner).steps(id_))


def ended(jobs: Jobs, id_: str, owner: str = ANNA) -> str:
    job = jobs.join(id_, PATIENCE).saved_jobs(owner).job(id_)
    assert job is not None
    return job.state


def test_a_job_does_each_step_once_and_keeps_what_came_of_it(jobs: Jobs) -> None:
    work = Scripted()
    id_ = jobs.submit(ANNA, draft(10), work)
    assert ended(jobs, id_) == "done"
    assert sorted(work.asked) == list(range(10)) and work.most <= 4
    steps = jobs.saved_jobs(ANNA).steps(id_)
    assert [step.result["said"] for step in steps] == list(range(10))
    job = jobs.saved_jobs(ANNA).job(id_)
    assert job and job.usd == 2.5 and job.plan == {"prompt": "Hi"} and job.counts == {"done": 10}


def test_everything_is_kept_before_the_first_step_begins(jobs: Jobs) -> None:
    seen: list[int] = []

    def look(number: int, hands: Hands) -> StepOutcome:
        (job,) = jobs.saved_jobs(ANNA).all()
        seen.append(job.total)
        return StepOutcome("done")

    ended(jobs, jobs.submit(ANNA, draft(3), Scripted(look, at_once=1)))
    assert seen == [3, 3, 3]


def test_nobody_sees_stops_or_deletes_anothers_job(jobs: Jobs) -> None:
    go = threading.Event()
    id_ = jobs.submit(
        ANNA, draft(1), Scripted(lambda number, hands: StepOutcome("done") if go.wait(PATIENCE) else None)
    )  # type: ignore[arg-type,return-value]
    assert (
        jobs.saved_jobs(BEN).all() == []
        and jobs.saved_jobs(BEN).steps(id_) == []
        and jobs.saved_jobs(BEN).job(id_) is None
    )
    for attempt in (jobs.cancel, jobs.delete, lambda owner, job: jobs.go_on(owner, job, Scripted())):
        with pytest.raises(NoSuchJob):
            attempt(BEN, id_)
    go.set()
    assert ended(jobs, id_) == "done"


def test_after_a_crash_what_was_done_is_not_done_again_and_what_was_in_flight_is_unknown(store: Store) -> None:
    killed, go = Jobs(store), threading.Event()
    reached = threading.Event()

    def until_killed(number: int, hands: Hands) -> StepOutcome:
        if number == 2:
            reached.set()
            go.wait(PATIENCE)
        return StepOutcome("done", {"said": number})

    id_ = killed.submit(ANNA, draft(5), Scripted(until_killed, at_once=1))
    assert reached.wait(PATIENCE)
    forget_the_process(store)
    work, jobs = Scripted(), Jobs(store)
    jobs.go_on(ANNA, id_, work)
    assert ended(jobs, id_) == "done"
    assert sorted(work.asked) == [3, 4]
    assert states(jobs, id_) == "done done unknown done done"
    go.set()  # the one that was believed dead writes what it paid for, and asks nothing more
    killed.join(id_, PATIENCE)
    assert states(jobs, id_) == "done done done done done" and sorted(work.asked) == [3, 4]


def test_unknown_steps_are_done_again_only_on_request(store: Store) -> None:
    jobs, work = Jobs(store), Scripted(lambda number, hands: StepOutcome("unknown" if number == 1 else "done"))
    id_ = jobs.submit(ANNA, draft(3), work)
    assert ended(jobs, id_) == "done"
    again = Scripted()
    jobs.go_on(ANNA, id_, again)
    assert ended(jobs, id_) == "done" and again.asked == []
    jobs.go_on(ANNA, id_, again, again=("unknown",))
    assert ended(jobs, id_) == "done" and again.asked == [1] and states(jobs, id_) == "done done done"


def test_a_step_that_the_far_end_goes_on_with_is_taken_up_by_its_handle(store: Store) -> None:
    killed, go, reached = Jobs(store), threading.Event(), threading.Event()

    def submits(number: int, hands: Hands) -> StepOutcome:
        hands.keep_handle("film-7")
        reached.set()
        go.wait(PATIENCE)
        return StepOutcome("done")

    id_ = killed.submit(ANNA, draft(1), Scripted(submits, at_once=1))
    assert reached.wait(PATIENCE)
    forget_the_process(store)
    polled: list[str] = []
    jobs = Jobs(store)
    jobs.go_on(ANNA, id_, Scripted(lambda number, hands: polled.append(hands.handle) or StepOutcome("done")))  # type: ignore[func-returns-value]
    assert ended(jobs, id_) == "done" and polled == ["film-7"]
    go.set()


def test_a_job_at_work_is_not_taken_over(jobs: Jobs, store: Store) -> None:
    go = threading.Event()
    id_ = jobs.submit(
        ANNA, draft(1), Scripted(lambda number, hands: StepOutcome("done", {}, float(go.wait(PATIENCE))))
    )
    with pytest.raises(TooMuch, match="at work already"):
        Jobs(store).go_on(ANNA, id_, Scripted())
    go.set()
    assert ended(jobs, id_) == "done"


def test_cancel_stops_what_is_in_flight_and_begins_nothing_more_and_one_can_go_on(jobs: Jobs) -> None:
    reached = threading.Event()

    def stoppable(number: int, hands: Hands) -> StepOutcome:
        stopped = threading.Event()
        hands.when_stopped(stopped.set)
        reached.set()
        return StepOutcome("unknown" if stopped.wait(PATIENCE) else "done")

    id_ = jobs.submit(ANNA, draft(3), Scripted(stoppable, at_once=1))
    assert reached.wait(PATIENCE)
    jobs.cancel(ANNA, id_)
    assert ended(jobs, id_) == "cancelled" and states(jobs, id_) == "unknown cancelled cancelled"
    work = Scripted()
    jobs.go_on(ANNA, id_, work)
    assert ended(jobs, id_) == "done" and sorted(work.asked) == [1, 2]


def test_a_run_that_was_cancelled_and_ends_late_does_not_end_the_one_after_it(jobs: Jobs) -> None:
    reached, late = threading.Event(), threading.Event()

    def slow(number: int, hands: Hands) -> StepOutcome:
        reached.set()
        late.wait(PATIENCE)
        return StepOutcome("done")

    id_ = jobs.submit(ANNA, draft(3), Scripted(slow, at_once=1))
    assert reached.wait(PATIENCE)
    before = jobs._runs[id_]
    jobs.cancel(ANNA, id_)
    go = threading.Event()
    jobs.go_on(
        ANNA,
        id_,
        Scripted(lambda number, hands: StepOutcome("done" if go.wait(PATIENCE) else "failed"), endpoint="b"),
    )
    late.set()
    before.join(PATIENCE)
    job = jobs.saved_jobs(ANNA).job(id_)
    assert job and job.state == "running"
    go.set()
    assert ended(jobs, id_) == "done" and states(jobs, id_) == "done done done"


def test_a_fault_that_all_would_share_pauses_the_job_and_costs_no_step(jobs: Jobs) -> None:
    def refuse(number: int, hands: Hands) -> StepOutcome:
        if number == 1:
            raise Halt("The key was refused.")
        return StepOutcome("done")

    id_ = jobs.submit(ANNA, draft(4), Scripted(refuse, at_once=1))
    assert ended(jobs, id_) == "paused" and states(jobs, id_) == "done waiting waiting waiting"
    job = jobs.saved_jobs(ANNA).job(id_)
    assert job and job.why == "The key was refused."


def test_the_whole_endpoint_is_left_alone_when_it_asks_for_that(store: Store) -> None:
    held: list[float] = []

    class Watched(Endpoints):
        def hold(self, endpoint: str, seconds: float) -> None:
            held.append(seconds)
            super().hold(endpoint, 0.01)

    tried: set[int] = set()

    def busy(number: int, hands: Hands) -> StepOutcome:
        if number == 0 and number not in tried:
            tried.add(number)
            raise Again(7.0, "busy")
        return StepOutcome("done")

    jobs = Jobs(store, Watched())
    assert ended(jobs, jobs.submit(ANNA, draft(3), Scripted(busy, at_once=1))) == "done"
    assert held == [7.0]


def test_nothing_begins_at_an_endpoint_that_is_held() -> None:
    endpoints = Endpoints()
    endpoints.hold("here", 60)
    assert not endpoints.enter("here", 4, lambda: endpoints.wait_seconds("here") < 1)
    assert endpoints.enter("there", 4, lambda: True)


def test_an_endpoint_bears_so_many_at_once_of_all_jobs_together(jobs: Jobs) -> None:
    barrier = threading.Semaphore(0)
    work = Scripted(lambda number, hands: StepOutcome("done", {}, float(barrier.acquire(timeout=0.2))), at_once=2)
    ids = [jobs.submit(ANNA, draft(3), work) for _ in range(3)]
    assert [ended(jobs, id_) for id_ in ids] == ["done"] * 3 and work.most == 2


def test_an_endpoint_that_never_takes_a_request_pauses_the_job(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Endpoints, "trouble", lambda *given: None)

    def busy(number: int, hands: Hands) -> StepOutcome:
        raise Again(None, "It is busy.")

    work = Scripted(busy, at_once=1)
    id_ = jobs.submit(ANNA, draft(2), work)
    assert ended(jobs, id_) == "paused" and len(work.asked) == run.TRIES


@pytest.mark.parametrize("at_once", [1, 4])
def test_a_step_that_is_never_taken_fails_alone(jobs: Jobs, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    asked_for: list[float | None] = []
    monkeypatch.setattr(Endpoints, "trouble", lambda self, endpoint, seconds: asked_for.append(seconds))

    def busy(number: int, hands: Hands) -> StepOutcome:
        if number == 1:
            raise Again(7.0, "It is busy.", outcome=StepOutcome("failed", {"why": "It is busy."}, 0.0))
        return StepOutcome("done")

    work = Scripted(busy, at_once=at_once)
    id_ = jobs.submit(ANNA, draft(6), work)
    assert ended(jobs, id_) == "done" and states(jobs, id_) == "done failed done done done done"
    assert work.asked.count(1) == run.TRIES and asked_for == [7.0] * run.TRIES
    assert jobs.saved_jobs(ANNA).steps(id_)[1].result == {"why": "It is busy."}


def test_an_endpoint_that_takes_nothing_pauses_its_job_at_once(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Endpoints, "trouble", lambda *given: None)

    def busy(number: int, hands: Hands) -> StepOutcome:
        raise Again(None, "It is busy.", outcome=StepOutcome("failed", {}, 0.0))

    work = Scripted(busy)
    id_ = jobs.submit(ANNA, draft(400), work)
    assert ended(jobs, id_) == "paused" and len(work.asked) < run.REFUSED + work.at_once
    job = jobs.saved_jobs(ANNA).job(id_)
    assert job and job.why == "It is busy."


def test_a_job_where_everything_fails_asks_a_person_after_a_while(jobs: Jobs) -> None:
    work = Scripted(lambda number, hands: StepOutcome("failed", {}, 0.0), at_once=1)
    id_ = jobs.submit(ANNA, draft(30), work)
    assert ended(jobs, id_) == "paused" and len(work.asked) == run.IN_A_ROW


def test_a_limit_in_dollars_is_kept_and_what_runs_counts_as_the_most(jobs: Jobs) -> None:
    work = Scripted(lambda number, hands: StepOutcome("done", {}, 0.10))
    id_ = jobs.submit(ANNA, draft(20, cap=0.5, most=0.20), work)
    assert ended(jobs, id_) == "paused" and len(work.asked) == 4
    job = jobs.saved_jobs(ANNA).job(id_)
    assert job and "$0.50" in job.why and job.usd <= 0.5


def test_steps_jobs_and_bytes_have_limits(jobs: Jobs) -> None:
    with pytest.raises(TooMuch, match="401 requests are too many: there is room for 400"):
        jobs.submit(ANNA, draft(401), Scripted())
    with pytest.raises(TooMuch, match="41 requests are too many"):
        jobs.submit(ANNA, draft(41), Scripted(), Bounds().tenth())
    go = threading.Event()
    work = Scripted(lambda number, hands: StepOutcome("done", {}, float(go.wait(PATIENCE))), endpoint="slow")
    running = [jobs.submit(ANNA, draft(1), work) for _ in range(3)]
    with pytest.raises(TooMuch, match="3 experiments run already"):
        jobs.submit(ANNA, draft(1), Scripted())
    go.set()
    assert [ended(jobs, id_) for id_ in running] == ["done"] * 3
    large = Scripted(lambda number, hands: StepOutcome("done", {"text": "x" * 400}), at_once=1)
    id_ = jobs.submit(ANNA, draft(9), large, Bounds(bytes=2_000))
    assert ended(jobs, id_) == "paused"
    job = jobs.saved_jobs(ANNA).job(id_)
    assert job and job.bytes <= 2_000 and "room for 2,000 bytes" in job.why


def test_old_jobs_go_and_the_oldest_of_too_many(jobs: Jobs, store: Store) -> None:
    ids = [jobs.submit(ANNA, draft(1), Scripted()) for _ in range(1)]
    ended(jobs, ids[0])
    store.edit(
        lambda connection: connection.execute(text("UPDATE jobs SET updated = updated - 91 * 86400")) and None
    )
    for _ in range(4):
        ids.append(jobs.submit(ANNA, draft(1), Scripted(), Bounds(kept=3)))
        ended(jobs, ids[-1])
    assert [job.id for job in jobs.saved_jobs(ANNA).all()] == ids[:-4:-1]
    assert jobs.saved_jobs(ANNA).steps(ids[0]) == []


def test_a_guest_who_leaves_leaves_no_job(jobs: Jobs, store: Store) -> None:
    for owner in (ANNA, BEN):
        ended(jobs, jobs.submit(owner, draft(2), Scripted()), owner)
    Keeping(store, days=14).remove(ANNA)
    assert [len(jobs.saved_jobs(owner).all()) for owner in (ANNA, BEN)] == [0, 1]


def test_a_deleted_job_is_gone_and_asks_nothing_more(jobs: Jobs) -> None:
    go, reached = threading.Event(), threading.Event()

    def wait(number: int, hands: Hands) -> StepOutcome:
        hands.when_stopped(go.set)
        reached.set()
        go.wait(PATIENCE)
        return StepOutcome("done")

    work = Scripted(wait, at_once=1)
    id_ = jobs.submit(ANNA, draft(3), work)
    assert reached.wait(PATIENCE)
    jobs.delete(ANNA, id_)
    jobs.join(id_, PATIENCE)
    assert jobs.saved_jobs(ANNA).all() == [] and len(work.asked) == 1
