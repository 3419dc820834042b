"""Which messages of a conversation were deleted: only their ids are stored, so that no tab writes them back.

`parent` is the parent of the message, or its nearest ancestor that is not deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import BigInteger, Connection, bindparam, text

from backend.conversation.tree import NodeId


def is_removed(connection: Connection, row: int, node: NodeId) -> bool:
    """Whether this message of the conversation was deleted."""
    return connection.execute(_IS, {"row": row, "node": node}).first() is not None


def since(connection: Connection, row: int, when: float) -> bool:
    """Whether a message of the conversation was deleted after this time (seconds since 1970)."""
    return connection.execute(_SINCE, {"row": row, "when": when}).first() is not None


def note(connection: Connection, row: int, parents: Mapping[NodeId, NodeId | None], now: float) -> None:
    """Record these messages as deleted; for each, the remaining message before it."""
    for node, parent in parents.items():
        connection.execute(_MOVE, {"row": row, "node": node, "parent": parent})
        connection.execute(_NOTE, {"row": row, "node": node, "parent": parent, "now": now})


def forget(connection: Connection, row: int, nodes: Iterable[NodeId]) -> None:
    """Record these messages as restored."""
    connection.execute(_FORGET, {"row": row, "nodes": list(nodes)})


_IS = text("SELECT 1 FROM removed_messages WHERE conversation = :row AND node = :node")
_SINCE = text("SELECT 1 FROM removed_messages WHERE conversation = :row AND removed >= :when LIMIT 1")
_MOVE = text("UPDATE removed_messages SET parent = :parent WHERE conversation = :row AND parent = :node")
_NOTE = text("""
    INSERT INTO removed_messages (conversation, node, parent, removed) VALUES (:row, :node, :parent, :now)
    ON CONFLICT (conversation, node) DO NOTHING
""")
_FORGET = text("DELETE FROM removed_messages WHERE conversation = :row AND node IN :nodes").bindparams(
    bindparam("nodes", expanding=True, type_=BigInteger)
)
