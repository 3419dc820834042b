"""What reads a reply: whatever its format, chunks of chat completions come out of it."""

from __future__ import annotations

from typing import Protocol

from backend.protocol.wire.messages import MessagesReader
from backend.protocol.wire.responses import ResponsesReader
from backend.types import WireFormat
from backend.untrusted import Object


class Reader(Protocol):
    def chunk(self, event: Object) -> Object:
        """One event of a stream, or a whole reply, as a chunk of chat completions."""


class ChatReader:
    """Of chat completions: as it is."""

    def chunk(self, event: Object) -> Object:
        return event


def reader(format_: WireFormat) -> Reader:
    """A new reader for one reply: it remembers what has come."""
    readers: dict[WireFormat, type[Reader]] = {
        "chat": ChatReader,
        "messages": MessagesReader,
        "responses": ResponsesReader,
    }
    return readers[format_]()
