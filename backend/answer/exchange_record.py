"""One exchange as a value: what was sent, what came and when, how it ended. It never contains the key.

    record = recorded(turn)     # at any time; of an answer that still runs, up to now

The inspector, a comparison and a recording all read this one value, whether the answer ended a second ago or was
kept with its conversation (backend/answer/exchange_json.py writes it down). All of it is untrusted text: show it
as plain text.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from backend.answer.event_log import TimedEvent
from backend.answer.turn import Turn
from backend.errors import APIError
from backend.keys.redaction import NO_KEY, Redactor
from backend.protocol import wire
from backend.transport.exchange import Exchange
from backend.types import (
    JSON,
    ChatRequest,
    ChunkReceived,
    Event,
    Preparing,
    ReasoningDelta,
    RefusalDelta,
    Retrying,
    State,
    TextDelta,
    ToolCallDelta,
)

MomentKind = Literal["preparing", "retry", "chunk", "reasoning", "text", "tool call", "arguments", "left out"]
MOMENT_KINDS: tuple[MomentKind, ...] = get_args(MomentKind)
_TOGETHER = 0.001  # seconds: pieces of one kind that arrive closer together than this are one moment
_NAME = 100  # characters of a tool's name, or of what is waited for


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that arrived, `at` seconds after the turn began.

    `text` is the raw chunk ("" if it was too large to keep), the name of the tool that a call begins with, the
    seconds until the next try, the description of what is being prepared, or how many chunks were left out.
    """

    at: float
    kind: MomentKind
    text: str = ""


@dataclass(frozen=True)
class Try:
    """One request that was sent, and the status and headers of its reply; times are seconds since the turn
    began.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: float = 0.0
    status: int | None = None
    reply: Mapping[str, str] = field(default_factory=dict)
    replied: float | None = None


@dataclass(frozen=True)
class ExchangeRecord:
    """Everything that is known about how one answer was produced.

    `body` is what was sent, None if it cannot be stored; `cut` says that it is incomplete, because
    it was too long to be kept. `began` is in seconds since 1970, UTC; `elapsed` in seconds; `cost` and `estimate`
    in US dollars. `reasons` say why the request has this form, `left_behind` how many answers were sent without
    their reasoning (backend.protocol.wire.left_behind). `error` is the class of the error that ended it. `kept`:
    it was read from storage.
    """

    body: Mapping[str, JSON] | None = None
    tries: tuple[Try, ...] = ()
    moments: tuple[Moment, ...] = ()
    state: State = "running"
    began: float = 0.0
    elapsed: float = 0.0
    finish_reason: str = ""
    error: str = ""
    request_id: str = ""
    client_request_id: str = ""
    cost: float | None = None
    estimate: float | None = None
    reasons: tuple[str, ...] = ()
    left_behind: int = 0
    by_hand: bool = False
    cut: bool = False
    kept: bool = False

    @property
    def last_try(self) -> Try | None:
        return self.tries[-1] if self.tries else None


def record_of(turn: Turn) -> ExchangeRecord:
    """The record of an answer so far."""
    message = turn.message
    exchanges = [exchange for exchange in turn.call.exchanges if exchange.method == "POST"]
    return ExchangeRecord(
        body=_body(turn.request, exchanges[-1].redactor if exchanges else NO_KEY),
        tries=tuple(_try(exchange, turn.began) for exchange in exchanges),
        moments=tuple(_moments(turn.events)),
        state=message.state,
        began=time.time() - (turn.clock() - turn.began),
        elapsed=turn.elapsed,
        finish_reason=message.finish_reason or "",
        error=message.failure.kind if message.failure else "",
        request_id=message.request_id,
        client_request_id=turn.call.request_id,
        cost=message.cost,
        estimate=message.estimate,
        reasons=turn.request.dialect.reasons,
        left_behind=wire.left_behind(turn.request),
        by_hand=message.by_hand,
    )


def _body(request: ChatRequest, redactor: Redactor) -> Mapping[str, JSON] | None:
    """The body of a request with the key redacted: a visitor may have pasted it into the question."""
    try:
        body = redactor.redact_json(wire.payload(request))
    except (APIError, ValueError, RecursionError):  # such a body could not be sent either
        return None
    return body if isinstance(body, dict) else None


def _try(exchange: Exchange, began: float) -> Try:
    return Try(
        exchange.method,
        exchange.url,
        exchange.headers,
        max(0.0, exchange.sent - began),
        exchange.status,
        exchange.reply,
        None if exchange.replied is None else max(0.0, exchange.replied - began),
    )


def _moments(events: Sequence[TimedEvent]) -> Iterator[Moment]:
    """The moments of an answer; pieces that arrived together are one moment."""
    last: dict[MomentKind, float] = {}
    calls: set[tuple[int, int | None]] = set()
    for timed in events:
        moment = _moment(timed.at, timed.event, calls)
        if moment is None:
            continue
        before = last.get(moment.kind)
        if moment.kind in ("text", "reasoning", "arguments") and before is not None:
            if moment.at - before < _TOGETHER:
                continue
        elif moment.kind == "preparing" and before is not None:
            continue
        last[moment.kind] = moment.at
        yield moment


def _moment(at: float, event: Event, calls: set[tuple[int, int | None]]) -> Moment | None:
    """An event as a moment; None for one without a place in time. `calls` are those that have begun."""
    if isinstance(event, ChunkReceived):
        return Moment(at, "chunk", event.raw)
    if isinstance(event, TextDelta | RefusalDelta):
        return Moment(at, "text")
    if isinstance(event, ReasoningDelta):
        return Moment(at, "reasoning")
    if isinstance(event, Retrying):
        return Moment(at, "retry", f"{event.after:.1f}")
    if isinstance(event, Preparing):
        return Moment(at, "preparing", event.text[:_NAME])
    if not isinstance(event, ToolCallDelta):
        return None
    if (event.choice, event.index) in calls:
        return Moment(at, "arguments")
    calls.add((event.choice, event.index))
    return Moment(at, "tool call", event.name[:_NAME])
