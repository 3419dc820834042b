"""Messages that earlier versions only hid when they were deleted: their owner deletes them for good, or restores
them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from backend.conversation import legacy_hidden, removal
from backend.conversation.tree import Conversation, NodeId
from backend.store import legacy_hidden_rows
from backend.store.errors import NoSuchConversation
from backend.store.names import stored_owner
from backend.store.removals import Removals, hang, set_view
from backend.store.rows import number
from backend.store.store import Store
from backend.types import Message

AT_ONCE = 100  # conversations per decision: their undo data is in memory
SHOWN = 5  # messages of each that are shown


@dataclass(frozen=True)
class Hidden:
    """A conversation with `count` messages that an earlier version hid; `messages` are the first of them."""

    id: str
    title: str
    count: int
    messages: tuple[Message, ...]


class HiddenMessages:
    """The hidden messages in a store. What changes something raises Unavailable, and skips a conversation that
    is gone.
    """

    def __init__(self, store: Store, removals: Removals) -> None:
        self._store = store
        self._removals = removals

    def hidden_conversations(self, owner: str) -> list[Hidden]:
        """The conversations of this owner that have hidden messages, at most AT_ONCE."""
        name, none = stored_owner(owner), list[Hidden]()
        return self._store.read(lambda connection: _hidden_conversations(connection, name), none)

    def delete(self, owner: str, ids: Sequence[str]) -> Callable[[], None]:
        """Delete them for good; returns a function that writes them back, to be decided about again."""
        undo = [one for id_ in ids if (one := self._delete(owner, id_))]

        def put_back() -> None:
            for one in undo:
                one()

        return put_back

    def restore(self, owner: str, ids: Sequence[str]) -> None:
        """Bring them into view in their old places."""
        for id_ in ids:
            record = self._store.load(owner, id_)
            if record is not None:
                after = legacy_hidden.restore(record.conversation, self._noted_ids(owner, id_))
                self._edit(owner, id_, partial(_restore, before=record.conversation, after=after))

    def _delete(self, owner: str, id_: str) -> Callable[[], None] | None:
        nodes, record = self._noted_ids(owner, id_), self._store.load(owner, id_)
        if record is None or not nodes:
            return None
        done = legacy_hidden.remove(record.conversation, nodes)
        try:
            taken = self._removals.remove(owner, id_, done)
        except NoSuchConversation:
            return None
        self._edit(owner, id_, lambda connection, row: legacy_hidden_rows.note(connection, row, ()))

        def put_back() -> None:
            now = self._store.load(owner, id_)
            conversation = removal.undo(now.conversation, done) if now else done.before
            self._removals.put_back(owner, id_, taken, conversation)
            self._edit(owner, id_, lambda connection, row: legacy_hidden_rows.note(connection, row, nodes))

        return put_back

    def _noted_ids(self, owner: str, id_: str) -> list[NodeId]:
        nodes: list[NodeId] = []
        self._edit(owner, id_, lambda connection, row: nodes.extend(legacy_hidden_rows.noted_ids(connection, row)))
        return nodes

    def _edit(self, owner: str, id_: str, work: Callable[[Connection, int], None]) -> None:
        """Edit one conversation; does nothing if it was deleted meanwhile."""
        name = stored_owner(owner)
        try:
            self._store.edit(lambda connection: work(connection, number(connection, name, id_)))
        except NoSuchConversation:
            return


def _hidden_conversations(connection: Connection, owner: str) -> list[Hidden]:
    listed = []
    for row, id_, title in legacy_hidden_rows.conversations(connection, owner, AT_ONCE):
        nodes = legacy_hidden_rows.out_of_view(connection, row)
        if nodes:
            messages = tuple(legacy_hidden_rows.message(connection, row, node) for node in nodes[:SHOWN])
            listed.append(Hidden(id_, title, len(nodes), messages))
    return listed


def _restore(connection: Connection, row: int, before: Conversation, after: Conversation) -> None:
    hang(connection, row, {node.id: node.parent for node in after.nodes() if node.parent != before[node.id].parent})
    set_view(connection, row, after, None)
    legacy_hidden_rows.note(connection, row, ())
