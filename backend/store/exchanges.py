"""The exchanges of the last answers of each conversation: request, headers, chunks with their times.

    KeptExchanges(store).keep(owner, conversation, node, record)

They go with their conversation: what deletes its row deletes them. Only the newest are kept, KEPT of a conversation
and LIMIT bytes; a text that several requests hold, a picture for instance, is there once, by its hash. Nothing
waits in memory here: what cannot be written now is not kept. It does NOT take a key out: the record has none.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import BigInteger, Connection, String, bindparam, text

from backend.answer.exchange_json import Packed, pack, size, unpack
from backend.answer.exchange_record import ExchangeRecord
from backend.conversation.tree import NodeId
from backend.store.names import is_id, stored_owner
from backend.store.rows import number
from backend.store.store import Store
from backend.untrusted import Unreadable

KEPT = 20  # exchanges of one conversation
LIMIT = 2_000_000  # bytes of all of them together


@dataclass(frozen=True)
class Place:
    """A conversation with exchanges that are kept; `updated` in seconds since 1970."""

    id: str
    title: str
    updated: float


class KeptExchanges:
    """What a store keeps of them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(self, owner: str, id_: str, node: NodeId, record: ExchangeRecord) -> None:
        """Write the exchange of one answer, in place of what was kept of it; older ones make room.

        Raises NoSuchConversation, Unavailable.
        """
        packed, name = pack(record), stored_owner(owner)
        self._store.edit(lambda connection: _keep(connection, number(connection, name, id_), node, packed))

    def load(self, owner: str, id_: str, node: NodeId) -> ExchangeRecord | None:
        """The exchange of one answer, None where none is kept."""
        name = stored_owner(owner)
        if not is_id(id_):
            return None
        packed = self._store.read(lambda connection: _load(connection, name, id_, node), None)
        try:
            return unpack(packed.text, packed.large) if packed else None
        except Unreadable:
            return None

    def nodes(self, owner: str, id_: str) -> frozenset[NodeId]:
        """The answers of a conversation whose exchanges are kept."""
        values = {"owner": stored_owner(owner), "id": id_}
        return self._store.read(lambda c: frozenset(c.execute(_NODES, values).scalars()), frozenset[NodeId]())

    def places(self, owner: str, limit: int = 50) -> list[Place]:
        """The owner's conversations that have any, the newest first."""
        values = {"owner": stored_owner(owner), "limit": limit}
        return self._store.read(lambda c: [Place(*row) for row in c.execute(_PLACES, values)], list[Place]())


# ---- in a transaction -----------------------------------------------------------------------------------


def _keep(connection: Connection, row: int, node: NodeId, packed: Packed) -> None:
    hashes = json.dumps(sorted(packed.large))
    values = {"row": row, "node": node, "record": packed.text, "texts": hashes, "size": size(packed.text)}
    connection.execute(_SAVE, {**values, "now": time.time()})
    for hash_, content in packed.large.items():
        connection.execute(_SAVE_TEXT, {"row": row, "hash": hash_, "text": content, "size": size(content)})
    _make_room(connection, row)


def _make_room(connection: Connection, row: int) -> None:
    """Delete the oldest exchanges beyond the limits, and the texts that none of the others holds."""
    sizes = {found.hash: found.size for found in connection.execute(_TEXTS, {"row": row})}
    kept: set[str] = set()
    gone: list[NodeId] = []
    total = 0
    for place, found in enumerate(connection.execute(_NEWEST, {"row": row}).all()):
        new = set(json.loads(found.texts)) - kept
        total += found.size + sum(sizes.get(hash_, 0) for hash_ in new)
        if place and (gone or place >= KEPT or total > LIMIT):
            gone.append(found.node)
        else:
            kept |= new
    if gone:
        connection.execute(_DELETE, {"row": row, "nodes": gone})
    if unused := [hash_ for hash_ in sizes if hash_ not in kept]:
        connection.execute(_DELETE_TEXTS, {"row": row, "hashes": unused})


def _load(connection: Connection, owner: str, id_: str, node: NodeId) -> Packed | None:
    row = connection.execute(_LOAD, {"owner": owner, "id": id_, "node": node}).one_or_none()
    if row is None:
        return None
    hashes: Iterable[str] = json.loads(row.texts)
    texts = connection.execute(_LOAD_TEXTS, {"row": row.conversation, "hashes": list(hashes)})
    return Packed(row.record, {found.hash: found.text for found in texts})


_HASHES = bindparam("hashes", expanding=True, type_=String)  # PostgreSQL asks for the type of an empty list
_SAVE = text("""
    INSERT INTO exchanges (conversation, node, record, texts, size, kept)
    VALUES (:row, :node, :record, :texts, :size, :now)
    ON CONFLICT (conversation, node) DO UPDATE SET record = excluded.record, texts = excluded.texts,
        size = excluded.size, kept = excluded.kept
""")
_SAVE_TEXT = text("""
    INSERT INTO exchange_texts (conversation, hash, text, size) VALUES (:row, :hash, :text, :size)
    ON CONFLICT (conversation, hash) DO NOTHING
""")
_NEWEST = text("SELECT node, texts, size FROM exchanges WHERE conversation = :row ORDER BY node DESC")
_TEXTS = text("SELECT hash, size FROM exchange_texts WHERE conversation = :row")
_DELETE = text("DELETE FROM exchanges WHERE conversation = :row AND node IN :nodes").bindparams(
    bindparam("nodes", expanding=True, type_=BigInteger)
)
_DELETE_TEXTS = text("DELETE FROM exchange_texts WHERE conversation = :row AND hash IN :hashes").bindparams(_HASHES)
_LOAD = text("""
    SELECT conversation, record, texts FROM exchanges JOIN conversations ON number = conversation
    WHERE owner = :owner AND id = :id AND deleted IS NULL AND node = :node
""")
_LOAD_TEXTS = text(
    "SELECT hash, text FROM exchange_texts WHERE conversation = :row AND hash IN :hashes"
).bindparams(_HASHES)
_NODES = text("""
    SELECT node FROM exchanges JOIN conversations ON number = conversation
    WHERE owner = :owner AND id = :id AND deleted IS NULL
""")
_PLACES = text("""
    SELECT id, title, updated FROM conversations
    WHERE owner = :owner AND deleted IS NULL
        AND EXISTS (SELECT 1 FROM exchanges WHERE exchanges.conversation = conversations.number)
    ORDER BY updated DESC, number DESC LIMIT :limit
""")
