"""A source that waits before it sends, for a server that said how long to wait."""

from __future__ import annotations

import math
from collections.abc import Iterator

from backend.answer.turn import Source
from backend.transport.call import Call
from backend.types import ChatRequest, Event, Preparing

LONGEST = 600.0  # seconds; for a longer wait the visitor has to send again


class DelayedSource:
    """A turn.Source that reports the remaining wait every second; Stop ends the wait at once."""

    def __init__(self, source: Source, seconds: float) -> None:
        self._source = source
        self._seconds = min(seconds, LONGEST)

    def chat(self, request: ChatRequest, call: Call | None = None) -> Iterator[Event]:
        with call or Call() as call:
            for left in range(math.ceil(self._seconds), 0, -1):
                yield Preparing(f"Waiting {left} s, as the server asked")
                call.sleep(min(1.0, self._seconds))
            yield from self._source.chat(request, call)
