"""Reads a reply in any wire format as chunks of chat completions."""

from __future__ import annotations

from typing import Protocol

from backend.protocol.wire.anthropic_reply import MessagesReader
from backend.protocol.wire.calls import index_of
from backend.protocol.wire.chat_reply import unwrapped
from backend.protocol.wire.responses_reply import ResponsesReader
from backend.types import JSON, WireFormat
from backend.untrusted import Object, numbered


class Reader(Protocol):
    """Reads one reply."""

    def chunk(self, event: Object) -> Object:
        """One event of a stream, or a whole reply, as a chunk of chat completions."""


class ChatReader:
    """Reads chat completions: unwraps them. A `message` after the pieces of one contributes only what they did
    not: some servers end a stream with the whole answer.
    """

    def __init__(self) -> None:
        self._came: dict[int, set[str]] = {}  # by choice: the fields received in pieces

    def chunk(self, event: Object) -> Object:
        chunk = unwrapped(event)
        choices = [(place, choice) for place, choice in numbered(chunk.get("choices")) if isinstance(choice, dict)]
        new = [self._new(choice, place) for place, choice in choices]
        same = all(one is choice for one, (_, choice) in zip(new, choices, strict=True))
        return chunk if same else {**chunk, "choices": [*new]}

    def _new(self, choice: dict[str, JSON], place: int) -> dict[str, JSON]:
        index = index_of(choice.get("index"))
        seen_fields = self._came.setdefault(place if index is None else index, set())
        delta = choice.get("delta")
        if isinstance(delta, dict):
            seen_fields.update(name for name, value in delta.items() if value)
        elif seen_fields and isinstance(message := choice.get("message"), dict):
            return {
                **choice,
                "message": {name: value for name, value in message.items() if name not in seen_fields},
            }
        return choice


def reader(format_: WireFormat) -> Reader:
    """A new reader for one reply: it is stateful."""
    readers: dict[WireFormat, type[Reader]] = {
        "chat": ChatReader,
        "messages": MessagesReader,
        "responses": ResponsesReader,
    }
    return readers[format_]()
