"""Messages deleted for good, and restored while that can be undone: rows, search index, stored exchanges, title.

A stored exchange contains the request, and a request all earlier messages: so those of every message after a
deleted
one are removed too. The removed data is in the memory of the caller (`DeletedRows`), and nowhere else.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Connection, TextClause, bindparam, text

from backend.conversation.removal import Removal
from backend.conversation.tree import Conversation, NodeId
from backend.formats import archive
from backend.store import exchanges, fulltext, removed, search
from backend.store.names import stored_owner
from backend.store.rows import number, set_title, title_of, view_text
from backend.store.search import keys
from backend.store.store import Store

Row = Mapping[str, Any]  # of any table, by column
_AT_ONCE = 500  # ids in one statement: SQLite accepts only a few thousand


@dataclass(frozen=True)
class DeletedRows:
    """The deleted rows. `title` is (the old one, the new one) if it was deleted too."""

    messages: tuple[Row, ...]
    exchanges: tuple[Row, ...]
    texts: tuple[Row, ...]
    moved: Mapping[NodeId, NodeId | None]  # messages that had another parent, and that parent
    title: tuple[str, str] | None = None


class Removals:
    """The removals of a store. Both methods raise NoSuchConversation, Unavailable."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def remove(self, owner: str, id_: str, removal: Removal) -> DeletedRows:
        """Delete messages for good; returns what `put_back` needs."""
        taken: list[DeletedRows] = []
        name = stored_owner(owner)
        self._store.edit(lambda connection: taken.append(_remove(connection, name, id_, removal)))
        self._store.cleaner.soon()
        return taken[-1]

    def put_back(self, owner: str, id_: str, taken: DeletedRows, conversation: Conversation) -> None:
        """Restore deleted messages; `conversation` is the tree afterwards."""
        name = stored_owner(owner)
        self._store.edit(lambda connection: _put_back(connection, name, id_, taken, conversation))


# ---- in a transaction -----------------------------------------------------------------------------------


def _remove(connection: Connection, owner: str, id_: str, removal: Removal) -> DeletedRows:
    """Delete the messages of a removal in one transaction."""
    row, now = number(connection, owner, id_), time.time()
    gone = removal.removed_ids
    messages = _take(connection, _MESSAGES, _DELETE_MESSAGES, row, gone)
    for message in messages:
        search.forget_one(connection, message["key"])
    kept, texts = _take_exchanges(connection, row, removal.affected_ids)
    removed.note(connection, row, {node: _left_before(removal, node) for node in sorted(gone)}, now)
    hang(connection, row, removal.new_parents)
    moved = {node: removal.before[node].parent for node in removal.new_parents}
    set_view(connection, row, removal.after, now)
    return DeletedRows(messages, kept, texts, moved, _take_title(connection, row, removal))


def _put_back(connection: Connection, owner: str, id_: str, taken: DeletedRows, conversation: Conversation) -> None:
    """Restore what was deleted; `conversation` is the tree afterwards."""
    row = number(connection, owner, id_)
    removed.forget(connection, row, [message["node"] for message in taken.messages])
    first, last = keys(row)
    for message in taken.messages:
        key = connection.execute(_PUT_MESSAGE, {**message, "first": first, "last": last}).scalar_one()
        search.index(connection, row, key, fulltext.document(archive.load(message["body"])))
    hang(connection, row, taken.moved)
    for statement, rows in ((_PUT_EXCHANGE, taken.exchanges), (_PUT_TEXT, taken.texts)):
        for one in rows:
            connection.execute(statement, one)
    if taken.title is not None and _title(connection, row) == taken.title[1]:
        set_title(connection, row, taken.title[0])
    set_view(connection, row, conversation, None)


def _take(
    connection: Connection, select: TextClause, delete: TextClause, row: int, nodes: Collection[NodeId]
) -> tuple[Row, ...]:
    """Delete the rows of these nodes and return them."""
    wanted, rows = sorted(nodes), list[Row]()
    for at in range(0, len(wanted), _AT_ONCE):
        some = {"row": row, "nodes": wanted[at : at + _AT_ONCE]}
        rows += [dict(found) for found in connection.execute(select, some).mappings()]
        connection.execute(delete, some)
    return tuple(rows)


def _take_exchanges(
    connection: Connection, row: int, nodes: Collection[NodeId]
) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """Delete their exchanges, and the texts that no other one uses, and return them."""
    before = {text_["hash"]: dict(text_) for text_ in connection.execute(_TEXTS, {"row": row}).mappings()}
    kept = _take(connection, _EXCHANGES, _DELETE_EXCHANGES, row, nodes)
    if not kept:
        return (), ()
    exchanges.make_room(connection, row)
    left = set(connection.execute(_HASHES, {"row": row}).scalars())
    return kept, tuple(text_ for hash_, text_ in before.items() if hash_ not in left)


def _left_before(removal: Removal, node: NodeId) -> NodeId | None:
    parent = removal.before[node].parent
    while parent is not None and parent not in removal.after:
        parent = removal.before[parent].parent
    return parent


def hang(connection: Connection, row: int, moved: Mapping[NodeId, NodeId | None]) -> None:
    """Set the parents of these messages."""
    for node, parent in moved.items():
        connection.execute(_HANG, {"row": row, "node": node, "parent": parent})


def set_view(connection: Connection, row: int, conversation: Conversation, now: float | None) -> None:
    """Set the branch in view; a conversation without messages is deleted itself, as of `now`."""
    deleted = None if len(conversation) else now
    connection.execute(_VIEW, {"row": row, "view": view_text(conversation.view), "deleted": deleted})


def _take_title(connection: Connection, row: int, removal: Removal) -> tuple[str, str] | None:
    """Remove a title that was made from a deleted question; the next question gives a new one."""
    old = _title(connection, row)
    gone = [removal.before[node].message for node in removal.removed_ids]
    if not old or not any(message.role == "user" and title_of(message) == old for message in gone):
        return None
    questions: Sequence[str] = [
        title_of(node.message) for node in removal.after.path() if node.message.role == "user"
    ]
    new = questions[0] if questions else ""
    set_title(connection, row, new)
    return old, new


def _title(connection: Connection, row: int) -> str:
    found = connection.execute(text("SELECT title FROM conversations WHERE number = :row"), {"row": row})
    return str(found.scalar_one())


def _of_nodes(sql: str) -> TextClause:
    return text(sql).bindparams(bindparam("nodes", expanding=True, type_=BigInteger))


_MESSAGES = _of_nodes("""
    SELECT key, conversation, node, parent, body, writer, updated FROM messages
    WHERE conversation = :row AND node IN :nodes
""")
_DELETE_MESSAGES = _of_nodes("DELETE FROM messages WHERE conversation = :row AND node IN :nodes")
# With a new key: a later message may have its old one by now, if it was the last.
_PUT_MESSAGE = text("""
    INSERT INTO messages (key, conversation, node, parent, body, writer, updated)
    SELECT coalesce(max(key), :first) + 1, :conversation, :node, CAST(:parent AS BIGINT), :body, :writer, :updated
    FROM messages WHERE key BETWEEN :first AND :last
    RETURNING key
""")
_HANG = text("UPDATE messages SET parent = CAST(:parent AS BIGINT) WHERE conversation = :row AND node = :node")
_VIEW = text("UPDATE conversations SET view = :view, deleted = :deleted WHERE number = :row")
_EXCHANGES = _of_nodes("SELECT * FROM exchanges WHERE conversation = :row AND node IN :nodes")
_DELETE_EXCHANGES = _of_nodes("DELETE FROM exchanges WHERE conversation = :row AND node IN :nodes")
_TEXTS = text("SELECT * FROM exchange_texts WHERE conversation = :row")
_HASHES = text("SELECT hash FROM exchange_texts WHERE conversation = :row")
_PUT_EXCHANGE = text("""
    INSERT INTO exchanges (conversation, node, record, texts, size, kept)
    VALUES (:conversation, :node, :record, :texts, :size, :kept) ON CONFLICT (conversation, node) DO NOTHING
""")
_PUT_TEXT = text("""
    INSERT INTO exchange_texts (conversation, hash, text, size) VALUES (:conversation, :hash, :text, :size)
    ON CONFLICT (conversation, hash) DO NOTHING
""")
