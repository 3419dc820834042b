"""The search index: one document per message and one per title, by key, in either database.

A key is its conversation's number << SHIFT plus a place, and place 0 is the title: a hit names its conversation by
itself, so a word that is in every message is found as fast as a rare one (measured, bench/store.py).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, cast

from sqlalchemy import Connection, Integer, Select, TextClause, bindparam, column, select, table, text

from backend.store import fulltext
from backend.store.fulltext import Phrase

SHIFT = 20  # bits for the place: a million messages in a conversation; the statements below know it too


def keys(number: int) -> tuple[int, int]:
    """The first key of a conversation (its title) and the last."""
    return number << SHIFT, (number + 1 << SHIFT) - 1


def index(connection: Connection, number: int, key: int, document: str) -> None:
    """Make this text findable under `key`, in place of what was there."""
    values = {"key": key, "number": number, "text": fulltext.indexed(document), "words": fulltext.folded(document)}
    if connection.dialect.name == "sqlite":
        connection.execute(_SQLITE_INDEX, {"key": key, "text": values["text"]})
    else:
        connection.execute(_POSTGRESQL_INDEX, values)


def forget(connection: Connection, number: int) -> None:
    """Nothing of this conversation is found any more."""
    _forget(connection, *keys(number))


def forget_one(connection: Connection, key: int) -> None:
    """This message is not found any more."""
    _forget(connection, key, key)


def _forget(connection: Connection, first: int, last: int) -> None:
    """Of SQLite's index, `merge` takes what is crossed out; the file itself says that there is some."""
    connection.execute(_FORGET[connection.dialect.name], {"first": first, "last": last})
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA user_version = {_CROSSED_OUT}")


def merge(connection: Connection) -> bool:
    """SQLite: bring some of the parts of the index together, if something in it is only crossed out. True when
    there may be more to do: then call it again, in another transaction.
    """
    driver = cast(sqlite3.Connection, connection.connection.driver_connection)
    state = connection.exec_driver_sql("PRAGMA user_version").scalar()
    if state not in (_CROSSED_OUT, _MERGING):
        return False
    before = driver.total_changes
    connection.execute(_MERGE, {"pages": _MERGED if state == _MERGING else -_MERGED})  # below 0: of all parts
    more = driver.total_changes - before >= 2  # documented: less when there was nothing to do
    # A merge that was under way is ended first, and all parts are looked at once more.
    after = _MERGING if more else _CROSSED_OUT if state == _MERGING else _MERGED_ALL
    connection.exec_driver_sql(f"PRAGMA user_version = {after}")
    return after != _MERGED_ALL


def is_clean(connection: Connection) -> bool:
    """SQLite: nothing was deleted since `clean`."""
    return connection.exec_driver_sql("PRAGMA user_version").scalar() == 0


def clean(connection: Connection) -> None:
    """SQLite: what was merged is overwritten in the file too."""
    if connection.exec_driver_sql("PRAGMA user_version").scalar() == _MERGED_ALL:
        connection.exec_driver_sql("PRAGMA user_version = 0")


def contains(connection: Connection, query: Sequence[Phrase]) -> tuple[list[TextClause], list[str]]:
    """Conditions on `conversations`: each phrase is in its title or in one of its messages.

    PostgreSQL knows by its statistics where to begin. SQLite is told: with the rare phrases. Those that are in
    thousands of messages are given back, for `among`.
    """
    if connection.dialect.name != "sqlite":
        return [_condition(_EXISTS, place, fulltext.tsquery(phrase)) for place, phrase in enumerate(query)], []
    common = [fulltext.match(phrase) for phrase in query if _is_common(connection, phrase)]
    rare = [match for match in map(fulltext.match, query) if match not in common]
    return [_condition(_IN, place, phrase) for place, phrase in enumerate(rare)], common


def _is_common(connection: Connection, phrase: Phrase) -> bool:
    """In thousands of messages, and quick to look up in one conversation."""
    return (
        _is_quick(phrase) and connection.execute(_FREQUENT, {"phrase": fulltext.match(phrase)}).first() is not None
    )


def _is_quick(phrase: Phrase) -> bool:
    """FTS5 collects all that begins with a word each time anew, unless it is in its index of beginnings."""
    return not phrase.begins or len(phrase.words[-1]) <= 3


def among(connection: Connection, numbers: Sequence[int], common: Sequence[str]) -> Iterator[int]:
    """Those of these conversations, in their order, that hold every phrase: looked up one after the other, so that
    a page of hits ends the search.
    """
    conditions = [_condition(_AMONG, place, phrase) for place, phrase in enumerate(common)]
    holds: Select[Any] = select(column("number", Integer)).select_from(table("conversations")).where(*conditions)
    for at in range(0, len(numbers), _AT_ONCE):
        some = numbers[at : at + _AT_ONCE]
        hits = set(connection.execute(holds.where(column("number").in_(some))).scalars())
        yield from (number for number in some if number in hits)


def _condition(sql: str, place: int, phrase: str) -> TextClause:
    name = f"phrase{place}"
    return text(sql.replace(":phrase", f":{name}")).bindparams(bindparam(name, phrase))


def excerpts(connection: Connection, numbers: Sequence[int], query: Sequence[Phrase]) -> dict[int, str]:
    """One line of each conversation: around the first hit, else of its last message."""
    dialect = connection.dialect.name
    if dialect == "sqlite" and query and not any(_is_quick(phrase) for phrase in query):
        either = " OR ".join(fulltext.match(phrase) for phrase in query)
        rows = connection.execute(_HITS, {"query": either, "numbers": list(numbers)})
        hits = {row.key >> SHIFT: row.key for row in rows}
        return {number: _excerpt(connection, number, (), query, hits.get(number)) for number in numbers}
    if dialect == "sqlite":
        sought = tuple(fulltext.match(phrase) for phrase in query if _is_quick(phrase))
    else:
        sought = tuple(f"({fulltext.tsquery(phrase)})" for phrase in query)
    return {number: _excerpt(connection, number, sought, query) for number in numbers}


def _excerpt(
    connection: Connection, number: int, sought: Sequence[str], query: Sequence[Phrase], hit: int | None = None
) -> str:
    dialect = connection.dialect.name
    first, last = keys(number)
    between: dict[str, object] = {"first": hit or first + 1, "last": hit or last}
    if sought:
        either = (" OR " if dialect == "sqlite" else " | ").join(sought)
        text_ = connection.execute(_HIT[dialect], {**between, "query": either}).scalar()
    else:
        text_ = connection.execute(_WHOLE, between).scalar() if hit else None
    return fulltext.snippet(text_ or connection.execute(_NEWEST[dialect], between).scalar() or "", query)


_CROSSED_OUT, _MERGING, _MERGED_ALL = 1, 2, 3  # PRAGMA user_version of the file; 0: nothing to clean
_MERGED = 500  # pages of the index merged in one transaction
_MERGE = text("INSERT INTO documents (documents, rank) VALUES ('merge', :pages)")
_FORGET = {
    "sqlite": text("DELETE FROM documents WHERE rowid BETWEEN :first AND :last"),
    "postgresql": text("DELETE FROM documents WHERE key BETWEEN :first AND :last"),
}
_SQLITE_INDEX = text("INSERT OR REPLACE INTO documents (rowid, text) VALUES (:key, :text)")
_POSTGRESQL_INDEX = text("""
    INSERT INTO documents (key, conversation, text, words)
    VALUES (:key, :number, :text, to_tsvector('simple', :words))
    ON CONFLICT (key) DO UPDATE SET text = excluded.text, words = excluded.words
""")
_AT_ONCE = 100
_FREQUENT = text("SELECT 1 FROM documents WHERE documents MATCH :phrase LIMIT 1 OFFSET 20000")
_IN = "conversations.number IN (SELECT rowid >> 20 FROM documents WHERE documents MATCH :phrase)"
_AMONG = """EXISTS (SELECT 1 FROM documents WHERE documents MATCH :phrase
    AND rowid BETWEEN conversations.number << 20 AND (conversations.number << 20) + 1048575)"""
_EXISTS = """EXISTS (SELECT 1 FROM documents WHERE documents.conversation = conversations.number
    AND documents.words @@ to_tsquery('simple', :phrase))"""
_HIT = {
    "sqlite": text("""
        SELECT text FROM documents WHERE documents MATCH :query AND rowid BETWEEN :first AND :last
        ORDER BY rowid LIMIT 1
    """),
    "postgresql": text("""
        SELECT text FROM documents WHERE key BETWEEN :first AND :last AND words @@ to_tsquery('simple', :query)
        ORDER BY key LIMIT 1
    """),
}
_HITS = text("""
    SELECT min(rowid) AS key FROM documents
    WHERE documents MATCH :query AND rowid >> 20 IN :numbers AND rowid & 1048575 > 0 GROUP BY rowid >> 20
""").bindparams(bindparam("numbers", expanding=True))
_WHOLE = text("SELECT text FROM documents WHERE rowid = :first AND rowid = :last")
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
