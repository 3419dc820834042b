"""An Accumulator assembles an answer while it grows: events in, messages out, in linear time."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TypeVar

from backend.protocol import logprobs
from backend.protocol.details import Details
from backend.protocol.growing_text import Text
from backend.protocol.order import PAUSED, Order
from backend.protocol.tool_calls import ToolCalls
from backend.protocol.unknown import UnknownFields
from backend.protocol.wire.reasoning import thinking
from backend.types import (
    JSON,
    AudioDelta,
    ChunkReceived,
    Citation,
    Cited,
    CostReported,
    Event,
    Finished,
    Logprobs,
    Media,
    MediaReceived,
    Message,
    PieceUnreadable,
    ReasoningDelta,
    ReasoningDetail,
    RefusalDelta,
    ResponseStarted,
    TextDelta,
    Token,
    ToolCallDelta,
    UnknownFieldsReceived,
    Usage,
    UsageReported,
)

Count = TypeVar("Count")
_SAME = 8  # earlier pictures that a new one is compared with
# First bytes of audio files; the two-byte ones are MP3 and AAC frames, with which raw samples hardly ever start.
_FRAMES = (b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2", b"\xff\xf1", b"\xff\xf9")
_SOUND_FILES = (b"RIFF", b"fLaC", b"OggS", b"ID3", *_FRAMES)


@dataclass
class _Choice:
    """One choice of an answer."""

    content: Text = field(default_factory=Text)
    reasoning: Text = field(default_factory=Text)
    reasoning_field: str = ""
    refusal: Text = field(default_factory=Text)
    details: Details = field(default_factory=Details)
    calls: ToolCalls = field(default_factory=ToolCalls)
    order: Order = field(default_factory=Order)
    extra: UnknownFields = field(default_factory=UnknownFields)
    citations: dict[str, Citation] = field(default_factory=dict)
    media: list[Media] = field(default_factory=list)
    sound: bytearray = field(default_factory=bytearray)
    transcript: Text = field(default_factory=Text)
    tokens: list[Token] = field(default_factory=list)
    finish_reason: str | None = None
    continued_at: tuple[int, ...] = ()
    thinks_again: bool = False
    apart: bool = False  # the next text begins a new paragraph

    def add_text(self, text: str) -> None:
        before = self.content.length
        self.content.append("\n\n" if self.apart and text else "")
        self.apart = self.apart and not text
        self.content.append(text)
        self.order.text(self.content.length - before)

    def add_thought(self, detail: Mapping[str, JSON]) -> None:
        before = len(self.details)
        self.details.add(detail)
        if len(self.details) > before:
            self.order.note_thought(before, detail)

    def call(self, delta: ToolCallDelta) -> None:
        before = len(self.calls)
        self.calls.add(delta)
        if len(self.calls) > before:
            self.order.call(before)


class Accumulator:
    """All choices of one answer so far. Blocking and streaming replies result in equal messages.

    `before` is the answer that is being continued: its text and reasoning begin the first choice.
    `tools` are the names of those that the model may call.
    """

    def __init__(
        self, model: str = "", before: Message | None = None, server: str = "", tools: Iterable[str] = ()
    ) -> None:
        self.model = model
        self.server = server
        self._tools = frozenset(tools)
        self.usage: Usage | None = None
        self.cost: float | None = None
        self.request_id = ""
        self._choices: dict[int, _Choice] = {}
        if before is not None:
            self._choices[0] = _continue(before, self._new(), same=(before.model, before.server) == (model, server))
        self._unreadable = before.unreadable if before else 0

    def apply(self, event: Event) -> None:
        """Process one event. Events that are not about the answer are ignored."""
        match event:
            case ChunkReceived():
                pass
            case TextDelta(text, choice):
                self._choice(choice).add_text(text)
            case ReasoningDelta(text, choice):
                state = self._choice(choice)
                state.reasoning.append("\n\n" if state.thinks_again else "")
                state.reasoning.append(text)
                state.thinks_again = False
                state.reasoning_field = state.reasoning_field or event.home
            case RefusalDelta(text, choice):
                self._choice(choice).refusal.append(text)
            case ReasoningDetail(detail, choice):
                self._choice(choice).add_thought(detail)
            case ToolCallDelta():
                self._choice(event.choice).call(event)
            case UnknownFieldsReceived(unknown, choice):
                self._choice(choice).extra.add(unknown)
            case MediaReceived(media, choice):
                known_media = self._choice(choice).media
                # some servers send it in each chunk
                known_media += [media] if media not in known_media[-_SAME:] else []
            case AudioDelta(data, text, choice):
                self._choice(choice).sound += _decoded(data)
                self._choice(choice).transcript.append(text)
            case Cited(citation, choice):
                citations, key = self._choice(choice).citations, _key(citation)
                if key not in citations or not citations[key].title:
                    citations[key] = citation
            case Logprobs(tokens, choice):
                room = logprobs.TOKENS - len(self._choice(choice).tokens)
                self._choice(choice).tokens += tokens[: max(0, room)]
            case Finished(reason, choice):
                self._choice(choice).finish_reason = reason
            case UsageReported(usage):
                self.usage = together(self.usage, usage)
            case CostReported(usd):
                self.cost = usd
            case ResponseStarted():
                self.request_id = event.request_id
            case PieceUnreadable():
                self._unreadable += 1

    def _choice(self, index: int) -> _Choice:
        if index not in self._choices:
            self._choices[index] = self._new()
        return self._choices[index]

    def _new(self) -> _Choice:
        return _Choice(calls=ToolCalls(self._tools))

    @property
    def choices(self) -> list[int]:
        """The indexes of the choices seen so far."""
        return sorted(self._choices)

    @property
    def size(self) -> int:
        """Characters held, to limit an endless answer; each part counts 100 more."""
        return sum(
            100 * (1 + len(choice.calls) + len(choice.media) + len(choice.citations) + len(choice.details))
            + choice.content.length
            + choice.reasoning.length
            + choice.refusal.length
            + choice.details.size
            + choice.calls.size
            + choice.extra.size
            + sum(len(media.url) for media in choice.media)
            + len(choice.sound)
            + choice.transcript.length
            + 100 * len(choice.tokens)
            for choice in self._choices.values()
        )

    def message(self, choice: int | None = None) -> Message:
        """One choice as a message; by default the first."""
        index = choice if choice is not None else min(self._choices, default=0)
        state = self._choices.get(index, _Choice())
        return Message(
            role="assistant",
            content=str(state.content),
            reasoning=_thoughts(state),
            refusal=str(state.refusal),
            reasoning_details=state.details.whole(),
            tool_calls=state.calls.calls(),
            citations=tuple(state.citations.values()),
            media=(*state.media, *_spoken_media(state)),
            finish_reason=state.finish_reason,
            usage=self.usage,
            cost=self.cost,
            model=self.model or None,
            request_id=self.request_id,
            logprobs=tuple(state.tokens),
            continued_at=state.continued_at,
            unreadable=self._unreadable,
            reasoning_field=state.reasoning_field,
            extra=dict(state.extra.fields),
            server=self.server,
            order=state.order.whole(state.calls.places()),
        )


def _key(citation: Citation) -> str:
    """The identity of a citation: its address, or its name without one."""
    return citation.url or f" {citation.title}"


def _continue(before: Message, choice: _Choice, *, same: bool) -> _Choice:
    """A choice that continues an answer, and reasons anew. Signed reasoning blocks cannot be extended: their
    text is used, unless the displayed reasoning is in the answer's text. The provider's own steps stay with the
    `same` model only, which accepts them back.
    """
    marked_reasoning = thinking(replace(before, reasoning_details=()))[0]
    thoughts = before.reasoning if marked_reasoning else thinking(before)[0]
    choice.citations = {_key(citation): citation for citation in before.citations}
    choice.media, choice.tokens = list(before.media), list(before.logprobs)
    choice.reasoning_field, choice.thinks_again = before.reasoning_field, bool(thoughts)
    if before.finish_reason == PAUSED and same:  # it must be complete when it is sent back again
        for detail in before.reasoning_details:
            choice.details.add(detail)
        choice.content.append(before.content)
        choice.apart = bool(before.content)
        choice.order.goes_on(before)
    else:
        choice.add_text(before.content)
    choice.reasoning.append(thoughts)
    choice.continued_at = (*before.continued_at, choice.content.length)
    return choice


def _thoughts(state: _Choice) -> str:
    """The reasoning so far. If it began with another answer's, reasoning from details alone follows that."""
    reasoning = str(state.reasoning)
    more = _in_words(state.details) if state.thinks_again else ""
    return f"{reasoning}\n\n{more}" if more else reasoning


def _in_words(details: Details) -> str:
    return thinking(Message("assistant", reasoning_details=details.whole()))[0]


def together(old: Usage | None, new: Usage) -> Usage:
    """Merge two usage reports of one answer, count by count: a later null or 0 does not overwrite."""
    if old is None:
        return new
    counts = {
        one.name: getattr(new, one.name) or _first_known(getattr(old, one.name), getattr(new, one.name))
        for one in fields(Usage)
    }
    return replace(Usage(**counts), raw=_raw(old.raw, new.raw))


def _raw(old: Mapping[str, JSON], new: Mapping[str, JSON]) -> dict[str, JSON]:
    merged = dict(old)
    for name, value in new.items():
        before = merged.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            merged[name] = _raw(before, value)
        else:
            merged[name] = value or _first_known(before, value)
    return merged


def _first_known(old: Count, new: Count) -> Count:
    return new if old is None else old


def _spoken_media(state: _Choice) -> tuple[Media, ...]:
    """The spoken answer so far. The type in its data URL: `audio/wav` for the pieces of a file, `audio/pcm` for raw
    samples.
    """
    if not (state.sound or state.transcript.length):
        return ()
    kind = "wav" if state.sound.startswith(_SOUND_FILES) else "pcm"
    data = base64.b64encode(state.sound).decode()
    return (Media("audio", f"data:audio/{kind};base64,{data}" if data else "", str(state.transcript)),)


def _decoded(data: str) -> bytes:
    """The bytes of a piece; empty for invalid base64."""
    try:
        return base64.b64decode(data)
    except ValueError:
        return b""
