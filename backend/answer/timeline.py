"""When everything about one answer happened: sent, headers, first token, silences, tool calls, last chunk.

Made from its record, in seconds since the turn began. It says what arrived here and when; whether the server, the
network or a busy machine caused a delay, no clock on this side can tell.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from statistics import median_low
from typing import Literal

from backend.answer.exchange_json import count_of
from backend.answer.exchange_record import ExchangeRecord, Moment, MomentKind

SHORTEST_STALL = 0.5  # seconds
_TIMES_USUAL = 8  # a silence this many times longer than the median is a stall
_STALLS = 100
Kind = Literal["waiting", "reasoning", "text", "tool call", "stall"]
_SPANS: tuple[tuple[Kind, tuple[MomentKind, ...]], ...] = (
    ("reasoning", ("reasoning",)),
    ("text", ("text",)),
    ("tool call", ("tool call", "arguments")),
)
_KINDS = {moment: kind for kind, moments in _SPANS for moment in moments}
_PIECES_LATER = 0.01  # seconds: the events of a chunk are logged slightly after the chunk itself
_ENDED = {
    "done": "complete",
    "stopped": "stopped by you",
    "failed": "failed",
    "interrupted": "interrupted",
    "running": "now",
}


@dataclass(frozen=True)
class Mark:
    """An event at one moment."""

    at: float
    what: str


@dataclass(frozen=True)
class Span:
    """A period of time. No two spans of one answer overlap where one is a stall: the span that it interrupts,
    `during`, ends before it and begins again after it.
    """

    kind: Kind
    what: str
    start: float
    end: float
    during: Kind = "text"

    @property
    def seconds(self) -> float:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk exactly as it arrived; `raw` is "" if the limit of what is kept was reached before."""

    number: int
    at: float
    after: float  # seconds since the previous chunk
    raw: str


@dataclass(frozen=True)
class Timeline:
    """The marks and spans of one answer."""

    marks: tuple[Mark, ...] = ()
    spans: tuple[Span, ...] = ()

    @property
    def stalls(self) -> list[Span]:
        return [span for span in self.spans if span.kind == "stall"]


def timeline(record: ExchangeRecord) -> Timeline:
    """The timeline of an answer; of a running one, up to now."""
    arrived = chunks(record.moments)
    silences = stalls(record.moments)
    marks = [*_request_marks(record), *_marks(record.moments), *_arrivals(arrived, silences)]
    marks.append(Mark(record.elapsed, _ENDED[record.state]))
    return Timeline(tuple(sorted(marks, key=lambda mark: mark.at)), tuple(_spans(record, silences)))


def chunks(moments: Sequence[Moment]) -> list[Chunk]:
    """Every chunk that arrived and was kept, oldest first."""
    chunks: list[Chunk] = []
    number, before = 0, None
    for moment in moments:
        if moment.kind == "left out":
            number, before = number + count_of(moment), moment.at
        elif moment.kind == "chunk":
            number += 1
            after = moment.at - (moment.at if before is None else before)
            chunks.append(Chunk(number, moment.at, after, moment.text))
            before = moment.at
    return chunks


# ---- moments ----------------------------------------------------------------------------------------------


def _request_marks(record: ExchangeRecord) -> Iterator[Mark]:
    for one in record.tries:
        yield Mark(one.sent, "request sent")
        if one.replied is not None:
            yield Mark(one.replied, f"headers: {one.status}")


def _marks(moments: Sequence[Moment]) -> Iterator[Mark]:
    for kind, words in (("reasoning", "first token of reasoning"), ("text", "first token")):
        first = next((moment for moment in moments if moment.kind == kind), None)
        if first:
            yield Mark(first.at, words)
    for moment in moments:
        if moment.kind == "tool call":
            yield Mark(moment.at, f"tool call {moment.text}".strip())
        elif moment.kind == "retry":
            yield Mark(moment.at, f"failed, again in {moment.text} s")


def _arrivals(arrived: Sequence[Chunk], silences: Sequence[Span]) -> Iterator[Mark]:
    if arrived:
        yield Mark(arrived[0].at, "first chunk")
        yield Mark(arrived[-1].at, f"last chunk of {arrived[-1].number:,}")
    yield from (Mark(stall.start, f"silence of {stall.seconds:.1f} s") for stall in silences)


# ---- durations --------------------------------------------------------------------------------------------


def stalls(moments: Sequence[Moment]) -> list[Span]:
    """Silences in the middle of the answer that are far longer than its median; the longest ones, at most a
    hundred.
    """
    later = chunks(moments)[1:]
    gaps = [chunk.after for chunk in later]
    if not gaps:
        return []
    # The lower median: with three chunks, a silence would otherwise be compared with itself.
    least = max(SHORTEST_STALL, _TIMES_USUAL * median_low(gaps))
    longest = sorted((chunk for chunk in later if chunk.after >= least), key=lambda chunk: -chunk.after)
    pieces = [(moment.at, kind) for moment in moments if (kind := _KINDS.get(moment.kind))]
    spans = [_stall(chunk, pieces) for chunk in longest[:_STALLS]]
    return sorted(spans, key=lambda span: span.start)


def _stall(chunk: Chunk, pieces: Sequence[tuple[float, Kind]]) -> Span:
    """The silence before a chunk. `pieces` tells what was arriving when it began."""
    start = chunk.at - chunk.after
    before = bisect_right(pieces, start + _PIECES_LATER, key=itemgetter(0))
    return Span("stall", "silence", start, chunk.at, pieces[before - 1][1] if before else "text")


def _spans(record: ExchangeRecord, silences: Sequence[Span]) -> Iterator[Span]:
    yield from _waiting(record)
    for kind, kinds in _SPANS:
        times = [moment.at for moment in record.moments if moment.kind in kinds]
        if times:
            yield from _around(silences, Span(kind, kind, times[0], times[-1]))
    yield from silences


def _around(silences: Sequence[Span], whole: Span) -> Iterator[Span]:
    """A span split around the silences in it: one bar across them would hide that nothing arrived."""
    start = whole.start
    for silence in silences:
        if start < silence.end and silence.start < whole.end:
            yield Span(whole.kind, whole.what, start, max(start, silence.start))
            start = silence.end
    if start < whole.end or start == whole.start:
        yield Span(whole.kind, whole.what, start, whole.end)


def _waiting(record: ExchangeRecord) -> Iterator[Span]:
    """The waits: until the request was sent, until the headers arrived, until the first token arrived."""
    last = record.last_try
    if last is None:
        return
    first = next((moment.at for moment in record.moments if moment.kind in _KINDS), record.elapsed)
    if any(moment.kind in ("preparing", "retry") for moment in record.moments):
        yield Span("waiting", "before it was sent", 0.0, last.sent)
    headers = record.elapsed if last.replied is None else last.replied
    yield Span("waiting", "for headers", last.sent, headers)
    if last.replied is not None:
        yield Span("waiting", "for the first token", headers, max(headers, first))
