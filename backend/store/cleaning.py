"""Erases deleted data from the database file: a thread that works after a deletion, and when a store is opened.

- Conversations that were deleted too long ago to be restored lose their rows, whichever process deleted them: it
may
  have been killed.
- SQLite: `secure_delete` overwrites rows. The search index contains their words until its segments are merged (0.7
s of
  background work with 50,000 messages, measured); FTS5's own 'secure-delete' would save that from SQLite 3.42 on,
  and leave an index that an older one (Debian 12: 3.40) reports as damaged. Rows that moved from page to page may
  have left a copy in the gap of a page, which only VACUUM clears (1.5 s for 80 MB, measured): in a file up to
  VACUUMED. Last, the log beside the file (-wal) is emptied.

It blocks nobody: if the file is in use, it tries again later. PostgreSQL does the same by
itself, in its own time: VACUUM, and its log. It does NOT reach copies of the file, or what a file system keeps.
"""

from __future__ import annotations

import logging
import threading
import time

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from backend import logs
from backend.store import edits, search
from backend.store.database import Database
from backend.store.errors import StoreError, trouble
from backend.store.sqlite_file import SQLiteFile

VACUUMED = 128 * 1024 * 1024  # bytes of a file that is rewritten after a deletion; writers wait meanwhile
PAUSES = (0.2, 0.5, 1.0, 2.0)  # seconds between attempts while others use the file; the last one repeats
log = logging.getLogger(__name__)


class Cleaner:
    """The cleaner of one store. Call `soon()` after every deletion; it returns at once."""

    def __init__(self, store: Database, undo: float) -> None:
        self._store = store
        self._undo = undo
        self._asked = threading.Condition()
        self._work = False  # something may be left to clean
        self._dirty = False  # something was deleted
        self._running = False
        self._closed = False

    def soon(self, *, gone: bool = False) -> None:
        """Note a deletion; `gone`: rows that are not in the search index."""
        with self._asked:
            self._work = True
            self._dirty = self._dirty or gone
            if not self._running and not self._closed:
                try:
                    threading.Thread(target=self._run, name="cleaner", daemon=True).start()
                except RuntimeError as fault:  # no thread available: the next deletion tries it again
                    logs.fault(log, "not cleaned", fault)
                else:
                    self._running = True
            self._asked.notify_all()

    def wait(self, timeout: float) -> bool:
        """Wait until nothing is left to clean; False if that took longer than `timeout` seconds."""
        with self._asked:
            return self._asked.wait_for(lambda: not self._running, timeout)

    def begin(self, left: float | None) -> None:
        """Start for an opened store: the process that deleted last may have been killed. `left`: the result of
        `edits.swept`.
        """
        if self._store.file:
            self.soon(gone=not self._store.read(search.is_clean, otherwise=True))
        elif left is not None:
            self.soon()

    def close(self) -> None:
        """Finish when the process ends: deletions can no longer be undone. Nothing touches the file afterwards."""
        with self._asked:
            self._closed = True
            self._asked.notify_all()
            self._asked.wait_for(lambda: not self._running, _ENDING)
        if self._store.file:  # PostgreSQL has other processes, and one of them does it
            self._clean(everything=True)

    def _run(self) -> None:
        tries = 0
        while True:
            with self._asked:
                if self._asked.wait_for(lambda: self._closed, _GATHERED):
                    self._running = False
                    self._asked.notify_all()
                    return
                self._work = False
            wait = self._clean()
            tries = tries + 1 if wait is _BUSY else 0
            with self._asked:
                if self._closed or (wait is None and not self._work):
                    self._running = False
                    self._asked.notify_all()
                    return
                if not self._work:
                    pause = PAUSES[min(tries, len(PAUSES)) - 1] if wait is _BUSY else wait
                    self._asked.wait(pause)

    def _clean(self, *, everything: bool = False) -> float | None:
        """Clean; returns the seconds until there is something to do again, None if there is nothing."""
        try:
            left = self._sweep(everything)
            if self._store.file is None:
                return left
            self._merge()
            return left if self._overwritten() else _BUSY
        except StoreError:  # the database is in trouble, or others write for a long time
            return _LATER
        except Exception as error:  # noqa: BLE001  (nobody waits for this thread, and it must not end unseen)
            logs.fault(log, "not cleaned", error)
            return None

    def _sweep(self, everything: bool) -> float | None:
        """Delete what can no longer be restored; returns the seconds until that holds for the next one."""
        undo, oldest = 0.0 if everything else self._undo, list[float | None]()
        self._store.edit(lambda connection: oldest.append(edits.sweep_expired(connection, undo)), later=True)
        return None if oldest[-1] is None else max(0.1, oldest[-1] + self._undo - time.time() + 0.05)

    def _merge(self) -> None:
        """Merge the segments of the search index in small steps, so that others can write in between."""
        more = [True]
        while more[-1] and not (self._closed and len(more) > _LAST_STEPS):
            self._store.edit(lambda connection: more.append(search.merge(connection)), later=True)
        self._dirty = self._dirty or len(more) > 2

    def _overwritten(self) -> bool:
        """Erase deleted data from the file and its log. False if it is in use now."""
        if self._dirty:
            self._dirty = False
            try:
                self._store.in_file(_rewrite_if_small, otherwise=None)
                self._store.edit(search.clean, later=True)
            except OperationalError as error:  # no room, or others write: done when the file is opened again
                logs.event(log, logging.INFO, "not cleaned", error=type(error).__name__, why=trouble(error))
        return self._store.in_file(SQLiteFile.empty_log, otherwise=True)


def _rewrite_if_small(file: SQLiteFile, engine: Engine) -> None:
    if file.path.stat().st_size <= VACUUMED:
        file.rewrite(engine)


_BUSY = -1.0
_LATER = 60.0
_GATHERED = 0.5  # seconds within which successive deletions are cleaned together
_ENDING = 5.0  # seconds to finish cleaning when the process ends
_LAST_STEPS = 50  # seconds of merging when the process ends; the rest is done when the file is opened again
