"""Agents with a scripted server for the tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from fake_api import FakeAPI, Request, stream, tool_stream

from backend.answer.turn import Source, Turn
from backend.tools.agent import Agent
from backend.tools.builtin import FUNCTIONS
from backend.tools.calls import describe
from backend.tools.emulation import Emulated
from backend.tools.loop import LoopRules
from backend.tools.runner import ToolRunner
from backend.tools.steps import Offer, Step
from backend.transport.client import ChatClient
from backend.types import ChatRequest, Message, Tool

LONG = 30.0  # seconds; a machine may be busy
CALL = ("call_1", "calculator", '{"expression": "6 * 7"}')
ORDER = ("call_2", "find_order", '{"number": 1042}')


class Asker:
    """What a page does: starts a turn at a server, shaped as the agent wants it."""

    def __init__(self, agent: Agent, source: Source) -> None:
        self.agent, self.source = agent, source

    def is_open(self) -> bool:
        return False  # nothing goes on by itself: a test says when

    def __call__(
        self, transcript: Sequence[Message], tools: tuple[Tool, ...], *, more: bool, before: Message | None = None
    ) -> Turn:
        request = ChatRequest(
            "fake/alpha", tuple(transcript), tools=tools, tool_choice=None if more or not tools else "none"
        )
        source = Emulated(self.source) if self.agent.loop.rules.emulated else self.source
        return Turn(source, self.agent.shape_request(request), before)


@pytest.fixture(scope="module")
def place() -> Iterator[ToolRunner]:
    made = ToolRunner()
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


def run(agent: Agent, ask: Asker, words: str = "", limit: int = 40) -> int:
    """Say this, and everything that follows by itself; how many answers there were in all."""
    if words:
        agent.send(words, ask)
    before = agent.turns
    for _ in range(limit):
        settle(agent)
        if not agent.advance(ask) and not agent.running:
            return agent.turns - before + 1
    raise AssertionError("it never ends")


def settle(agent: Agent) -> Agent:
    """Wait for what runs, the answer and the tools."""
    assert agent.turn is not None
    assert not agent.turn.join(LONG).running
    agent.settle()
    for step in agent.loop.steps:
        if step.running:
            step.running.wait(LONG)
    return agent


def step(agent: Agent, place: int = 0) -> Step:
    return settle(agent).loop.steps[place]


def leaf(agent: Agent) -> int:
    assert agent.conversation.leaf is not None
    return agent.conversation.leaf


def view(agent: Agent) -> list[tuple[str, str]]:
    return [(node.message.role, node.message.content) for node in agent.conversation.path()]


def results_of(agent: Agent) -> list[str]:
    """What the calls of a conversation came to."""
    return [node.message.content for node in agent.conversation.path() if node.message.role == "tool"]


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


@pytest.fixture
def asked(agent: Agent, ask: Asker, api: FakeAPI) -> Agent:
    """An agent whose calculator asks first, with one call waiting."""
    agent.loop.rules = replace(agent.loop.rules, offers={**offers(mode="ask")})
    api.play([tool_stream(CALL), stream("Thanks"), stream("Other")])
    run(agent, ask, "6 * 7?")
    return agent


def waiting(agent: Agent, ask: Asker) -> None:
    run(agent, ask)
