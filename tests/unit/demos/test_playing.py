"""A recording plays through the real client and chat: the same words, calls, results, endings and times."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from agents import CALL, ORDER, Asker, run
from basics import ask as question
from chats import view
from fake_api import CUT, USAGE, FakeAPI, chunk, completion, error, events, reply, stream, tool_stream
from runs import FAST, HELLO, TWO, play, wait_until_still

from backend.answer.exchange_record import ExchangeRecord
from backend.answer.exchange_record import record_of as exchange_of
from backend.answer.turn import Turn
from backend.demos import making
from backend.demos.pace import Pace
from backend.demos.player import Ahead, recorded_request
from backend.demos.playing import PlayedAgent, played, take_messages
from backend.demos.recording import RecordedReply, Recording, Result, Round, Talk
from backend.demos.replay import replaying
from backend.demos.shelf import shelf
from backend.tools.agent import Agent
from backend.transport.client import ChatClient
from backend.types import Message


def again(turn: Turn) -> Turn:
    """An answer that came over a socket, replayed from what was kept of it."""
    answer = making.answer_of(turn.message, exchange_of(turn))
    assert answer is not None
    pace = Pace()
    pace.run(FAST)
    return Turn(replaying(answer, pace), recorded_request(answer, ()), clock=pace.now).start().join(20)


WIRES = {
    "text": stream("Hello", " you", usage=USAGE),
    "reasoning": stream("Hello", reasoning="Hm."),
    "calls": tool_stream(CALL, ORDER),
    "a whole body": completion("Hello"),
    "no finish_reason": stream("Hello", finish=None),
    "a whole body without one": reply({"choices": [{"message": {"role": "assistant", "content": "Hi"}}]}),
    "cut off": stream("Hello", CUT),
    "an error in mid-stream": events(chunk({"content": "Hel"}), {"error": {"message": "It broke."}}),
    "lines in the data": events(chunk({"content": "a\nb"}), chunk(finish="stop")),
    "a refusal": error(401),
    "a retry": [error(503), stream("Hello")],
}


@pytest.mark.parametrize("wire", WIRES.values(), ids=WIRES)
def test_a_replayed_answer_is_the_same(api: FakeAPI, client: ChatClient, wire: Any, no_backoff: None) -> None:
    api.play(wire)
    first = Turn(client, question()).start().join(20)
    second = again(first)
    same = ("content", "reasoning", "tool_calls", "finish_reason", "usage", "state", "media")
    assert {name: getattr(second.message, name) for name in same} == {
        name: getattr(first.message, name) for name in same
    }
    assert (second.error and second.error.title) == (first.error and first.error.title)
    assert len(second.call.exchanges) == len(first.call.exchanges)


def test_a_replay_keeps_the_times_of_the_recording_at_any_speed() -> None:
    pace = Pace()
    pace.run(2_000)
    turn = Turn(replaying(HELLO, pace), recorded_request(HELLO, ()), clock=pace.now).start().join(20)
    record = exchange_of(turn)
    first, total = turn.message.timing.first_token, turn.message.timing.total
    assert first is not None and total is not None and first >= 40 and total >= 60
    assert next(moment.at for moment in record.moments if moment.kind == "chunk") >= 40
    assert record.tries[0].replied is not None and record.tries[0].replied < first


def test_a_play_stands_still_while_paused_and_stops_at_once() -> None:
    chat = played(TWO, lambda: True)
    chat.player.pace.run(1)
    chat.advance(chat.player)
    chat.player.pace.pause()
    at = chat.player.pace.now()
    assert chat.player.pace.now() == at
    began = time.monotonic()
    chat.stop()
    assert chat.turn is not None and chat.turn.join(5).state == "stopped" and time.monotonic() - began < 5
    assert chat.player.over and not chat.advance(chat.player)


def test_an_answer_that_was_stopped_is_stopped_again() -> None:
    stopped = replace(HELLO, chunks=HELLO.chunks[:1], ending="stopped")
    chat = play(Recording("", (Talk(Message("user", "?"), (Round(stopped),)),)))
    assert [node.message.state for node in chat.conversation.path()] == ["done", "stopped"]
    assert chat.conversation.path()[-1].message.content == "Hel"


def test_a_recording_plays_to_its_end_and_costs_what_it_cost() -> None:
    chat = play(TWO)
    assert view(chat) == [("user", "One?"), ("assistant", "Hello"), ("user", "Two?"), ("assistant", "Hello")]
    assert [node.message.cost for node in chat.conversation.path()] == [None, 0.25, None, 0.25]


def test_step_by_step_each_part_waits_for_its_step() -> None:
    chat = played(TWO, lambda: True)
    chat.player.pace.run(FAST)
    chat.player.by_steps = True
    assert not chat.advance(chat.player) and not chat.conversation.path()
    for count in (2, 4):
        chat.player.step()
        assert len(wait_until_still(chat).conversation.path()) == count
    chat.advance(chat.player)
    assert chat.player.over


def test_a_played_conversation_goes_into_a_new_chat_without_cost_or_server() -> None:
    messages = take_messages(play(TWO))
    assert [message.cost for message in messages] == [None, 0.0, None, 0.0]
    assert {message.request_id for message in messages} == {""}


def test_nobody_else_asks_in_a_play_and_nothing_of_it_is_kept() -> None:
    chat = play(TWO)

    class Nobody:
        def is_open(self) -> bool:
            return True

        def __call__(self, *_: Any, **__: Any) -> Turn:
            raise AssertionError("this would ask for real")

    before, node = view(chat), chat.conversation.path()[-1].id
    chat.send("More?", Nobody())
    chat.regenerate(node, Nobody())
    chat.resume(node, Nobody())
    chat.shorten(node, Nobody())
    chat.ask_again(chat.conversation.path()[0].id, "Other?", Nobody())
    chat.advance(Nobody())
    assert view(chat) == before and getattr(chat.journal, "id", None) == ""


def kept(agent: Agent) -> Recording:
    """The conversation of an agent as a recording."""

    def results(node: int) -> list[Result]:
        outcomes = [step.poll() for step in agent.loop.steps_at(node)]
        return [Result(one.content, one.ok, one.seconds) for one in outcomes if one]

    def record(node: int) -> ExchangeRecord | None:
        turn = agent.recent.get(node)
        return exchange_of(turn) if turn else None

    rules = agent.loop.rules
    return making.recording_of(
        agent.conversation.path(), record, results, page="Tools", tools=agent.tools, emulated=rules.emulated
    )


def test_calls_that_were_made_of_json_are_made_of_it_again(api: FakeAPI, agent: Agent, ask: Asker) -> None:
    api.play([stream('{"tool": "find_order", ', '"arguments": {"number": 1042}}'), stream('{"answer": "Late."}')])
    agent.loop.rules = replace(agent.loop.rules, emulated=True)
    run(agent, ask, "Is it late?")
    assert view(play(kept(agent))) == view(agent) and len(agent.conversation.path()) == 4


def test_recorded_results_stand_for_tools_which_are_not_run_again(
    api: FakeAPI, agent: Agent, ask: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = ("call_0", "find_order", '{"number": "forty"}')
    api.play([tool_stream(wrong), tool_stream(CALL, ORDER), stream("It is late.")])
    agent.loop.rules = replace(agent.loop.rules, repair=True)
    run(agent, ask, "Is it late?")

    recording = kept(agent)
    monkeypatch.setattr("backend.tools.loop.tool_runner", None)  # nothing runs
    chat = play(recording)
    assert isinstance(chat, PlayedAgent) and view(chat) == view(agent)
    problems = [[step.problems for step in chat.loop.steps_at(node.id)] for node in chat.conversation.path()]
    assert problems[1][0] and problems[3] == [[], []]
    (first, second) = [node.message for node in chat.conversation.path() if node.message.tool_calls]
    ids = [call.id for call in (*first.tool_calls, *second.tool_calls)]
    sent = recording.rounds[-1].answer.request or {}
    answered = [message["tool_call_id"] for message in sent["messages"] if message["role"] == "tool"]  # type: ignore[union-attr, index, call-overload]
    assert answered == ids and all(id_.startswith("id_") for id_ in ids) and len(set(ids)) == 3
    assert "call_2" not in repr(recording)


@pytest.mark.parametrize("name", [name for name, kept in shelf().items() if kept.page != "Compare"])
def test_every_recording_of_the_shelf_plays_to_its_end(name: str) -> None:
    recording = shelf()[name]
    chat = play(recording)
    path = chat.conversation.path()
    assert chat.player.ended and {node.message.state for node in path} == {"done"}
    assert path[-1].message.content and recording.composed and recording.title and recording.about
    results = [node.message.content for node in path if node.message.role == "tool"]
    assert results == [result.content for round_ in recording.rounds for result in round_.results]


def test_a_reply_that_never_came_breaks_as_it_did(no_backoff: None) -> None:
    pace = Pace()
    pace.run(FAST)
    answer = replace(HELLO, replies=(RecordedReply(None), RecordedReply(200)))
    turn = Turn(replaying(answer, pace), recorded_request(answer, ()), clock=pace.now).start().join(20)
    assert (turn.message.content, len(turn.call.exchanges)) == ("Hello", 2)


def test_a_play_that_begins_in_the_middle_has_the_first_part_at_once_and_the_times_of_its_recording() -> None:
    chat = played(TWO, lambda: True, ahead=Ahead(0, 45))
    chat.advance(chat.player)
    turn, until = chat.turn, time.monotonic() + 20
    while turn and turn.message.content != "Hel" and time.monotonic() < until:
        time.sleep(0.005)
    assert turn and turn.running and turn.message.content == "Hel"
    chat.player.pace.run(FAST)
    first = wait_until_still(chat).conversation.path()[1].message
    assert first.content == "Hello" and (first.timing.first_token or 0) >= 40
