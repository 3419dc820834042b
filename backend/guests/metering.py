"""Charges guests on the owner's key: a request is paid from a budget before it is sent, and settled when it has
ended.

    source = MeteredSource(client, Account(ledger, "guest-1", terms))
    for event in source.chat(request): ...

A request reserves the most it can cost: its prompt, and the longest possible answer. When it has ended, in
whichever way, the reservation becomes what the server reported, otherwise an estimate of what arrived. If the
process
is killed, the reservation stays. This counts what one app spends; it does NOT stop a person who has the key itself.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from backend import logs
from backend.answer.cost import Price
from backend.answer.turn import Source
from backend.catalog import ModelInfo
from backend.errors import APIError
from backend.guests.ledger import DAY, Amount, BudgetExceeded, Ledger, Paused
from backend.guests.meter import Meter
from backend.guests.terms import MICROS, GuestPolicy, Limit, NotForGuests, fitted, model_problem
from backend.protocol import wire
from backend.store import StoreError
from backend.transport import bills
from backend.transport.call import Call, Stopped
from backend.transport.deadlines import Deadlines
from backend.types import ChatRequest, Event

_SLACK = 60.0  # seconds beyond the total deadline in which a request may still be settled
_WAYS_ON = "With a key of your own, or with the model that runs here, you can go on at once."
log = logging.getLogger(__name__)


class OverBudget(APIError):
    title = "The budget for guests is used up for today."
    hint = f"It begins anew at midnight UTC. {_WAYS_ON}"
    side = "you"


class PausedByOwner(APIError):
    title = "Paused by the owner."
    hint = f"The owner of this app has paused it for guests. {_WAYS_ON}"
    side = "you"


class BudgetUnknown(APIError):
    title = "The budget for guests cannot be checked at the moment."
    hint = f"Nothing was sent: this app's database does not answer, and its owner has to look at it. {_WAYS_ON}"
    side = "here"


# The alternatives are a key of one's own, or the free local model.
GUEST_ERRORS = tuple(error.__name__ for error in (OverBudget, PausedByOwner, BudgetUnknown, NotForGuests))


@dataclass(frozen=True)
class Account:
    """The guest of a request, the terms, and what the server says about a model.

    `priced`: the server publishes prices, and bills in dollars.
    """

    ledger: Ledger
    guest: str
    terms: GuestPolicy
    info: Callable[[str], ModelInfo] = ModelInfo
    priced: bool = False
    deadlines: Deadlines = field(default_factory=Deadlines)

    def price(self, model: str) -> Price:
        """The price per million tokens. If it is unknown and money is billed, the highest that guests may use."""
        info = self.info(model)
        band = 2.0 if info.price_varies else 1.0  # the known price is that of the lowest band
        other = self.terms.price_limit if self.priced else None
        sides = (info.price_in, info.price_out)
        into, out = (price * band if price is not None else other for price in sides)
        return Price(into, out, {kind: price * band for kind, price in info.other_prices.items()})


class MeteredSource:
    """A source of answers charged to an account."""

    def __init__(self, source: Source, account: Account) -> None:
        self._source = source
        self._account = account
        self._settled: tuple[str, Amount] | None = None

    def chat(self, request: ChatRequest, call: Call | None = None) -> Iterator[Event]:
        """The events of the source. Raises NotForGuests, OverBudget, PausedByOwner or BudgetUnknown before it
        sends.
        """
        account = self._account
        request = _open(account, request)
        tally = Meter(request, account.price(model_of(request)))
        id_ = set_aside(account, tally.worst)
        try:
            for event in self._source.chat(request, call):
                tally.take(event)
                yield event
        except APIError as error:
            tally.failed(error)
            raise
        except Stopped:
            tally.note_stop()
            raise
        finally:
            settle(self._account, id_, tally.amount)
            self._settled = (id_, tally.amount)

    def billed(self, usd: float) -> None:
        """Replace the estimate of a request that has ended by its late bill."""
        if self._settled is not None and 0 < usd <= bills.HIGHEST:
            id_, amount = self._settled
            settle(self._account, id_, replace(amount, micros=math.ceil(usd * MICROS)))


def set_aside(account: Account, worst: Amount) -> str:
    """Reserve this much; returns the id to settle it by. Raises OverBudget, PausedByOwner or BudgetUnknown."""
    try:
        return account.ledger.reserve(account.guest, worst, account.terms.limits, account.deadlines.total + _SLACK)
    except BudgetExceeded as spent:
        raise _over(spent) from None
    except Paused:
        raise PausedByOwner from None
    except StoreError:  # no guest may exceed the limit: what cannot be counted is not sent
        raise BudgetUnknown from None


def settle(account: Account, id_: str, amount: Amount) -> None:
    """Replace the reservation by the final amount; if that cannot be written, the reservation counts."""
    try:
        account.ledger.settle(id_, amount)
    except StoreError as error:
        logs.event(log, logging.WARNING, "budget not settled", error=type(error).__name__)


def check_together(asked: Sequence[tuple[Account, ChatRequest]]) -> None:
    """Raises OverBudget, PausedByOwner or BudgetUnknown if one guest cannot pay for all of these at once.

    Nothing stays reserved: each is charged when it is sent, so another request may still come first. A request that
    no guest may send is skipped: it costs nothing, and is refused on its own.
    """
    worst = Amount()
    for account, request in asked:
        with suppress(NotForGuests):
            worst += most(account, request)
    if worst != Amount():
        account = asked[0][0]
        id_ = set_aside(account, worst)
        try:
            account.ledger.settle(id_, Amount())
        except StoreError:
            raise BudgetUnknown from None


def most(account: Account, request: ChatRequest) -> Amount:
    """The most that a guest's request can use. Raises NotForGuests if no guest may send it."""
    return Meter(_open(account, request), account.price(model_of(request))).worst


def _open(account: Account, request: ChatRequest) -> ChatRequest:
    """The request as a guest may send it. Raises NotForGuests if no guest may."""
    info = account.info(model_of(request))
    if problem := model_problem(info, account.terms, priced=account.priced):
        raise NotForGuests(title=problem, hint="Choose another model, or use a key of your own.")
    return fitted(request, account.terms, info)


def model_of(request: ChatRequest) -> str:
    """The model that is requested in the end, extra JSON included."""
    return str(wire.payload(request).get("model") or request.model)


def _over(spent: BudgetExceeded) -> OverBudget:
    """The message for an exceeded limit."""
    limit = spent.limit
    if limit.window == "minute":
        people = "you" if limit.who == "guest" else "all guests together"
        return OverBudget(
            title=f"A little too fast: {_limit_text(limit)} a minute for {people}.",
            hint="Wait a minute, then send again.",
        )
    whose = "You have used your budget" if limit.who == "guest" else "All guests together have used the budget"
    return OverBudget(
        title=f"{whose} for today: {_limit_text(limit)}.", hint=f"{begins_anew(time.time())} {_WAYS_ON}"
    )


def begins_anew(now: float) -> str:
    """When the next day of budgets begins, also in hours: "after this", because it is kept with the message."""
    hours = math.ceil((DAY - now % DAY) / 3600)
    return f"It begins anew at midnight UTC, {hours} hour{'' if hours == 1 else 's'} after this."


def _limit_text(limit: Limit) -> str:
    if limit.unit == "usd":
        return f"${limit.most / MICROS:,.2f}"
    return f"{limit.most:,} {limit.unit if limit.most != 1 else limit.unit.removesuffix('s')}"
