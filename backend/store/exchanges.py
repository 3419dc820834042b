"""The exchanges of the last answers of each conversation: request, headers, chunks with their times.

    KeptExchanges(store).keep(owner, conversation, node, record)

They are deleted with their conversation, and with a deleted message: its own and those of
every later message (backend/store/removals.py). Only the newest are kept: KEPT per conversation and LIMIT bytes,
and OWNER_LIMIT bytes per owner. They are compressed; a text that several requests contain, a picture for instance,
is stored once, by its hash. Nothing is queued in memory: what cannot be written now is dropped. It does NOT redact
a
key: a record contains none.
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import BigInteger, Connection, String, bindparam, text

from backend.answer.exchange_json import pack, unpack
from backend.answer.exchange_record import ExchangeRecord
from backend.conversation.tree import NodeId, when
from backend.store import removed
from backend.store.database import Database
from backend.store.names import is_id, stored_owner
from backend.store.rows import number
from backend.untrusted import Unreadable

KEPT = 20  # exchanges of one conversation
LIMIT = 2_000_000  # bytes of all of them together, as stored
OWNER_LIMIT = 50_000_000  # bytes of all exchanges of one owner, as stored
_EXPANDED = 4_000_000  # limit in bytes when reading a record or one of its texts: `pack` writes less


@dataclass(frozen=True)
class Place:
    """A conversation with stored exchanges; `updated` in seconds since 1970."""

    id: str
    title: str
    updated: float


class KeptExchanges:
    """The exchanges in a store."""

    def __init__(self, store: Database) -> None:
        self._store = store

    def keep(self, owner: str, id_: str, node: NodeId, record: ExchangeRecord) -> None:
        """Write the exchange of one answer, replacing an earlier one; older ones make room.

        Nothing is written for an answer that was running when a message before it was deleted: its request
        contained that.
        Raises NoSuchConversation, Unavailable.
        """
        packed, name = pack(record), stored_owner(owner)
        stored = _Stored(_compressed(packed.text), {hash_: _compressed(one) for hash_, one in packed.large.items()})

        def write(connection: Connection) -> None:
            row = number(connection, name, id_)
            if removed.is_removed(connection, row, node) or removed.since(connection, row, when(node)):
                return
            _keep(connection, row, node, stored)
            _make_room_of_owner(connection, name)

        self._store.edit(write)

    def load(self, owner: str, id_: str, node: NodeId) -> ExchangeRecord | None:
        """The exchange of one answer, None if there is none."""
        name = stored_owner(owner)
        if not is_id(id_):
            return None
        stored = self._store.read(lambda connection: _load(connection, name, id_, node), None)
        if stored is None:
            return None
        try:
            texts = {hash_: _expanded(content) for hash_, content in stored.texts.items()}
            return unpack(_expanded(stored.record), texts)
        except Unreadable:
            return None

    def nodes(self, owner: str, id_: str) -> frozenset[NodeId]:
        """The answers of a conversation that have an exchange."""
        values = {"owner": stored_owner(owner), "id": id_}
        return self._store.read(lambda c: frozenset(c.execute(_NODES, values).scalars()), frozenset[NodeId]())

    def places(self, owner: str, limit: int = 50) -> list[Place]:
        """The owner's conversations that have exchanges, the newest first."""
        values = {"owner": stored_owner(owner), "limit": limit}
        return self._store.read(lambda c: [Place(*row) for row in c.execute(_PLACES, values)], list[Place]())


@dataclass(frozen=True)
class _Stored:
    """A record and its long texts by hash, each compressed."""

    record: bytes
    texts: Mapping[str, bytes]


def _compressed(content: str) -> bytes:
    return zlib.compress(content.encode())


def _expanded(content: bytes) -> str:
    """The decompressed text. Raises Unreadable for invalid data, or if it is larger than `pack` writes."""
    reader = zlib.decompressobj()
    try:
        expanded = reader.decompress(content, _EXPANDED)
        if reader.eof:
            return expanded.decode()
    except (zlib.error, TypeError, UnicodeDecodeError):
        pass
    raise Unreadable("The exchange is not readable.")


# ---- in a transaction -----------------------------------------------------------------------------------


def _keep(connection: Connection, row: int, node: NodeId, stored: _Stored) -> None:
    hashes = json.dumps(sorted(stored.texts))
    values = {"row": row, "node": node, "record": stored.record, "texts": hashes, "size": len(stored.record)}
    connection.execute(_SAVE, {**values, "now": time.time()})
    for hash_, content in stored.texts.items():
        connection.execute(_SAVE_TEXT, {"row": row, "hash": hash_, "text": content, "size": len(content)})
    make_room(connection, row)


def _make_room_of_owner(connection: Connection, owner: str) -> None:
    """Delete the oldest exchanges of all of an owner's conversations until the rest is within the limit."""
    while connection.execute(_TOTAL, {"owner": owner}).scalar_one() > OWNER_LIMIT:
        oldest = connection.execute(_OLDEST, {"owner": owner}).all()
        for row in {found.conversation for found in oldest}:
            nodes = [found.node for found in oldest if found.conversation == row]
            connection.execute(_DELETE, {"row": row, "nodes": nodes})
            make_room(connection, row)
        if not oldest:
            return


def make_room(connection: Connection, row: int) -> None:
    """Delete the oldest exchanges beyond the limits, and the texts that no other one uses."""
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


def _load(connection: Connection, owner: str, id_: str, node: NodeId) -> _Stored | None:
    row = connection.execute(_LOAD, {"owner": owner, "id": id_, "node": node}).one_or_none()
    if row is None:
        return None
    hashes: Iterable[str] = json.loads(row.texts)
    texts = connection.execute(_LOAD_TEXTS, {"row": row.conversation, "hashes": list(hashes)})
    return _Stored(row.record, {found.hash: found.text for found in texts})


_HASHES = bindparam("hashes", expanding=True, type_=String)  # PostgreSQL needs the type of an empty list
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
# Both use the indexes of the sizes: the data itself is not read.
_TOTAL = text("""
    SELECT (SELECT coalesce(sum(size), 0) FROM exchanges JOIN conversations ON number = conversation
            WHERE owner = :owner)
         + (SELECT coalesce(sum(size), 0) FROM exchange_texts JOIN conversations ON number = conversation
            WHERE owner = :owner)
""")
# Several at a time, so that one large answer does not compute the sum again for each small one that it displaces;
# the
# newest of all is the one that has just been written, and stays.
_OLDEST = text("""
    SELECT conversation, node FROM exchanges JOIN conversations ON number = conversation
    WHERE owner = :owner AND kept < (
        SELECT max(kept) FROM exchanges JOIN conversations ON number = conversation WHERE owner = :owner
    )
    ORDER BY kept, node LIMIT 5
""")
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
