"""Jobs as rows, in SQLite and in PostgreSQL: one walk through all that is asked of either."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.jobs.job import STALE, Bounds, Draft, JobStep, JobTask, StepOutcome
from backend.jobs.job_rows import NoSuchJob, TakenAway, TooMuch
from backend.jobs.saved_jobs import SavedJobs, forget_old
from backend.store import Store

NOON = 1_800_014_400.0
DRAFT = Draft(
    "grid", "A \0 title\n", {"prompt": "Hi \ud800"}, [JobTask({"at": place}, 0.5) for place in range(4)], 1.0
)


def test_a_job_from_its_beginning_to_its_end(store: Store) -> None:
    now = [NOON]
    saved, others = (SavedJobs(store, owner, lambda: now[0]) for owner in ("anna", "ben"))
    id_ = saved.add(DRAFT, Bounds(at_once=1), "one", "hold")
    with pytest.raises(TooMuch, match="1 experiment runs already"):
        saved.add(DRAFT, Bounds(at_once=1), "one")
    assert [job.title for job in saved.all("grid")] == ["A title"] and saved.all("suite") == others.all() == []

    first = saved.take(id_, "one")
    assert isinstance(first, JobStep) and (first.place, first.most, first.task) == (0, 0.5, {"at": 0})
    assert saved.end_step(id_, 0, StepOutcome("done", {"text": "é"}, 0.25), Bounds())
    second = saved.take(id_, "one")
    assert isinstance(second, JobStep) and saved.take(id_, "one") == "wait", "what runs counts as the most"
    saved.put_back(id_, "one", 1, 1)
    assert isinstance(saved.take(id_, "one"), JobStep)
    with pytest.raises(TakenAway):
        saved.take(id_, "two")

    now[0] += STALE + 1  # the process was killed
    with pytest.raises(NoSuchJob):
        others.claim(id_, "two", Bounds(), ())
    saved.claim(id_, "two", Bounds(), ())
    assert [step.state for step in saved.steps(id_)] == ["done", "unknown", "waiting", "waiting"]
    with pytest.raises(TakenAway):
        saved.beat(id_, "one")
    assert "limit of $1.00" in str(saved.take(id_, "two")), "what is unknown may have cost the most"
    saved.end(id_, "two", "paused", "Why")
    job = saved.job(id_)
    assert job and (job.state, job.why, job.reserved, job.usd, job.ended_steps) == ("paused", "Why", "", 0.75, 2)

    saved.claim(id_, "two", Bounds(), ("unknown",))
    taken = saved.take(id_, "two")
    assert isinstance(taken, JobStep) and (taken.place, taken.tries) == (1, 0)
    saved.keep_handle(id_, "two", 1, "film")
    saved.cancel(id_)
    assert [step.state for step in saved.steps(id_)] == ["done", "running", "cancelled", "cancelled"]
    stopped = saved.job(id_)
    assert stopped and stopped.ended_steps == 1, "what was never asked has not ended"
    assert not saved.end_step(id_, 1, StepOutcome("unknown", {"text": "x" * 500}), Bounds(bytes=300))
    assert [step.place for step in saved.steps(id_, NOON + 1)] == [1]
    with pytest.raises(NoSuchJob):
        others.delete(id_)
    before = saved.job(id_), saved.steps(id_)
    undo = saved.delete(id_)
    assert saved.job(id_) is None and saved.steps(id_) == []
    undo()
    assert (saved.job(id_), saved.steps(id_)) == before


def test_the_cost_of_a_step_counts_when_it_is_asked_again(store: Store) -> None:
    saved = SavedJobs(store, "anna")
    id_ = saved.add(DRAFT, Bounds(), "one")
    for usd in (0.25, 0.125):
        assert isinstance(saved.take(id_, "one"), JobStep)
        saved.end_step(id_, 0, StepOutcome("unknown", {}, usd), Bounds())
        saved.end(id_, "one", "paused")
        saved.claim(id_, "one", Bounds(), ("unknown",))
    assert (job := saved.job(id_)) and job.usd == 0.375 and saved.steps(id_)[0].usd is None
    assert isinstance(saved.take(id_, "one"), JobStep)
    saved.end_step(id_, 0, StepOutcome("done", {}, 0.25), Bounds())
    assert (job := saved.job(id_)) and job.usd == 0.625
    assert "limit of $1.00" in str(saved.take(id_, "one"))


def test_a_job_is_brought_in_as_it_was_found_by_its_prompt_and_goes_on(store: Store) -> None:
    saved, others = SavedJobs(store, "anna"), SavedJobs(store, "ben")
    known, id_ = JobTask({"at": 1}, queue="b", known=StepOutcome("done", {"text": "é"}, 0.5)), "a" * 32
    whole = replace(DRAFT, tasks=[known, JobTask({"at": 0}, queue="a")])
    assert saved.bring(whole, Bounds(at_once=0), id_, 5.0) == (id_, True)
    assert saved.bring(whole, Bounds(), id_, 5.0) == (id_, False)
    (brought,) = saved.all(search="TITLE hi")
    assert (brought.state, brought.created, brought.usd) == ("cancelled", 5.0, 0.5) and not saved.all(search="x")
    other, new = others.bring(replace(whole, tasks=[known]), Bounds(), id_, 5.0)
    assert new and other != id_ and [job.state for job in others.all()] == ["done"], "an id is given once"
    saved.claim(id_, "two", Bounds(), ("cancelled",))
    assert saved.take(id_, "two", "b") == "" and isinstance(step := saved.take(id_, "two", "a"), JobStep)
    assert (step.place, step.queue) == (1, "a") and saved.step(id_, 0) == saved.steps(id_)[0]


def test_jobs_too_old_or_too_many_are_deleted(store: Store) -> None:
    now = [NOON]
    saved = SavedJobs(store, "anna", lambda: now[0])
    ids = []
    for _ in range(4):
        now[0] += 1
        ids.append(saved.add(DRAFT, Bounds(kept=3), "one"))
        saved.end(ids[-1], "one", "done")
    assert [job.id for job in saved.all()] == ids[:0:-1]
    now[0] += 89 * 86_400
    forget_old(store, 90, lambda: now[0])
    assert len(saved.all()) == 3
    now[0] += 2 * 86_400
    forget_old(store, 90, lambda: now[0])
    assert saved.all() == []
