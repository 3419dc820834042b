"""When everything about one answer happened: sent, headers, first token, silences, tool calls, last chunk.

Made of what the turn noted down, in seconds since it began. It says what arrived here and when: whether the server,
the way or a busy machine made it late, no clock on this side can tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from backend.answer.event_log import TimedEvent
from backend.answer.turn import Turn
from backend.transport.exchange import Exchange
from backend.types import (
    ChunkReceived,
    Preparing,
    ReasoningDelta,
    RefusalDelta,
    ResponseStarted,
    Retrying,
    TextDelta,
    ToolCallDelta,
)

SHORTEST_STALL = 0.5  # seconds
_TIMES_USUAL = 8  # a silence that is so many times longer than usual is a stall
_STALLS = 100
Kind = Literal["waiting", "reasoning", "text", "tool call", "stall"]


@dataclass(frozen=True)
class Mark:
    """Something that happened at a moment."""

    at: float
    what: str


@dataclass(frozen=True)
class Span:
    """Something that lasted."""

    kind: Kind
    what: str
    start: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.start


@dataclass(frozen=True)
class Chunk:
    """One chunk exactly as it came; `raw` is "" where too many had come before it to be kept."""

    number: int
    at: float
    after: float  # seconds since the one before
    raw: str


@dataclass(frozen=True)
class Timeline:
    marks: tuple[Mark, ...] = ()
    spans: tuple[Span, ...] = ()

    @property
    def stalls(self) -> list[Span]:
        return [span for span in self.spans if span.kind == "stall"]


def timeline(turn: Turn) -> Timeline:
    """What is known by now; of a running turn, up to now."""
    events = turn.events
    exchanges = [exchange for exchange in turn.call.exchanges if exchange.method == "POST"]
    marks = [*_exchanged(exchanges, turn.began), *_marks(events), Mark(turn.elapsed, _ended(turn))]
    return Timeline(tuple(sorted(marks, key=lambda mark: mark.at)), tuple(_spans(events, turn)))


def chunks(events: Sequence[TimedEvent]) -> list[Chunk]:
    """Every chunk that arrived, oldest first."""
    chunks: list[Chunk] = []
    for timed in events:
        if isinstance(timed.event, ChunkReceived):
            before = chunks[-1].at if chunks else timed.at
            chunks.append(Chunk(len(chunks) + 1, timed.at, timed.at - before, timed.event.raw))
    return chunks


# ---- moments ----------------------------------------------------------------------------------------------


def _exchanged(exchanges: Sequence[Exchange], began: float) -> Iterator[Mark]:
    for exchange in exchanges:
        yield Mark(max(0.0, exchange.sent - began), "request sent")
        if exchange.replied is not None:
            yield Mark(max(0.0, exchange.replied - began), f"headers: {exchange.status}")


def _marks(events: Sequence[TimedEvent]) -> Iterator[Mark]:
    reasoned = spoke = False
    called: set[tuple[int, int | None]] = set()
    for timed in events:
        event = timed.event
        if isinstance(event, ReasoningDelta) and not reasoned:
            reasoned = True
            yield Mark(timed.at, "first token of reasoning")
        elif isinstance(event, TextDelta | RefusalDelta) and not spoke:
            spoke = True
            yield Mark(timed.at, "first token")
        elif isinstance(event, ToolCallDelta) and (event.choice, event.index) not in called:
            called.add((event.choice, event.index))
            yield Mark(timed.at, f"tool call {event.name[:100]}".strip())
        elif isinstance(event, Retrying):
            yield Mark(timed.at, f"failed, again in {event.after:.1f} s")
    if arrived := chunks(events):
        yield Mark(arrived[0].at, "first chunk")
        yield Mark(arrived[-1].at, f"last chunk of {len(arrived):,}")
    yield from (Mark(stall.start, f"silence of {stall.seconds:.1f} s") for stall in stalls(events))


def _ended(turn: Turn) -> str:
    return {"done": "complete", "stopped": "stopped by you", "failed": "failed"}.get(turn.state, "now")


# ---- durations --------------------------------------------------------------------------------------------


def stalls(events: Sequence[TimedEvent]) -> list[Span]:
    """Silences in the middle of the answer that are far longer than usual in it; the longest, at most a hundred."""
    later = chunks(events)[1:]
    gaps = [chunk.after for chunk in later]
    if not gaps:
        return []
    least = max(SHORTEST_STALL, _TIMES_USUAL * median(gaps))
    longest = sorted((chunk for chunk in later if chunk.after >= least), key=lambda chunk: -chunk.after)
    spans = [Span("stall", "silence", chunk.at - chunk.after, chunk.at) for chunk in longest[:_STALLS]]
    return sorted(spans, key=lambda span: span.start)


def _spans(events: Sequence[TimedEvent], turn: Turn) -> Iterator[Span]:
    yield from _waiting(events, turn)
    kinds: tuple[tuple[Kind, type | tuple[type, ...]], ...] = (
        ("reasoning", ReasoningDelta),
        ("text", (TextDelta, RefusalDelta)),
        ("tool call", ToolCallDelta),
    )
    for kind, types in kinds:
        times = [timed.at for timed in events if isinstance(timed.event, types)]
        if times:
            yield Span(kind, kind, times[0], times[-1])
    yield from stalls(events)


def _waiting(events: Sequence[TimedEvent], turn: Turn) -> Iterator[Span]:
    """Until the request left, until the headers came, until the first word came."""
    sent = [exchange.sent - turn.began for exchange in turn.call.exchanges if exchange.method == "POST"]
    headers = next((timed.at for timed in events if isinstance(timed.event, ResponseStarted)), None)
    tokens = (TextDelta, RefusalDelta, ReasoningDelta, ToolCallDelta)
    first = next((timed.at for timed in events if isinstance(timed.event, tokens)), None)
    left = max(0.0, sent[-1]) if sent else 0.0
    if sent and any(isinstance(timed.event, Preparing | Retrying) for timed in events):
        yield Span("waiting", "before it was sent", 0.0, left)
    if sent:
        yield Span("waiting", "for headers", left, headers if headers is not None else turn.elapsed)
    if headers is not None:
        yield Span("waiting", "for the first token", headers, first if first is not None else turn.elapsed)
