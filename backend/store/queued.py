"""Messages that wait for the end of an answer: one row each, until they are sent or deleted.

They are deleted with the row of their conversation. Lists, search and exports ignore them, as they have not been
sent.
Nothing is queued in memory here: what cannot be written now is not stored.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress

from sqlalchemy import BigInteger, Connection, TextClause, bindparam, text

from backend.conversation.queue import QueuedMessage
from backend.conversation.tree import Node
from backend.formats import archive
from backend.store import rows
from backend.store.errors import StoreError, Unavailable
from backend.store.names import is_id, stored_owner
from backend.store.rows import Change, number
from backend.store.store import Store


class QueuedMessages:
    """The queued messages in a store. What changes something raises NoSuchConversation, Unavailable."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sent: set[tuple[str, str, int]] = set()  # sent by this process while the database was unavailable
        self._lock = threading.Lock()

    def add(self, owner: str, id_: str, entry: QueuedMessage) -> None:
        """Store one more message."""
        name, body = stored_owner(owner), archive.dump(entry.message)
        values = {"id": entry.id, "after": entry.after, "held": int(entry.held), "body": body}
        self._store.edit(lambda c: _run(c, _ADD, {**values, "row": number(c, name, id_)}))

    def hold(self, owner: str, id_: str, ids: Sequence[int], *, held: bool) -> None:
        """Hold these, or let them be sent automatically again. One that was sent meanwhile does not return."""
        name, values = stored_owner(owner), {"ids": list(ids), "held": int(held)}
        self._store.edit(lambda c: _run(c, _HOLD, {**values, "row": number(c, name, id_)}))

    def send(self, owner: str, id_: str, entry: QueuedMessage, question: Node) -> bool:
        """Turn it into a message of the conversation, in one transaction. False if it is gone already."""
        name, sent = stored_owner(owner), list[bool]()
        own = Node(question.id, question.parent, question.message)

        def work(connection: Connection) -> None:
            values = {"row": number(connection, name, id_), "id": entry.id}
            sent.append(connection.execute(_TAKE, values).first() is not None)
            if sent[-1]:
                rows.save(connection, name, id_, Change((own,)))

        try:
            self._store.edit(work)
        except Unavailable:
            return self._first((name, id_, entry.id))
        return sent[-1]

    def _first(self, which: tuple[str, str, int]) -> bool:
        """While the database is unavailable: whether this process sends it for the first time."""
        with self._lock:
            new = which not in self._sent
            self._sent.add(which)
        return new

    def delete(self, owner: str, id_: str, ids: Sequence[int]) -> None:
        """Delete these for good, from the file's bytes too."""
        name = stored_owner(owner)
        self._store.edit(lambda c: _run(c, _DELETE, {"ids": list(ids), "row": number(c, name, id_)}))
        self._store.cleaner.soon(gone=True)

    def load(self, owner: str, id_: str) -> list[QueuedMessage]:
        """The queue of a conversation, oldest first."""
        name = stored_owner(owner)
        if not is_id(id_):
            return []
        entries = self._store.read(lambda c: _load(c, name, id_), list[QueuedMessage]())
        with self._lock:
            sent = [entry for entry in entries if (name, id_, entry.id) in self._sent]
        if sent:
            with suppress(StoreError):
                self.delete(owner, id_, [entry.id for entry in sent])
        return [entry for entry in entries if entry not in sent]


# ---- in a transaction -----------------------------------------------------------------------------------


def _run(connection: Connection, statement: TextClause, values: Mapping[str, object]) -> None:
    connection.execute(statement, dict(values))


def _load(connection: Connection, owner: str, id_: str) -> list[QueuedMessage]:
    found = connection.execute(_LOAD, {"owner": owner, "id": id_})
    return [QueuedMessage(row.id, archive.load(row.body), row.after_node, bool(row.held)) for row in found]


_IDS = bindparam("ids", expanding=True, type_=BigInteger)
_ADD = text("""
    INSERT INTO queued_messages (conversation, id, after_node, body, held)
    VALUES (:row, :id, CAST(:after AS BIGINT), :body, :held)
""")
_HOLD = text("UPDATE queued_messages SET held = :held WHERE conversation = :row AND id IN :ids").bindparams(_IDS)
_TAKE = text("DELETE FROM queued_messages WHERE conversation = :row AND id = :id RETURNING id")
_DELETE = text("DELETE FROM queued_messages WHERE conversation = :row AND id IN :ids").bindparams(_IDS)
_LOAD = text("""
    SELECT queued_messages.id, body, after_node, held FROM queued_messages
    JOIN conversations ON number = conversation
    WHERE owner = :owner AND conversations.id = :id AND deleted IS NULL ORDER BY queued_messages.id
""")
