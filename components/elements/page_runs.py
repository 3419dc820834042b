"""Draws one page at a time, however many people ask for one at the same moment.

    with PAGE_RUNS.drawing(): ...    around the code of a page
    with PAGE_RUNS.paused(): ...     in it, around something that waits: the next page need not wait for it
    PAGE_RUNS.end()                  in it, before a loop that waits for news: the page is drawn
    with PAGE_RUNS.sending(): ...    in a callback that asks a model: no page begins meanwhile

Drawing a page is Python code that needs a processor throughout, and only one thread runs Python at a time. With 50
pages at once each thread waited its turn 49 times: all pages were finished at the end, and the threads that ask
models and read their answers waited as well, at each step. One after the other, the first page is finished after a
fiftieth of the time, and answers arrive meanwhile. Callbacks run before the page and wait for nothing; one that
sends a question goes before all pages.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

MOST = 1  # pages drawn at a time; with two about half is gained
LEASE = 0.1  # seconds until a page that still runs, perhaps waiting for something, lets another one begin
PATIENCE = 5.0  # seconds until a page begins in any case


class PageRuns:
    """The pages that are drawn at the moment, each by a thread of its own. Thread-safe."""

    def __init__(self, most: int = MOST, lease: float = LEASE, patience: float = PATIENCE) -> None:
        self._most, self._lease, self._patience = most, lease, patience
        self._changed = threading.Condition()
        self._until: dict[int, float] = {}  # the end of its lease, by thread
        self._sending = 0  # questions that are being sent

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """Wait until fewer than `most` pages are drawn, then draw this one."""
        self._begin()
        try:
            yield
        finally:
            self.end()

    def end(self) -> None:
        """End the drawing of this thread's page early. Does nothing if it draws none."""
        with self._changed:
            if self._until.pop(threading.get_ident(), None):
                self._changed.notify()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let another page be drawn meanwhile. Does nothing if this thread draws none."""
        is_drawing = threading.get_ident() in self._until
        self.end()
        try:
            yield
        finally:
            if is_drawing:
                self._begin()

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Let no page begin meanwhile: whoever asks sees the own question at once, and waits for the answer."""
        with self._changed:
            self._sending += 1
        try:
            yield
        finally:
            with self._changed:
                self._sending -= 1
                self._changed.notify_all()

    def _begin(self) -> None:
        latest = time.monotonic() + self._patience
        with self._changed:
            while not self._has_room() and (left := latest - time.monotonic()) > 0:
                self._changed.wait(min(self._lease, left))
            self._until[threading.get_ident()] = time.monotonic() + self._lease

    def _has_room(self) -> bool:
        now = time.monotonic()
        return not self._sending and sum(until > now for until in self._until.values()) < self._most


PAGE_RUNS = PageRuns()
