"""The queue before the model: first come, first served, and all who run at once run on the same model.

It does NOT know what a place is used for; a place is released when its `with` block ends.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from backend.local.models import LocalModel
from backend.transport.call import Call
from backend.types import Preparing

TICK = 0.05  # polling interval in seconds where there is no condition to wait on


class Place:
    """One request's place in the queue."""

    def __init__(self, model: LocalModel) -> None:
        self.model = model
        self.running = False


class Line:
    """A queue: first come, first served, `slots` at a time, all of them on the same model."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._places: list[Place] = []
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def place(self, model: LocalModel) -> Iterator[Place]:
        place = Place(model)
        with self._lock:
            self._places.append(place)
        try:
            yield place
        finally:
            with self._lock:
                self._places.remove(place)

    def wait(self, place: Place, call: Call) -> Iterator[Preparing]:
        """Wait for this place's turn; yields the number of requests ahead whenever that changes."""
        announced = 0
        while ahead := self._ahead(place):
            if ahead != announced:
                announced = ahead
                yield Preparing(f"Waiting for the local model ({ahead} ahead)")
            call.sleep(TICK)

    def _ahead(self, place: Place) -> int:
        """The number of requests ahead; 0 if it is this place's turn, which it then takes."""
        with self._lock:
            before = self._places[: self._places.index(place)]
            if len(before) < self._slots and all(other.running and other.model == place.model for other in before):
                place.running = True
                return 0
            return len(before)
