"""The search index: one document per message and one per title, by key, in either database.

Both find candidates by trigrams, SQLite in the trigram index of FTS5,
PostgreSQL in an index of numbers, which needs no extension; then they compare the text itself. A key is its
conversation's number << SHIFT plus a place, and place 0 is the title: a hit identifies its conversation by itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Row, Select, TextClause, column, select, table, text

from backend.conversation.tree import NodeId
from backend.store import fulltext
from backend.store.fulltext import Excerpt, Phrase
from backend.text import without_marks

SHIFT = 20  # bits for the place: a million messages in a conversation; the statements below contain it too


def keys(number: int) -> tuple[int, int]:
    """The first key of a conversation (its title) and the last."""
    return number << SHIFT, (number + 1 << SHIFT) - 1


def index(connection: Connection, number: int, key: int, document: str) -> None:
    """Index this text under `key`, replacing an earlier one."""
    dialect = connection.dialect.name
    connection.execute(INDEX[dialect], values(dialect, number, key, document))


def values(dialect: str, number: int, key: int, document: str) -> dict[str, object]:
    """The indexed values of a text. SQLite computes the trigrams itself."""
    plain = fulltext.folded(document)
    grams = {} if dialect == "sqlite" else {"grams": fulltext.grams(plain)}
    return {"key": key, "number": number, "text": document, "folded": plain, **grams}


def forget(connection: Connection, number: int) -> None:
    """Remove the conversation from the index."""
    _forget(connection, *keys(number))


def forget_one(connection: Connection, key: int) -> None:
    """Remove the message from the index."""
    _forget(connection, key, key)


def _forget(connection: Connection, first: int, last: int) -> None:
    """Remove keys. In SQLite's index they are only marked until `merge`; a flag in the file records that there
    are some.
    """
    connection.execute(_FORGET[connection.dialect.name], {"first": first, "last": last})
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA user_version = {_CROSSED_OUT}")


def merge(connection: Connection) -> bool:
    """SQLite: merge some segments of the index, if it contains deleted entries. True if there may be more to do:
    then call it again, in another transaction.
    """
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        return False
    state = connection.exec_driver_sql("PRAGMA user_version").scalar()
    if state not in (_CROSSED_OUT, _MERGING):
        return False
    before = driver.total_changes
    connection.execute(_MERGE, {"pages": _MERGED if state == _MERGING else -_MERGED})  # negative: all segments
    more = driver.total_changes - before >= 2  # documented: a smaller change if there was nothing to do
    # An unfinished merge is completed first, and all segments are checked once more.
    after = _MERGING if more else _CROSSED_OUT if state == _MERGING else _MERGED_ALL
    connection.exec_driver_sql(f"PRAGMA user_version = {after}")
    return after != _MERGED_ALL


def is_clean(connection: Connection) -> bool:
    """SQLite: whether nothing was deleted since `clean`."""
    return connection.exec_driver_sql("PRAGMA user_version").scalar() == 0


def clean(connection: Connection) -> None:
    """SQLite: record that merged data has been overwritten in the file."""
    if connection.exec_driver_sql("PRAGMA user_version").scalar() == _MERGED_ALL:
        connection.exec_driver_sql("PRAGMA user_version = 0")


def contains(
    connection: Connection, query: Sequence[Phrase]
) -> tuple[Sequence[ColumnElement[bool] | TextClause], list[Phrase]]:
    """Conditions on `conversations`: each phrase is in its title or in one of its messages.

    PostgreSQL chooses the order by its statistics. SQLite is told: the rare phrases first. Those that are in
    thousands of messages are returned, for `among`.
    """
    if connection.dialect.name != "sqlite":
        return [_condition(_EXISTS, place, _postgresql(phrase)) for place, phrase in enumerate(query)], []
    holders = {phrase: connection.execute(_HOLDERS, _sqlite(phrase)).scalars().all() for phrase in query}
    common = [phrase for phrase, keys_ in holders.items() if len(keys_) == _COMMON]
    rare = [{key >> SHIFT for key in keys_} for phrase, keys_ in holders.items() if phrase not in common]
    return [column("number", Integer).in_(set.intersection(*rare))] if rare else [], common


def among(connection: Connection, numbers: Sequence[int], common: Sequence[Phrase]) -> Iterator[int]:
    """Those of these conversations, in order, that contain every phrase: checked one after the other, so that a
    page of hits ends the search.
    """
    conditions = [_condition(_AMONG, place, {"pattern": phrase.pattern}) for place, phrase in enumerate(common)]
    holds: Select[Any] = select(column("number", Integer)).select_from(table("conversations")).where(*conditions)
    for at in range(0, len(numbers), _AT_ONCE):
        some = numbers[at : at + _AT_ONCE]
        hits = set(connection.execute(holds.where(column("number").in_(some))).scalars())
        yield from (number for number in some if number in hits)


def _sqlite(phrase: Phrase) -> dict[str, object]:
    """The trigrams for FTS5, whose strings are in double quotes; a folded text contains none."""
    return {
        "pattern": phrase.pattern,
        "grams": " AND ".join(f'"{piece}"' for piece in phrase.grams),
        "most": _COMMON,
    }


def _postgresql(phrase: Phrase) -> dict[str, object]:
    return {"pattern": phrase.pattern, "grams": [fulltext.number(piece) for piece in phrase.grams]}


def _condition(sql: str, place: int, parameters: Mapping[str, object]) -> TextClause:
    """The condition with unique parameter names."""
    named = {f"{name}{place}": value for name, value in parameters.items()}
    for name in parameters:
        sql = sql.replace(f":{name}", f":{name}{place}")
    return text(sql).bindparams(**named)


@dataclass(frozen=True)
class Hit:
    """The message that shows why a conversation is listed: around the first hit, otherwise the beginning of its
    last one.
    """

    excerpt: Excerpt
    node: NodeId | None = None  # the message with the hit


def hits(connection: Connection, numbers: Sequence[int], query: Sequence[Phrase]) -> dict[int, Hit]:
    """One line of each conversation."""
    return {number: _hit(connection, number, query) for number in numbers}


def _hit(connection: Connection, number: int, query: Sequence[Phrase]) -> Hit:
    first, last = keys(number)
    between = {"first": first + 1, "last": last}
    row = _first_hit(connection, between, query) if query else None
    if row is None:
        newest = connection.execute(_NEWEST[connection.dialect.name], between).scalar()
        return Hit(fulltext.excerpt(without_marks(newest or "")))
    words = fulltext.excerpt(without_marks(row.text), query)
    return Hit(words if words.marks else fulltext.excerpt(row.text, query), row.node)  # in an address, for instance


def _first_hit(connection: Connection, between: Mapping[str, int], query: Sequence[Phrase]) -> Row[Any] | None:
    """The first of the messages that contain the most phrases."""
    patterns = {f"pattern{place}": phrase.pattern for place, phrase in enumerate(query)}
    place_in = "instr(folded, :{})" if connection.dialect.name == "sqlite" else "strpos(folded, :{})"
    holds = [f"CASE WHEN {place_in.format(name)} > 0 THEN 1 ELSE 0 END" for name in patterns]
    sql = _HIT[connection.dialect.name].replace(":holds", " + ".join(holds))
    return connection.execute(text(sql), {**between, **patterns}).first()


_CROSSED_OUT, _MERGING, _MERGED_ALL = 1, 2, 3  # PRAGMA user_version of the file; 0: nothing to clean
_MERGED = 500  # pages of the index merged in one transaction
_MERGE = text("INSERT INTO documents (documents, rank) VALUES ('merge', :pages)")
_FORGET = {
    "sqlite": text("DELETE FROM documents WHERE rowid BETWEEN :first AND :last"),
    "postgresql": text("DELETE FROM documents WHERE key BETWEEN :first AND :last"),
}
INDEX = {
    "sqlite": text("INSERT OR REPLACE INTO documents (rowid, text, folded) VALUES (:key, :text, :folded)"),
    "postgresql": text("""
        INSERT INTO documents (key, conversation, text, folded, grams)
        VALUES (:key, :number, :text, :folded, :grams)
        ON CONFLICT (key) DO UPDATE SET text = excluded.text, folded = excluded.folded, grams = excluded.grams
    """),
}
_AT_ONCE = 100
# messages that contain a phrase: beyond that, checking one conversation after the other fills a page sooner
_COMMON = 5000
_HOLDERS = text("""
    SELECT rowid FROM documents WHERE documents MATCH :grams AND instr(folded, :pattern) > 0 LIMIT :most
""")
_AMONG = """EXISTS (SELECT 1 FROM documents WHERE instr(folded, :pattern) > 0
    AND rowid BETWEEN conversations.number << 20 AND (conversations.number << 20) + 1048575)"""
_EXISTS = """EXISTS (SELECT 1 FROM documents WHERE documents.conversation = conversations.number
    AND documents.grams @> CAST(:grams AS INTEGER[]) AND strpos(documents.folded, :pattern) > 0)"""
_HIT = {
    "sqlite": """
        SELECT text, node FROM (
            SELECT rowid AS key, text, :holds AS held FROM documents WHERE rowid BETWEEN :first AND :last
        ) JOIN messages USING (key) WHERE held > 0 ORDER BY held DESC, key LIMIT 1
    """,
    "postgresql": """
        SELECT text, node FROM (
            SELECT key, text, :holds AS held FROM documents WHERE key BETWEEN :first AND :last
        ) AS found JOIN messages USING (key) WHERE held > 0 ORDER BY held DESC, key LIMIT 1
    """,
}
_NEWEST = {
    "sqlite": text("""
        SELECT substr(text, 1, 1000) FROM documents WHERE rowid BETWEEN :first AND :last AND text <> ''
        ORDER BY rowid DESC LIMIT 1
    """),
    "postgresql": text("""
        SELECT substr(text, 1, 1000) FROM documents WHERE key BETWEEN :first AND :last AND text <> ''
        ORDER BY key DESC LIMIT 1
    """),
}
