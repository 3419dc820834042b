"""An Accumulator is an answer while it grows: events in, messages out, at linear cost."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from backend.protocol import logprobs
from backend.text import clean, trailing_high_surrogate
from backend.types import (
    JSON,
    AudioDelta,
    Citation,
    Cited,
    CostReported,
    Event,
    Finished,
    Logprobs,
    Media,
    MediaReceived,
    Message,
    ReasoningDelta,
    ReasoningDetail,
    RefusalDelta,
    ResponseStarted,
    TextDelta,
    Token,
    ToolCall,
    ToolCallDelta,
    Usage,
    UsageReported,
)

_SOUND_FILES = (b"RIFF", b"fLaC", b"OggS")


class Text:
    """Growing text. Appending is O(delta); reading joins once and remembers.

    A surrogate pair split across two deltas is joined; everything else goes through `clean`.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._half = ""
        self.length = 0

    def append(self, piece: str) -> None:
        piece = self._half + piece
        self._half = piece[-1] if trailing_high_surrogate(piece) else ""
        if self._half:
            piece = piece[:-1]
        piece = clean(piece)
        if piece:
            self._parts.append(piece)
            self.length += len(piece)

    def __str__(self) -> str:
        if len(self._parts) > 1:
            self._parts = ["".join(self._parts)]
        return self._parts[0] if self._parts else ""


@dataclass
class _Call:
    index: int | None
    id: str = ""
    name: str = ""
    arguments: Text = field(default_factory=Text)


@dataclass
class _Choice:
    content: Text = field(default_factory=Text)
    reasoning: Text = field(default_factory=Text)
    refusal: Text = field(default_factory=Text)
    details: list[Mapping[str, JSON]] = field(default_factory=list)
    calls: list[_Call] = field(default_factory=list)
    citations: dict[str, Citation] = field(default_factory=dict)
    media: list[Media] = field(default_factory=list)
    sound: bytearray = field(default_factory=bytearray)
    transcript: Text = field(default_factory=Text)
    tokens: list[Token] = field(default_factory=list)
    finish_reason: str | None = None


class Accumulator:
    """All choices of one answer so far. Blocking and streaming replies end in equal messages."""

    def __init__(self, model: str = "") -> None:
        self.model = model
        self.usage: Usage | None = None
        self.cost: float | None = None
        self.request_id = ""
        self._choices: dict[int, _Choice] = {}

    def apply(self, event: Event) -> None:
        """Take one event in. Events that are not about the answer change nothing."""
        match event:
            case TextDelta(text, choice):
                self._choice(choice).content.append(text)
            case ReasoningDelta(text, choice):
                self._choice(choice).reasoning.append(text)
            case RefusalDelta(text, choice):
                self._choice(choice).refusal.append(text)
            case ReasoningDetail(detail, choice):
                self._choice(choice).details.append(detail)
            case ToolCallDelta():
                _merge(self._choice(event.choice).calls, event)
            case MediaReceived(media, choice):
                self._choice(choice).media.append(media)
            case AudioDelta(data, text, choice):
                self._choice(choice).sound += _decoded(data)
                self._choice(choice).transcript.append(text)
            case Cited(citation, choice):
                self._choice(choice).citations.setdefault(citation.url, citation)
            case Logprobs(tokens, choice):
                room = logprobs.TOKENS - len(self._choice(choice).tokens)
                self._choice(choice).tokens += tokens[: max(0, room)]
            case Finished(reason, choice):
                self._choice(choice).finish_reason = reason
            case UsageReported(usage):
                self.usage = usage
            case CostReported(usd):
                self.cost = usd
            case ResponseStarted():
                self.request_id = event.request_id

    def _choice(self, index: int) -> _Choice:
        return self._choices.setdefault(index, _Choice())

    @property
    def choices(self) -> list[int]:
        """Indexes of the alternatives seen so far."""
        return sorted(self._choices)

    @property
    def size(self) -> int:
        """Characters held, the measure of what an endless answer would cost; each part counts 100 more."""
        return sum(
            100 * (1 + len(choice.calls) + len(choice.media) + len(choice.citations) + len(choice.details))
            + choice.content.length
            + choice.reasoning.length
            + choice.refusal.length
            + sum(call.arguments.length for call in choice.calls)
            + sum(len(media.url) for media in choice.media)
            + len(choice.sound)
            + choice.transcript.length
            + 100 * len(choice.tokens)
            for choice in self._choices.values()
        )

    def message(self, choice: int | None = None) -> Message:
        """One alternative as a message; the first one unless said otherwise."""
        index = choice if choice is not None else min(self._choices, default=0)
        held = self._choices.get(index, _Choice())
        return Message(
            role="assistant",
            content=str(held.content),
            reasoning=str(held.reasoning),
            refusal=str(held.refusal),
            reasoning_details=tuple(held.details),
            tool_calls=tuple(
                ToolCall(call_id, call.name, str(call.arguments))
                for call_id, call in zip(_ids(held.calls), held.calls, strict=True)
            ),
            citations=tuple(held.citations.values()),
            media=(*held.media, *_spoken(held)),
            finish_reason=held.finish_reason,
            usage=self.usage,
            cost=self.cost,
            model=self.model or None,
            request_id=self.request_id,
            logprobs=tuple(held.tokens),
        )


def _spoken(held: _Choice) -> tuple[Media, ...]:
    """A spoken answer so far. The URL says what was streamed: samples, or a whole file in pieces."""
    if not (held.sound or held.transcript.length):
        return ()
    kind = "pcm" if held.sound[:4] not in _SOUND_FILES and held.sound[:3] != b"ID3" else "wav"
    data = base64.b64encode(held.sound).decode()
    return (Media("audio", f"data:audio/{kind};base64,{data}" if data else "", str(held.transcript)),)


def _decoded(data: str) -> bytes:
    """The bytes of a piece; what is no base64 is no sound."""
    try:
        return base64.b64decode(data)
    except ValueError:
        return b""


def _ids(calls: list[_Call]) -> list[str]:
    """An id for every call, none twice: a missing one is made up, a repeated one gets a tail."""
    ids: list[str] = []
    for position, call in enumerate(calls):
        call_id = call.id or f"call_{position}"
        while call_id in ids:
            call_id += f"_{position}"
        ids.append(call_id)
    return ids


def _merge(calls: list[_Call], delta: ToolCallDelta) -> None:
    """Add a piece of a call to the call it belongs to, or begin a new one."""
    call = _find(calls, delta)
    if call is None:
        call = _Call(delta.index)
        calls.append(call)
        if delta.index is not None and all(other.index is not None for other in calls):
            calls.sort(key=lambda other: other.index or 0)
    call.id = call.id or clean(delta.id)
    call.name = call.name or clean(delta.name)
    call.arguments.append(delta.arguments)


def _find(calls: list[_Call], delta: ToolCallDelta) -> _Call | None:
    """The call a piece belongs to: by index; by id where the index is missing; the last one where both are."""
    if delta.index is not None:
        calls = [call for call in calls if call.index in (delta.index, None)]
    if delta.id and (same := next((call for call in calls if call.id == delta.id), None)):
        return same
    if not calls or (delta.index is None and delta.id) or _begins_another(calls[-1], delta):
        return None
    return calls[-1]


def _begins_another(last: _Call, delta: ToolCallDelta) -> bool:
    """A name where there is one already: a new call (Gemini's OpenAI shape numbers parallel calls all 0, some
    servers give neither index nor id), unless the server repeats the name in every piece of one call.
    """
    if not (delta.name and last.name):
        return False
    return bool(delta.id and last.id) or delta.name != last.name or _is_whole(str(last.arguments))


def _is_whole(arguments: str) -> bool:
    if not arguments.endswith("}"):
        return False
    try:
        json.loads(arguments)
    except (ValueError, RecursionError):
        return False
    return True
