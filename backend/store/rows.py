"""SQL statements: one function per operation, on a connection whose transaction belongs to the caller.

Every function takes the owner, and reaches messages, tags and documents only through a conversation of that owner.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, bindparam, text

from backend.conversation.tree import Conversation, Node, NodeId, View
from backend.formats import archive
from backend.formats.archive import Record
from backend.store import fulltext, removed, search, writer
from backend.store.errors import ChangedElsewhere, NoSuchConversation
from backend.store.search import keys
from backend.text import clean, visible, without_marks
from backend.types import JSON, Message
from backend.untrusted import clean_json

TITLE = 60  # characters of the first question in a title


@dataclass(frozen=True)
class Change:
    """What is to be written of one conversation; None: unchanged."""

    nodes: tuple[Node, ...] = ()
    view: View | None = None
    settings: Mapping[str, JSON] | None = None


def save(connection: Connection, owner: str, id_: str, change: Change) -> None:
    """Write messages. A first message creates the conversation; any other requires it to exist.

    A question restores a conversation that was deleted in another tab; the checkpoint of an answer does not.
    """
    question = next((node.message for node in change.nodes if node.message.role == "user"), None)
    values = {
        "id": id_,
        "owner": owner,
        "now": time.time(),
        "view": None if change.view is None else view_text(change.view),
        "settings": None if change.settings is None else as_text(change.settings),
        "revive": int(question is not None),
    }
    head = connection.execute(_TOUCH, values).one_or_none()
    if head is None and any(node.parent is None for node in change.nodes):
        new = {**values, "view": values["view"] or "[]", "settings": values["settings"] or "{}"}
        head = connection.execute(_CREATE, new).one_or_none() or connection.execute(_TOUCH, values).one_or_none()
    if head is None:  # it never existed, or the id is another owner's
        raise NoSuchConversation
    row, title = head
    if not title and question and (title := title_of(question)):
        set_title(connection, row, title)
    for node in change.nodes:
        _save_node(connection, row, node)


def _save_node(connection: Connection, row: int, node: Node) -> None:
    first, last = keys(row)
    values = {
        "first": first,
        "last": last,
        "number": row,
        "node": node.id,
        "parent": node.parent,
        "body": archive.dump(node.message),
        "writer": writer.ME,
        "now": time.time(),
    }
    key = connection.execute(_SAVE, values).scalar_one_or_none()
    if key is None and removed.is_removed(connection, row, node.id):
        return
    if key is None:  # the same id with another parent, or a million messages
        raise ChangedElsewhere
    search.index(connection, row, key, fulltext.document(node.message))


def add(connection: Connection, owner: str, id_: str, record: Record) -> None:
    """Write a whole conversation under a free id."""
    conversation = record.conversation
    save(connection, owner, id_, Change(tuple(conversation.nodes()), conversation.view, record.settings))
    row = number(connection, owner, id_)
    now = time.time()
    times = {
        "number": row,
        "created": record.created or now,
        "updated": record.updated or now,
        "pinned": int(record.pinned),
    }
    connection.execute(_DATE, times)
    if visible(record.title):
        set_title(connection, row, record.title)
    set_tags(connection, row, record.tags)


def load(connection: Connection, owner: str, id_: str) -> Record | None:
    """A conversation that is not deleted, with every branch."""
    head = connection.execute(_HEAD, {"owner": owner, "id": id_}).one_or_none()
    if head is None:
        return None
    now = time.time()
    nodes = [
        Node(row.node, row.parent, _at_rest(row, now))
        for row in connection.execute(_BODIES, {"number": head.number})
    ]
    return Record(
        Conversation.of(nodes, _view(head.view)),
        title=head.title,
        settings=json.loads(head.settings),
        tags=tags_of(connection, [head.number]).get(head.number, ()),
        created=head.created,
        updated=head.updated,
        pinned=bool(head.pinned),
        id=id_,
    )


def title(connection: Connection, owner: str, id_: str) -> str:
    """The title of a conversation that is not deleted; "" if there is none."""
    head = connection.execute(_TITLE, {"owner": owner, "id": id_}).one_or_none()
    return str(head.title) if head else ""


def node_ids(connection: Connection, owner: str, id_: str) -> set[NodeId]:
    """The ids of all messages of one's own conversation, whichever tab wrote them."""
    return set(connection.execute(_NODES, {"owner": owner, "id": id_}).scalars())


def _at_rest(row: Row[tuple[object, ...]], now: float) -> Message:
    """A message in final form: a running answer whose writer has died, or has been silent too long, was
    interrupted.
    """
    message = archive.load(row.body)
    if message.state == "running" and not writer.alive(row.writer, row.updated, now):
        return archive.at_rest(message)
    return message


# ---- shared by other modules ---------------------------------------------------------------------------


def number(connection: Connection, owner: str, id_: str) -> int:
    """The row number of one's own conversation, deleted or not, locked until the transaction ends."""
    row = connection.execute(_OWN, {"owner": owner, "id": id_}).scalar_one_or_none()
    if row is None:
        raise NoSuchConversation
    return int(row)


def set_title(connection: Connection, row: int, title: str) -> None:
    """Set the title. An invisible one counts as none: a list would have a line that nobody can see."""
    title = title if visible(title) else ""
    connection.execute(text("UPDATE conversations SET title = :t WHERE number = :n"), {"t": title, "n": row})
    search.index(connection, row, keys(row)[0], title)


def set_tags(connection: Connection, row: int, tags: Iterable[str]) -> None:
    connection.execute(text("DELETE FROM tags WHERE conversation = :n"), {"n": row})
    for name in tags:
        connection.execute(text("INSERT INTO tags VALUES (:n, :tag)"), {"n": row, "tag": name})


def tags_of(connection: Connection, numbers: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The tags of each of these conversations, in order."""
    tags: dict[int, tuple[str, ...]] = {}
    for number, name in connection.execute(_TAGS, {"numbers": list(numbers)}):
        tags[number] = (*tags.get(number, ()), name)
    return tags


def title_of(question: Message) -> str:
    """The first words of a question without Markdown, cut between two words."""
    line = " ".join(without_marks(clean(question.content[: 4 * TITLE])).split())
    return line if len(line) <= TITLE else line[:TITLE].rsplit(" ", 1)[0].rstrip(",.;:") + " …"


def as_text(value: JSON | Mapping[str, JSON]) -> str:
    return json.dumps(clean_json(value), ensure_ascii=False, separators=(",", ":"))


def view_text(view_: View) -> str:
    return json.dumps([[parent, child] for parent, child in view_.items()])


def _view(stored: str) -> dict[NodeId | None, NodeId | None]:
    return dict(json.loads(stored))


# Touching the row locks it until the transaction ends, in PostgreSQL as in SQLite.
_OWN = text("UPDATE conversations SET owner = owner WHERE owner = :owner AND id = :id RETURNING number")
_TOUCH = text("""
    UPDATE conversations SET updated = :now, view = coalesce(:view, view), settings = coalesce(:settings, settings),
        deleted = CASE WHEN :revive = 1 THEN NULL ELSE deleted END
    WHERE owner = :owner AND id = :id RETURNING number, title
""")
_CREATE = text("""
    INSERT INTO conversations (id, owner, title, created, updated, settings, view)
    VALUES (:id, :owner, '', :now, :now, :settings, :view) ON CONFLICT (id) DO NOTHING RETURNING number, title
""")
# One statement, not three: while many are busy, Python waits 5 ms for its turn after each (measured).
_SAVE = text("""
    INSERT INTO messages (key, conversation, node, parent, body, writer, updated)
    SELECT newest + 1, :number, :node,
        CASE WHEN removed.node IS NULL THEN CAST(:parent AS BIGINT) ELSE removed.parent END, :body, :writer, :now
    FROM (SELECT coalesce(max(key), :first) AS newest FROM messages WHERE key BETWEEN :first AND :last) AS found
    LEFT JOIN removed_messages AS removed
        ON removed.conversation = :number AND removed.node = CAST(:parent AS BIGINT)
    WHERE newest < :last
        AND NOT EXISTS (SELECT 1 FROM removed_messages WHERE conversation = :number AND node = :node)
    ON CONFLICT (conversation, node) DO UPDATE SET body = excluded.body, writer = excluded.writer,
        updated = excluded.updated WHERE messages.parent IS NOT DISTINCT FROM excluded.parent
    RETURNING key
""")
_DATE = text("""
    UPDATE conversations SET created = :created, updated = :updated, pinned = :pinned WHERE number = :number
""")
_HEAD = text("""
    SELECT number, title, created, updated, pinned, settings, view FROM conversations
    WHERE owner = :owner AND id = :id AND deleted IS NULL
""")
_TITLE = text("SELECT title FROM conversations WHERE owner = :owner AND id = :id AND deleted IS NULL")
_BODIES = text("SELECT node, parent, body, writer, updated FROM messages WHERE conversation = :number")
_NODES = text("""
    SELECT node FROM messages JOIN conversations ON number = conversation
    WHERE owner = :owner AND id = :id AND deleted IS NULL
""")
_TAGS = text("SELECT conversation, tag FROM tags WHERE conversation IN :numbers ORDER BY tag").bindparams(
    bindparam("numbers", expanding=True)
)
