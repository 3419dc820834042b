"""A migration step: the search index by trigrams, replacing the one by whole words (until step 5).

It runs in the transaction of the migration, so a process that is killed in it leaves the old index unchanged.
"""

from __future__ import annotations

import re

from sqlalchemy import Connection, text

from backend.store import search

_BATCH = 500  # texts in memory at a time
# The previous index had a space around each of these characters, in the text itself.
_SPACED = re.compile(" ([\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fa1f]) ")

SQLITE = (
    "ALTER TABLE documents RENAME TO documents_before",
    """CREATE VIRTUAL TABLE documents USING fts5 (
        text UNINDEXED, folded, tokenize = "trigram case_sensitive 1", detail = none, columnsize = 0
    )""",
)
POSTGRESQL = (
    "ALTER TABLE documents RENAME TO documents_before",
    """CREATE TABLE documents (
        key BIGINT PRIMARY KEY,
        conversation BIGINT NOT NULL REFERENCES conversations (number) ON DELETE CASCADE,
        text TEXT NOT NULL,
        folded TEXT NOT NULL,
        grams INTEGER[] NOT NULL
    )""",
)
POSTGRESQL_AFTER = (
    "DROP TABLE documents_before",
    "CREATE INDEX documents_of ON documents (conversation)",
    "CREATE INDEX documents_grams ON documents USING gin (grams)",
)
SQLITE_AFTER = ("DROP TABLE documents_before",)


def fill(connection: Connection) -> None:
    """Index everything in `documents_before` again, some texts at a time."""
    dialect, after = connection.dialect.name, -1
    while rows := connection.execute(_BEFORE[dialect], {"after": after, "most": _BATCH}).all():
        texts = [
            search.values(dialect, row.key >> search.SHIFT, row.key, _SPACED.sub(r"\1", row.text)) for row in rows
        ]
        connection.execute(search.INDEX[dialect], texts)
        after = rows[-1].key


_BEFORE = {
    "sqlite": text(
        "SELECT rowid AS key, text FROM documents_before WHERE rowid > :after ORDER BY rowid LIMIT :most"
    ),
    "postgresql": text("SELECT key, text FROM documents_before WHERE key > :after ORDER BY key LIMIT :most"),
}
