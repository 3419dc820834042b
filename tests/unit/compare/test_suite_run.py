"""A suite as a job against a server on a real socket: cells, waiting, stopping, a crash, and the run after it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from chats import LONG
from fake_api import HANG, FakeAPI, Reply, Request, by_prompt, completion, error, stream, tool_stream
from stores import forget_the_process, open_store

from backend.answer.cost import Price
from backend.compare import job_files
from backend.compare.suite import checks, headless, job, report, results
from backend.compare.suite.check import Answered, Check
from backend.compare.suite.job import AskingLane
from backend.compare.suite.results import Results
from backend.compare.suite.suite import Row, Suite, plan
from backend.jobs.endpoints import Endpoints
from backend.jobs.job import Draft, Job, Work
from backend.jobs.run import TRIES
from backend.jobs.workers import Jobs
from backend.transport import client as client_module
from backend.transport.client import ChatClient
from backend.types import ChatRequest, Message, Tool
from backend.untrusted import Unreadable

ROWS = tuple(
    Row({"country": country, "capital": capital}) for country, capital in (("France", "Paris"), ("Peru", "Lima"))
)
CAPITALS = Suite("Capitals", "Capital of {{country}}?", ROWS, (Check("contains", "{{capital}}"),))
GRADED = Suite("", "Greet {{name}}.", (Row({"name": "Ada"}),), (Check("graded", "It greets {{name}}."),))
OWNER = "local"
WEATHER = Tool("weather", "", {"type": "object"})


def lane(model: str = "fake/alpha", system: str = "") -> AskingLane:
    def request(question: str, tools: tuple[Tool, ...]) -> ChatRequest:
        said = (Message("system", system),) if system else ()
        return ChatRequest(model, (*said, Message("user", question)), tools=tools)

    return AskingLane(model, request, Price(1.0, 2.0))


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    made = Jobs(open_store(f"sqlite:///{tmp_path / 'kept.db'}"))
    yield made
    made.close()


Run = Callable[..., Results]


@pytest.fixture
def done(jobs: Jobs, client: ChatClient) -> Run:
    """Runs a suite to its end."""

    def run(suite: Suite, *lanes: AskingLane, **more: Any) -> Results:
        return ended(jobs, begun(jobs, client, suite, *lanes, **more))

    return run


def drafted(
    jobs: Jobs, client: ChatClient, suite: Suite, lanes: tuple[AskingLane, ...], at_once: int = 4, **more: Any
) -> tuple[Draft, Mapping[str, Work]]:
    made = plan(suite)
    draft = job.draft(suite, made, lanes, **more)
    return draft, headless.works(draft, lanes, more.get("grader"), client, jobs.endpoints, at_once)


def begun(jobs: Jobs, client: ChatClient, suite: Suite, *lanes: AskingLane, **more: Any) -> str:
    draft, works = drafted(jobs, client, suite, lanes, **more)
    return jobs.submit(OWNER, draft, works, job.BOUNDS)


def kept(jobs: Jobs, id_: str) -> Job:
    found = jobs.saved_jobs(OWNER).job(id_)
    assert found is not None
    return found


def ended(jobs: Jobs, id_: str) -> Results:
    found = kept(jobs.join(id_, LONG), id_)
    assert found.state != "running"
    return job.whole(found, jobs.saved_jobs(OWNER).steps(id_))


def wait_until(done: Callable[[], bool]) -> None:
    begins = time.monotonic()
    while not done() and time.monotonic() - begins < LONG:
        time.sleep(0.01)


def states(found: Results) -> list[str]:
    return [found.cell(row, at).state for row, _ in found.rows for at in range(len(found.lanes))]


def knows(*capitals: str) -> Callable[[Request], Reply]:
    """A server that knows only these."""
    said = {
        country: stream(capital)
        for country, capital in (("France", "Paris"), ("Peru", "Lima"))
        if capital in capitals
    }
    return by_prompt(said, stream("No idea."))


def test_every_row_is_asked_of_every_lane_and_its_cell_holds_the_exchange(api: FakeAPI, done: Run) -> None:
    api.play(knows("Paris"))
    found = done(CAPITALS, lane(), lane("fake/beta", "You know {{capital}}."))
    assert states(found) == ["passed", "passed", "failed", "failed"]
    cell = found.cell(found.rows[1][0], 1)
    assert (cell.answer, cell.verdicts[0].why) == ("No idea.", 'does not contain "Lima"')
    assert cell.request["messages"] == [
        {"role": "system", "content": "You know Lima."},
        {"role": "user", "content": "Capital of Peru?"},
    ]
    assert cell.cost is not None and cell.seconds is not None
    assert not found.passed and found.usd > 0


def test_a_cell_without_an_answer_is_an_error_and_disturbs_no_other(api: FakeAPI, done: Run) -> None:
    api.play(by_prompt({"France": error(400, "No such thing."), "Peru": stream("Lima")}))
    found = done(CAPITALS, lane())
    assert states(found) == ["error", "passed"]
    assert "No such thing." in found.cell(found.rows[0][0], 0).failure


def test_a_fault_in_one_cell_disturbs_no_other(api: FakeAPI, done: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    api.play(knows("Paris", "Lima"))
    missed = checks.missed

    def faulty(check: Check, answered: Answered) -> str:
        if "Paris" in answered.text:
            raise RuntimeError("ours")
        return missed(check, answered)

    monkeypatch.setattr(checks, "missed", faulty)
    assert states(done(CAPITALS, lane())) == ["error", "passed"]


def test_a_server_is_asked_a_few_at_a_time_whatever_the_number_of_lanes(api: FakeAPI, done: Run) -> None:
    go, lock, together = threading.Event(), threading.Lock(), [0, 0]

    def play(request: Request) -> Reply:
        with lock:
            together[0] += 1
            together[1] = max(together)
            if together[0] == 3:
                go.set()
        go.wait(LONG)
        with lock:
            together[0] -= 1
        return stream("Paris")

    rows = tuple(Row({"n": str(at)}) for at in range(6))
    made = Suite("", "{{n}}", rows, (Check("contains", "Paris"),))
    api.play(play)
    found = done(made, lane(), lane("fake/beta"), at_once=3)
    assert states(found) == ["passed"] * 12
    assert together[1] == 3


def test_a_server_that_says_later_is_asked_again_only_then(
    api: FakeAPI, done: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "RETRY_AFTER_LIMIT", 0.5)  # the client leaves the waiting to the run
    asked: list[tuple[str, float]] = []

    def play(request: Request) -> Reply:
        asked.append((request.prompt, time.monotonic()))
        return error(429, "Later.", {"Retry-After": "1"}) if len(asked) == 1 else stream("Paris Lima")

    api.play(play)
    assert states(done(CAPITALS, lane(), at_once=1)) == ["passed", "passed"]
    assert [prompt for prompt, _ in asked] == ["Capital of France?", "Capital of France?", "Capital of Peru?"]
    assert asked[1][1] - asked[0][1] >= 1.0


def test_a_stopped_run_does_not_repeat_what_was_on_its_way(api: FakeAPI, jobs: Jobs, client: ChatClient) -> None:
    rows = (*ROWS, Row({"country": "Chile", "capital": "Santiago"}))
    suite = replace(CAPITALS, rows=rows)
    api.play(by_prompt({"France": stream("Paris"), "Peru": stream("Li", HANG), "Chile": stream("Santiago")}))
    draft, works = drafted(jobs, client, suite, (lane(),), at_once=1)
    id_ = jobs.submit(OWNER, draft, works)
    wait_until(lambda: len(api.asked) == 2)
    jobs.cancel(OWNER, id_)
    assert states(ended(jobs, id_)) == ["passed", "error", "waiting"]
    jobs.go_on(OWNER, id_, works)
    assert states(ended(jobs, id_)) == ["passed", "error", "passed"] and len(api.asked) == 3


def test_a_lane_that_cannot_go_on_pauses_and_the_others_go_on(api: FakeAPI, jobs: Jobs, client: ChatClient) -> None:
    right = knows("Paris", "Lima")
    api.play(lambda request: error(404, code="model_not_found") if request.body["model"] == "x" else right(request))
    draft, works = drafted(jobs, client, CAPITALS, (lane("x"), lane()), at_once=1)
    id_ = jobs.submit(OWNER, draft, works)
    assert states(ended(jobs, id_)) == ["waiting", "passed", "waiting", "passed"]
    found = kept(jobs, id_)
    assert found.state == "paused" and found.why.startswith("x: ") and len(api.asked) == 3


def test_a_row_with_lasting_server_errors_fails_and_the_rest_goes_on(
    api: FakeAPI, done: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Endpoints, "trouble", lambda *given: None)
    monkeypatch.setattr(client_module, "RETRIES", 0)
    api.play(by_prompt({"France": error(500, "The tokenizer fell over."), "Peru": stream("Lima")}))
    found = done(CAPITALS, lane(), at_once=1)
    assert states(found) == ["error", "passed"]
    assert "The tokenizer fell over." in found.cell(found.rows[0][0], 0).failure
    assert sum("France" in request.prompt for request in api.asked) == TRIES


def test_an_answer_without_its_grader_is_kept(api: FakeAPI, done: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Endpoints, "trouble", lambda *given: None)
    monkeypatch.setattr(client_module, "RETRIES", 0)
    api.play(by_prompt({"You grade": error(503, "Overloaded.")}, stream("Hello Ada")))
    found = done(GRADED, lane(), grader=lane("grader"))
    cell = found.cell(found.rows[0][0], 0)
    assert (cell.state, cell.answer) == ("failed", "Hello Ada") and "could not be graded" in cell.verdicts[0].why
    assert [request.body["model"] for request in api.asked] == ["fake/alpha", *["grader"] * TRIES]


def test_after_kill_9_a_run_resumes_without_asking_twice(api: FakeAPI, jobs: Jobs, client: ChatClient) -> None:
    go = threading.Event()
    api.play(by_prompt({"You grade": stream(go, '{"pass": true}')}, stream("Hello Ada")))
    draft, works = drafted(jobs, client, GRADED, (lane(),), grader=lane("grader"))
    id_ = jobs.submit(OWNER, draft, works)
    wait_until(lambda: len(api.asked) == 2)
    forget_the_process(jobs._where)  # type: ignore[arg-type]
    again = Jobs(jobs._where)
    api.play(stream('{"pass": true}'))
    again.go_on(OWNER, id_, works)
    found = ended(again, id_)
    assert found.passed and found.cell(found.rows[0][0], 0).answer == "Hello Ada"
    assert [request.body["model"] for request in api.asked] == ["fake/alpha", "grader", "grader"]
    go.set()
    jobs.join(id_, LONG)


def test_a_run_resumes_from_its_file(api: FakeAPI, jobs: Jobs, client: ChatClient, tmp_path: Path) -> None:
    api.play(by_prompt({"France": stream("Paris"), "Peru": error(401)}))
    draft, works = drafted(jobs, client, CAPITALS, (lane(),), at_once=1)
    id_ = jobs.submit(OWNER, draft, works)
    before = ended(jobs, id_)
    file = json.loads(job_files.export(kept(jobs, id_), jobs.saved_jobs(OWNER).steps(id_)))
    other = Jobs(open_store(f"sqlite:///{tmp_path / 'other.db'}"))
    assert job_files.bring(other.saved_jobs(OWNER), file, job.BOUNDS) == (id_, True)
    assert job_files.bring(other.saved_jobs(OWNER), file, job.BOUNDS) == (id_, False)
    assert ended(other, id_) == before and states(before) == ["passed", "waiting"]
    api.play(stream("Lima"))
    api.requests.clear()
    other.go_on(OWNER, id_, works)
    assert ended(other, id_).passed and [request.prompt for request in api.asked] == ["Capital of Peru?"]
    other.close()


@pytest.mark.parametrize(
    "broken",
    [
        {"steps": []},
        {"plan": {}},
        {"kind": "film"},
        {"plan": {"suite": 5, "lanes": [1]}},
        {"steps": [{"task": {"row": 10**9, "lane": 0}}, 7]},
    ],
)
def test_an_incomplete_run_file_is_refused_in_words(broken: dict[str, Any], jobs: Jobs, client: ChatClient) -> None:
    draft, _ = drafted(jobs, client, CAPITALS, (lane(),))
    steps = [{"task": dict(task.task), "state": "waiting"} for task in draft.tasks]
    file = {"kind": "suite", "plan": dict(draft.plan), "steps": steps}
    assert job_files.draft(file, job.BOUNDS).title == "Capitals"
    with pytest.raises(Unreadable):
        job_files.bring(jobs.saved_jobs(OWNER), {**file, **broken}, job.BOUNDS)


def test_the_cost_of_a_run_is_estimated_with_its_grading(client: ChatClient) -> None:
    made = plan(GRADED)
    found = job.estimate(made, (lane(), lane()), lane("grader"))
    alone = job.estimate(plan(replace(GRADED, checks=(Check("contains", "Ada"),))), (lane(), lane()))
    assert (found.requests, alone.requests) == (4, 2) and found.open
    assert found.usd and alone.usd and found.usd > alone.usd > 0
    rows = tuple(Row({"name": f"{at:04}"}) for at in range(2_000))
    many = job.estimate(plan(replace(GRADED, rows=rows)), (lane(), lane()), lane("grader"))
    assert many.usd == pytest.approx(found.usd * 2_000, rel=0.05)
    assert job.estimate(made, (AskingLane("m", lane().request),), lane("grader")).usd is None


def test_only_what_did_not_pass_is_asked_again_and_what_changed_is_told(api: FakeAPI, done: Run) -> None:
    api.play(knows("Paris"))
    before = results.read(json.dumps(results.as_json(done(CAPITALS, lane()))))
    api.play(knows("Lima"))
    asked = len(api.asked)
    again = done(CAPITALS, lane(), before=before, only_failed=True)
    assert (states(again), len(api.asked) - asked) == (["passed", "passed"], 1)
    whole = done(CAPITALS, lane(), before=before)
    cells = [whole.cell(row, 0) for row, _ in whole.rows]
    assert [results.change(before, cell, whole) for cell in cells] == ["worse", "better"]
    assert "FAIL (was passing)" in report.table(whole, before)
    assert "pass (was failing)" in report.table(whole, before)


def test_a_passed_row_is_asked_again_when_its_checks_or_request_change(api: FakeAPI, done: Run) -> None:
    api.play(knows("Paris", "Lima"))
    before = done(CAPITALS, lane())
    stricter = Suite("Capitals", "Capital of {{country}}?", ROWS, (Check("equals", "{{capital}}."),))
    assert states(done(stricter, lane(), before=before, only_failed=True)) == ["failed", "failed"]
    api.requests.clear()
    done(CAPITALS, lane(system="Be brief."), before=before, only_failed=True)
    assert len(api.asked) == 2
    api.requests.clear()
    assert done(CAPITALS, lane(), before=before, only_failed=True).passed and api.asked == []


def test_results_are_read_as_they_were_written(api: FakeAPI, done: Run) -> None:
    api.play(tool_stream(("1", "weather", '{"city": "Lima"}')))
    made = Suite("s", "x", (Row(),), (Check("calls", {"city": "Lima"}, tool="weather"),), tools=(WEATHER,))
    found = done(made, lane())
    assert found.passed
    assert results.read(json.dumps(results.as_json(found))) == found


@pytest.mark.parametrize("source", ["", "[]", "{}", '{"format": "llm-playground/suite-results", "version": 9}'])
def test_a_file_that_holds_no_results_is_refused_in_words(source: str) -> None:
    with pytest.raises(Unreadable):
        results.read(source)


def test_results_of_a_stranger_break_nothing() -> None:
    odd = {
        "format": results.FORMAT,
        "version": 1,
        "rows": [1, {}],
        "lanes": [None],
        "cells": [{"lane": "x", "checks": 5}, 7],
    }
    found = results.read(json.dumps(odd))
    assert report.table(found)


def test_a_model_grades_and_what_that_cost_is_counted(api: FakeAPI, done: Run) -> None:
    api.play(by_prompt({"You grade": stream('{"pass": true, "reason": "Polite."}')}, stream("Hello Ada")))
    found = done(GRADED, lane(), grader=lane("grader"))
    (verdict,) = found.cell(found.rows[0][0], 0).verdicts
    assert (verdict.passed, verdict.why) == (True, "Polite.")
    assert verdict.cost is not None and found.usd > verdict.cost
    assert "It greets Ada." in api.asked[-1].prompt and "Hello Ada" in api.asked[-1].prompt


@pytest.mark.parametrize("reply", [error(400, "Broken."), stream("I will not."), completion("")])
def test_an_ungraded_answer_has_not_passed(api: FakeAPI, done: Run, reply: Reply) -> None:
    api.play(by_prompt({"You grade": reply}, stream("Hello")))
    assert states(done(GRADED, lane(), grader=lane("grader"))) == ["failed"]
    assert states(done(GRADED, lane())) == ["failed"]


def test_lanes_of_one_name_are_told_apart(api: FakeAPI, done: Run) -> None:
    api.play(knows("Paris"))
    assert done(CAPITALS, lane(), lane()).lanes == ("fake/alpha", "fake/alpha (2)")


def test_a_table_for_people_has_no_character_that_moves_the_cursor(api: FakeAPI, done: Run) -> None:
    api.play(stream("\x1b[2J\x1b]0;title\x07 gone\nnext"))
    made = Suite("", "{{x}}", (Row({"x": "\x1b[31mred\r\n"}),), (Check("contains", "\x1b[1mParis"),))
    table = report.table(done(made, lane()))
    assert "\x1b" not in table and "\r" not in table and "\x07" not in table
    assert "0 of 1 passed, 1 failed." in table
