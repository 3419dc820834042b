"""Sampling: a server asks for a model's answer in the middle of a call. The full request is shown, and the
answer returned.

    request = asked(params, redactor)       # raises Refusal, whose message the server gets
    request.ask(turn)                       # the visitor agrees to ask a model; the page makes the turn, and pays
    request.send()                          # the visitor has read the answer, and lets the server have it

The server gets nothing of the conversation, and no answer that the visitor has not released. It does NOT choose the
model: its preferences are shown. Text and pictures are sent, text and calls of the server's own tools are
returned: the server runs them, and asks again with the results.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from backend.answer.turn import Turn
from backend.keys.redaction import Redactor
from backend.mcp import bounds
from backend.mcp.sampling_prompt import Refusal, SamplingPrompt, parsed, read
from backend.protocol import wire
from backend.types import ToolCall
from backend.untrusted import line, number, text

if TYPE_CHECKING:
    from mcp_types import (
        CreateMessageRequestParams,
        CreateMessageResult,
        CreateMessageResultWithTools,
        ErrorData,
    )

    Reply = CreateMessageResult | CreateMessageResultWithTools | ErrorData

Phase = Literal["asked", "answering", "answered", "failed"]
_USER_REFUSED = -1  # the error code in the specification's example
_STOPS = {"stop": "endTurn", "length": "maxTokens"}


@dataclass(eq=False)
class SamplingRequest:
    """A server's request. `most` is the maximum of tokens of the answer, `wishes` are names of models that it
    prefers. `turn` is the answer, None before a model was asked.
    """

    prompt: SamplingPrompt
    most: int
    temperature: float | None
    stops: tuple[str, ...]
    wishes: tuple[str, ...]
    reply: asyncio.Future[Reply] = field(repr=False)
    turn: Turn | None = None

    @property
    def phase(self) -> Phase:
        if self.turn is None:
            return "asked"
        if self.turn.running:
            return "answering"
        return "answered" if (self.answer or self.calls) and self.turn.state != "failed" else "failed"

    @property
    def answer(self) -> str:
        """The text of the answer so far, without reasoning."""
        return wire.thinking(self.turn.message)[1].strip() if self.turn else ""

    @property
    def calls(self) -> list[ToolCall]:
        """The calls of the server's tools in the answer; none if one of them is invalid."""
        called = list(self.turn.message.tool_calls) if self.turn else []
        names = {tool.name for tool in self.prompt.tools}
        fine = all(call.name in names and parsed(call) is not None for call in called)
        return called if fine else []

    def ask(self, turn: Turn) -> None:
        """Ask a model, unless an answer is still running (double click)."""
        if not self.reply.done() and self.phase != "answering":
            self.turn = turn.start()

    def send(self) -> None:
        """Send the answer to the server."""
        from mcp_types import CreateMessageResult, CreateMessageResultWithTools, TextContent, ToolUseContent

        if self.turn is None or self.phase != "answered":
            return
        model, reason = self.turn.request.model, _STOPS.get(self.turn.message.finish_reason or "", "endTurn")
        content = [TextContent(text=self.answer)] if self.answer else []
        if not (calls := self.calls):
            self._end(CreateMessageResult(role="assistant", content=content[0], model=model, stop_reason=reason))
            return
        uses = [ToolUseContent(id=call.id, name=call.name, input=parsed(call) or {}) for call in calls]
        self._end(
            CreateMessageResultWithTools(
                role="assistant", content=[*content, *uses], model=model, stop_reason="toolUse"
            )
        )

    def decline(self) -> None:
        """Refuse; a running answer is stopped."""
        if self.turn is not None:
            self.turn.stop()
        self._end(Refusal("The user did not let a model answer this.", _USER_REFUSED).error)

    def dismiss(self) -> None:
        """Close it unanswered."""
        self.decline()

    def _end(self, answer: Reply) -> None:
        def put() -> None:
            if not self.reply.done():
                self.reply.set_result(answer)

        self.reply.get_loop().call_soon_threadsafe(put)


async def sampling_request(params: CreateMessageRequestParams, redactor: Redactor) -> SamplingRequest:
    """The server's request, on the loop. Raises Refusal."""
    prompt = await asyncio.to_thread(read, params, redactor)
    preferences = params.model_preferences
    hints = preferences.hints if preferences and preferences.hints else []
    warmth = number(params.temperature)
    return SamplingRequest(
        prompt,
        max(1, min(params.max_tokens, bounds.SAMPLING_TOKENS)),
        None if warmth is None else min(2.0, max(0.0, warmth)),
        tuple(text(one, 200) for one in params.stop_sequences or () if one)[:4],
        tuple(line(hint.name, 80) for hint in hints[:5] if hint.name),
        asyncio.get_running_loop().create_future(),
    )


class SamplingRate:
    """Limits how often a server may ask. On the loop."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=bounds.SAMPLINGS)

    def count(self) -> None:
        """Count one more. Raises Refusal."""
        now = time.monotonic()
        if len(self._times) == bounds.SAMPLINGS and now - self._times[0] < bounds.SAMPLING_SECONDS:
            raise Refusal("Models were asked too often; try again later.")
        self._times.append(now)
