"""A chat goes on by itself when an answer ends: no page is needed for what comes next."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from agents import LONG, Asker, offers
from chats import Asker as ChatAsker
from fake_api import HANG, FakeAPI, stream, tool_stream

from backend.answer.turn import Turn
from backend.conversation.chat import Chat
from backend.tools.agent import Agent
from backend.tools.loop import LoopRules
from backend.tools.runner import ToolRunner
from backend.transport.client import ChatClient

CALL = ("call_1", "calculator", '{"expression": "6 * 7"}')


class read:
    """Asks as a page does: somebody reads the answer, as long as the page is there."""

    def __init__(self, ask: Callable[..., Turn], is_open: Callable[[], bool] = lambda: True) -> None:
        self.ask, self.is_open = ask, is_open

    def __call__(self, *given: Any, **named: Any) -> Turn:
        return self.ask(*given, **named).read_by(self.is_open, 60)


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def words(chat: Chat) -> list[str]:
    return [node.message.content for node in chat.conversation.path()]


def test_an_answer_that_has_ended_is_settled(chat: Chat, asker: ChatAsker, api: FakeAPI) -> None:
    api.play(stream("Hello"))
    chat.send("Hi", read(asker))
    until(lambda: words(chat) == ["Hi", "Hello"])
    until(lambda: chat.live(chat.conversation.path()[-1].id) is None)


def test_messages_that_wait_are_sent_one_after_the_other(chat: Chat, asker: ChatAsker, api: FakeAPI) -> None:
    api.play(lambda asked: stream(f"answer to {asked.prompt}", pause=0.05))
    for word in ("one", "two", "three"):
        chat.send(word, read(asker))
    until(lambda: len(words(chat)) == 6 and not chat.running)
    until(lambda: words(chat)[1::2] == ["answer to one", "answer to two", "answer to three"])


def test_nothing_is_sent_after_stop(chat: Chat, asker: ChatAsker, api: FakeAPI) -> None:
    api.play([stream("kept ", HANG), stream("never")])
    chat.send("one", read(asker))
    until(lambda: chat.turn is not None and chat.turn.message.content == "kept ")
    chat.send("two", read(asker))
    chat.stop()
    time.sleep(0.2)
    assert words(chat) == ["one", "kept "] and len(chat.queued.waiting) == 1 and len(api.asked) == 1


def test_nothing_is_sent_when_nobody_reads_any_more(chat: Chat, asker: ChatAsker, api: FakeAPI) -> None:
    api.play(stream("fine", pause=0.05))
    chat.send("one", read(asker, lambda: False))
    chat.send("two", read(asker, lambda: False))
    assert chat.turn is not None
    chat.turn.join(LONG)
    time.sleep(0.2)
    assert len(api.asked) == 1 and len(chat.queued.waiting) == 1


def test_a_reloaded_page_leaves_the_next_step_to_the_new_page(chat: Chat, asker: ChatAsker, api: FakeAPI) -> None:
    api.play(stream("fine", pause=0.05))
    open_ = [True]
    chat.send("one", read(asker, lambda: open_[0]))
    chat.send("two", read(asker, lambda: open_[0]))
    open_[0] = False
    assert chat.turn is not None
    chat.turn.read_by(lambda: True, 60).join(LONG)  # the new page reads on
    time.sleep(0.2)
    assert len(api.asked) == 1 and len(chat.queued.waiting) == 1


def test_an_agent_runs_its_tools_and_asks_again(place: ToolRunner, client: ChatClient, api: FakeAPI) -> None:
    agent = Agent(place)
    agent.loop.rules = LoopRules(offers=offers())
    api.play([tool_stream(CALL), stream("It is 42.")])
    agent.send("What is 6 * 7?", read(Asker(agent, client)))
    until(lambda: words(agent)[-1:] == ["It is 42."])
    assert [node.message.role for node in agent.conversation.path()] == ["user", "assistant", "tool", "assistant"]


def test_an_agent_waits_at_a_call_to_be_asked_about(place: ToolRunner, client: ChatClient, api: FakeAPI) -> None:
    agent = Agent(place)
    agent.loop.rules = LoopRules(offers=offers("calculator", mode="ask"))
    api.play(tool_stream(CALL))
    agent.send("What is 6 * 7?", read(Asker(agent, client)))
    until(lambda: bool(agent.loop.steps))
    time.sleep(0.3)
    assert len(api.asked) == 1 and not agent.loop.steps[0].poll()


def test_a_call_that_has_run_does_not_run_again_when_the_page_is_loaded_anew(
    place: ToolRunner, client: ChatClient, api: FakeAPI
) -> None:
    """One of two calls has run, the other one waits for its permission: the reloaded tab is another Agent."""
    api.play([tool_stream(CALL, ("call_2", "roll_dice", '{"sides": 6}')), stream("Done.")])
    rules = LoopRules(offers={**offers("calculator"), **offers("roll_dice", mode="ask")})
    before = Agent(place, owner="anna")
    before.loop.rules = rules
    before.send("Go", read(Asker(before, client)))
    until(lambda: bool(before.loop.steps) and before.loop.steps[0].phase == "ok")
    strangers, after = (Agent(place, conversation=before.conversation, owner=name) for name in ("ben", "anna"))
    strangers.loop.rules = after.loop.rules = rules
    assert [step.phase for step in after.loop.steps] == ["ok", "waiting"] and not after.loop.in_doubt
    assert [step.phase for step in strangers.loop.steps] == ["waiting"] * 2 and strangers.loop.in_doubt
    assert not after.advance(read(Asker(after, client))), "nothing goes on by itself"
    assert after.loop.steps[0] is before.loop.steps[0]
