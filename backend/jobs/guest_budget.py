"""The budget of a guest's job: its maximum cost is reserved before it begins, each request is paid from that, and
the
rest is returned.

    reserved = Reserved(account, lambda task: metering.most(account, request_of(task)))
    reserved.reserve(tasks)
    source = reserved.source(client)
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from backend.answer.turn import Source
from backend.guests.ledger import Amount, BudgetExceeded, Ledger
from backend.guests.metering import Account, MeteredSource, OverBudget, set_aside, settle
from backend.guests.terms import Limit
from backend.types import JSON

_SOON = 15.0  # seconds to wait after exceeding the limit per minute


class TooSoon(OverBudget):
    """The limit per minute is reached: the request is sent again after `retry_after` seconds."""


class Reserved:
    """A backend.jobs.job.Budget. `most` is the maximum use of one task; raises NotForGuests if no guest may send
    it.

    The total counts against the daily limits. The limits per minute are kept by waiting: a job is not in a hurry.
    """

    def __init__(self, account: Account, most: Callable[[Mapping[str, JSON]], Amount]) -> None:
        self.id = ""
        self._account = account
        self._most = most
        self._left = Amount()
        self._lock = threading.Lock()

    def reserve(self, tasks: Sequence[Mapping[str, JSON]]) -> None:
        """Reserve the most these can cost. Raises OverBudget, PausedByOwner, BudgetUnknown, NotForGuests."""
        whole = sum((self._most(task) for task in tasks), Amount())
        terms = self._account.terms
        daily = replace(terms, limits=tuple(limit for limit in terms.limits if limit.window == "day"))
        self.id = set_aside(replace(self._account, terms=daily), whole)
        self._left = whole

    def release(self, id_: str = "") -> None:
        """Return the rest; with an id, that of a run whose process has ended."""
        if not (id_ := id_ or self.id):
            return
        settle(self._account, id_, Amount())

    def source(self, source: Source, account: Account | None = None) -> Source:
        """A source that is charged to the reservation; `account`: of the same guest, at another server."""
        account = account or self._account
        return MeteredSource(source, replace(account, ledger=_PartOf(self, account.ledger)))

    def take(self, ledger: Ledger, guest: str, amount: Amount, limits: Sequence[Limit], seconds: float) -> str:
        """Reserve the amount of one request, out of the total."""
        with self._lock:
            left = self._left.less(amount)
            try:
                id_ = ledger.reserve(guest, amount, limits, seconds, (self.id, left) if self.id else None)
            except BudgetExceeded as spent:
                if spent.limit.window == "minute":
                    raise TooSoon(retry_after=_SOON) from None
                raise
            self._left = left
            return id_


class _PartOf(Ledger):
    """A ledger whose reservations come out of a larger one."""

    def __init__(self, reserved: Reserved, ledger: Ledger) -> None:
        self._reserved, self._ledger = reserved, ledger

    def reserve(
        self,
        guest: str,
        amount: Amount,
        limits: Sequence[Limit],
        seconds: float,
        out_of: tuple[str, Amount] | None = None,
    ) -> str:
        return self._reserved.take(self._ledger, guest, amount, limits, seconds)

    def settle(self, id_: str, amount: Amount) -> None:
        self._ledger.settle(id_, amount)
