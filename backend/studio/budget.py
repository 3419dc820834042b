"""The budget of a guest's run: its maximum cost is reserved before it begins, and settled by the actual one.

The price is reported when a job begins, and a job may end after the app has: so it counts from its beginning.
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
    """A backend.jobs.job.Budget. `most`: the maximum US dollars of one step."""

    def __init__(self, account: Account, most: float) -> None:
        self.id = ""
        self._account, self._most = account, most
        self._spent = 0.0
        self._steps = 0
        self._lock = threading.Lock()

    def reserve(self, tasks: Sequence[Mapping[str, JSON]]) -> None:
        """Reserve the maximum cost. Raises OverBudget, PausedByOwner, BudgetUnknown."""
        self.id = set_aside(self._account, _amount(len(tasks), self._most * len(tasks)))

    def pay(self, usd: float | None) -> None:
        """Count a step that the server accepted; None: it did not report the cost."""
        with self._lock:
            self._spent += self._most if usd is None else usd
            self._steps += 1

    def give_back(self, usd: float | None, id_: str = "") -> None:
        """Return the amount of a failed step, which costs nothing. `id_`: of the reservation at its beginning.
        If that is already settled, because the run was parked or its process ended, it is settled once more.
        """
        if id_ and id_ != self.id:
            self._settle(id_, _amount(1, 0.0))
            return
        with self._lock:
            self._spent -= self._most if usd is None else usd

    def release(self, id_: str = "") -> None:
        """Settle; with an id, that of a run whose process has ended: that stays reserved in full."""
        if not id_ and self.id:
            self._settle(self.id, _amount(self._steps, self._spent))

    def _settle(self, id_: str, amount: Amount) -> None:
        try:
            self._account.ledger.settle(id_, amount)
        except StoreError as error:  # it counts as reserved
            logs.event(log, logging.WARNING, "budget not settled", error=type(error).__name__)


def _amount(steps: int, usd: float) -> Amount:
    return Amount(steps, 0, max(0, math.ceil(usd * MICROS)))
