"""A guest's run: what it can cost at most is set aside before it begins, and settled by what it did cost.

The price is told when a job begins, and a job may end after the app: so it counts from its beginning.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Mapping, Sequence

from backend import logs
from backend.guests.ledger import Amount
from backend.guests.metering import Account, set_aside
from backend.guests.terms import MICROS
from backend.store import StoreError
from backend.types import JSON

log = logging.getLogger(__name__)


class RunBudget:
    """A backend.jobs.job.Budget. `most`: US dollars that one step can cost."""

    def __init__(self, account: Account, most: float) -> None:
        self.id = ""
        self._account, self._most = account, most
        self._spent = 0.0
        self._steps = 0
        self._lock = threading.Lock()

    def reserve(self, tasks: Sequence[Mapping[str, JSON]]) -> None:
        """Raises OverBudget, PausedByOwner, BudgetUnknown."""
        self.id = set_aside(self._account, _amount(len(tasks), self._most * len(tasks)))

    def pay(self, usd: float | None) -> None:
        """A step was taken by the server; None: it did not say what it costs."""
        with self._lock:
            self._spent += self._most if usd is None else usd
            self._steps += 1

    def give_back(self, usd: float | None, id_: str = "") -> None:
        """It failed, which costs nothing. `id_`: of what was set aside when it began. Where that is settled, since
        the run was parked or its process ended, it is settled once more."""
        if id_ and id_ != self.id:
            self._settle(id_, _amount(1, 0.0))
            return
        with self._lock:
            self._spent -= self._most if usd is None else usd

    def release(self, id_: str = "") -> None:
        """Settle; with an id, of a run whose process has ended: that stays as it was set aside."""
        if not id_ and self.id:
            self._settle(self.id, _amount(self._steps, self._spent))

    def _settle(self, id_: str, amount: Amount) -> None:
        try:
            self._account.ledger.settle(id_, amount)
        except StoreError as error:  # it counts as it was set aside
            logs.event(log, logging.WARNING, "budget not settled", error=type(error).__name__)


def _amount(steps: int, usd: float) -> Amount:
    return Amount(steps, 0, max(0, math.ceil(usd * MICROS)))
