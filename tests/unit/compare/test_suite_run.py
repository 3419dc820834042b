"""A run of a suite against a server on a real socket: cells, limits, waiting, stopping, and the run after it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable

import pytest
from chats import LONG
from fake_api import HANG, FakeAPI, Reply, Request, by_prompt, completion, error, stream, tool_stream

from backend.answer.cost import Price
from backend.answer.turn import Turn
from backend.compare.suite import report, results
from backend.compare.suite.check import Check
from backend.compare.suite.gate import LONGEST, Gate
from backend.compare.suite.results import Results
from backend.compare.suite.running import NOT_ASKED, AskingLane, Run
from backend.compare.suite.suite import Plan, Row, Suite, plan
from backend.transport import client as client_module
from backend.transport.client import ChatClient
from backend.types import ChatRequest, Message, Tool
from backend.untrusted import Unreadable

ROWS = tuple(
    Row({"country": country, "capital": capital}) for country, capital in (("France", "Paris"), ("Peru", "Lima"))
)
CAPITALS = plan(Suite("Capitals", "Capital of {{country}}?", ROWS, (Check("contains", "{{capital}}"),)))
WEATHER = Tool("weather", "", {"type": "object"})


def lane(client: ChatClient, model: str = "fake/alpha", system: str = "", server: str = "one") -> AskingLane:
    def request(question: str, tools: tuple[Tool, ...]) -> ChatRequest:
        said = (Message("system", system),) if system else ()
        return ChatRequest(model, (*said, Message("user", question)), tools=tools)

    return AskingLane(model, server, request, lambda asked: Turn(client, asked, price=Price(1.0, 2.0)))


def done(made: Plan, *lanes: AskingLane, **more: object) -> Results:
    run = Run(made, lanes, **more).start().join(LONG)  # type: ignore[arg-type]
    assert not run.running
    return run.results


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


def test_every_row_is_asked_of_every_lane_and_a_cell_carries_its_answer_and_its_request(
    api: FakeAPI, client: ChatClient
) -> None:
    api.play(knows("Paris"))
    found = done(CAPITALS, lane(client), lane(client, "fake/beta", "You know {{capital}}."))
    assert states(found) == ["passed", "passed", "failed", "failed"]
    cell = found.cell(found.rows[1][0], 1)
    assert (cell.answer, cell.verdicts[0].why) == ("No idea.", 'does not contain "Lima"')
    assert cell.request["messages"] == [
        {"role": "system", "content": "You know Lima."},
        {"role": "user", "content": "Capital of Peru?"},
    ]
    assert cell.cost is not None and cell.seconds is not None
    assert not found.passed and found.usd > 0


def test_a_cell_without_an_answer_is_an_error_and_disturbs_no_other(api: FakeAPI, client: ChatClient) -> None:
    api.play(by_prompt({"France": error(400, "No such thing."), "Peru": stream("Lima")}))
    found = done(CAPITALS, lane(client))
    assert states(found) == ["error", "passed"]
    assert "No such thing." in found.cell(found.rows[0][0], 0).failure


def test_a_fault_in_one_cell_ends_neither_the_run_nor_its_other_cells(api: FakeAPI, client: ChatClient) -> None:
    api.play(knows("Paris", "Lima"))
    good = lane(client)

    def request(question: str, tools: tuple[Tool, ...]) -> ChatRequest:
        if "France" in question:
            raise RuntimeError("ours")
        return good.request(question, tools)

    assert states(done(CAPITALS, AskingLane("x", "one", request, good.turn))) == ["error", "passed"]


def test_a_server_is_asked_a_few_at_a_time_whatever_the_number_of_lanes(api: FakeAPI, client: ChatClient) -> None:
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
    made = plan(Suite("", "{{n}}", rows, (Check("contains", "Paris"),)))
    api.play(play)
    found = done(made, lane(client), lane(client, "fake/beta"), at_once=3)
    assert states(found) == ["passed"] * 12
    assert together[1] == 3


def test_a_server_that_says_later_is_asked_again_after_that_time_and_by_nobody_before(
    api: FakeAPI, client: ChatClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "RETRY_AFTER_LIMIT", 0.5)  # the client leaves the waiting to the run
    asked: list[tuple[str, float]] = []

    def play(request: Request) -> Reply:
        asked.append((request.prompt, time.monotonic()))
        return error(429, "Later.", {"Retry-After": "1"}) if len(asked) == 1 else stream("Paris Lima")

    api.play(play)
    assert states(done(CAPITALS, lane(client), at_once=1)) == ["passed", "passed"]
    assert [prompt for prompt, _ in asked] == ["Capital of France?", "Capital of France?", "Capital of Peru?"]
    assert asked[1][1] - asked[0][1] >= 1.0


def test_a_gate_that_pauses_lets_nobody_in_and_one_that_is_shut_never_does() -> None:
    gate, began = Gate(2), time.monotonic()
    assert gate.enter()
    gate.pause(0.2)
    assert gate.enter()
    assert time.monotonic() - began >= 0.2
    waiting = threading.Thread(target=lambda: entered.append(gate.enter()), daemon=True)
    entered: list[bool] = []
    waiting.start()  # both places are taken
    gate.shut()
    waiting.join(LONG)
    assert entered == [False]


def test_where_a_server_asks_for_more_time_than_a_run_waits_the_rest_is_not_asked(
    api: FakeAPI, client: ChatClient
) -> None:
    api.play(error(429, "Later.", {"Retry-After": str(int(LONGEST) + 1)}))
    found = done(CAPITALS, lane(client), at_once=1)
    assert states(found) == ["error", "error"]
    assert len(api.asked) == 1
    assert found.cell(found.rows[1][0], 0).failure == NOT_ASKED


def test_a_run_that_is_stopped_keeps_what_it_has_and_the_rest_waits(api: FakeAPI, client: ChatClient) -> None:
    api.play(by_prompt({"France": stream("Paris"), "Peru": stream("Li", HANG)}))
    run = Run(CAPITALS, (lane(client),), at_once=1).start()
    begins = time.monotonic()
    while len(api.asked) < 2 and time.monotonic() - begins < LONG:
        time.sleep(0.01)
    run.stop()
    assert not run.join(LONG).running
    assert states(run.results) == ["passed", "waiting"]


def test_a_run_that_nobody_wants_any_more_asks_nothing(api: FakeAPI, client: ChatClient) -> None:
    """Its tab is closed: every further answer would be paid for nobody."""
    run = Run(CAPITALS, (lane(client),)).while_wanted(lambda: False, 0.05).start().join(LONG)
    assert run.stopped and api.asked == []
    assert states(run.results) == ["waiting", "waiting"]


def test_only_what_did_not_pass_is_asked_again_and_what_changed_is_told(api: FakeAPI, client: ChatClient) -> None:
    api.play(knows("Paris"))
    before = results.read(json.dumps(results.written(done(CAPITALS, lane(client)))))
    api.play(knows("Lima"))
    asked = len(api.asked)
    again = done(CAPITALS, lane(client), before=before, only_failed=True)
    assert (states(again), len(api.asked) - asked) == (["passed", "passed"], 1)
    whole = done(CAPITALS, lane(client), before=before)
    cells = [whole.cell(row, 0) for row, _ in whole.rows]
    assert [results.change(before, cell, whole) for cell in cells] == ["worse", "better"]
    assert "FAIL (was passing)" in report.table(whole, before)
    assert "pass (was failing)" in report.table(whole, before)


def test_what_passed_is_asked_again_where_its_checks_or_its_request_have_changed(
    api: FakeAPI, client: ChatClient
) -> None:
    api.play(knows("Paris", "Lima"))
    before = done(CAPITALS, lane(client))
    stricter = plan(Suite("Capitals", "Capital of {{country}}?", ROWS, (Check("equals", "{{capital}}."),)))
    assert states(done(stricter, lane(client), before=before, only_failed=True)) == ["failed", "failed"]
    api.requests.clear()
    done(CAPITALS, lane(client, system="Be brief."), before=before, only_failed=True)
    assert len(api.asked) == 2
    api.requests.clear()
    assert done(CAPITALS, lane(client), before=before, only_failed=True).passed and api.asked == []


def test_results_are_read_as_they_were_written(api: FakeAPI, client: ChatClient) -> None:
    api.play(tool_stream(("1", "weather", '{"city": "Lima"}')))
    made = plan(Suite("s", "x", (Row(),), (Check("calls", {"city": "Lima"}, tool="weather"),), tools=(WEATHER,)))
    found = done(made, lane(client))
    assert found.passed
    assert results.read(json.dumps(results.written(found))) == found


@pytest.mark.parametrize("source", ["", "[]", "{}", '{"format": "llm-playground/suite-results", "version": 9}'])
def test_what_are_no_results_is_refused_in_words(source: str) -> None:
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


def test_a_model_grades_and_what_that_cost_is_counted(api: FakeAPI, client: ChatClient) -> None:
    graded = plan(Suite("", "Greet {{name}}.", (Row({"name": "Ada"}),), (Check("graded", "It greets {{name}}."),)))
    api.play(by_prompt({"You grade": stream('{"pass": true, "reason": "Polite."}')}, stream("Hello Ada")))
    found = done(graded, lane(client), grader=lane(client, "grader"))
    (verdict,) = found.cell(found.rows[0][0], 0).verdicts
    assert (verdict.passed, verdict.why) == (True, "Polite.")
    assert verdict.cost is not None and found.usd > verdict.cost
    assert "It greets Ada." in api.asked[-1].prompt and "Hello Ada" in api.asked[-1].prompt


@pytest.mark.parametrize("reply", [error(500, "Broken."), stream("I will not."), completion("")])
def test_what_could_not_be_graded_has_not_passed(
    api: FakeAPI, client: ChatClient, reply: Reply, no_backoff: None
) -> None:
    graded = plan(Suite("", "Greet.", (Row(),), (Check("graded", "It greets."),)))
    api.play(by_prompt({"You grade": reply}, stream("Hello")))
    assert states(done(graded, lane(client), grader=lane(client, "grader"))) == ["failed"]
    assert states(done(graded, lane(client))) == ["failed"]


def test_lanes_of_one_name_are_told_apart(api: FakeAPI, client: ChatClient) -> None:
    api.play(knows("Paris"))
    assert done(CAPITALS, lane(client), lane(client)).lanes == ("fake/alpha", "fake/alpha (2)")


def test_a_table_for_people_has_no_character_that_moves_the_cursor(api: FakeAPI, client: ChatClient) -> None:
    api.play(stream("\x1b[2J\x1b]0;title\x07 gone\nnext"))
    made = plan(Suite("", "{{x}}", (Row({"x": "\x1b[31mred\r\n"}),), (Check("contains", "\x1b[1mParis"),)))
    table = report.table(done(made, lane(client)))
    assert "\x1b" not in table and "\r" not in table and "\x07" not in table
    assert "0 of 1 passed, 1 failed." in table
