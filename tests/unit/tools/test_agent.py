"""A tool loop: every call is decided once and answered once, in a process that can be ended, within its limits."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from agents import CALL, LONG, ORDER, Asker, assert_every_call_is_answered, leaf, offers, results, run, step, view
from fake_api import FakeAPI, Reply, Request, chunk, events, stream, tool_stream

from backend.tools.agent import Agent
from backend.tools.builtin import FUNCTIONS
from backend.tools.calls import INJECTED_FAULTS, ROUNDS, capped, describe, rejected
from backend.tools.custom import EXAMPLES
from backend.tools.loop import LoopRules
from backend.tools.runner import ToolRunner
from backend.tools.steps import Offer, repairs
from backend.transport.client import ChatClient
from backend.types import Tool, ToolCall

WRONG = ("call_1", "calculator", '{"sum": 1}')


# ---- the loop by itself ---------------------------------------------------------------------------------


def test_the_tools_are_told_and_no_choice_is_sent(agent: Agent, ask: Asker, api: FakeAPI) -> None:
    run(agent, ask, "Hi")
    body = api.asked[0].body
    assert [tool["function"]["name"] for tool in body["tools"]] == ["calculator", "find_order"]
    assert not {"tool_choice", "parallel_tool_calls"} & set(body)


def test_a_call_is_run_and_its_result_sent_back(agent: Agent, ask: Asker, api: FakeAPI) -> None:
    api.play([tool_stream(CALL), stream("42.")])
    assert run(agent, ask, "6 * 7?") == 2
    assert view(agent) == [("user", "6 * 7?"), ("assistant", ""), ("tool", '{"result": 42}'), ("assistant", "42.")]
    _question, call, result = api.asked[1].body["messages"]
    assert call["tool_calls"][0]["function"] == {"name": "calculator", "arguments": CALL[2]}
    assert (result["role"], result["tool_call_id"], result["content"]) == ("tool", "call_1", '{"result": 42}')


def test_two_threads_that_look_at_new_calls_see_the_same_steps(
    agent: Agent, ask: Asker, api: FakeAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page looked while the answer's thread was checking a call: what that thread decided was lost."""
    api.play(tool_stream(CALL))
    agent.send("6 * 7?", ask)
    assert agent.turn is not None
    agent.turn.join(LONG)
    agent.settle()
    looked = list[object]()

    def slow(rules: LoopRules, call: ToolCall) -> list[str]:
        if not looked:
            looked.append(None)
            looked[0] = agent.loop.steps
        return []

    monkeypatch.setattr(LoopRules, "problems", slow)
    assert agent.loop.steps is looked[0]


def test_a_round_that_came_and_went_between_two_looks_is_seen(agent: Agent, ask: Asker, api: FakeAPI) -> None:
    """The page, drawn while the first answer ran, showed the tool at work for ever."""
    api.play([tool_stream(CALL), stream("42.")])
    agent.send("6 * 7?", ask)
    drawn = agent.loop.progress
    run(agent, ask)
    assert drawn[1] == agent.loop.progress[1] == () and drawn != agent.loop.progress


@pytest.mark.slow
def test_parallel_calls_run_together_and_are_answered_in_order(
    bad: ToolRunner, client: ChatClient, api: FakeAPI
) -> None:
    agent = Agent(bad)
    agent.loop.rules = replace(
        agent.loop.rules, offers={"doze": Offer(Tool("doze", "", {"type": "object"}), "auto")}
    )
    ask = Asker(agent, client)
    api.play([tool_stream(("a", "doze", '{"seconds": 1.0}'), ("b", "doze", '{"seconds": 0}')), stream("Done")])
    run(agent, ask, "Go")
    first, second = (step.outcome for step in agent.loop.steps_at(agent.conversation.path()[1].id))
    assert first and second and first.content != second.content, "one process each"
    assert [message["tool_call_id"] for message in api.asked[1].body["messages"][2:]] == ["a", "b"]


@pytest.mark.slow
def test_stop_ends_a_hanging_tool_and_asks_nothing_more(bad: ToolRunner, client: ChatClient, api: FakeAPI) -> None:
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
    run(agent, ask, "Never mind")
    assert "stopped the tool" in results(api.asked[1])[0]
    assert_every_call_is_answered(api.asked[1])


@pytest.mark.slow
def test_a_tool_that_raises_or_dies_is_told_to_the_model(bad: ToolRunner, client: ChatClient, api: FakeAPI) -> None:
    agent = Agent(bad)
    agent.loop.rules = replace(
        agent.loop.rules,
        offers={name: Offer(Tool(name, "", {"type": "object"}), "auto") for name in ("fail", "die")},
    )
    ask = Asker(agent, client)
    api.play([tool_stream(("a", "fail", "{}"), ("b", "die", "")), stream("Sorry")])
    run(agent, ask, "Go")
    assert "RuntimeError: no luck" in results(api.asked[1])[0]
    assert "process ended" in results(api.asked[1])[1]
    assert view(agent)[-1] == ("assistant", "Sorry")


def test_calls_are_run_also_when_the_server_says_stop(agent: Agent, ask: Asker, api: FakeAPI) -> None:
    head = {"index": 0, "id": "c", "type": "function", "function": {"name": "calculator", "arguments": CALL[2]}}
    api.play([events(chunk({"tool_calls": [head]}), chunk(finish="stop"), "[DONE]"), stream("Done")])
    assert run(agent, ask, "Go") == 2


def test_a_turn_that_says_tool_calls_and_has_none_ends(agent: Agent, ask: Asker, api: FakeAPI) -> None:
    api.play(stream("Hm.", finish="tool_calls"))
    assert run(agent, ask, "Go") == 1
    assert agent.loop.steps == []


def test_waiting_messages_go_after_the_tools(agent: Agent, ask: Asker, api: FakeAPI) -> None:
    api.play([tool_stream(CALL), stream("Done"), stream("Next")])
    agent.send("Go", ask)
    assert run(agent, ask, "And then") == 3
    assert [role for role, _ in view(agent)] == ["user", "assistant", "tool", "assistant", "user", "assistant"]


# ---- its limits -----------------------------------------------------------------------------------------


def test_a_model_that_calls_for_ever_is_told_to_answer(agent: Agent, ask: Asker, api: FakeAPI) -> None:
    def respond(request: Request) -> Reply:
        return stream("Enough") if request.body.get("tool_choice") == "none" else tool_stream(CALL)

    api.play(respond)
    run(agent, ask, "Go")
    assert [request.body.get("tool_choice") for request in api.asked] == [*[None] * ROUNDS, "none"]
    assert view(agent)[-1] == ("assistant", "Enough")


def test_a_server_that_ignores_it_ends_the_loop_all_the_same(agent: Agent, ask: Asker, api: FakeAPI) -> None:
    api.play(tool_stream(CALL))
    assert run(agent, ask, "Go") == ROUNDS + 1
    assert agent.loop.end_reason == "rounds"
    assert sum(role == "tool" for role, _ in view(agent)) == ROUNDS
    run(agent, ask, "Hello")
    assert_every_call_is_answered(api.asked[-1])


def test_rounds_are_counted_from_the_visitors_last_message(agent: Agent, ask: Asker, api: FakeAPI) -> None:
    agent.loop.rules = replace(agent.loop.rules, rounds=2)
    api.play([reply for _ in range(3) for reply in (tool_stream(CALL), stream("Done"))])
    for _ in range(3):
        run(agent, ask, "Again")
    assert not any("tool_choice" in request.body for request in api.asked)


def test_the_loop_stops_at_its_money_limit_and_resumes_when_it_is_raised(
    agent: Agent, ask: Asker, api: FakeAPI
) -> None:
    paid = tool_stream(CALL)
    bill = f"data: {json.dumps(chunk(choices=[], meta={'usage': {'usd_spent': 0.06}}))}\n\n".encode()
    *before, last = paid.steps
    dear = replace(paid, steps=[*before, bill, last])
    api.play([dear, dear, stream("Done")])
    run(agent, ask, "Go")
    assert agent.loop.end_reason == "money"
    assert agent.loop.spent_usd == pytest.approx(0.12)
    assert len(api.asked) == 2
    agent.loop.rules = replace(agent.loop.rules, limit=1.0)
    run(agent, ask)
    assert view(agent)[-1] == ("assistant", "Done")


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
    run(agent, ask, "Go")
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
    run(asked, ask, "Never mind")
    assert [role for role, _ in view(asked)] == ["user", "assistant", "tool", "user", "assistant"]
    assert_every_call_is_answered(api.asked[1])


def test_a_mock_answers_in_place_of_the_function(agent: Agent, ask: Asker, api: FakeAPI) -> None:
    agent.loop.rules = replace(
        agent.loop.rules, offers={"calculator": Offer(describe(FUNCTIONS["calculator"]), "mock", mock="43")}
    )
    api.play([tool_stream(CALL), stream("43.")])
    run(agent, ask, "6 * 7?")
    assert results(api.asked[1]) == ["43"]


def test_an_own_tool_answers_by_its_rules_and_otherwise_asks(agent: Agent, ask: Asker, api: FakeAPI) -> None:
    weather, _, mail = EXAMPLES
    agent.loop.rules = replace(
        agent.loop.rules, offers={own.name: Offer(own.tool(), "mock", own) for own in (weather, mail)}
    )
    oslo = ("a", "get_weather", '{"city": "Oslo"}')
    letter = ("b", "send_email", '{"to": ["ann"], "subject": "Hi", "body": "Snow."}')
    api.play([tool_stream(oslo, letter), stream("Done")])
    run(agent, ask, "Tell Ann about the weather")
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
def test_arguments_that_do_not_fit_are_shown_and_not_run(
    agent: Agent, ask: Asker, api: FakeAPI, call: tuple[str, str, str], words: str
) -> None:
    api.play([tool_stream(call), stream("Sorry")])
    run(agent, ask, "Try")
    assert step(agent).phase == "invalid"
    assert words in " ".join(step(agent).problems)
    agent.loop.run(leaf(agent), "c")
    assert step(agent).phase == "invalid"
    agent.loop.send_back(leaf(agent), "c")
    run(agent, ask)
    assert words in results(api.asked[1])[0]
    assert view(agent)[-1] == ("assistant", "Sorry")


def test_with_repair_on_errors_go_back_alone_and_are_counted(agent: Agent, ask: Asker, api: FakeAPI) -> None:
    agent.loop.rules = replace(agent.loop.rules, repair=True)
    api.play([tool_stream(WRONG), tool_stream(WRONG), tool_stream(CALL), stream("42.")])
    assert run(agent, ask, "6 * 7?") == 4
    assert repairs([node.message for node in agent.conversation.path()]) == {(5, "call_1"): 2}


@pytest.mark.parametrize("wrote", ["functions.calculator", "calculator<|channel|>commentary"])
def test_a_call_runs_despite_decorations_of_its_name(agent: Agent, ask: Asker, api: FakeAPI, wrote: str) -> None:
    api.play([tool_stream((CALL[0], wrote, CALL[2])), stream("42.")])
    run(agent, ask, "6 * 7?")
    assert results(api.asked[1]) == ['{"result": 42}']
    assert api.asked[1].body["messages"][1]["tool_calls"][0]["function"]["name"] == "calculator"
    agent.loop.rules = replace(agent.loop.rules, offers=offers(mode="ask"))
    api.play([tool_stream(("call_9", wrote, CALL[2]))])
    run(agent, ask, "Again?")
    assert step(agent).phase == "waiting", "it is asked about as any other"
