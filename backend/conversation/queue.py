"""Messages that wait for the end of an answer, stored with their conversation: a reload or a crash loses none.

Waiting messages are sent automatically, oldest first; `held` ones are sent only when the visitor says so. Each is
sent once: its keeper gives it to only one of the chats that know of it.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from backend.conversation.locking import synchronized
from backend.conversation.tree import Node, NodeId, fresh_id
from backend.types import Message

MOST = 20  # queued messages in one chat


@dataclass(frozen=True)
class QueuedMessage:
    """A message queued behind the message `after`. An `id` is never reused, and grows with time."""

    id: int
    message: Message
    after: NodeId | None = None
    held: bool = False


class QueueKeeper(Protocol):
    """Where the queue of one chat is stored (backend/store/journal.py)."""

    def enqueue(self, entry: QueuedMessage) -> None: ...

    def hold(self, ids: Sequence[int], *, held: bool) -> None:
        """Hold these until the visitor sends them, or let them be sent automatically again."""
        ...

    def dequeue(self, entry: QueuedMessage, question: Node) -> bool:
        """Turn this one into a message of the conversation, once. False if that was done before, or it is
        deleted.
        """
        ...

    def discard(self, ids: Sequence[int]) -> None: ...


class MessageQueue:
    """The queue of one chat. Thread-safe."""

    def __init__(self, keeper: QueueKeeper | None = None) -> None:
        self.lock = threading.RLock()
        self._keeper = keeper
        self._entries: list[QueuedMessage] = []

    @property
    def waiting(self) -> list[Message]:
        """The messages that are sent automatically, the next one first."""
        return [entry.message for entry in self._entries if not entry.held]

    @property
    def held_messages(self) -> list[Message]:
        """The messages that are sent only when the visitor says so."""
        return [entry.message for entry in self._entries if entry.held]

    @synchronized
    def add(self, message: Message, after: NodeId | None = None) -> None:
        """Append a message."""
        entry = QueuedMessage(fresh_id(max((one.id for one in self._entries), default=0)), message, after)
        self._entries.append(entry)
        if self._keeper is not None:
            self._keeper.enqueue(entry)

    @synchronized
    def restore(self, entries: Sequence[QueuedMessage], *, goes_on: bool) -> None:
        """Load the stored queue. It keeps waiting if the answer before it `goes_on`; otherwise it is held."""
        self._entries += sorted(entries, key=lambda entry: entry.id)
        if not goes_on:
            self.hold()

    @synchronized
    def hold(self) -> None:
        """Hold all messages: none is sent automatically any more."""
        self._mark([entry for entry in self._entries if not entry.held], held=True)

    @synchronized
    def release(self) -> None:
        """Send all messages automatically again."""
        self._mark([entry for entry in self._entries if entry.held], held=False)

    @synchronized
    def next(self) -> QueuedMessage | None:
        """Take the oldest waiting message out of this queue; it stays in the store."""
        entry = next((entry for entry in self._entries if not entry.held), None)
        if entry:
            self._entries.remove(entry)
        return entry

    def take(self, entry: QueuedMessage, question: Node) -> bool:
        """Turn it into a question of the conversation. False if another chat has sent it."""
        return self._keeper is None or self._keeper.dequeue(entry, question)

    @synchronized
    def drop_held(self) -> list[Message]:
        """Delete the held messages; returns them."""
        gone = [entry for entry in self._entries if entry.held]
        self._entries = [entry for entry in self._entries if entry not in gone]
        if gone and self._keeper is not None:
            self._keeper.discard([entry.id for entry in gone])
        return [entry.message for entry in gone]

    def _mark(self, entries: Sequence[QueuedMessage], *, held: bool) -> None:
        ids = [entry.id for entry in entries]
        self._entries = [replace(entry, held=held) if entry.id in ids else entry for entry in self._entries]
        if ids and self._keeper is not None:
            self._keeper.hold(ids, held=held)
