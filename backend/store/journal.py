"""One chat written down as it grows, and the answers that are being written in this process.

A Journal is handed to a Chat; Journals is the process's: a tab that is reloaded in mid-stream finds the turn that
writes its answer here, and goes on reading it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from backend.answer.turn import Turn
from backend.conversation.removal import Removal
from backend.conversation.tree import Conversation, Node, NodeId, View
from backend.formats.archive import Record
from backend.store.earlier import HiddenMessages
from backend.store.errors import ChangedElsewhere, NoSuchConversation
from backend.store.exchanges import KeptExchanges
from backend.store.names import new_id
from backend.store.recorder import Recorder
from backend.store.removals import Removals
from backend.store.store import Store
from backend.types import JSON

Settings = Callable[[], Mapping[str, JSON]]
Answers = Sequence[tuple[NodeId, Turn]]


class Journals:
    """The store of a process, with what is being written into it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.exchanges = KeptExchanges(store)
        self.removals = Removals(store)
        self.hidden = HiddenMessages(store, self.removals)
        self.recorder = Recorder(store)

    def journal(self, owner: str, settings: Settings, id_: str = "") -> Journal:
        """A journal for a new conversation, or for one that is there already."""
        return Journal(self, owner, settings, id_)

    def load(self, owner: str, id_: str) -> Record | None:
        """A conversation as it is now, each answer as far as it has come."""
        return self.open(owner, id_)[0]

    def open(self, owner: str, id_: str) -> tuple[Record | None, Answers]:
        """The same, and the answers that are still being written into it, by any tab of its owner, the newest last.

        The turns are asked for before the store is read: an answer that ends in between is in one of both.
        """
        followed = self.recorder.followed(owner, id_)
        record = self.store.load(owner, id_)
        if record is None:
            return None, []
        known = [(node, turn) for node, turn in followed if node in record.conversation]
        for node, turn in known:
            record.conversation.update(node, turn.message)
        return record, [entry for entry in known if record.conversation[entry[0]].message.state == "running"]

    def follow(self, owner: str, id_: str, node: Node, turn: Turn) -> None:
        self.recorder.follow(owner, id_, node.id, node.parent, turn)

    def stop(self, owner: str, ids: Collection[str]) -> None:
        """End the answers that are being written into these conversations, by any tab of their owner."""
        for id_ in ids:
            for _, turn in self.recorder.followed(owner, id_):
                turn.stop()


class Journal:
    """Where one chat is written down. Its `id` is "" until there is something to keep."""

    def __init__(self, journals: Journals, owner: str, settings: Settings, id_: str = "") -> None:
        self._journals = journals
        self._owner = owner
        self._settings = settings
        self.id = id_

    def save(self, nodes: Sequence[Node], everything: Sequence[Node], view: View) -> None:
        """Write new messages; on disk when this returns. A conversation that was deleted meanwhile begins anew."""
        try:
            if self.id:
                self._journals.store.save(self._owner, self.id, nodes, view, self._settings())
                return
        except (NoSuchConversation, ChangedElsewhere):
            pass
        self.id = new_id()
        self._journals.store.save(self._owner, self.id, everything, view, self._settings())

    def elsewhere(self, known: Iterable[NodeId]) -> bool:
        """Another tab has written into this conversation what is not known here."""
        return bool(self.id) and not self._journals.store.node_ids(self._owner, self.id) <= set(known)

    def remove(self, removal: Removal) -> Callable[[Conversation], None]:
        """Delete messages: when this returns they are in the database no more. What is given writes them back.

        Both raise Unavailable while that cannot be done, and do nothing where the conversation is gone.
        """
        removals, owner, id_ = self._journals.removals, self._owner, self.id
        try:
            taken = removals.remove(owner, id_, removal) if id_ else None
        except NoSuchConversation:
            taken = None
        return lambda conversation: removals.put_back(owner, id_, taken, conversation) if taken else None

    def follow(self, node: Node, turn: Turn) -> None:
        """Write an answer down while it grows; one that has ended once more, as it is now. From any thread."""
        self._journals.follow(self._owner, self.id, node, turn)
