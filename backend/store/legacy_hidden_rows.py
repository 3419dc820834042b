"""Records messages that earlier versions only hid when they were deleted (backend/conversation/legacy_hidden.py).

They are recorded once, by the migration that creates the table for them, and stay until the owner of a
conversation has decided.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, text

from backend.conversation import legacy_hidden
from backend.conversation.tree import Conversation, Node, NodeId
from backend.formats import archive
from backend.types import Message

TABLE = """CREATE TABLE hidden_messages (
    conversation BIGINT NOT NULL REFERENCES conversations (number) ON DELETE CASCADE,
    node BIGINT NOT NULL,
    PRIMARY KEY (conversation, node)
)"""


def find(connection: Connection) -> None:
    """A migration step: record the hidden messages of every owner. One conversation is in memory at a time, and
    only those with branches, or with a view that ends early, are read.
    """
    for row, view in connection.execute(_CANDIDATES).all():
        nodes = [
            Node(one.node, one.parent, archive.load(one.body)) for one in connection.execute(_BODIES, {"row": row})
        ]
        note(connection, row, legacy_hidden.hidden(Conversation.of(nodes, dict(json.loads(view)))))


def note(connection: Connection, row: int, nodes: Iterable[NodeId]) -> None:
    """Record exactly these messages of the conversation."""
    connection.execute(_FORGET, {"row": row})
    if notes := [{"row": row, "node": node} for node in sorted(nodes)]:
        connection.execute(_NOTE, notes)


def noted_ids(connection: Connection, row: int) -> list[NodeId]:
    """The recorded messages of a conversation, oldest first."""
    return list(connection.execute(_NOTED, {"row": row}).scalars())


def conversations(connection: Connection, owner: str, most: int) -> Sequence[tuple[int, str, str]]:
    """Number, id and title of the owner's conversations that have any, last used first."""
    found = connection.execute(_CONVERSATIONS, {"owner": owner, "most": most})
    return [(row.number, row.id, row.title) for row in found]


def out_of_view(connection: Connection, row: int) -> list[NodeId]:
    """Those that still exist and that the visitor has not returned to. No text is read."""
    view = connection.execute(_VIEW, {"row": row}).scalar_one()
    nodes = [Node(one.node, one.parent, _UNREAD) for one in connection.execute(_PLACES, {"row": row})]
    tree = Conversation.of(nodes, dict(json.loads(view)))
    return sorted(legacy_hidden.still(tree, noted_ids(connection, row)))


def message(connection: Connection, row: int, node: NodeId) -> Message:
    """One hidden message."""
    return archive.load(connection.execute(_BODY, {"row": row, "node": node}).scalar_one())


_UNREAD = Message("user")
_CANDIDATES = text("""
    SELECT number, view FROM conversations WHERE view LIKE '%null]%' OR number IN (
        SELECT conversation FROM messages GROUP BY conversation, parent HAVING count(*) > 1
    )
""")
_BODIES = text("SELECT node, parent, body FROM messages WHERE conversation = :row")
_PLACES = text("SELECT node, parent FROM messages WHERE conversation = :row")
_BODY = text("SELECT body FROM messages WHERE conversation = :row AND node = :node")
_VIEW = text("SELECT view FROM conversations WHERE number = :row")
_FORGET = text("DELETE FROM hidden_messages WHERE conversation = :row")
_NOTE = text("INSERT INTO hidden_messages (conversation, node) VALUES (:row, :node)")
_NOTED = text("SELECT node FROM hidden_messages WHERE conversation = :row ORDER BY node")
_CONVERSATIONS = text("""
    SELECT number, id, title FROM conversations
    WHERE owner = :owner AND deleted IS NULL AND number IN (SELECT conversation FROM hidden_messages)
    ORDER BY updated DESC LIMIT :most
""")
