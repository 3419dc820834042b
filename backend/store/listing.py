"""The list of an owner's conversations: searched, filtered, sorted, paginated."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Literal

from sqlalchemy import Connection, bindparam, column, func, select, table, text

from backend.conversation.tree import NodeId
from backend.store import search
from backend.store.fulltext import phrases
from backend.store.rows import tags_of

Sort = Literal["updated", "created", "title"]
SORTS: tuple[Sort, ...] = ("updated", "created", "title")


@dataclass(frozen=True)
class Summary:
    """One line of the list. Times are seconds since 1970, UTC.

    After a search, `hit` is the message of the snippet, and `marks` are the (start, end) positions of the hits in
    it.
    """

    id: str
    title: str
    snippet: str
    created: float
    updated: float
    pinned: bool
    tags: tuple[str, ...]
    messages: int
    marks: tuple[tuple[int, int], ...] = ()
    hit: NodeId | None = None


_C = table(
    "conversations", *map(column, ("number", "id", "owner", "title", "created", "updated", "pinned", "deleted"))
)
_ORDER = {
    "updated": (_C.c.updated.desc(),),
    "created": (_C.c.created.desc(),),
    "title": (func.lower(_C.c.title), _C.c.updated.desc()),
}


def conversations(
    connection: Connection, owner: str, sought: str, tag: str, sort: Sort, limit: int, offset: int
) -> list[Summary]:
    """A page of conversations, pinned ones first. A query of punctuation only finds nothing."""
    query = phrases(sought)
    if sought.strip() and not query:
        return []
    mine = select(_C).where(_C.c.owner == owner, _C.c.deleted.is_(None))
    order = (_C.c.pinned.desc(), *_ORDER.get(sort, _ORDER["updated"]), _C.c.number.desc())
    conditions, common = search.contains(connection, query)
    chosen = mine.where(*conditions, *([_TAGGED.bindparams(tag=tag)] if tag else []))
    if common:
        candidates = connection.execute(chosen.with_only_columns(_C.c.number).order_by(*order)).scalars().all()
        page = islice(search.among(connection, candidates, common), offset, offset + limit)
        chosen = mine.where(_C.c.number.in_(list(page)))
    else:
        chosen = chosen.limit(limit).offset(offset)
    rows = connection.execute(chosen.order_by(*order)).all()
    numbers = [row.number for row in rows]
    counts: dict[int, int] = {
        row.conversation: row.messages for row in connection.execute(_COUNTS, {"numbers": numbers})
    }
    tags = tags_of(connection, numbers)
    hits = search.hits(connection, numbers, query)
    return [
        Summary(
            row.id,
            row.title,
            hits[row.number].excerpt.line,
            row.created,
            row.updated,
            bool(row.pinned),
            tags.get(row.number, ()),
            counts.get(row.number, 0),
            hits[row.number].excerpt.marks,
            hits[row.number].node,
        )
        for row in rows
    ]


def latest(connection: Connection, owner: str, limit: int) -> list[tuple[str, str]]:
    """Ids and titles of the last used ones, pinned or not: one index lookup, on every page."""
    mine = select(_C.c.id, _C.c.title).where(_C.c.owner == owner, _C.c.deleted.is_(None))
    rows = connection.execute(mine.order_by(_C.c.updated.desc(), _C.c.number.desc()).limit(limit))
    return [(row.id, row.title) for row in rows]


def tags(connection: Connection, owner: str) -> list[str]:
    """Every tag in use, most used first."""
    return list(connection.execute(_IN_USE, {"owner": owner}).scalars())


_TAGGED = text("EXISTS (SELECT 1 FROM tags WHERE tags.conversation = conversations.number AND tags.tag = :tag)")
_COUNTS = text(
    "SELECT conversation, count(*) AS messages FROM messages WHERE conversation IN :numbers GROUP BY conversation"
).bindparams(bindparam("numbers", expanding=True))
_IN_USE = text("""
    SELECT tag FROM tags JOIN conversations ON conversations.number = tags.conversation
    WHERE owner = :owner AND deleted IS NULL GROUP BY tag ORDER BY count(*) DESC, tag
""")
