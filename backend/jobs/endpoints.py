"""How many requests run at one endpoint, and until when it wants to be left alone: for all jobs of the process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

LONGEST = 900.0  # seconds that an endpoint is waited for
_LOOK = 0.5  # seconds between two looks at whether the wait is still wanted


@dataclass
class _Place:
    running: int = 0
    free_at: float = 0.0  # on the monotonic clock
    troubles: int = 0  # in a row


class Endpoints:
    """One per process, for all jobs and owners."""

    def __init__(self) -> None:
        self._places: dict[str, _Place] = {}
        self._changed = threading.Condition()

    def enter(self, endpoint: str, at_once: int, wanted: Callable[[], bool]) -> bool:
        """Wait for a place; `leave` gives it back. False where it is not wanted any more."""
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
        """Begin nothing there for so long; the longest of several counts."""
        with self._changed:
            place = self._places.setdefault(endpoint, _Place())
            place.free_at = max(place.free_at, time.monotonic() + min(LONGEST, max(0.0, seconds)))
            self._changed.notify_all()

    def trouble(self, endpoint: str, seconds: float | None) -> None:
        """It did not take a request. None: it did not say how long it wants to be left alone: 1 s, 2 s, 4 s ..."""
        with self._changed:
            place = self._places.setdefault(endpoint, _Place())
            own = min(60.0, 2.0**place.troubles)
            place.troubles = min(10, place.troubles + 1)
        self.hold(endpoint, own if seconds is None else seconds)

    def well(self, endpoint: str) -> None:
        """It answered."""
        with self._changed:
            self._places.setdefault(endpoint, _Place()).troubles = 0

    def waits(self, endpoint: str) -> float:
        """Seconds until something may be begun there again, 0 for now."""
        with self._changed:
            place = self._places.get(endpoint)
            return max(0.0, place.free_at - time.monotonic()) if place else 0.0
