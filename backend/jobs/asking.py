"""A model request as a step of a job: what its result means for the step, and for the other steps.

The task holds the body exactly as it is sent; so a job that resumes after a crash sends the same request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from backend import errors
from backend.answer import exchange_json
from backend.answer.cost import Price
from backend.answer.exchange_record import ExchangeRecord, record_of
from backend.answer.turn import Source, Turn
from backend.errors import APIError
from backend.formats import archive
from backend.guests.metering import GUEST_ERRORS
from backend.jobs.guest_budget import TooSoon
from backend.jobs.job import AT_ONCE, Again, Bounds, Halt, Hands, Later, StepOutcome
from backend.types import JSON, ChatRequest, Retrying
from backend.untrusted import Unreadable

# Errors of one request: another request may succeed.
_OF_THIS = (errors.BadRequest, errors.ContextTooLong, errors.TooLarge, errors.ContentFiltered, errors.BadInput)
# Errors that every other request would get as well.
_OF_ALL = (
    *(errors.KeyMissing, errors.KeyRefused, errors.OutOfCredit, errors.Forbidden, errors.ModelNotFound),
    *(errors.AddressNotFound, errors.WrongScheme, errors.CertificateRefused, errors.Redirected, errors.LimitUsedUp),
    errors.LocalModelFailed,
)
EXCHANGE = 6_000  # bytes of the recorded exchange of one answer
_BUSY = (errors.RateLimited, errors.ServerTrouble, errors.ConnectionFailed)


@dataclass(frozen=True)
class Asked:
    """A backend.jobs.job.Work. `request_of` makes the request of a task. The exchange of an answer is stored
    within `room` bytes.
    """

    source: Source
    request_of: Callable[[Mapping[str, JSON]], ChatRequest]
    endpoint: str
    price: Price | None = None
    at_once: int = AT_ONCE
    room: int = 0

    def __call__(self, task: Mapping[str, JSON], hands: Hands) -> StepOutcome:
        turn = Turn(self.source, self.request_of(task), price=self.price)
        hands.when_stopped(turn.stop)
        turn.start()
        for timed in turn.follow():
            if isinstance(timed.event, Retrying):
                hands.hold(timed.event.after)
                if _in_doubt(turn):  # the client would retry, and might be charged twice
                    turn.stop()
        return self._outcome(turn.join())

    def _outcome(self, turn: Turn) -> StepOutcome:
        message, error, kept = turn.message, turn.error, self._stored_answer(turn)
        if turn.state == "done":
            return StepOutcome("done", kept, message.cost if message.cost is not None else message.estimate)
        if turn.state == "stopped" and message.empty and (not turn.call.wait_until_left(0) or _was_refused(turn)):
            raise Later(0.0)  # it was never sent, or the server had refused it
        if error is not None and message.empty and message.cost is None:
            _judge(turn, error, kept)
        free = isinstance(error, _OF_THIS) and message.empty and message.cost is None
        return StepOutcome("failed" if free else "unknown", kept, 0.0 if free else message.cost)

    def _stored_answer(self, turn: Turn) -> dict[str, JSON]:
        kept: dict[str, JSON] = {"message": archive.body(turn.message)}
        exchange = exchange_json.within(record_of(turn), self.room) if self.room else ""
        return {**kept, "exchange": exchange} if exchange else kept


def _in_doubt(turn: Turn) -> bool:
    """Whether the last request was sent and got no reply."""
    exchanges = turn.call.exchanges
    return bool(exchanges) and exchanges[-1].status is None and turn.call.wait_until_left(0)


def _was_refused(turn: Turn) -> bool:
    """Whether the server rejected the last request that was sent."""
    exchanges = turn.call.exchanges
    return bool(exchanges) and (exchanges[-1].status or 0) >= 400


def _judge(turn: Turn, error: APIError, kept: Mapping[str, JSON]) -> None:
    """Raises Later, Again or Halt if nothing was charged and the request can be repeated."""
    words = f"{error.title} {error.hint}"
    if isinstance(error, TooSoon):
        raise Later(error.retry_after or 0.0)
    if isinstance(error, _OF_ALL) or type(error).__name__ in GUEST_ERRORS:
        raise Halt(words)
    if isinstance(error, _BUSY) and not _in_doubt(turn):
        raise Again(error.retry_after, words, outcome=StepOutcome("failed", kept, 0.0))


def room(bounds: Bounds, steps: int) -> int:
    """Bytes per answer for its exchange, if there are this many: most of what a job may store is left to the
    answers themselves.
    """
    return min(EXCHANGE, bounds.bytes // 4 // max(1, steps))


def record(kept: str, body: Mapping[str, JSON]) -> ExchangeRecord | None:
    """The stored exchange of an answer, with the body of its task. None: not known."""
    try:
        return replace(exchange_json.unpack(kept, {}), body=body, kept=False) if kept else None
    except Unreadable:
        return None
