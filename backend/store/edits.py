"""Changes to a conversation as a whole: name, tags, pin, delete and undo.

A change names the value it is based on (`was`), and is refused only if that same value has changed: a title does
not conflict with a tag. `was=None` overwrites.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlalchemy import Connection, text

from backend.store import search
from backend.store.errors import ChangedElsewhere
from backend.store.rows import number, set_tags, set_title, tags_of

UNDO = 8.0  # seconds in which a deleted conversation can be restored: its row is only hidden


def rename(connection: Connection, owner: str, id_: str, title: str, was: str | None) -> None:
    row = number(connection, owner, id_)
    now = connection.execute(text("SELECT title FROM conversations WHERE number = :n"), {"n": row}).scalar_one()
    if was is not None and now not in (was, title):
        raise ChangedElsewhere
    set_title(connection, row, title)


def tag(connection: Connection, owner: str, id_: str, tags: Sequence[str], was: Sequence[str] | None) -> None:
    row = number(connection, owner, id_)
    now = set(tags_of(connection, [row]).get(row, ()))
    if was is not None and now not in (set(was), set(tags)):
        raise ChangedElsewhere
    set_tags(connection, row, tags)


def pin(connection: Connection, owner: str, id_: str, pinned: bool) -> None:
    row = number(connection, owner, id_)
    connection.execute(text("UPDATE conversations SET pinned = :p WHERE number = :n"), {"p": int(pinned), "n": row})


def delete(connection: Connection, owner: str, ids: Sequence[str]) -> None:
    """Hide them from every list; `sweep` deletes them after UNDO seconds. Raises NoSuchConversation."""
    sweep(connection, time.time() - UNDO)
    for id_ in ids:
        row = number(connection, owner, id_)
        values = {"t": time.time(), "n": row}
        connection.execute(text("UPDATE conversations SET deleted = :t WHERE number = :n"), values)


def restore(connection: Connection, owner: str, ids: Sequence[str]) -> None:
    """Undo `delete`. Raises NoSuchConversation if it was deleted for good."""
    for id_ in ids:
        row = number(connection, owner, id_)
        connection.execute(text("UPDATE conversations SET deleted = NULL WHERE number = :n"), {"n": row})


def purge(connection: Connection, owner: str, ids: Sequence[str]) -> None:
    """Delete them for good, hidden or not. Raises NoSuchConversation."""
    for id_ in ids:
        forget(connection, number(connection, owner, id_))


def purge_deleted(connection: Connection, owner: str, ids: Sequence[str]) -> None:
    """Delete for good those that are still hidden: one may have been restored, or be gone already."""
    for id_ in ids:
        found = connection.execute(_DELETED, {"owner": owner, "id": id_}).scalar_one_or_none()
        if found is not None:
            forget(connection, found)


def sweep(connection: Connection, before: float) -> int:
    """Delete for good what was deleted before this time, of every owner; and what was deleted long after it,
    before the clock was set back.
    """
    rows = connection.execute(_GONE, {"before": before, "ahead": time.time() + _AHEAD})
    numbers = list(rows.scalars())
    for row in numbers:
        forget(connection, row)
    return len(numbers)


def sweep_expired(connection: Connection, undo: float = UNDO) -> float | None:
    """Delete what can no longer be restored; returns when the oldest of the rest was deleted.

    Another process may be asked to restore what it deleted: so only what is old enough is removed.
    """
    sweep(connection, time.time() - undo)
    return connection.execute(_OLDEST).scalar()


def nothing(connection: Connection) -> None:
    """A write that changes nothing, to test whether the database accepts writes."""
    connection.execute(text("UPDATE playground_schema SET version = version"))


def forget(connection: Connection, row: int) -> None:
    """Delete the conversation in this row with everything that belongs to it, and its search index entries."""
    search.forget(connection, row)
    connection.execute(text("DELETE FROM conversations WHERE number = :n"), {"n": row})


_AHEAD = 60.0  # seconds by which the clocks of machines that share a database may differ
_GONE = text("SELECT number FROM conversations WHERE deleted < :before OR deleted > :ahead")
_OLDEST = text("SELECT min(deleted) FROM conversations WHERE deleted IS NOT NULL")
_DELETED = text("SELECT number FROM conversations WHERE owner = :owner AND id = :id AND deleted IS NOT NULL")
