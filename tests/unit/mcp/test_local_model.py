"""The real model on this machine calls a tool of a server, through the emulation of tool calls."""

from __future__ import annotations

from collections.abc import Sequence

from agents import Asker, results_of, run
from local_model import chat, runtime, server  # noqa: F401  (fixtures)
from tool_server import Serving, connected

from backend.answer.turn import Turn
from backend.local import SMOLLM2, LocalChat
from backend.mcp import config
from backend.mcp.host import ServerHost
from backend.tools.agent import Agent
from backend.tools.emulation import Emulated
from backend.tools.loop import LoopRules
from backend.tools.runner import ToolRunner
from backend.tools.steps import Offer
from backend.types import ChatRequest, Message, Tool


class SmallAsker(Asker):
    """Asks the model on this machine."""

    def __call__(
        self, transcript: Sequence[Message], tools: tuple[Tool, ...], *, more: bool, before: Message | None = None
    ) -> Turn:
        choice = None if more or not tools else "none"
        parameters = {"max_tokens": 200, "temperature": 0}
        request = ChatRequest(SMOLLM2.id, tuple(transcript), parameters, tools, choice)
        return Turn(Emulated(self.source), self.agent.shape_request(request), before)


def test_a_tiny_model_calls_a_servers_tool_and_answers(
    chat: LocalChat,  # noqa: F811
    tool_server: Serving,
) -> None:
    connection = connected(config.read(tool_server.url).servers[0])
    known = connection.listing.tool("find")
    assert known
    tool, place = known.tool("find"), ToolRunner()
    agent = Agent(place)
    offer = Offer(tool, "auto", host=ServerHost(connection, "find", connection.listing.fingerprint("find")))
    agent.loop.rules = LoopRules(offers={"find": offer}, choice="find", emulated=True, rounds=1)
    ask = SmallAsker(agent, chat)
    run(agent, ask, "Find order 1042.")
    (outcome,) = results_of(agent)
    assert outcome.startswith("order ")
    assert outcome.endswith(" is late")
    assert agent.conversation.path()[-1].message.role == "assistant"
    agent.stop()
    place.close()
    connection.close()
