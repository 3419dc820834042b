"""The file of an SQLite database: whose turn it is to write, and what deleted rows leave in it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Engine

from backend.store.engine import BUSY


class SQLiteFile:
    """One per process and file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writing = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One writer of this process at a time: in SQLite they wait for each other by sleeping ever longer, and of
        50 messages sent at once the last was on disk after 7 s (measured).
        """
        locked = self._writing.acquire(timeout=BUSY)
        try:
            yield
        finally:
            if locked:
                self._writing.release()

    def rewrite(self, engine: Engine) -> None:
        """Write the file anew, without what is left of deleted rows between the others. Others wait meanwhile."""
        with self.turn(), closing(engine.raw_connection()) as connection:  # raw: no transaction begins
            connection.cursor().execute("VACUUM")

    def empty_log(self, engine: Engine) -> bool:
        """Empty the log beside the file. False when it is in use right now: nobody is kept waiting."""
        with self.turn(), closing(engine.raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute("PRAGMA busy_timeout = 0")
            try:
                return bool(cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)
            finally:
                cursor.execute(f"PRAGMA busy_timeout = {int(BUSY * 1000)}")
