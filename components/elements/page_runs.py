"""Draws a few pages at a time, however many people ask for one at the same moment.

    with PAGE_RUNS.paused(): ...    around something that waits: the next page need not wait for it
    PAGE_RUNS.end()                 before a loop that waits for news, once the page is drawn

A page is drawn by Python code that needs a processor throughout, and only one thread runs Python at a time. With 50
pages at once, each thread waited its turn 49 times: all pages were finished at the end, and the threads that read
answers waited as well, at each step. One after the other, the first page is finished after a fiftieth of the time,
and answers arrive meanwhile.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

MOST = 1  # pages drawn at a time
LEASE = 0.15  # seconds until a page that still runs, perhaps waiting for something, lets another one begin
PATIENCE = 3.0  # seconds until a page begins in any case


class PageRuns:
    """Called on the thread that draws a page: `begin`, `end`, and `paused` in between. Thread-safe."""

    def __init__(self, most: int = MOST, lease: float = LEASE, patience: float = PATIENCE) -> None:
        self._most, self._lease, self._patience = most, lease, patience
        self._free = threading.Condition()
        self._until: dict[int, float] = {}  # by thread

    def begin(self) -> None:
        """Wait until fewer than `most` pages are drawn. Begins a new lease if this thread draws one already."""
        me, patience = threading.get_ident(), time.monotonic() + self._patience
        with self._free:
            self._until.pop(me, None)
            while not self._has_room() and (left := patience - time.monotonic()) > 0:
                self._free.wait(min(self._lease, left))
            self._until[me] = time.monotonic() + self._lease

    def end(self) -> None:
        """This thread draws no page any more. Does nothing if it draws none."""
        with self._free:
            if self._until.pop(threading.get_ident(), None):
                self._free.notify()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let another page be drawn meanwhile. Does nothing if this thread draws none."""
        drawing = threading.get_ident() in self._until
        self.end()
        yield
        if drawing:
            self.begin()

    def _has_room(self) -> bool:
        now = time.monotonic()
        return sum(until > now for until in self._until.values()) < self._most


PAGE_RUNS = PageRuns()
