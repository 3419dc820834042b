"""The playback speed of a recording: a clock that can run faster, and that stops while playback is paused.

    pace.now()    seconds on that clock: what the times of a played answer are counted in

So the times of an answer are those of its recording, at any speed.
"""

from __future__ import annotations

import threading
import time
from typing import Literal

from backend.transport.call import Call

Speed = Literal[1, 2, 4]
SPEEDS: tuple[Speed, ...] = (1, 2, 4)
FIRST = 1.0  # the initial speed
_LOOK = 0.05  # seconds between two checks of a clock that may change


class Pace:
    """The clock of one playback. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._speed = FIRST
        self._paused = False
        self._since, self._passed = time.monotonic(), 0.0

    def now(self) -> float:
        with self._lock:
            return self._now()

    def _now(self) -> float:
        rate = 0.0 if self._paused else self._speed
        return self._passed + (time.monotonic() - self._since) * rate

    def _set(self, speed: float, *, paused: bool) -> None:
        with self._lock:
            self._passed, self._since = self._now(), time.monotonic()
            self._speed, self._paused = speed, paused

    @property
    def paused(self) -> bool:
        return self._paused

    def pause(self) -> None:
        self._set(self._speed, paused=True)

    def go_on(self) -> None:
        self._set(self._speed, paused=False)

    @property
    def speed(self) -> float:
        return self._speed

    def run(self, speed: float) -> None:
        """Set the speed: seconds of the recording per second."""
        self._set(speed, paused=self._paused)

    def skip(self, seconds: float) -> None:
        """Advance the clock by this many seconds."""
        with self._lock:
            self._passed += seconds

    def wait(self, until: float, call: Call) -> None:
        """Wait until this clock shows this many seconds. Raises what ended the call."""
        while (left := until - self.now()) > 0:
            call.rest(_LOOK if self._paused else min(_LOOK, left / self._speed))
            call.check()
        call.check()
