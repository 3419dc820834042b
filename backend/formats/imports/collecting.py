"""Groups messages that are separate in a file, one per line or list item, into whole conversations."""

from __future__ import annotations

from backend.formats.imports import claude_code, tavern
from backend.formats.imports.splitting import Piece
from backend.types import JSON
from backend.untrusted import fields


def is_message(value: JSON) -> bool:
    """Whether this is a single message, not a conversation with a role."""
    item = fields(value)
    if claude_code.is_line(item) or tavern.is_line(item):
        return True
    return "role" in item and not {"messages", "mapping", "chat", "format"} & set(item)


class Messages:
    """Messages that are list items or lines: they are collected until the last one of their conversation."""

    def __init__(self, largest: int, most: int) -> None:
        self._largest, self._most = largest, most  # bytes, messages
        self._talks: dict[str, list[JSON]] = {}
        self._of: tuple[str, int] | None = None
        self._place, self._bytes = "", 0

    def takes(self, where: str, piece: Piece, value: JSON) -> bool:
        """Whether it is a message of the conversation that is being collected, or of a new one."""
        of = (where, piece.listed)
        if self._talks and of == self._of and piece.listed:
            self._keep(value, piece)  # any item of a list of messages
            return True
        if not is_message(value) or (self._talks and of != self._of):
            return False
        if not self._talks:
            self._of, self._place, self._bytes = of, where, 0
        self._keep(value, piece)
        return True

    def _keep(self, value: JSON, piece: Piece) -> None:
        self._bytes += len(piece.written) if isinstance(piece.written, bytes) else 0
        talk = self._talks.setdefault(str(fields(value).get("thread_id", ""))[:200], [])
        if self._bytes <= self._largest and len(talk) <= self._most:
            talk.append(value)

    @property
    def too_large(self) -> bool:
        return self._bytes > self._largest or any(len(talk) > self._most for talk in self._talks.values())

    def take_all(self) -> tuple[str, list[JSON]]:
        """The place of the collected messages, and their conversations; the collection is empty afterwards."""
        talks, self._talks = self._talks, {}
        return self._place, [{"thread": talk} if id_ else {"messages": talk} for id_, talk in talks.items()]
