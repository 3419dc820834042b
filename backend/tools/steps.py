"""What a tool loop is made of: a tool on offer, a call and what became of it, the rounds of a transcript.

Values only: backend/tools/loop.py moves them. `ToolHost` is all that a loop knows of where a tool runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from backend.tools.calls import MISFIT, CallOutcome, capped
from backend.tools.custom import CustomTool
from backend.types import Message, Tool, ToolCall

Mode = Literal["auto", "ask", "mock"]
Phase = Literal["invalid", "waiting", "running", "ok", "error"]
How = Literal["", "run", "mock", "typed", "fault", "rejected", "sent back"]


class RunningCall(Protocol):
    """A call on its way."""

    @property
    def outcome(self) -> CallOutcome | None:
        """None until it has ended, which it always does."""
        ...

    def stop(self) -> None:
        """End it now."""
        ...


class ToolHost(Protocol):
    """Runs calls: child processes of this app (backend/tools/runner.py), or a server of tools."""

    def start(self, call: ToolCall) -> RunningCall:
        """Begin a call that fits its schema; returns at once."""
        ...


@dataclass(frozen=True)
class Offer:
    """A tool the model is told of, and what answers its calls: a host, or a mock of the visitor's."""

    tool: Tool
    mode: Mode = "ask"
    own: CustomTool | None = None
    mock: str = ""  # what answers for a tool of a host in mode mock
    host: ToolHost | None = None  # None: a function of ours, in a child process

    def mocked(self, call: ToolCall) -> CallOutcome | None:
        """What the mock says; None when it wants to ask the visitor."""
        return self.own.outcome(call) if self.own else capped(self.mock)


@dataclass
class Step:
    """One call and what became of it. `how` tells where the outcome came from, `fault` names one on purpose."""

    call: ToolCall
    problems: list[str] = field(default_factory=list)
    outcome: CallOutcome | None = None
    how: How = ""
    fault: str = ""
    edited: bool = False
    running: RunningCall | None = None

    def poll(self) -> CallOutcome | None:
        """The outcome, as soon as there is one."""
        if self.outcome is None and self.running is not None:
            self.outcome = self.running.outcome
        return self.outcome

    @property
    def phase(self) -> Phase:
        if outcome := self.poll():
            return "ok" if outcome.ok else "error"
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
    repaired: dict[tuple[int, str], int] = {}
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
            repaired[at, message.tool_call_id or ""] = wrong.pop(name)
    return repaired
