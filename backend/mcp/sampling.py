"""A server that wants a model asked in the middle of a call (sampling): what it wants asked, in full, and the
answer that goes back.

    request = asked(params, redactor)       # raises Refusal, whose words the server gets
    request.ask(turn)                       # the visitor lets a model be asked; the page makes the turn, and pays
    request.send()                          # the visitor has read the answer, and lets the server have it

The server gets nothing of the conversation, and no answer that the visitor has not let go. It does NOT choose the
model: what it wishes for is shown. Text alone goes either way.
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
from backend.protocol import wire
from backend.types import Message
from backend.untrusted import line, number, text

if TYPE_CHECKING:
    from mcp_types import CreateMessageRequestParams, CreateMessageResult, ErrorData

Phase = Literal["asked", "answering", "answered", "failed"]
_USER_REFUSED = -1  # the code of the specification's example
_NOT_TAKEN = -32602  # invalid parameters, of JSON-RPC
_STOPS = {"stop": "endTurn", "length": "maxTokens"}


class Refusal(Exception):
    """A model is not asked. The words are for the server, and for the model that called its tool."""

    def __init__(self, words: str, code: int = _NOT_TAKEN) -> None:
        super().__init__(words)
        self._code = code

    @property
    def error(self) -> ErrorData:
        """As the server gets it."""
        from mcp_types import ErrorData  # the SDK is there by now

        return ErrorData(code=self._code, message=str(self))


@dataclass(eq=False)
class SamplingRequest:
    """What a server wants asked. `most` is how many tokens the answer may have, `wishes` are names of models that
    it would like. `turn` is the answer, None before a model was asked."""

    messages: tuple[Message, ...]
    most: int
    temperature: float | None
    stops: tuple[str, ...]
    wishes: tuple[str, ...]
    reply: asyncio.Future[CreateMessageResult | ErrorData] = field(repr=False)
    turn: Turn | None = None

    @property
    def phase(self) -> Phase:
        if self.turn is None:
            return "asked"
        if self.turn.running:
            return "answering"
        return "answered" if self.answer and self.turn.state != "failed" else "failed"

    @property
    def answer(self) -> str:
        """The words of the answer so far, without the model's thoughts."""
        return wire.thinking(self.turn.message)[1].strip() if self.turn else ""

    def ask(self, turn: Turn) -> None:
        """Ask a model, as often as the last answer is over: a click comes twice."""
        if not self.reply.done() and self.phase != "answering":
            self.turn = turn.start()

    def send(self) -> None:
        """Let the server have the answer."""
        from mcp_types import CreateMessageResult, TextContent

        if self.turn is not None and self.phase == "answered":
            reason = _STOPS.get(self.turn.message.finish_reason or "", "endTurn")
            content = TextContent(text=self.answer)
            self._end(
                CreateMessageResult(
                    role="assistant", content=content, model=self.turn.request.model, stop_reason=reason
                )
            )

    def decline(self) -> None:
        """The server gets no answer; one that is on its way is stopped."""
        if self.turn is not None:
            self.turn.stop()
        self._end(Refusal("The user did not let a model answer this.", _USER_REFUSED).error)

    def dismiss(self) -> None:
        """Nobody has answered, and nobody will."""
        self.decline()

    def _end(self, answer: CreateMessageResult | ErrorData) -> None:
        def put() -> None:
            if not self.reply.done():
                self.reply.set_result(answer)

        self.reply.get_loop().call_soon_threadsafe(put)


def asked(params: CreateMessageRequestParams, redactor: Redactor) -> SamplingRequest:
    """What a server wants asked, on the loop. Raises Refusal."""
    if params.tools:
        raise Refusal("This client gives no tools to a model that a server asks.")
    messages = [_message(role, content, redactor) for role, content in _texts(params)]
    if len(messages) > bounds.SAMPLING_MESSAGES or sum(len(one.content) for one in messages) > bounds.SAMPLING_TEXT:
        raise Refusal("This is too long for a model to be asked.")
    if not any(message.role == "user" for message in messages):
        raise Refusal("There is nothing of a user in what a model is to be asked.")
    preferences = params.model_preferences
    hints = preferences.hints if preferences and preferences.hints else []
    warmth = number(params.temperature)
    return SamplingRequest(
        tuple(messages),
        max(1, min(params.max_tokens, bounds.SAMPLING_TOKENS)),
        None if warmth is None else min(2.0, max(0.0, warmth)),
        tuple(text(one, 200) for one in params.stop_sequences or () if one)[:4],
        tuple(line(hint.name, 80) for hint in hints[:5] if hint.name),
        asyncio.get_running_loop().create_future(),
    )


def _texts(params: CreateMessageRequestParams) -> list[tuple[Literal["system", "user", "assistant"], str]]:
    """Who is to have said what."""
    from mcp_types import TextContent

    said: list[tuple[Literal["system", "user", "assistant"], str]] = []
    if params.system_prompt:
        said.append(("system", params.system_prompt))
    for message in params.messages:
        for block in message.content_as_list:
            if not isinstance(block, TextContent):
                raise Refusal("This client passes text on to a model, and no pictures, audio or results of tools.")
            said.append((message.role, block.text))
    return said


def _message(role: Literal["system", "user", "assistant"], said: str, redactor: Redactor) -> Message:
    return Message(role, redactor.redact_answer(text(said, bounds.SAMPLING_TEXT + 1)))


class SamplingRate:
    """How often a server may want a model asked. On the loop."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=bounds.SAMPLINGS)

    def count(self) -> None:
        """One more. Raises Refusal."""
        now = time.monotonic()
        if len(self._times) == bounds.SAMPLINGS and now - self._times[0] < bounds.SAMPLING_SECONDS:
            raise Refusal("Models were asked too often; try again later.")
        self._times.append(now)
