"""How much of guests' data is stored, and for how long: bounded in age, in number and in bytes.

A guest's conversation is deleted `days` after its last message, and when the guest leaves; prompts, presets,
tools, scripts and votes after the same time without a change. Guests who log in keep theirs as long as there is
room. What exceeds a limit is deleted oldest first. This module deletes what it is told to: the caller has
identified the guest.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, TextClause, text

from backend import logs
from backend.guests.visits import Visits
from backend.store import Store, StoreError
from backend.store.edits import forget
from backend.store.names import stored_owner

DAY = 86_400
OF_ONE = 100  # conversations of one guest
OF_ALL = 5_000  # of all guests together
BYTES = 500_000_000  # bytes of all of them, exchanges included, as stored
EVERY = 600.0  # seconds between two clean-ups
_AT_ONCE = 50  # conversations deleted in one transaction, so that others can write in between
_looked: WeakKeyDictionary[Store, float] = WeakKeyDictionary()  # time of the last clean-up, by store
_looking = threading.Lock()
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kept:
    """The amount of guests' data now."""

    guests: int = 0
    conversations: int = 0
    bytes: int = 0


class Keeping:
    """The guests' data in a store."""

    def __init__(self, store: Store, days: int, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._age = days * DAY
        self._visits = Visits(store, days, clock)
        self._clock = clock

    def amounts(self) -> Kept:
        """The amounts, for the owner."""
        return self._store.read(_amounts, Kept())

    def remove(self, owner: str) -> None:
        """Delete everything stored under this name. What cannot be deleted now expires later."""
        with self._store.waiting() as waiting:
            waiting.forget(stored_owner(owner))
        try:
            self._forget(self._numbers(_OF_OWNER, {"owner": owner}))
            self._store.edit(lambda connection: _run_all(connection, _TEXTS_OF_OWNER, {"owner": owner}))
        except StoreError as error:
            logs.event(log, logging.INFO, "guest not forgotten", error=type(error).__name__)

    def tidy_soon(self) -> None:
        """Delete what has expired or exceeds the limits, on a thread; at most once in EVERY seconds."""
        with _looking:
            now = time.monotonic()
            if now - _looked.get(self._store, float("-inf")) < EVERY:
                return
            _looked[self._store] = now
        threading.Thread(target=self._tidy, name="guests", daemon=True).start()

    def _tidy(self) -> None:
        try:
            self.tidy()
        except StoreError as error:
            logs.event(log, logging.INFO, "guests not tidied", error=type(error).__name__)
        except Exception as error:  # noqa: BLE001  (nobody is there to hear it)
            logs.fault(log, "guests not tidied", error)

    def tidy(self) -> None:
        """Delete what has expired or exceeds the limits. Raises Unavailable."""
        before: dict[str, object] = {"before": self._clock() - self._age}
        self._forget(self._numbers(_OLD, before))
        self._forget(self._numbers(_TOO_MANY, {"most": OF_ONE}))
        self._forget(self._store.read(_over, list[int]()))
        self._store.edit(lambda connection: _run_all(connection, _OLD_TEXTS, before))
        self._visits.forget_old()

    def _numbers(self, statement: TextClause, values: dict[str, object]) -> list[int]:
        return self._store.read(lambda connection: list(connection.execute(statement, values).scalars()), [])

    def _forget(self, numbers: Sequence[int]) -> None:
        for start in range(0, len(numbers), _AT_ONCE):
            some = numbers[start : start + _AT_ONCE]

            def work(connection: Connection, rows: Sequence[int] = some) -> None:
                for row in rows:
                    forget(connection, row)

            self._store.edit(work)


def _run_all(connection: Connection, statements: Sequence[TextClause], values: dict[str, object]) -> None:
    for statement in statements:
        connection.execute(statement, values)


def _over(connection: Connection) -> list[int]:
    """Conversations beyond the limits for all guests together."""
    gone, size = [], 0
    for place, (number, its_size) in enumerate(connection.execute(_SIZES)):
        size += int(its_size or 0)
        if place >= OF_ALL or size > BYTES:
            gone.append(int(number))
    return gone


def _amounts(connection: Connection) -> Kept:
    guests, conversations = connection.execute(_COUNT).one()
    size = sum(int(its_size or 0) for _, its_size in connection.execute(_SIZES))
    return Kept(int(guests), int(conversations), size)


_TEXTS_OF_OWNER = (
    text("DELETE FROM prompts WHERE owner = :owner"),
    text("DELETE FROM saved_presets WHERE owner = :owner"),
    text("DELETE FROM saved_tools WHERE owner = :owner"),
    text("DELETE FROM votes WHERE owner = :owner"),
    text("DELETE FROM jobs WHERE owner = :owner"),
    text("DELETE FROM saved_suites WHERE owner = :owner"),
    text("DELETE FROM saved_servers WHERE owner = :owner"),
    text("DELETE FROM saved_scripts WHERE owner = :owner"),
)
_OLD_TEXTS = (
    text("DELETE FROM prompts WHERE owner LIKE 'guest-%' AND updated < :before"),
    text("DELETE FROM saved_presets WHERE owner LIKE 'guest-%' AND updated < :before"),
    text("DELETE FROM saved_tools WHERE owner LIKE 'guest-%' AND updated < :before"),
    text("DELETE FROM votes WHERE owner LIKE 'guest-%' AND updated < :before"),
    text("DELETE FROM jobs WHERE owner LIKE 'guest-%' AND updated < :before"),
    text("DELETE FROM saved_suites WHERE owner LIKE 'guest-%' AND updated < :before"),
    text("DELETE FROM saved_servers WHERE owner LIKE 'guest-%' AND updated < :before"),
    text("DELETE FROM saved_scripts WHERE owner LIKE 'guest-%' AND updated < :before"),
)
_OF_OWNER = text("SELECT number FROM conversations WHERE owner = :owner")
_OLD = text("SELECT number FROM conversations WHERE owner LIKE 'guest-%' AND updated < :before ORDER BY number")
_TOO_MANY = text("""SELECT number FROM (
    SELECT number, row_number() OVER (PARTITION BY owner ORDER BY updated DESC, number DESC) AS place
    FROM conversations WHERE owner LIKE 'guest-%' OR owner LIKE 'login-%') AS ranked WHERE place > :most""")
_SIZES = text("""SELECT number,
    coalesce((SELECT sum(length(body)) FROM messages WHERE conversation = number), 0)
    + coalesce((SELECT sum(length(body)) FROM queued_messages WHERE conversation = number), 0)
    + coalesce((SELECT sum(size) FROM exchanges WHERE conversation = number), 0)
    + coalesce((SELECT sum(size) FROM exchange_texts WHERE conversation = number), 0)
    FROM conversations WHERE owner LIKE 'guest-%' OR owner LIKE 'login-%' ORDER BY updated DESC, number DESC""")
_COUNT = text("""SELECT count(DISTINCT owner), count(*) FROM conversations
    WHERE owner LIKE 'guest-%' OR owner LIKE 'login-%'""")
