"""Limits the requests in flight per endpoint, and tracks how long each wants a pause: for all jobs of the
process.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

LONGEST = 900.0  # the longest wait for an endpoint, in seconds
_LOOK = 0.5  # seconds between two checks whether the caller still waits


@dataclass
class _Place:
    running: int = 0
    free_at: float = 0.0  # on the monotonic clock
    troubles: int = 0  # failures in a row


class Endpoints:
    """The endpoints of a process, for all jobs and owners."""

    def __init__(self) -> None:
        self._places: dict[str, _Place] = {}
        self._changed = threading.Condition()

    def enter(self, endpoint: str, at_once: int, wanted: Callable[[], bool]) -> bool:
        """Wait for a slot; `leave` returns it. False if the caller gave up."""
        with self._changed:
            place = self._places.setdefault(endpoint, _Place())
            while wanted():
                pause = place.free_at - time.monotonic()
                if pause <= 0 and place.running < at_once:
                    place.running += 1
                    return True
                self._changed.wait(min(_LOOK, pause) if pause > 0 else _LOOK)
            return False

    def leave(self, endpoint: str) -> None:
        with self._changed:
            self._places[endpoint].running -= 1
            self._changed.notify_all()

    def hold(self, endpoint: str, seconds: float) -> None:
        """Begin nothing there for this long; the longest of several pauses counts."""
        with self._changed:
            place = self._places.setdefault(endpoint, _Place())
            place.free_at = max(place.free_at, time.monotonic() + min(LONGEST, max(0.0, seconds)))
            self._changed.notify_all()

    def trouble(self, endpoint: str, seconds: float | None) -> None:
        """It rejected a request. None: it did not say how long to wait: 1 s, 2 s, 4 s ..."""
        with self._changed:
            place = self._places.setdefault(endpoint, _Place())
            own = min(60.0, 2.0**place.troubles)
            place.troubles = min(10, place.troubles + 1)
        self.hold(endpoint, own if seconds is None else seconds)

    def well(self, endpoint: str) -> None:
        """It answered: reset the pause."""
        with self._changed:
            self._places.setdefault(endpoint, _Place()).troubles = 0

    def wait_seconds(self, endpoint: str) -> float:
        """Seconds until a request may be sent there again, 0 for now."""
        with self._changed:
            place = self._places.get(endpoint)
            return max(0.0, place.free_at - time.monotonic()) if place else 0.0
