"""Rewinding, Stop in any state, what is asked, emulated tools, again."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from agents import (
    CALL,
    LONG,
    ORDER,
    Asker,
    assert_every_call_is_answered,
    leaf,
    offers,
    results,
    run,
    settle,
    step,
    view,
    waiting,
)
from fake_api import HANG, FakeAPI, Reply, chunk, events, stream, tool_stream
from hypothesis import given
from hypothesis import strategies as st

from backend.conversation import deleting, removal
from backend.conversation.tree import Conversation
from backend.protocol.wire import sendable
from backend.tools.agent import Agent
from backend.tools.builtin import FUNCTIONS
from backend.tools.calls import capped, invalid
from backend.tools.emulation import Emulated
from backend.tools.loop import EMULATED_TOOLS
from backend.tools.repeat import tally
from backend.tools.runner import ToolRunner
from backend.tools.steps import repairs
from backend.types import ChatRequest, Event, Failure, Message, TextDelta, ToolCall, ToolCallDelta

# ---- rewinding ------------------------------------------------------------------------------------------


@pytest.fixture
def done(agent: Agent, ask: Asker, api: FakeAPI) -> Agent:
    """Two calls, answered."""
    api.play([tool_stream(CALL, ORDER), stream("First."), stream("Second.")])
    run(agent, ask, "Go")
    return agent


def test_another_result_makes_another_answer_beside_the_first(done: Agent, ask: Asker, api: FakeAPI) -> None:
    called = done.conversation.path()[1].id
    done.redo(called, "call_2", outcome=capped('{"late": false}'))
    run(done, ask)
    assert view(done)[-1] == ("assistant", "Second.")
    assert results(api.asked[2]) == ['{"result": 42}', '{"late": false}']
    done.choose(called)
    assert view(done)[-1] == ("assistant", "First.")
    assert not done.advance(ask)


def test_other_arguments_run_again_and_leave_the_call_beside(done: Agent, ask: Asker, api: FakeAPI) -> None:
    kept = done.loop.steps_at(done.conversation.path()[1].id)[1]
    done.redo(done.conversation.path()[1].id, "call_1", arguments='{"expression": "1 + 1"}')
    run(done, ask)
    assert results(api.asked[2])[0] == '{"result": 2}'
    assert done.loop.steps_at(done.conversation.path()[1].id)[1] is kept


def test_other_arguments_that_do_not_fit_wait_again(done: Agent, ask: Asker, api: FakeAPI) -> None:
    done.redo(done.conversation.path()[1].id, "call_1", arguments="{")
    run(done, ask)
    assert step(done).phase == "invalid"
    assert len(api.asked) == 2


def test_rewinding_while_an_answer_arrives_stops_it(agent: Agent, ask: Asker, api: FakeAPI) -> None:
    api.play([tool_stream(CALL), stream("Hm", HANG), stream("Second.")])
    agent.send("Go", ask)
    while agent.turns < 2:
        settle(agent).advance(ask)
    assert agent.turn is not None
    next(True for _ in agent.turn.follow() if agent.turn.message.content)
    agent.redo(agent.conversation.path()[1].id, "call_1", outcome=capped("x"))
    run(agent, ask)
    assert view(agent)[-1] == ("assistant", "Second.")
    assert api.asked[1].left.wait(LONG)


def test_rewinding_to_a_call_sends_nothing_by_itself(done: Agent, ask: Asker, api: FakeAPI) -> None:
    deleting.delete(done, removal.below(done.conversation, done.conversation.path()[1].id))
    assert done.loop.halted
    assert not done.advance(ask)
    done.loop.go_on()
    run(done, ask)
    assert view(done)[-1] == ("assistant", "Second.")


def test_a_conversation_from_elsewhere_shows_its_results_and_runs_nothing(place: ToolRunner, ask: Asker) -> None:
    conversation = Conversation()
    call = Message("assistant", tool_calls=(ToolCall("c", "calculator", CALL[2]),))
    conversation.graft([Message("user", "Hi"), call, Message("tool", "Error: x", tool_call_id="c")], None)
    agent = Agent(place, conversation=conversation)
    node = agent.conversation.path()[1].id
    assert [found.phase for found in agent.loop.steps_at(node)] == ["error"]
    assert not agent.advance(ask)


# ---- stop, in any state ---------------------------------------------------------------------------------


def half_a_call() -> Reply:
    head = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "calculator", "arguments": '{"ex'}}
    return events(chunk({"content": "Let me see"}), chunk({"tool_calls": [head]}), HANG)


def in_mid_call(agent: Agent, ask: Asker) -> None:
    assert agent.turn is not None
    next(True for _ in agent.turn.follow() if agent.turn.message.tool_calls)


def answered(agent: Agent, ask: Asker) -> None:
    run(agent, ask)
    agent.loop.decide(leaf(agent), "call_1", capped("x"), "typed")


def answering(agent: Agent, ask: Asker) -> None:
    answered(agent, ask)
    assert agent.advance(ask)
    assert agent.turn is not None
    next(True for _ in agent.turn.follow() if agent.turn.message.content)


@pytest.mark.parametrize(
    ("script", "until"),
    [
        ([half_a_call()], in_mid_call),
        ([tool_stream(CALL)], waiting),
        ([tool_stream(CALL)], answered),
        ([tool_stream(CALL), stream("Hm", HANG)], answering),
    ],
    ids=["streaming", "waiting", "answered", "answering"],
)
def test_stop_in_any_state_leaves_a_history_that_can_be_sent_again(
    agent: Agent, ask: Asker, api: FakeAPI, script: list[Reply], until: Callable[[Agent, Asker], None]
) -> None:
    agent.loop.rules = replace(agent.loop.rules, offers=offers(mode="ask"))
    rest = iter(script)
    api.play(lambda request: stream("Fine") if request.prompt == "Never mind" else next(rest))
    agent.send("Go", ask)
    until(agent, ask)
    agent.stop()
    asked = len(api.asked)
    assert not agent.advance(ask), "nothing goes on by itself"
    run(agent, ask, "Never mind")
    assert len(api.asked) == asked + 1
    assert_every_call_is_answered(api.asked[-1])
    assert view(agent)[-1] == ("assistant", "Fine")


def test_after_a_stop_the_loop_can_be_taken_up_again(agent: Agent, ask: Asker, api: FakeAPI) -> None:
    agent.loop.rules = replace(agent.loop.rules, offers=offers(mode="ask"))
    api.play([tool_stream(CALL), stream("Done")])
    run(agent, ask, "Go")
    agent.stop()
    agent.loop.go_on()
    agent.loop.run(leaf(agent), "call_1")
    run(agent, ask)
    assert view(agent)[-1] == ("assistant", "Done")


# ---- what is asked --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ("auto", [None, None]),
        ("none", ["none", "none"]),
        ("required", ["required", "auto"]),
        ("find_order", [{"type": "function", "function": {"name": "find_order"}}, "auto"]),
        ("gone", [None, None]),
    ],
)
def test_a_forced_choice_holds_for_the_first_round_only(
    agent: Agent, ask: Asker, api: FakeAPI, choice: str, sent: list[Any]
) -> None:
    agent.loop.rules = replace(agent.loop.rules, choice=choice)
    api.play([tool_stream(CALL), stream("Done")])
    run(agent, ask, "Go")
    assert [request.body.get("tool_choice") for request in api.asked] == sent


@pytest.mark.parametrize("parallel", [True, False])
def test_parallel_calls_can_be_forbidden(agent: Agent, ask: Asker, api: FakeAPI, parallel: bool) -> None:
    agent.loop.rules = replace(agent.loop.rules, parallel=parallel)
    run(agent, ask, "Go")
    assert api.asked[0].body["parallel_tool_calls"] is parallel


def test_the_exact_request_of_each_round_is_kept(done: Agent, api: FakeAPI) -> None:
    kept = [done.loop.requests[node.id] for node in done.conversation.path() if node.message.role == "assistant"]
    assert [len(sendable(request.messages)) for request in kept] == [1, 4]


# ---- emulated -------------------------------------------------------------------------------------------


def test_a_model_without_tools_calls_by_json_and_then_answers(agent: Agent, ask: Asker, api: FakeAPI) -> None:
    agent.loop.rules = replace(agent.loop.rules, emulated=True, rounds=1)
    agent.loop.rules = replace(agent.loop.rules, offers=offers(*FUNCTIONS))
    step_ = '{"tool": "calculator", "arguments": {"expression": "6 * 7"}}'
    api.play([stream(step_[:20], step_[20:45], step_[45:]), stream('{"answer": "It is 42."}')])
    assert run(agent, ask, "6 * 7?") == 2
    assert view(agent)[-1] == ("assistant", "It is 42.")
    assert agent.conversation.path()[1].message.tool_calls[0].arguments == '{"expression": "6 * 7"}'
    first, second = (request.body for request in api.asked)
    assert len(agent.tools) == EMULATED_TOOLS
    assert not {"tools", "tool_choice"} & set(first)
    assert "anyOf" not in json.dumps(second["response_format"]), "after the result it can only answer"


class Says:
    """A source that says one text in pieces."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self.pieces = pieces

    def chat(self, request: ChatRequest, call: object = None) -> Iterator[Event]:
        yield from map(TextDelta, self.pieces)


def heard(pieces: Sequence[str]) -> tuple[str, str, str]:
    """(name, arguments, words) of an emulated answer."""
    got = list(Emulated(Says(pieces)).chat(ChatRequest("m", ())))
    calls = [event for event in got if isinstance(event, ToolCallDelta)]
    words = "".join(event.text for event in got if isinstance(event, TextDelta))
    return "".join(call.name for call in calls), "".join(call.arguments for call in calls), words


@given(
    st.dictionaries(st.text(max_size=5), st.text(max_size=9) | st.integers() | st.lists(st.booleans())),
    st.lists(st.integers(0, 80), max_size=6),
    st.sampled_from([None, 1]),
)
def test_emulated_arguments_arrive_whole_in_any_pieces(
    arguments: dict[str, Any], cuts: list[int], indent: int | None
) -> None:
    text = json.dumps({"tool": "f", "arguments": arguments}, indent=indent)
    marks = [0, *sorted(cuts), len(text)]
    name, said, words = heard([text[start:end] for start, end in itertools.pairwise(marks)])
    assert (name, json.loads(said), words) == ("f", arguments, "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"answer": "Hi"}', ("", "", "Hi")),
        ("plain words", ("", "", "plain words")),
        ('{"tool": "f", "arguments": {"a": 1', ("f", '{"a": 1', "")),
        ('{"arguments": {"a": 1}, "tool": "f"}', ("f", '{"a": 1}', "")),
        ("", ("", "", "")),
    ],
)
def test_an_emulated_answer_is_words_or_a_call(text: str, expected: tuple[str, str, str]) -> None:
    assert heard(list(text)) == expected


# ---- again ----------------------------------------------------------------------------------------------


def test_runs_are_counted_by_tool_and_meaning_of_the_arguments() -> None:
    def calling(*calls: ToolCall) -> Message:
        return Message("assistant", tool_calls=calls)

    answers = [
        calling(ToolCall("1", "f", '{"a": 1, "b": 2}')),
        calling(ToolCall("2", "f", '{"b":2,"a":1}'), ToolCall("3", "f", '{"a":1,"b":2}')),
        calling(ToolCall("4", "f", "{")),
        Message("assistant", "Words."),
        Message("assistant", state="failed", failure=Failure("No.")),
    ]
    found = [(row.what, row.arguments, row.runs) for row in tally(answers)]
    assert found[0] == ("f", '{"a": 1, "b": 2}', 2)
    assert set(found[1:]) == {("f", "{", 1), ("(answered in words)", "", 1), ("(no answer)", "No.", 1)}


def test_two_questions_have_their_own_rounds_and_repairs() -> None:
    wrong = Message("tool", invalid(["x"]).content, tool_call_id="c")
    call = Message("assistant", tool_calls=(ToolCall("c", "f", ""),))
    talk = [Message("user", "1"), call, wrong, Message("user", "2"), call, Message("tool", "ok", tool_call_id="c")]
    assert repairs(talk) == {}
