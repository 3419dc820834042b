"""What pages show of conversations without loading them: the latest, a title, sizes."""

from __future__ import annotations

from backend.store import duplicates, listing, rows
from backend.store.names import is_id, stored_owner
from backend.store.store import Store


def title(store: Store, owner: str, id_: str) -> str:
    """The title of a conversation; "" if it has none, or does not exist."""
    owner = stored_owner(owner)
    if not is_id(id_):
        return ""
    with store.waiting() as unsaved:
        waiting = [one.title for one in unsaved.summaries(owner) if one.id == id_]
    return waiting[0] if waiting else store.read(lambda connection: rows.title(connection, owner, id_), "")


def latest(store: Store, owner: str, limit: int) -> list[tuple[str, str]]:
    """Ids and titles of the last used conversations, newest first. In trouble, those in memory come first."""
    owner = stored_owner(owner)
    none: list[tuple[str, str]] = []
    kept = store.read(lambda connection: listing.latest(connection, owner, limit), none)
    with store.waiting() as unsaved:
        waiting = [(one.id, one.title) for one in unsaved.summaries(owner)]
    return [*waiting, *kept][:limit]


def sizes(store: Store, owner: str) -> dict[str, int]:
    """The bytes of each conversation's messages, by id. Reads them all: not for every run of a page."""
    owner = stored_owner(owner)
    return store.read(lambda connection: duplicates.sizes(connection, owner), dict[str, int]())
