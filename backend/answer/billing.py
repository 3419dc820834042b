"""The cost of an answer that was stopped before its bill came, read from AI/ML API's usage log in the background.

A stopped stream never gets the chunk with its cost. The log has it, by the X-Client-Request-Id that we sent, some
seconds later. Where the log does not answer, or not in time, the estimate stays: nothing here ever fails.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from backend import logs
from backend.answer.turn import Turn
from backend.errors import APIError
from backend.transport import bills
from backend.types import JSON
from backend.untrusted import fields, objects

PAUSES = (3.0, 10.0, 30.0, 90.0)  # seconds before each attempt: the log lags behind the answer
_ROWS = 100
log = logging.getLogger(__name__)


class Log(Protocol):
    """Reads pages of a server: ChatClient."""

    def get(self, path: str) -> JSON: ...


def watch(
    turn: Turn, server: Log, origin: str, settled: Callable[[], None], pauses: Sequence[float] = PAUSES
) -> None:
    """Wait until `turn` has ended and, if it has no bill, look for one. `settled` is called on that thread once it
    is found.
    """

    def look() -> None:
        usd = _wait_for_cost(turn, server, origin, pauses)
        if usd is not None:
            turn.bill(usd)
        turn.awaits_bill = False
        if usd is not None:
            settled()

    def ended() -> None:
        turn.awaits_bill = turn.message.cost is None and turn.was_accepted
        try:
            if turn.awaits_bill:
                threading.Thread(target=look, name="bill", daemon=True).start()
        except RuntimeError:  # no thread available: nobody looks
            turn.awaits_bill = False

    turn.awaits_bill = True
    turn.when_ended(ended)


def _wait_for_cost(turn: Turn, server: Log, origin: str, pauses: Sequence[float]) -> float | None:
    for pause in pauses:
        time.sleep(pause)
        usd = logged_cost(_page(server, origin), turn.call.request_id)
        if usd is not None:
            return usd
    return None


def _page(server: Log, origin: str) -> JSON:
    try:
        return server.get(f"{origin}/v2/logs?period=24h&limit={_ROWS}")
    except APIError as error:
        logs.event(log, logging.INFO, "usage log not read", error=type(error).__name__, status=error.status)
        return None


def logged_cost(page: JSON, request_id: str) -> float | None:
    """The cost in US dollars of all log rows with this id (each retry is a row of its own); None if there is none
    yet.
    """
    costs = [
        usd
        for row in objects(fields(page).get("data"), _ROWS)
        if row.get("client_request_id") == request_id
        if (usd := bills.amount_in_usd(fields(row.get("cost")))) is not None
    ]
    return sum(costs) if costs else None
