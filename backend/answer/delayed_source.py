"""A source that waits before it asks: for a server that said how long."""

from __future__ import annotations

import math
from collections.abc import Iterator

from backend.answer.turn import Source
from backend.transport.call import Call
from backend.types import ChatRequest, Event, Preparing

LONGEST = 600.0  # seconds; who has to wait longer comes back by himself


class DelayedSource:
    """A turn.Source: says every second how long it still waits; Stop ends the wait at once."""

    def __init__(self, source: Source, seconds: float) -> None:
        self._source = source
        self._seconds = min(seconds, LONGEST)

    def chat(self, request: ChatRequest, call: Call | None = None) -> Iterator[Event]:
        with call or Call() as call:
            for left in range(math.ceil(self._seconds), 0, -1):
                yield Preparing(f"Waiting {left} s, as the server asked")
                call.sleep(min(1.0, self._seconds))
            yield from self._source.chat(request, call)
