"""The guests' use of the owner's key: reserved before a request is sent, settled when it has ended.

Every reservation locks the one row of `guest_house` first, so that in PostgreSQL as in SQLite they are decided one
after
the other, in whichever process. A reservation that is never settled (kill -9) keeps counting in full: as
the most that the request could have cost. Days are days in UTC.

It stores no content, and nothing that names a person: a guest is an id.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, text

from backend.guests.terms import Limit, Unit, Who, Window
from backend.store import Store, StoreError

DAY = 86_400.0
MINUTE = 60.0
KEPT = 31 * DAY  # seconds after which usage is deleted
GUESTS = 500  # guests listed for the owner


class BudgetExceeded(StoreError):
    """Another request would exceed a limit."""

    def __init__(self, limit: Limit, used: int) -> None:
        super().__init__("The budget for guests is used up.")
        self.limit = limit
        self.used = used


class Paused(StoreError):
    """The owner has switched the key off for guests."""

    words = "Paused by the owner."


@dataclass(frozen=True)
class Amount:
    """What a request uses: a message, tokens in and out, millionths of a US dollar."""

    messages: int = 0
    tokens: int = 0
    micros: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.messages + other.messages, self.tokens + other.tokens, self.micros + other.micros)

    def less(self, other: Amount) -> Amount:
        """The difference to another amount, at least 0."""
        pairs = (
            (self.messages, other.messages),
            (self.tokens, other.tokens),
            (self.micros, other.micros),
        )
        return Amount(*(max(0, mine - theirs) for mine, theirs in pairs))

    def of(self, unit: Unit) -> int:
        return {"messages": self.messages, "tokens": self.tokens, "usd": self.micros}[unit]


@dataclass(frozen=True)
class Used:
    """One guest's usage of a day, for the owner. `running` and `lost` are requests that were not settled."""

    guest: str
    amount: Amount
    last: float
    running: int = 0
    lost: int = 0


class Ledger:
    """Reservations and settlements in a store. What writes raises Unavailable while the database is in trouble.

    `store` may be a function that returns the store: it is called each time.
    """

    def __init__(self, store: Store | Callable[[], Store], clock: Callable[[], float] = time.time) -> None:
        self._where = store
        self._clock = clock

    @property
    def _store(self) -> Store:
        return self._where if isinstance(self._where, Store) else self._where()

    def reserve(
        self,
        guest: str,
        amount: Amount,
        limits: Sequence[Limit],
        seconds: float,
        out_of: tuple[str, Amount] | None = None,
    ) -> str:
        """Set `amount` aside for a request that lasts at most `seconds`; returns the id to settle it by.

        `out_of`: the reservation that this is a part of, and what then remains of it; both or neither.
        Raises Paused, BudgetExceeded for the first limit it would exceed, Unavailable.
        """
        id_, now = uuid.uuid4().hex, self._clock()
        values = {"id": id_, "guest": guest, "now": now, "ends": now + seconds, **_columns(amount)}

        def work(connection: Connection) -> None:
            if out_of is not None:
                _run(connection, _LEAVE, {"id": out_of[0], **_columns(out_of[1])})
            _reserve(connection, guest, amount, limits, values)

        self._store.edit(work)
        return id_

    def settle(self, id_: str, amount: Amount) -> None:
        """Replace the reserved amount by what the request used in the end."""
        self._store.edit(lambda connection: _run(connection, _SETTLE, {"id": id_, **_columns(amount)}))

    def usage(self, guest: str, window: Window = "day") -> Amount:
        """The usage of one guest; with "" of all together. Zero while the database cannot be read."""
        now = self._clock()
        return self._store.read(lambda connection: _usage(connection, guest, window, now), Amount())

    def today(self) -> list[Used]:
        """Every guest of today, the most recent first."""
        now = self._clock()
        values = {"since": _since("day", now), "now": now, "most": GUESTS}
        none: list[Used] = []
        return self._store.read(
            lambda connection: [_guest(row) for row in connection.execute(_TODAY, values)], none
        )

    @property
    def paused(self) -> float | None:
        """The time since which the key is switched off for guests, in seconds since 1970; None if it is not."""
        return self._store.read(lambda connection: _float(connection.execute(_PAUSED).scalar()), None)

    def pause(self, paused: bool) -> None:
        """Switch the owner's key off for guests, or on again: from the next request on, in every process."""
        value = self._clock() if paused else None
        self._store.edit(lambda connection: _run(connection, _PAUSE, {"paused": value}))


# ---- the statements -----------------------------------------------------------------------------------


def _reserve(
    connection: Connection, guest: str, amount: Amount, limits: Sequence[Limit], values: dict[str, object]
) -> None:
    if connection.execute(_LOCK).scalar() is not None:
        raise Paused
    now = float(str(values["now"]))
    totals: dict[tuple[Who, Window], Amount] = {}
    for limit in limits:
        place = (limit.who, limit.window)
        if place not in totals:
            totals[place] = _usage(connection, guest if limit.who == "guest" else "", limit.window, now)
        used = totals[place].of(limit.unit)
        if used + amount.of(limit.unit) > limit.most:
            raise BudgetExceeded(limit, used)
    connection.execute(_FORGET, {"before": now - KEPT})
    connection.execute(_INSERT, values)


def _usage(connection: Connection, guest: str, window: Window, now: float) -> Amount:
    values = {"since": _since(window, now), "guest": guest}
    tries, messages, tokens, micros = connection.execute(_OF_GUEST if guest else _OF_ALL, values).one()
    # A failed request uses nothing of the day. It counts in the minute, so that the provider is not flooded.
    return Amount(int(tries if window == "minute" else messages), int(tokens), int(micros))


def _since(window: Window, now: float) -> float:
    return now - MINUTE if window == "minute" else now - now % DAY


def _run(connection: Connection, statement: object, values: dict[str, object]) -> None:
    connection.execute(statement, values)  # type: ignore[call-overload]


def _columns(amount: Amount) -> dict[str, object]:
    return {"messages": amount.messages, "tokens": amount.tokens, "micros": amount.micros}


def _guest(row: Row[tuple[object, ...]]) -> Used:
    amount = Amount(int(row.messages), int(row.tokens), int(row.micros))
    return Used(row.guest, amount, float(row.last), int(row.running), int(row.lost))


def _float(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


_SUMS = """
    SELECT count(*), coalesce(sum(messages), 0), coalesce(sum(tokens), 0), coalesce(sum(micros), 0)
    FROM guest_spending WHERE began >= :since
"""
_OF_ALL = text(_SUMS)
_OF_GUEST = text(f"{_SUMS} AND guest = :guest")
_LOCK = text("UPDATE guest_house SET paused = paused WHERE number = 1 RETURNING paused")
_PAUSED = text("SELECT paused FROM guest_house WHERE number = 1")
_PAUSE = text("UPDATE guest_house SET paused = :paused WHERE number = 1")
_INSERT = text("""
    INSERT INTO guest_spending (id, guest, began, ends, settled, messages, tokens, micros)
    VALUES (:id, :guest, :now, :ends, 0, :messages, :tokens, :micros)
""")
_SETTLE = text("""
    UPDATE guest_spending SET settled = 1, messages = :messages, tokens = :tokens, micros = :micros WHERE id = :id
""")
_LEAVE = text("""
    UPDATE guest_spending SET messages = :messages, tokens = :tokens, micros = :micros WHERE id = :id
""")
_FORGET = text("DELETE FROM guest_spending WHERE began < :before")
_TODAY = text("""
    SELECT guest, sum(messages) AS messages, sum(tokens) AS tokens, sum(micros) AS micros, max(began) AS last,
        sum(CASE WHEN settled = 0 AND ends >= :now THEN 1 ELSE 0 END) AS running,
        sum(CASE WHEN settled = 0 AND ends < :now THEN 1 ELSE 0 END) AS lost
    FROM guest_spending WHERE began >= :since GROUP BY guest ORDER BY max(began) DESC LIMIT :most
""")
