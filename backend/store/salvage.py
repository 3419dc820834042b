"""Recovers a damaged SQLite file: copies every readable row of every table into a new database.

One broken page hides a few rows, or only an index; the rest of a history is intact. The search index is rebuilt
from the messages. Rows that depend on a lost row are not copied: they stay in the damaged file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, text

from backend.formats import archive
from backend.store import fulltext, rows, schema, search

_STEPS = schema.STEPS["sqlite"]
_FARTHEST = 2**62  # the largest possible row number: those of messages are (conversation << 20)
_AT_ONCE = 8  # rows in memory
_GAPS = 10_000  # places in a table where rows are skipped
_ALONE = "local"  # the owner in a private app, if no row names one
_Row = tuple[object, ...]
_Numbered = tuple[int, *_Row]


def read_only(path: Path) -> str:
    """A URI for `sqlite3.connect` that opens the file read-only."""
    return f"file:{quote(str(path.absolute()))}?mode=ro"


def copy_readable(damaged: Path, connection: Connection) -> int:
    """Copy what can be read into an empty database, and migrate it; returns the number of conversations.

    In the caller's transaction, and with few rows in memory. Unreadable rows are skipped; raises what SQLAlchemy
    raises
    if the new database cannot be written.
    """
    with closing(sqlite3.connect(read_only(damaged), uri=True)) as source:
        source.text_factory = lambda raw: raw.decode(errors="replace")
        source.execute("PRAGMA writable_schema = ON")  # a truncated file is read as far as it goes
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        schema.migrate(connection, _STEPS[: _version(source)])
        for table in connection.execute(_TABLES).scalars().all():
            _copy(source, connection, table)
    for repair in _REPAIRS:
        connection.execute(repair)
    schema.migrate(connection)
    _adopt(connection)
    while orphans := connection.execute(text("PRAGMA foreign_key_check")).all():
        for table, row, *_ in orphans:
            connection.execute(text(f"DELETE FROM {table} WHERE rowid = :row"), {"row": row})  # noqa: S608
    connection.execute(_EMPTY)
    _index(connection)
    return int(connection.execute(_COUNT).scalar_one())


def _version(source: sqlite3.Connection) -> int:
    """The version of its tables; the newest if that cannot be read."""
    try:
        return int(source.execute("SELECT version FROM playground_schema").fetchone()[0])
    except (sqlite3.Error, TypeError):
        return len(_STEPS)


def _copy(source: sqlite3.Connection, connection: Connection, table: str) -> None:
    columns = connection.execute(_COLUMNS, {"table": table}).scalars().all()
    names, places = ", ".join(columns), ", ".join(f":{name}" for name in columns)
    insert = text(f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({places})")  # noqa: S608  (names of ours)
    for row in _rows(source, table, columns):
        connection.execute(insert, dict(zip(columns, row, strict=True)))


def _adopt(connection: Connection) -> None:
    """Recreate the conversations of messages whose own row cannot be read, if all data is one owner's."""
    owners = connection.execute(_OWNERS).scalars().all() or [_ALONE]
    if len(owners) > 1:
        return
    for number in connection.execute(_ADOPT, {"owner": owners[0]}).scalars().all():
        bodies = connection.execute(_QUESTIONS, {"number": number}).scalars()
        questions = (message for message in map(archive.load, bodies) if message.role == "user")
        connection.execute(_NAME, {"number": number, "title": next(map(rows.title_of, questions), "")})


def _rows(source: sqlite3.Connection, table: str, columns: Sequence[str]) -> Iterator[_Row]:
    """Every readable row in the order of row numbers, skipping unreadable ones."""
    names = ", ".join(columns)
    select = f"SELECT rowid, {names} FROM {table} WHERE rowid > ? ORDER BY rowid"  # noqa: S608  (names of ours)
    after, some, gaps = -1, _AT_ONCE, 0
    while gaps < _GAPS:
        found = _read(source, select, after, some)
        if found:
            yield from (tuple(row[1:]) for row in found)
            after, some = found[-1][0], _AT_ONCE
        elif found is not None:
            return
        elif some > 1:  # one of them cannot be read: find it
            some = 1
        elif (beyond := _beyond(source, select, after)) is not None:
            after, gaps = beyond, gaps + 1
        else:
            return


def _read(source: sqlite3.Connection, select: str, after: int, most: int) -> list[_Numbered] | None:
    """The next rows, None if they cannot be read or are out of order: then the page belongs to something else."""
    try:
        found = source.execute(f"{select} LIMIT {most}", (after,)).fetchall()
    except sqlite3.Error:
        return None
    return found if all(one < other for one, other in pairwise([after, *(row[0] for row in found)])) else None


def _beyond(source: sqlite3.Connection, select: str, after: int) -> int | None:
    """A row number from which rows can be read again, as near as possible; None if there is none."""

    def reads(number: int) -> bool:
        return bool(_read(source, select, number, 1))

    step = 1
    while not reads(after + step):
        step *= 2
        if after + step > _FARTHEST:
            return None
    unread, read = after + step // 2, after + step
    while read - unread > 1:
        middle = (unread + read) // 2
        unread, read = (unread, middle) if reads(middle) else (middle, read)
    return read


def _index(connection: Connection) -> None:
    for number, title in connection.execute(text("SELECT number, title FROM conversations")).all():
        search.index(connection, number, search.keys(number)[0], title)
    # Not as a list: the bodies are most of the file. Only another table is written meanwhile.
    for key, number, body in connection.execute(text("SELECT key, conversation, body FROM messages")):
        search.index(connection, number, key, fulltext.document(archive.load(body)))


_TABLES = text("""
    SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
    AND name NOT LIKE 'documents%' AND name <> 'playground_schema'
""")
_COLUMNS = text("SELECT name FROM pragma_table_info(:table)")
_OWNERS = text("SELECT owner FROM conversations UNION SELECT owner FROM prompts UNION SELECT owner FROM jobs")
_ADOPT = text("""
    INSERT INTO conversations (number, id, owner, title, created, updated, settings, view)
    SELECT conversation, lower(hex(randomblob(16))), :owner, '', min(updated), max(updated), '{}', '[]'
    FROM messages WHERE conversation NOT IN (SELECT number FROM conversations) GROUP BY conversation
    RETURNING number
""")
_QUESTIONS = text("SELECT body FROM messages WHERE conversation = :number ORDER BY node LIMIT 10")
_NAME = text("UPDATE conversations SET title = :title WHERE number = :number")
_EMPTY = text("DELETE FROM conversations WHERE number NOT IN (SELECT conversation FROM messages)")
_REPAIRS = (
    text("UPDATE conversations SET settings = '{}' WHERE NOT json_valid(settings)"),
    text("UPDATE conversations SET view = '[]' WHERE NOT json_valid(view)"),
)
_COUNT = text("SELECT count(*) FROM conversations WHERE deleted IS NULL")
