"""The file of an SQLite database: the order of its writers, and erasing deleted rows."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Engine

from backend.store.engine import BUSY


class SQLiteFile:
    """The file of a database. One per process and file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.suspect = False  # something in it could not be read
        self.reopening = threading.Lock()
        self._writing = threading.Lock()
        self._opened: _Identity | None = None
        self._log: _Identity | None = None

    def is_opened(self) -> None:
        """Remember the file that is now at the path as the one in use."""
        self._opened, self.suspect = _identity(self.path), False

    def in_place(self) -> bool:
        """Whether the opened file is still at the path: it has not been replaced or removed."""
        if self._opened is None:
            return True
        if _identity(self.path) != self._opened:
            return False
        self._log = _identity(self._beside("-wal"))
        return True

    def leave(self) -> None:
        """The file at the path has been replaced: move the old file's log away, which would otherwise be applied
        to the new one.
        """
        if self._log is not None and _identity(self._beside("-wal")) == self._log:
            self._beside("-wal").replace(self._beside("-wal.left"))
            self._beside("-shm").unlink(missing_ok=True)
        self._log = None

    def _beside(self, ending: str) -> Path:
        return self.path.with_name(self.path.name + ending)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Serialise the writers of this process: in SQLite they wait for each other by sleeping ever longer, and
        of 50 messages sent at once the last was on disk after 7 s (measured).
        """
        locked = self._writing.acquire(timeout=BUSY)
        try:
            yield
        finally:
            if locked:
                self._writing.release()

    def rewrite(self, engine: Engine) -> None:
        """Rewrite the file without remnants of deleted rows. Writers wait meanwhile."""
        with self.turn(), closing(engine.raw_connection()) as connection:  # raw: no transaction begins
            connection.cursor().execute("VACUUM")

    def empty_log(self, engine: Engine) -> bool:
        """Empty the log beside the file. False if it is in use now: no process is blocked."""
        with self.turn(), closing(engine.raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute("PRAGMA busy_timeout = 0")
            try:
                return bool(cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)
            finally:
                cursor.execute(f"PRAGMA busy_timeout = {int(BUSY * 1000)}")


_Identity = tuple[int, int]


def _identity(path: Path) -> _Identity | None:
    """Identifies the file, whatever its name; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
