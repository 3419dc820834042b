"""The events of an answer, in the order they arrive. `choice` is the index of the alternative (n > 1).

Those that come by the hundred thousand have slots: an answer without end must not take the memory.
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
    """`home`: the field it came in."""

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
    """A piece of a call; `index` None when the server left it out, `id` and `name` "" when not said. `extra`: its
    unknown fields."""

    index: int | None
    id: str = ""
    name: str = ""
    arguments: str = ""
    choice: int = 0
    extra: Mapping[str, JSON] | None = None


@dataclass(frozen=True)
class UnknownFieldsReceived:
    """Fields of an answer that are not known here."""

    fields: Mapping[str, JSON]
    choice: int = 0


@dataclass(frozen=True)
class MediaReceived:
    media: Media
    choice: int = 0


@dataclass(frozen=True)
class AudioDelta:
    """A piece of a spoken answer: words, and sound in base64 (16-bit samples, 24 kHz)."""

    data: str = ""
    text: str = ""
    choice: int = 0


@dataclass(frozen=True)
class Cited:
    citation: Citation
    choice: int = 0


@dataclass(frozen=True)
class Logprobs:
    """The log probabilities of the tokens that just came."""

    tokens: tuple[Token, ...]
    choice: int = 0


@dataclass(frozen=True)
class Finished:
    """The model's own word that a choice is complete: stop, length, tool_calls, content_filter, ..."""

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
    """Status line and headers are here."""

    status: int
    headers: Mapping[str, str]
    request_id: str


@dataclass(frozen=True)
class Retrying:
    """A failure before the first byte of the answer; the next try starts in `after` seconds."""

    after: float
    attempt: int
    reason: str


@dataclass(frozen=True)
class Preparing:
    """Something happens before the request can leave: a model file is fetched, a server starts, a queue moves.

    `fraction` is 0..1 where it is known.
    """

    text: str
    fraction: float | None = None


@dataclass(frozen=True, slots=True)
class ChunkReceived:
    """One event of the stream (or the whole body) exactly as it came, for the inspector."""

    raw: str


@dataclass(frozen=True)
class PieceUnreadable:
    """A piece of the answer came that could not be read: what it said is missing."""


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
