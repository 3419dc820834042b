"""Saves one chat as it grows, and tracks the answers that are being written in this process.

A Journal belongs to a Chat; Journals to the process: a tab that is reloaded while an answer streams finds its turn
here, and continues reading it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress

from backend.answer.turn import Turn
from backend.conversation.queue import QueuedMessage
from backend.conversation.removal import Removal
from backend.conversation.tree import Conversation, Node, NodeId, View
from backend.formats.archive import Record
from backend.store.errors import ChangedElsewhere, NoSuchConversation, StoreError
from backend.store.exchanges import KeptExchanges
from backend.store.legacy_hidden import HiddenMessages
from backend.store.names import new_id
from backend.store.queued import QueuedMessages
from backend.store.recorder import Recorder
from backend.store.removals import Removals
from backend.store.store import Store
from backend.types import JSON

Settings = Callable[[], Mapping[str, JSON]]
Answers = Sequence[tuple[NodeId, Turn]]
JUST = 30.0  # seconds after an answer's end in which queued messages are still sent when its page returns


class Journals:
    """The store of a process, with the turns that write into it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.exchanges = KeptExchanges(store)
        self.removals = Removals(store)
        self.hidden = HiddenMessages(store, self.removals)
        self.queued = QueuedMessages(store)
        self.recorder = Recorder(store)
        self._recent: list[tuple[str, str, NodeId, Turn]] = []
        self._lock = threading.Lock()

    def journal(self, owner: str, settings: Settings, id_: str = "") -> Journal:
        """A journal for a new conversation, or for an existing one."""
        return Journal(self, owner, settings, id_)

    def load(self, owner: str, id_: str) -> Record | None:
        """A conversation with every running answer as far as it has come."""
        return self.open(owner, id_)[0]

    def open(self, owner: str, id_: str) -> tuple[Record | None, Answers]:
        """The same, and the turns that still write into it, from any tab of its owner, the newest last.

        The turns are collected before the store is read: an answer that ends in between is in one of both.
        """
        followed = self.recorder.followed_answers(owner, id_)
        record = self.store.load(owner, id_)
        if record is None:
            return None, []
        known = [(node, turn) for node, turn in followed if node in record.conversation]
        for node, turn in known:
            record.conversation.update(node, turn.message)
        return record, [entry for entry in known if record.conversation[entry[0]].message.state == "running"]

    def follow(self, owner: str, id_: str, node: Node, turn: Turn) -> None:
        self.recorder.follow(owner, id_, node.id, node.parent, turn)
        with self._lock:
            self._recent = [entry for entry in self._recent if _goes_on(entry[-1])]
            if turn.running:
                self._recent.append((owner, id_, node.id, turn))

    def goes_on(self, owner: str, id_: str, node: NodeId | None) -> bool:
        """Whether messages queued behind this answer are sent automatically: it runs, or ended while its page
        was reloaded.
        """
        with self._lock:
            entries = list(self._recent)
        return any(_goes_on(turn) for *where, turn in entries if where == [owner, id_, node])

    def stop(self, owner: str, ids: Collection[str]) -> None:
        """Stop the answers that are being written into these conversations, from any tab of their owner."""
        for id_ in ids:
            for _, turn in self.recorder.followed_answers(owner, id_):
                turn.stop()


def _goes_on(turn: Turn) -> bool:
    if turn.running:
        return True
    return turn.state != "stopped" and time.monotonic() - turn.began - turn.elapsed < JUST


class Journal:
    """Where one chat is saved. Its `id` is "" until there is something to save."""

    def __init__(self, journals: Journals, owner: str, settings: Settings, id_: str = "") -> None:
        self._journals = journals
        self._owner = owner
        self._settings = settings
        self._queued: set[int] = set()  # queued messages that are stored
        self.id = id_

    @property
    def settings(self) -> Mapping[str, JSON]:
        """The settings that are stored with the messages."""
        return self._settings()

    def save(self, nodes: Sequence[Node], everything: Sequence[Node], view: View) -> None:
        """Write new messages; on disk when this returns. A conversation that was deleted meanwhile begins anew."""
        try:
            if self.id:
                self._journals.store.save(self._owner, self.id, nodes, view, self._settings())
                return
        except (NoSuchConversation, ChangedElsewhere):
            pass
        self.id = new_id()
        self._queued.clear()
        self._journals.store.save(self._owner, self.id, everything, view, self._settings())

    def elsewhere(self, known: Iterable[NodeId]) -> bool:
        """Whether another tab has written messages into this conversation that are unknown here."""
        return bool(self.id) and not self._journals.store.node_ids(self._owner, self.id) <= set(known)

    def remove(self, removal: Removal) -> Callable[[Conversation], None]:
        """Delete messages: when this returns they are no longer in the database. Returns a function that writes
        them back.

        Both raise Unavailable on failure, and do nothing if the conversation is gone.
        """
        removals, owner, id_ = self._journals.removals, self._owner, self.id
        try:
            taken = removals.remove(owner, id_, removal) if id_ else None
        except NoSuchConversation:
            taken = None
        return lambda conversation: removals.put_back(owner, id_, taken, conversation) if taken else None

    def follow(self, node: Node, turn: Turn) -> None:
        """Save an answer while it grows; one that has ended is saved once more. Thread-safe."""
        self._journals.follow(self._owner, self.id, node, turn)

    # ---- queued messages: while the chat cannot be saved, they exist in the memory of the tab ------------

    def waiting(self) -> list[QueuedMessage]:
        """The messages that were queued when the conversation was left."""
        entries = self._journals.queued.load(self._owner, self.id)
        self._queued |= {entry.id for entry in entries}
        return entries

    def goes_on(self, node: NodeId | None) -> bool:
        """Whether messages queued behind this answer are sent automatically."""
        return self._journals.goes_on(self._owner, self.id, node)

    def enqueue(self, entry: QueuedMessage) -> None:
        """Store a queued message."""
        with suppress(StoreError):
            self._journals.queued.add(self._owner, self.id, entry)
            self._queued.add(entry.id)

    def hold(self, ids: Sequence[int], *, held: bool) -> None:
        """Hold these until the visitor sends them, or let them be sent automatically again."""
        with suppress(StoreError):
            self._journals.queued.hold(self._owner, self.id, ids, held=held)

    def dequeue(self, entry: QueuedMessage, question: Node) -> bool:
        """Turn a queued message into this node, once across all tabs. False if it is gone already."""
        if entry.id not in self._queued:
            return True
        try:
            return self._journals.queued.send(self._owner, self.id, entry, question)
        except StoreError:  # the conversation was deleted: it begins anew with this message
            return True

    def discard(self, ids: Sequence[int]) -> None:
        """Delete queued messages."""
        with suppress(StoreError):
            self._journals.queued.delete(self._owner, self.id, ids)
