"""What a tool loop is made of: a tool on offer, a call and what became of it, the rounds of a transcript.

Values only: backend/tools/agent.py moves them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from backend.tools.calls import MISFIT, Outcome, capped
from backend.tools.custom import CustomTool
from backend.tools.runner import Running
from backend.types import Message, Tool, ToolCall

Mode = Literal["auto", "ask", "mock"]
Phase = Literal["invalid", "waiting", "running", "ok", "error"]
How = Literal["", "run", "mock", "typed", "fault", "rejected", "sent back"]


@dataclass(frozen=True)
class Offer:
    """A tool the model is told of, and who answers its calls: a function of ours, or a mock of the visitor's."""

    tool: Tool
    mode: Mode = "ask"
    own: CustomTool | None = None
    mock: str = ""  # what answers for one of our functions in mode mock

    def mocked(self, call: ToolCall) -> Outcome | None:
        """What the mock says; None when it wants to ask the visitor."""
        return self.own.outcome(call) if self.own else capped(self.mock)


@dataclass
class Step:
    """One call and what became of it. `how` tells where the outcome came from, `fault` names one on purpose."""

    call: ToolCall
    problems: list[str] = field(default_factory=list)
    outcome: Outcome | None = None
    how: How = ""
    fault: str = ""
    edited: bool = False
    running: Running | None = None

    def poll(self) -> Outcome | None:
        """The outcome, as soon as there is one."""
        if self.outcome is None and self.running is not None:
            self.outcome = self.running.outcome
        return self.outcome

    @property
    def phase(self) -> Phase:
        if found := self.poll():
            return "ok" if found.ok else "error"
        if self.running is not None:
            return "running"
        return "invalid" if self.problems else "waiting"


def rounds(transcript: Sequence[Message]) -> int:
    """How many answers have called tools since the last user message."""
    return sum(bool(message.tool_calls) for message in since_question(transcript))


def since_question(transcript: Sequence[Message]) -> list[Message]:
    """What followed the last user message."""
    places = (place for place, message in enumerate(transcript, 1) if message.role == "user")
    return list(transcript[max(places, default=0) :])


def repairs(transcript: Sequence[Message]) -> dict[tuple[int, str], int]:
    """Where a call fits after its tool had been called wrongly: (place of the answer, id) -> rounds it took."""
    wrong: dict[str, int] = {}
    found: dict[tuple[int, str], int] = {}
    at, calls = 0, dict[str, str]()
    for place, message in enumerate(transcript):
        if message.role == "user":
            wrong.clear()
        if message.tool_calls:
            at, calls = place, {call.id: call.name for call in message.tool_calls}
        name = calls.get(message.tool_call_id or "") if message.role == "tool" else None
        if name and message.content.startswith(MISFIT):
            wrong[name] = wrong.get(name, 0) + 1
        elif name and name in wrong:
            found[at, message.tool_call_id or ""] = wrong.pop(name)
    return found
