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
    """`events` grows only; of raw chunks beyond RAW_LIMIT only the time is kept."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.raw_kept = 0  # characters of raw chunks that came
        self._times = array("d")  # a fourth of the memory of pairs, in an answer without end

    def __len__(self) -> int:
        return len(self.events)

    def add(self, at: float, event: Event) -> Event:
        """Note an event down; as it is kept."""
        if isinstance(event, ChunkReceived):
            self.raw_kept += len(event.raw)
            if self.raw_kept > RAW_LIMIT:
                event = _DROPPED
        self.events.append(event)
        self._times.append(at)
        return event

    def after(self, position: int = 0) -> list[TimedEvent]:
        """The events from a position on."""
        return [TimedEvent(*pair) for pair in zip(self._times[position:], self.events[position:], strict=True)]

    @property
    def last(self) -> Event | None:
        return self.events[-1] if self.events else None

    @property
    def last_at(self) -> float:
        """When the last event came; 0 before the first."""
        return self._times[-1] if self._times else 0.0
