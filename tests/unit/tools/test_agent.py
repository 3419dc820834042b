"""A tool loop: every call is decided once and answered once, in a process that can be ended, within its limits."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from fake_api import HANG, FakeAPI, Reply, Request, chunk, events, stream, tool_stream
from hypothesis import given
from hypothesis import strategies as st

from backend.answer.turn import Source, Turn
from backend.conversation.tree import Conversation
from backend.protocol.wire import sendable
from backend.tools.agent import Agent
from backend.tools.builtin import FUNCTIONS
from backend.tools.calls import INJECTED_FAULTS, ROUNDS, Outcome, capped, describe, invalid, rejected
from backend.tools.custom import EXAMPLES
from backend.tools.emulation import Emulated
from backend.tools.loop import EMULATED_TOOLS, LoopRules
from backend.tools.repeat import tally
from backend.tools.runner import ToolRunner
from backend.tools.steps import Offer, RunningCall, Step, repairs
from backend.transport.client import ChatClient
from backend.types import ChatRequest, Event, Failure, Message, TextDelta, Tool, ToolCall, ToolCallDelta

LONG = 30.0  # seconds; a machine may be busy
CALL = ("call_1", "calculator", '{"expression": "6 * 7"}')
ORDER = ("call_2", "find_order", '{"number": 1042}')
WRONG = ("call_1", "calculator", '{"sum": 1}')


class Asker:
    """What a page does: starts a turn at a server, shaped as the agent wants it."""

    def __init__(self, agent: Agent, source: Source) -> None:
        self.agent, self.source = agent, source

    def __call__(
        self, transcript: Sequence[Message], tools: tuple[Tool, ...], *, more: bool, before: str = ""
    ) -> Turn:
        request = ChatRequest(
            "fake/alpha", tuple(transcript), tools=tools, tool_choice=None if more or not tools else "none"
        )
        source = Emulated(self.source) if self.agent.loop.rules.emulated else self.source
        return Turn(source, self.agent.shaped(request), before)


@pytest.fixture(scope="module")
def place() -> Iterator[ToolRunner]:
    made = ToolRunner()
    yield made
    made.close()


@pytest.fixture(scope="module")
def bad() -> Iterator[ToolRunner]:
    made = ToolRunner("bad_tools", seconds=60)
    yield made
    made.close()


def offers(*names: str, mode: Any = "auto") -> dict[str, Offer]:
    return {name: Offer(describe(FUNCTIONS[name]), mode) for name in names or ("calculator", "find_order")}


@pytest.fixture
def agent(place: ToolRunner) -> Iterator[Agent]:
    made = Agent(place)
    made.loop.rules = LoopRules(offers=offers())
    yield made
    made.stop()


@pytest.fixture
def ask(agent: Agent, client: ChatClient) -> Asker:
    return Asker(agent, client)


def run(agent: Agent, ask: Asker, limit: int = 40) -> int:
    """Everything that follows by itself; how many answers there were in all."""
    before = agent.turns
    for _ in range(limit):
        settled(agent)
        if not agent.advance(ask) and not agent.running:
            return agent.turns - before + 1
    raise AssertionError("it never ends")


def settled(agent: Agent) -> Agent:
    """Wait for what runs, the answer and the tools."""
    assert agent.turn is not None
    assert not agent.turn.join(LONG).running
    agent.settle()
    for step in agent.loop.steps:
        if step.running:
            step.running.wait(LONG)
    return agent


def step(agent: Agent, place: int = 0) -> Step:
    return settled(agent).loop.steps[place]


def leaf(agent: Agent) -> int:
    assert agent.conversation.leaf is not None
    return agent.conversation.leaf


def view(agent: Agent) -> list[tuple[str, str]]:
    return [(node.message.role, node.message.content) for node in agent.conversation.path()]


def results(request: Request) -> list[str]:
    return [message["content"] for message in request.body["messages"] if message["role"] == "tool"]


def assert_every_call_is_answered(request: Request) -> None:
    """What servers demand: each call followed by its result at once, no result without a call."""
    waiting: list[str] = []
    for message in request.body["messages"]:
        if message["role"] == "tool":
            waiting.remove(message["tool_call_id"])
        else:
            assert not waiting, "a call was left unanswered"
            waiting = [call["id"] for call in message.get("tool_calls", ())]
    assert not waiting


# ---- the loop by itself ---------------------------------------------------------------------------------


def test_the_tools_are_told_and_no_choice_is_sent(agent: Agent, ask: Asker, api: FakeAPI) -> None:
    agent.send("Hi", ask)
    run(agent, ask)
    body = api.asked[0].body
    assert [tool["function"]["name"] for tool in body["tools"]] == ["calculator", "find_order"]
    assert not {"tool_choice", "parallel_tool_calls"} & set(body)


def test_a_call_is_run_and_its_result_sent_back(agent: Agent, ask: Asker, api: FakeAPI) -> None:
    api.play([tool_stream(CALL), stream("42.")])
    agent.send("6 * 7?", ask)
    assert run(agent, ask) == 2
    assert view(agent) == [("user", "6 * 7?"), ("assistant", ""), ("tool", '{"result": 42}'), ("assistant", "42.")]
    _question, call, result = api.asked[1].body["messages"]
    assert call["tool_calls"][0]["function"] == {"name": "calculator", "arguments": CALL[2]}
    assert (result["role"], result["tool_call_id"], result["content"]) == ("tool", "call_1", '{"result": 42}')


def test_parallel_calls_run_side_by_side_and_are_answered_in_their_order(
    bad: ToolRunner, client: ChatClient, api: FakeAPI
) -> None:
    agent = Agent(bad)
    agent.loop.rules = replace(
        agent.loop.rules, offers={"doze": Offer(Tool("doze", "", {"type": "object"}), "auto")}
    )
    ask = Asker(agent, client)
    api.play([tool_stream(("a", "doze", '{"seconds": 1.0}'), ("b", "doze", '{"seconds": 0}')), stream("Done")])
    agent.send("Go", ask)
    run(agent, ask)
    first, second = (step.outcome for step in agent.loop.steps_at(agent.conversation.path()[1].id))
    assert first and second and first.content != second.content, "one process each"
    assert [message["tool_call_id"] for message in api.asked[1].body["messages"][2:]] == ["a", "b"]


def test_a_tool_that_hangs_is_ended_by_stop_and_nothing_more_is_asked(
    bad: ToolRunner, client: ChatClient, api: FakeAPI
) -> None:
    agent = Agent(bad)
    agent.loop.rules = replace(
        agent.loop.rules, offers={"hold": Offer(Tool("hold", "", {"type": "object"}), "auto")}
    )
    ask = Asker(agent, client)
    api.play([tool_stream(("a", "hold", "{}")), stream("Fine")])
    agent.send("Go", ask)
    assert agent.turn and not agent.turn.join(LONG).running
    assert agent.advance(ask)
    assert agent.running
    agent.stop()
    assert not agent.running
    assert not agent.advance(ask)
    assert len(api.asked) == 1
    agent.send("Never mind", ask)
    run(agent, ask)
    assert "stopped the tool" in results(api.asked[1])[0]
    assert_every_call_is_answered(api.asked[1])


def test_a_tool_that_raises_or_dies_is_told_to_the_model(bad: ToolRunner, client: ChatClient, api: FakeAPI) -> None:
    agent = Agent(bad)
    agent.loop.rules = replace(
        agent.loop.rules,
        offers={name: Offer(Tool(name, "", {"type": "object"}), "auto") for name in ("fail", "die")},
    )
    ask = Asker(agent, client)
    api.play([tool_stream(("a", "fail", "{}"), ("b", "die", "")), stream("Sorry")])
    agent.send("Go", ask)
    run(agent, ask)
    assert "RuntimeError: no luck" in results(api.asked[1])[0]
    assert "process ended" in results(api.asked[1])[1]
    assert view(agent)[-1] == ("assistant", "Sorry")


def test_calls_are_run_also_when_the_server_says_stop(agent: Agent, ask: Asker, api: FakeAPI) -> None:
    head = {"index": 0, "id": "c", "type": "function", "function": {"name": "calculator", "arguments": CALL[2]}}
    api.play([events(chunk({"tool_calls": [head]}), chunk(finish="stop"), "[DONE]"), stream("Done")])
    agent.send("Go", ask)
    assert run(agent, ask) == 2


def test_a_turn_that_says_tool_calls_and_has_none_ends(agent: Agent, ask: Asker, api: FakeAPI) -> None:
    api.play(stream("Hm.", finish="tool_calls"))
    agent.send("Go", ask)
    assert run(agent, ask) == 1
    assert agent.loop.steps == []


def test_waiting_messages_go_after_the_tools(agent: Agent, ask: Asker, api: FakeAPI) -> None:
    api.play([tool_stream(CALL), stream("Done"), stream("Next")])
    agent.send("Go", ask)
    agent.send("And then", ask)
    assert run(agent, ask) == 3
    assert [role for role, _ in view(agent)] == ["user", "assistant", "tool", "assistant", "user", "assistant"]


# ---- its limits -----------------------------------------------------------------------------------------


def test_a_model_that_calls_for_ever_is_told_to_answer(agent: Agent, ask: Asker, api: FakeAPI) -> None:
    def respond(request: Request) -> Reply:
        return stream("Enough") if request.body.get("tool_choice") == "none" else tool_stream(CALL)

    api.play(respond)
    agent.send("Go", ask)
    run(agent, ask)
    assert [request.body.get("tool_choice") for request in api.asked] == [*[None] * ROUNDS, "none"]
    assert view(agent)[-1] == ("assistant", "Enough")


def test_a_server_that_ignores_it_ends_the_loop_all_the_same(agent: Agent, ask: Asker, api: FakeAPI) -> None:
    api.play(tool_stream(CALL))
    agent.send("Go", ask)
    assert run(agent, ask) == ROUNDS + 1
    assert agent.loop.ended == "rounds"
    assert sum(role == "tool" for role, _ in view(agent)) == ROUNDS
    agent.send("Hello", ask)
    run(agent, ask)
    assert_every_call_is_answered(api.asked[-1])


def test_the_rounds_are_counted_from_the_last_message_of_the_visitor(
    agent: Agent, ask: Asker, api: FakeAPI
) -> None:
    agent.loop.rules = replace(agent.loop.rules, rounds=2)
    api.play([reply for _ in range(3) for reply in (tool_stream(CALL), stream("Done"))])
    for _ in range(3):
        agent.send("Again", ask)
        run(agent, ask)
    assert not any("tool_choice" in request.body for request in api.asked)


def test_the_loop_stops_at_its_money_limit_and_goes_on_when_it_is_raised(
    agent: Agent, ask: Asker, api: FakeAPI
) -> None:
    paid = tool_stream(CALL)
    bill = f"data: {json.dumps(chunk(choices=[], meta={'usage': {'usd_spent': 0.06}}))}\n\n".encode()
    *before, last = paid.steps
    dear = replace(paid, steps=[*before, bill, last])
    api.play([dear, dear, stream("Done")])
    agent.send("Go", ask)
    run(agent, ask)
    assert agent.loop.ended == "money"
    assert agent.loop.spent == pytest.approx(0.12)
    assert len(api.asked) == 2
    agent.loop.rules = replace(agent.loop.rules, limit=1.0)
    run(agent, ask)
    assert view(agent)[-1] == ("assistant", "Done")


# ---- decided by the visitor -----------------------------------------------------------------------------


@pytest.fixture
def asked(agent: Agent, ask: Asker, api: FakeAPI) -> Agent:
    """An agent whose calculator asks first, with one call waiting."""
    agent.loop.rules = replace(agent.loop.rules, offers={**offers(mode="ask")})
    api.play([tool_stream(CALL), stream("Thanks"), stream("Other")])
    agent.send("6 * 7?", ask)
    run(agent, ask)
    return agent


def test_in_mode_ask_nothing_runs_before_the_visitor_says_so(asked: Agent, ask: Asker, api: FakeAPI) -> None:
    assert (step(asked).phase, asked.loop.waits(step(asked))) == ("waiting", True)
    assert len(api.asked) == 1
    asked.loop.run(leaf(asked), "call_1")
    run(asked, ask)
    assert results(api.asked[1]) == ['{"result": 42}']


def test_one_waiting_call_does_not_hold_up_the_other(agent: Agent, ask: Asker, api: FakeAPI) -> None:
    agent.loop.rules = replace(
        agent.loop.rules, offers={**offers("calculator", mode="ask"), **offers("find_order")}
    )
    api.play([tool_stream(CALL, ORDER), stream("Thanks")])
    agent.send("Go", ask)
    run(agent, ask)
    assert [found.phase for found in agent.loop.steps] == ["waiting", "ok"]
    agent.loop.decide(leaf(agent), "call_1", capped("typed"), "typed")
    run(agent, ask)
    assert results(api.asked[1])[0] == "typed"
    assert '"late": true' in results(api.asked[1])[1]


@pytest.mark.parametrize("fault", INJECTED_FAULTS)
def test_every_fault_can_be_played(asked: Agent, ask: Asker, api: FakeAPI, fault: str) -> None:
    asked.loop.decide(leaf(asked), "call_1", INJECTED_FAULTS[fault].outcome(), "fault", fault)
    run(asked, ask)
    assert results(api.asked[1]) == [INJECTED_FAULTS[fault].outcome().content]
    assert_every_call_is_answered(api.asked[1])


def test_a_rejected_call_is_answered_with_the_reason(asked: Agent, ask: Asker, api: FakeAPI) -> None:
    asked.loop.decide(leaf(asked), "call_1", rejected("Not today."), "rejected")
    run(asked, ask)
    assert results(api.asked[1]) == ["Error: the user did not allow this call. Not today."]


def test_a_call_is_decided_once(asked: Agent, ask: Asker, api: FakeAPI) -> None:
    node = leaf(asked)
    asked.loop.decide(node, "call_1", capped("first"), "typed")
    asked.loop.decide(node, "call_1", capped("second"), "typed")
    asked.loop.run(node, "call_1")
    run(asked, ask)
    asked.loop.decide(node, "call_1", capped("third"), "typed")
    assert results(api.asked[1]) == ["first"]


def test_edited_arguments_are_what_the_model_sees_as_its_own_call(asked: Agent, ask: Asker, api: FakeAPI) -> None:
    written = leaf(asked)
    asked.redo(written, "call_1", arguments='{"expression": "6 * 8"}')
    run(asked, ask)
    call, result = api.asked[1].body["messages"][1:]
    assert call["tool_calls"][0]["function"]["arguments"] == '{"expression": "6 * 8"}'
    assert result["content"] == '{"result": 48}'
    assert asked.conversation[written].message.tool_calls[0].arguments == CALL[2], "the model's words are kept"


def test_a_message_instead_of_a_decision_answers_the_call(asked: Agent, ask: Asker, api: FakeAPI) -> None:
    asked.send("Never mind", ask)
    run(asked, ask)
    assert [role for role, _ in view(asked)] == ["user", "assistant", "tool", "user", "assistant"]
    assert_every_call_is_answered(api.asked[1])


def test_a_mock_answers_in_place_of_the_function(agent: Agent, ask: Asker, api: FakeAPI) -> None:
    agent.loop.rules = replace(
        agent.loop.rules, offers={"calculator": Offer(describe(FUNCTIONS["calculator"]), "mock", mock="43")}
    )
    api.play([tool_stream(CALL), stream("43.")])
    agent.send("6 * 7?", ask)
    run(agent, ask)
    assert results(api.asked[1]) == ["43"]


def test_an_own_tool_answers_by_its_rules_and_asks_where_it_has_none(
    agent: Agent, ask: Asker, api: FakeAPI
) -> None:
    weather, _, mail = EXAMPLES
    agent.loop.rules = replace(
        agent.loop.rules, offers={own.name: Offer(own.tool(), "mock", own) for own in (weather, mail)}
    )
    oslo = ("a", "get_weather", '{"city": "Oslo"}')
    letter = ("b", "send_email", '{"to": ["ann"], "subject": "Hi", "body": "Snow."}')
    api.play([tool_stream(oslo, letter), stream("Done")])
    agent.send("Tell Ann about the weather", ask)
    run(agent, ask)
    assert [found.phase for found in agent.loop.steps] == ["ok", "waiting"]
    assert agent.loop.waits(agent.loop.steps[1])
    agent.loop.run(leaf(agent), "b")
    assert agent.loop.steps[1].phase == "waiting", "there is nothing to run"


# ---- arguments that do not fit --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (("c", "calculator", "{not json"), "not valid JSON"),
        (("c", "calculator", '{"expression": "1'), "end too early"),
        (("c", "calculator", ""), "expression"),
        (("c", "nobody", "{}"), "no tool named 'nobody'"),
    ],
    ids=["no JSON", "cut", "empty", "unknown"],
)
def test_what_does_not_fit_is_shown_and_not_run(
    agent: Agent, ask: Asker, api: FakeAPI, call: tuple[str, str, str], words: str
) -> None:
    api.play([tool_stream(call), stream("Sorry")])
    agent.send("Try", ask)
    run(agent, ask)
    assert step(agent).phase == "invalid"
    assert words in " ".join(step(agent).problems)
    agent.loop.run(leaf(agent), "c")
    assert step(agent).phase == "invalid"
    agent.loop.send_back(leaf(agent), "c")
    run(agent, ask)
    assert words in results(api.asked[1])[0]
    assert view(agent)[-1] == ("assistant", "Sorry")


def test_errors_go_back_by_themselves_when_that_is_wanted_and_the_rounds_are_counted(
    agent: Agent, ask: Asker, api: FakeAPI
) -> None:
    agent.loop.rules = replace(agent.loop.rules, repair=True)
    api.play([tool_stream(WRONG), tool_stream(WRONG), tool_stream(CALL), stream("42.")])
    agent.send("6 * 7?", ask)
    assert run(agent, ask) == 4
    assert repairs([node.message for node in agent.conversation.path()]) == {(5, "call_1"): 2}


# ---- rewinding ------------------------------------------------------------------------------------------


@pytest.fixture
def done(agent: Agent, ask: Asker, api: FakeAPI) -> Agent:
    """Two calls, answered."""
    api.play([tool_stream(CALL, ORDER), stream("First."), stream("Second.")])
    agent.send("Go", ask)
    run(agent, ask)
    return agent


def test_another_result_changes_the_answer_and_the_first_is_one_branch_away(
    done: Agent, ask: Asker, api: FakeAPI
) -> None:
    called = done.conversation.path()[1].id
    done.redo(called, "call_2", outcome=capped('{"late": false}'))
    run(done, ask)
    assert view(done)[-1] == ("assistant", "Second.")
    assert results(api.asked[2]) == ['{"result": 42}', '{"late": false}']
    done.choose(called)
    assert view(done)[-1] == ("assistant", "First.")
    assert not done.advance(ask)


def test_other_arguments_run_again_and_the_call_beside_keeps_its_result(
    done: Agent, ask: Asker, api: FakeAPI
) -> None:
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
        settled(agent).advance(ask)
    assert agent.turn is not None
    next(True for _ in agent.turn.follow() if agent.turn.message.content)
    agent.redo(agent.conversation.path()[1].id, "call_1", outcome=capped("x"))
    run(agent, ask)
    assert view(agent)[-1] == ("assistant", "Second.")
    assert api.asked[1].left.wait(LONG)


def test_shaping_the_conversation_back_to_a_call_sends_nothing_by_itself(
    done: Agent, ask: Asker, api: FakeAPI
) -> None:
    done.remove_after(done.conversation.path()[1].id)
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


def waiting(agent: Agent, ask: Asker) -> None:
    run(agent, ask)


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
    agent.send("Never mind", ask)
    run(agent, ask)
    assert len(api.asked) == asked + 1
    assert_every_call_is_answered(api.asked[-1])
    assert view(agent)[-1] == ("assistant", "Fine")


def test_after_a_stop_the_loop_can_be_taken_up_again(agent: Agent, ask: Asker, api: FakeAPI) -> None:
    agent.loop.rules = replace(agent.loop.rules, offers=offers(mode="ask"))
    api.play([tool_stream(CALL), stream("Done")])
    agent.send("Go", ask)
    run(agent, ask)
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
def test_a_forced_choice_is_for_the_first_round(
    agent: Agent, ask: Asker, api: FakeAPI, choice: str, sent: list[Any]
) -> None:
    agent.loop.rules = replace(agent.loop.rules, choice=choice)
    api.play([tool_stream(CALL), stream("Done")])
    agent.send("Go", ask)
    run(agent, ask)
    assert [request.body.get("tool_choice") for request in api.asked] == sent


@pytest.mark.parametrize("parallel", [True, False])
def test_parallel_calls_can_be_forbidden(agent: Agent, ask: Asker, api: FakeAPI, parallel: bool) -> None:
    agent.loop.rules = replace(agent.loop.rules, parallel=parallel)
    agent.send("Go", ask)
    run(agent, ask)
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
    agent.send("6 * 7?", ask)
    assert run(agent, ask) == 2
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
def test_emulated_arguments_arrive_whole_however_they_are_cut(
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


def test_a_tool_of_another_host_runs_there_and_its_result_goes_back(agent: Agent, ask: Asker, api: FakeAPI) -> None:
    class Elsewhere:
        """A server of tools, as far as a loop knows one."""

        def start(self, call: ToolCall) -> RunningCall:
            return Answered(capped(f"from elsewhere: {call.arguments}"))

    @dataclass
    class Answered:
        outcome: Outcome | None

        def stop(self) -> None: ...

    tool = Tool("far", "Somewhere else.", {"type": "object"})
    agent.loop.rules = LoopRules(offers={"far": Offer(tool, "auto", host=Elsewhere())})
    api.play([tool_stream(("c1", "far", '{"a": 1}')), stream("Done.")])
    agent.send("Go", ask)
    run(agent, ask)
    assert results(api.asked[1]) == ['from elsewhere: {"a": 1}']
