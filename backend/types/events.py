"""The events of an answer, in the order they arrive. `choice` is the index of the alternative (n > 1).

Frequent ones have slots: an endless answer must not exhaust memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from backend.types.messages import JSON, Citation, Media, Token, Usage


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str
    choice: int = 0


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """`home`: the field in which it arrived."""

    text: str
    choice: int = 0
    home: str = field(default="", compare=False)


@dataclass(frozen=True)
class RefusalDelta:
    text: str
    choice: int = 0


@dataclass(frozen=True)
class ReasoningDetail:
    detail: Mapping[str, JSON]
    choice: int = 0


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A piece of a call; `index` is None if the server omitted it, `id` and `name` "" if absent. `extra`: its
    unknown fields.
    """

    index: int | None
    id: str = ""
    name: str = ""
    arguments: str = ""
    choice: int = 0
    extra: Mapping[str, JSON] | None = None


@dataclass(frozen=True)
class UnknownFieldsReceived:
    """Unknown fields of an answer."""

    fields: Mapping[str, JSON]
    choice: int = 0


@dataclass(frozen=True)
class MediaReceived:
    media: Media
    choice: int = 0


@dataclass(frozen=True)
class AudioDelta:
    """A piece of a spoken answer: transcript, and sound in base64 (16-bit samples, 24 kHz)."""

    data: str = ""
    text: str = ""
    choice: int = 0


@dataclass(frozen=True)
class Cited:
    citation: Citation
    choice: int = 0


@dataclass(frozen=True)
class Logprobs:
    """The log probabilities of the tokens that just arrived."""

    tokens: tuple[Token, ...]
    choice: int = 0


@dataclass(frozen=True)
class Finished:
    """The finish reason of a choice: stop, length, tool_calls, content_filter, ..."""

    reason: str
    choice: int = 0


@dataclass(frozen=True)
class UsageReported:
    """The newest counts replace older ones: some servers send a running total in every chunk."""

    usage: Usage


@dataclass(frozen=True)
class CostReported:
    """US dollars, as AI/ML API bills them (header when blocking, last chunk when streaming)."""

    usd: float


@dataclass(frozen=True)
class ResponseStarted:
    """The status line and headers have arrived."""

    status: int
    headers: Mapping[str, str]
    request_id: str


@dataclass(frozen=True)
class Retrying:
    """A failure before the first byte of the answer; the next attempt starts in `after` seconds."""

    after: float
    attempt: int
    reason: str


@dataclass(frozen=True)
class Preparing:
    """Something happens before the request can be sent: a model file is downloaded, a server starts, a queue moves.

    `fraction` is 0..1 if known.
    """

    text: str
    fraction: float | None = None


@dataclass(frozen=True, slots=True)
class ChunkReceived:
    """One event of the stream (or the whole body) exactly as received, for the inspector."""

    raw: str


@dataclass(frozen=True)
class PieceUnreadable:
    """A piece of the answer could not be parsed: its content is missing."""


Event = (
    TextDelta
    | ReasoningDelta
    | RefusalDelta
    | ReasoningDetail
    | ToolCallDelta
    | UnknownFieldsReceived
    | MediaReceived
    | AudioDelta
    | Cited
    | Logprobs
    | Finished
    | UsageReported
    | CostReported
    | ResponseStarted
    | Retrying
    | Preparing
    | ChunkReceived
    | PieceUnreadable
)
