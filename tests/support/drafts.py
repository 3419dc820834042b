"""What the JSON of a server comes to: one message, as the client puts it together, without a socket."""

from __future__ import annotations

from typing import Any

from backend.protocol import wire
from backend.protocol.accumulator import Accumulator


def draft_of(*chunks: Any, format_: Any = "chat", **more: Any) -> Accumulator:
    """The draft of an answer, of its chunks or of a whole reply. `more`: for the accumulator."""
    draft, reader = Accumulator(more.pop("model", "m"), **more), wire.reader(format_)
    for chunk in chunks:
        for event in wire.events(reader.chunk(chunk)):
            draft.apply(event)
    return draft
