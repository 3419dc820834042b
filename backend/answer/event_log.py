"""The events of one answer with their times, as they came. Not thread-safe: its turn holds a lock."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from backend.types import ChunkReceived, Event

RAW_LIMIT = 4 * 1024 * 1024  # characters of raw chunks kept per answer
_DROPPED = ChunkReceived("")


@dataclass(frozen=True)
class TimedEvent:
    """`at`: seconds since the turn began, on a monotonic clock."""

    at: float
    event: Event


class EventLog:
    """An append-only list of events. Of raw chunks beyond RAW_LIMIT only the time is kept."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.raw_kept = 0  # characters of raw chunks received
        self._times = array("d")  # a quarter of the memory of a list of pairs, for an endless answer

    def __len__(self) -> int:
        return len(self.events)

    def add(self, at: float, event: Event) -> Event:
        """Append an event; returns it as it was stored."""
        if isinstance(event, ChunkReceived):
            self.raw_kept += len(event.raw)
            if self.raw_kept > RAW_LIMIT:
                event = _DROPPED
        self.events.append(event)
        self._times.append(at)
        return event

    def after(self, position: int = 0) -> list[TimedEvent]:
        """The events from this position on."""
        return [TimedEvent(*pair) for pair in zip(self._times[position:], self.events[position:], strict=True)]

    @property
    def last(self) -> Event | None:
        return self.events[-1] if self.events else None

    @property
    def last_at(self) -> float:
        """The time of the last event; 0 before the first."""
        return self._times[-1] if self._times else 0.0
