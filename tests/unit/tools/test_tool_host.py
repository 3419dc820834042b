"""An agent knows one thing of where a tool runs: a host that begins a call."""

from __future__ import annotations

from dataclasses import dataclass

from agents import Asker, results, run
from fake_api import FakeAPI, stream, tool_stream

from backend.tools.agent import Agent
from backend.tools.calls import CallOutcome, capped
from backend.tools.loop import LoopRules
from backend.tools.steps import Offer, RunningCall
from backend.types import Tool, ToolCall


@dataclass
class Answered:
    outcome: CallOutcome | None

    def stop(self) -> None: ...


class Elsewhere:
    """A server of tools, as far as a loop knows one."""

    def start(self, call: ToolCall) -> RunningCall:
        return Answered(capped(f"from elsewhere: {call.arguments}"))


def test_a_tool_of_another_host_runs_there_and_its_result_goes_back(agent: Agent, ask: Asker, api: FakeAPI) -> None:
    tool = Tool("far", "Somewhere else.", {"type": "object"})
    agent.loop.rules = LoopRules(offers={"far": Offer(tool, "auto", host=Elsewhere())})
    api.play([tool_stream(("c1", "far", '{"a": 1}')), stream("Done.")])
    run(agent, ask, "Go")
    assert results(api.asked[1]) == ['from elsewhere: {"a": 1}']
