"""Finds conversations of a file that are stored already, so that an import does not write them twice; ids and
sizes.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace

from sqlalchemy import Connection, text

from backend.formats import archive
from backend.formats.archive import Record
from backend.store.names import is_id, new_id


def ids(owner: str, record: Record) -> list[str]:
    """The ids under which it may be stored: its own, and one derived from its content and the owner."""
    content = archive.export(replace(record, id="")).encode()
    derived = hashlib.sha256(owner.encode() + b"\n" + content).hexdigest()[:32]
    return [record.id, derived] if is_id(record.id) else [derived]


def contains(here: Record | None, other: Record) -> bool:
    """Whether `here` contains every message of `other`: the same conversation, or one that has continued since."""
    if here is None:
        return False
    missing = Counter(archive.dump(node.message) for node in other.conversation.nodes())
    missing.subtract(archive.dump(node.message) for node in here.conversation.nodes())
    return max(missing.values(), default=0) <= 0


def free(connection: Connection, wanted: list[str]) -> str:
    """The first of these ids that no conversation of any owner has, deleted or not; otherwise a new one."""
    return next((id_ for id_ in wanted if connection.execute(_USED, {"id": id_}).one_or_none() is None), new_id())


def sizes(connection: Connection, owner: str) -> dict[str, int]:
    """The bytes of each conversation's messages."""
    return {id_: int(size) for id_, size in connection.execute(_SIZES[connection.dialect.name], {"owner": owner})}


_USED = text("SELECT 1 FROM conversations WHERE id = :id")
_SIZE = """
    SELECT id, sum({size}) FROM conversations JOIN messages ON conversation = number
    WHERE owner = :owner AND deleted IS NULL GROUP BY id
"""
_SIZES = {
    "sqlite": text(_SIZE.format(size="length(CAST(body AS BLOB))")),
    "postgresql": text(_SIZE.format(size="octet_length(body)")),
}
