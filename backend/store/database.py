"""A database that may fail at any time: reads and writes in transactions, and a thread that waits for its recovery.

Only `Store` builds on it. It knows no conversation: what is queued in memory while the database is in trouble is
the
store's, and is written by its `_write_oldest`.
"""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection, Engine

from backend import logs
from backend.store import engine, errors
from backend.store.errors import StoreError, Unavailable
from backend.store.sqlite_file import SQLiteFile

# seconds between attempts to reach a database in trouble; the last one repeats
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
_T = TypeVar("_T")
log = logging.getLogger(__name__)


class Database(ABC):
    """Connects to `url`; None is an invalid address, with which it is permanently in trouble."""

    def __init__(self, url: URL | None, pauses: Sequence[float] = PAUSES) -> None:
        self._url = url
        self._engine: Engine | None = None
        self._trouble = ""
        self._readable = True
        self.unread = 0  # reads that got their `otherwise`
        self._pauses = pauses
        self._lock = threading.Lock()
        is_file = url is not None and url.get_backend_name() == "sqlite"
        self.file = SQLiteFile(Path(str(url.database))) if url is not None and is_file else None
        self._closed = threading.Event()
        self._mender: threading.Thread | None = None
        self.news = ""

    def close(self, timeout: float = 5.0) -> None:
        """Try once more to write what is queued, and release the database."""
        self._closed.set()
        if self._mender is not None:
            self._mender.join(timeout)
        if self._engine is not None:
            self._engine.dispose()

    def in_file(self, work: Callable[[SQLiteFile, Engine], _T], otherwise: _T) -> _T:
        """The result of `work` on an SQLite file; `otherwise` if there is none, or it cannot be opened."""
        return otherwise if self.file is None or self._engine is None else work(self.file, self._engine)

    def read(self, work: Callable[[Connection], _T], otherwise: _T) -> _T:
        """The result of `work` on a connection; `otherwise` while the database cannot be read."""
        if self._engine is None or (self._trouble and not self._readable):
            self.unread += 1
            return otherwise  # a page must not wait for a server that is known to be down; a file responds at once
        try:
            with _in_place(self).begin() as connection:
                return work(connection)
        except Exception as error:
            if not errors.passing(error):
                raise
            self._in_trouble(error)
            self.unread += 1
            return otherwise

    def edit(self, work: Callable[[Connection], None], *, later: bool = False) -> None:
        """Run statements in a transaction of their own. Raises Unavailable, and a StoreError of `work`.

        `later`: nobody waits for it, and it can be done another time. A locked database does not count as trouble
        then.
        """
        with self._lock:
            if self._trouble:
                raise Unavailable
        try:
            self._write(work)
        except StoreError:
            raise
        except Exception as error:
            if not errors.passing(error):
                raise
            if not (later and errors.in_use(error)):
                self._in_trouble(error)
            raise Unavailable from None

    # ---- transactions, and trouble ---------------------------------------------------------------------------

    def _connect(self) -> None:
        if self._url is None:
            raise errors.BadAddress
        self._engine, news = engine.open_engine(self._url, suspect=bool(self.file and self.file.suspect))
        self.news = news or self.news
        if self.file:
            self.file.is_opened()

    def _write(self, work: Callable[[Connection], _T]) -> _T:
        database = _in_place(self)
        with self.file.turn() if self.file else nullcontext(), engine.writing(database).begin() as connection:
            return work(connection)

    def _in_trouble(self, error: Exception, keep: Callable[[], None] = lambda: None) -> None:
        with self._lock:
            keep()
            self._judge(error, logging.WARNING)
            begin_to_mend(self)

    def _judge(self, error: Exception, level: int) -> None:
        """Note what is wrong, and give up connections that cannot be of use any more. Under the lock."""
        self._trouble = errors.trouble(error)
        self._readable = self.file is not None or errors.readable(error)
        logs.event(log, level, "database in trouble", error=type(error).__name__, why=self._trouble)
        if self._engine is None:
            return
        damaged = errors.damaged(error)
        if damaged or not self.file:  # after a failover, an open connection may lead to the server that only reads
            self._engine.dispose()
        if damaged or errors.without_tables(error):
            self._engine = None
        if damaged and self.file:
            self.file.suspect = True

    def _mend(self) -> None:
        """Until everything is written and healthy again: wait, try, wait longer."""
        tries = 0
        while True:
            last = self._closed.wait(self._pauses[min(tries, len(self._pauses) - 1)])
            tries += 1
            try:
                if self._engine is None:
                    self._connect()
                while self._write_oldest():
                    tries = 0
                return
            except Exception as error:  # noqa: BLE001  (this thread is the only way out of trouble)
                with self._lock:
                    self._judge(error, logging.INFO)
            if last:
                return

    @abstractmethod
    def _write_oldest(self) -> bool:
        """Write part of the queue. False if it is empty and the database is healthy."""


def begin_to_mend(database: Database) -> None:
    """Under its lock. Where the system has no thread left, the next message in trouble tries it again."""
    if database._mender is not None or database._url is None:
        return
    mender = threading.Thread(target=database._mend, name="store", daemon=True)
    try:
        mender.start()
    except RuntimeError as fault:
        logs.fault(log, "fault", fault)
    else:
        database._mender = mender


def complete_read(database: Database, read: Callable[[], _T]) -> _T:
    """The result of `read`, unless something in it is missing because the database could not be read: what somebody
    keeps as a backup has to be one. Raises Unavailable.
    """
    before = database.unread
    result = read()
    if database.unread != before:
        raise Unavailable("The saved conversations cannot be read at the moment, so nothing was put into a file.")
    return result


def _in_place(database: Database) -> Engine:
    """The engine for the file that is now at the path: somebody may have restored a backup there, or removed it."""
    file = database.file
    if file and not file.in_place():
        with file.reopening:
            if database._engine is not None and not file.in_place():
                logs.event(log, logging.WARNING, "database file replaced")
                database._engine.dispose()
                database._engine = None
                file.leave()
                database._connect()
    if database._engine is None:
        raise errors.DatabaseRefused
    return database._engine
