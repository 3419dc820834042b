"""The values of a tool loop: a tool on offer, a call and its outcome, the rounds of a transcript.

backend/tools/loop.py changes them. `ToolHost` is the interface to whatever runs a tool.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args

from backend.tools.calls import MISFIT, CallOutcome, capped
from backend.tools.custom import CustomTool
from backend.types import Message, Tool, ToolCall

Mode = Literal["auto", "ask", "mock"]
MODES: tuple[Mode, ...] = get_args(Mode)
Phase = Literal["invalid", "waiting", "running", "ok", "error"]
How = Literal["", "run", "mock", "typed", "fault", "rejected", "sent back"]


class RunningCall(Protocol):
    """A running call."""

    @property
    def outcome(self) -> CallOutcome | None:
        """The outcome; None until it has ended, which it always does."""
        ...

    def stop(self) -> None:
        """Stop it now."""
        ...


class ToolHost(Protocol):
    """Runs calls: child processes of this app (backend/tools/runner.py), or a tool server."""

    def start(self, call: ToolCall) -> RunningCall:
        """Begin a call with valid arguments; returns at once."""
        ...


@dataclass(frozen=True)
class Offer:
    """A tool that the model may call, and what answers its calls: a host, or the visitor's mock."""

    tool: Tool
    mode: Mode = "ask"
    own: CustomTool | None = None
    mock: str = ""  # the mock for a tool of a host in mode "mock"
    host: ToolHost | None = None  # None: a built-in function, in a child process

    def mocked(self, call: ToolCall) -> CallOutcome | None:
        """The mock result; None if the visitor is to be asked."""
        return self.own.outcome(call) if self.own else capped(self.mock)


@dataclass
class Step:
    """One call and its outcome. `how` is the origin of the outcome, `fault` the name of an injected one."""

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
    """The number of answers since the last user message that have called tools."""
    return sum(bool(message.tool_calls) for message in since_question(transcript))


def since_question(transcript: Sequence[Message]) -> list[Message]:
    """The messages after the last user message."""
    places = (place for place, message in enumerate(transcript, 1) if message.role == "user")
    return list(transcript[max(places, default=0) :])


def repairs(transcript: Sequence[Message]) -> dict[tuple[int, str], int]:
    """The valid calls whose tool had been called with invalid arguments before: (index of the answer, id) ->
    rounds it took.
    """
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
