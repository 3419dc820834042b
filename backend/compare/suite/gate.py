"""How many requests are on their way to one server at once, and how long it wants to be left alone.

A server that says "later" (429 with Retry-After) means all of its clients: while one request waits, no other one
of the run sets out for the same server.
"""

from __future__ import annotations

import threading
import time

AT_ONCE = 4  # requests on their way to one server
LONGEST = 300.0  # seconds that a run waits for a server; where it asks for more, what is left is not asked


class Gate:
    """Of one server, within one run. Safe between threads."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._free = at_once
        self._opens = 0.0  # on the monotonic clock
        self._shut = False
        self._news = threading.Condition()

    def enter(self) -> bool:
        """Wait for a place. False where the gate is shut: then there is nothing to leave."""
        with self._news:
            while not self._shut:
                left = self._opens - time.monotonic()
                if left <= 0 and self._free > 0:
                    self._free -= 1
                    return True
                self._news.wait(left if left > 0 else None)
            return False

    def leave(self) -> None:
        with self._news:
            self._free += 1
            self._news.notify_all()

    def pause(self, seconds: float) -> None:
        """Nobody sets out for so many seconds; for more than LONGEST, nobody ever."""
        with self._news:
            self._opens = max(self._opens, time.monotonic() + seconds)
            if seconds > LONGEST:
                self._shut = True
            self._news.notify_all()

    def shut(self) -> None:
        """Nobody sets out any more."""
        with self._news:
            self._shut = True
            self._news.notify_all()
