"""The tables, and the migrations of older databases: forward only, all steps in one transaction.

The statements of a released step never change: a new step is added. A database with a larger version number
was written by a newer playground; it is refused before anything is written to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, inspect, text

from backend.store import feature_tables, legacy_hidden_rows, reindex
from backend.store.errors import Foreign, Newer

VERSION_TABLE = "playground_schema"
_OURS = {
    *("conversations", "messages", "documents", "tags", "prompts", "saved_presets", "saved_tools"),
    *(
        "exchanges",
        "exchange_texts",
        "removed_messages",
        "hidden_messages",
        "queued_messages",
        "votes",
        "saved_suites",
        "saved_servers",
        "saved_scripts",
    ),
    *("jobs", "job_steps"),
}
_LOCK = 7_024_113  # an arbitrary lock id, the same in every process: one migrates, the others wait

# `number` is internal; `id` is public. A message's `key` is its conversation's number << 20 plus
# its index in it, so that a hit in the search index names its conversation without reading the messages.
_TABLES = (
    """CREATE TABLE conversations (
        number {serial},
        id TEXT NOT NULL UNIQUE,
        owner TEXT NOT NULL,
        title TEXT NOT NULL,
        created DOUBLE PRECISION NOT NULL,
        updated DOUBLE PRECISION NOT NULL,
        pinned INTEGER NOT NULL DEFAULT 0,
        deleted DOUBLE PRECISION,
        settings TEXT NOT NULL,
        view TEXT NOT NULL
    )""",
    "CREATE INDEX conversations_of ON conversations (owner, updated)",
    "CREATE INDEX conversations_deleted ON conversations (deleted) WHERE deleted IS NOT NULL",
    """CREATE TABLE messages (
        key BIGINT_KEY PRIMARY KEY,
        conversation BIGINT NOT NULL REFERENCES conversations (number) ON DELETE CASCADE,
        node BIGINT NOT NULL,
        parent BIGINT,
        body TEXT NOT NULL,
        writer TEXT NOT NULL,
        updated DOUBLE PRECISION NOT NULL,
        UNIQUE (conversation, node)
    )""",
    """CREATE TABLE tags (
        conversation BIGINT NOT NULL REFERENCES conversations (number) ON DELETE CASCADE,
        tag TEXT NOT NULL,
        PRIMARY KEY (conversation, tag)
    )""",
)
_SQLITE = (
    *(
        sql.replace("{serial}", "INTEGER PRIMARY KEY AUTOINCREMENT").replace("BIGINT_KEY", "INTEGER")
        for sql in _TABLES
    ),
    """CREATE VIRTUAL TABLE documents USING fts5 (
        text, tokenize = "unicode61 remove_diacritics 2", prefix = '2 3', columnsize = 0
    )""",
)
_POSTGRESQL = (
    *(
        sql.replace("{serial}", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY").replace("BIGINT_KEY", "BIGINT")
        for sql in _TABLES
    ),
    """CREATE TABLE documents (
        key BIGINT PRIMARY KEY,
        conversation BIGINT NOT NULL REFERENCES conversations (number) ON DELETE CASCADE,
        text TEXT NOT NULL,
        words TSVECTOR NOT NULL
    )""",
    "CREATE INDEX documents_of ON documents (conversation)",
    "CREATE INDEX documents_words ON documents USING gin (words)",
)
# `folded` is the name without case: neither database folds the letters of every language by itself.
_PROMPTS = (
    """CREATE TABLE prompts (
        id TEXT PRIMARY KEY,
        owner TEXT NOT NULL,
        folded TEXT NOT NULL,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        text TEXT NOT NULL,
        about TEXT NOT NULL,
        created DOUBLE PRECISION NOT NULL,
        updated DOUBLE PRECISION NOT NULL,
        UNIQUE (owner, folded)
    )""",
)
# The guests' use of the owner's key, and the one row that every reservation locks first.
_GUESTS = (
    """CREATE TABLE guest_spending (
        id TEXT PRIMARY KEY,
        guest TEXT NOT NULL,
        began DOUBLE PRECISION NOT NULL,
        ends DOUBLE PRECISION NOT NULL,
        settled INTEGER NOT NULL,
        messages BIGINT NOT NULL,
        tokens BIGINT NOT NULL,
        micros BIGINT NOT NULL
    )""",
    "CREATE INDEX guest_spending_began ON guest_spending (began)",
    "CREATE TABLE guest_house (number INTEGER PRIMARY KEY, paused DOUBLE PRECISION)",
    "INSERT INTO guest_house (number, paused) VALUES (1, NULL)",
)

# Presets and tools: a named JSON text. `name_key` is the name for comparison: a preset's without case, a
# tool's unchanged. Up to step 3 they were prompts of an owner with "/presets" or "/tools" behind the name.
_NAMED_TEXTS = """CREATE TABLE {table} (
        id TEXT PRIMARY KEY,
        owner TEXT NOT NULL,
        name_key TEXT NOT NULL,
        name TEXT NOT NULL,
        text TEXT NOT NULL,
        updated DOUBLE PRECISION NOT NULL,
        UNIQUE (owner, name_key)
    )"""
_PRESETS_AND_TOOLS = (
    _NAMED_TEXTS.replace("{table}", "saved_presets"),
    """INSERT INTO saved_presets (id, owner, name_key, name, text, updated)
        SELECT id, substr(owner, 1, length(owner) - 8), folded, name, text, updated
        FROM prompts WHERE substr(owner, length(owner) - 7) = '/presets'""",
    "DELETE FROM prompts WHERE substr(owner, length(owner) - 7) = '/presets'",
    _NAMED_TEXTS.replace("{table}", "saved_tools"),
    """INSERT INTO saved_tools (id, owner, name_key, name, text, updated)
        SELECT id, substr(owner, 1, length(owner) - 6), name, name, text, updated
        FROM prompts WHERE substr(owner, length(owner) - 5) = '/tools'""",
    "DELETE FROM prompts WHERE substr(owner, length(owner) - 5) = '/tools'",
)
# The exchanges of the last answers of a conversation, compressed; a long text of several requests is
# stored once. They are deleted with the conversation's row. The indexes are for the sum of an owner's sizes.
_EXCHANGES_TABLES = (
    """CREATE TABLE exchanges (
        conversation BIGINT NOT NULL REFERENCES conversations (number) ON DELETE CASCADE,
        node BIGINT NOT NULL,
        record {bytes} NOT NULL,
        texts TEXT NOT NULL,
        size INTEGER NOT NULL,
        kept DOUBLE PRECISION NOT NULL,
        PRIMARY KEY (conversation, node)
    )""",
    """CREATE TABLE exchange_texts (
        conversation BIGINT NOT NULL REFERENCES conversations (number) ON DELETE CASCADE,
        hash TEXT NOT NULL,
        text {bytes} NOT NULL,
        size INTEGER NOT NULL,
        PRIMARY KEY (conversation, hash)
    )""",
    "CREATE INDEX exchanges_sizes ON exchanges (conversation, kept, node, size)",
    "CREATE INDEX exchange_texts_sizes ON exchange_texts (conversation, size)",
)
_SQLITE_EXCHANGES = tuple(sql.replace("{bytes}", "BLOB") for sql in _EXCHANGES_TABLES)
_POSTGRESQL_EXCHANGES = tuple(sql.replace("{bytes}", "BYTEA") for sql in _EXCHANGES_TABLES)
# Ids of deleted messages, without content. Whatever still holds one (an answer that is being written, another
# tab, another process) cannot write it back, and what follows one gets its parent.
_REMOVED_MESSAGES = (
    """CREATE TABLE removed_messages (
        conversation BIGINT NOT NULL REFERENCES conversations (number) ON DELETE CASCADE,
        node BIGINT NOT NULL,
        parent BIGINT,
        removed DOUBLE PRECISION NOT NULL,
        PRIMARY KEY (conversation, node)
    )""",
)
# The identity of guests between page loads: the secret that signs the cookies, and what is known of a browser.
# `guest` is a hash of the value of its cookie, `link` of a private link: neither can be reversed.
_VISITS = (
    "ALTER TABLE guest_house ADD COLUMN secret TEXT",
    """CREATE TABLE guest_visits (
        guest TEXT PRIMARY KEY,
        budget TEXT NOT NULL,
        admitted TEXT NOT NULL,
        link TEXT NOT NULL,
        ended INTEGER NOT NULL,
        seen DOUBLE PRECISION NOT NULL
    )""",
    "CREATE INDEX guest_visits_seen ON guest_visits (seen)",
    "CREATE INDEX guest_visits_link ON guest_visits (link)",
)
_HIDDEN_MESSAGES = (legacy_hidden_rows.TABLE, legacy_hidden_rows.find)
_SUITES = (_NAMED_TEXTS.replace("{table}", "saved_suites"),)
_SERVERS = (_NAMED_TEXTS.replace("{table}", "saved_servers"),)
_SCRIPTS = (_NAMED_TEXTS.replace("{table}", "saved_scripts"),)
_SQLITE_PIECES = (*reindex.SQLITE, reindex.fill, *reindex.SQLITE_AFTER)
_POSTGRESQL_PIECES = (*reindex.POSTGRESQL, reindex.fill, *reindex.POSTGRESQL_AFTER)
# A step is statements, and functions for what is easier in Python.
Steps = Sequence[Sequence[str | Callable[[Connection], None]]]
STEPS: dict[str, Steps] = {
    "sqlite": (
        _SQLITE,
        _PROMPTS,
        _GUESTS,
        _PRESETS_AND_TOOLS,
        _SQLITE_EXCHANGES,
        _REMOVED_MESSAGES,
        _VISITS,
        _SQLITE_PIECES,
        _HIDDEN_MESSAGES,
        feature_tables.QUEUED_MESSAGES,
        feature_tables.VOTES,
        feature_tables.JOBS,
        _SUITES,
        feature_tables.JOB_QUEUES,
        _SERVERS,
        _SCRIPTS,
        feature_tables.JOB_EARLIER_TRIES,
    ),
    "postgresql": (
        _POSTGRESQL,
        _PROMPTS,
        _GUESTS,
        _PRESETS_AND_TOOLS,
        _POSTGRESQL_EXCHANGES,
        _REMOVED_MESSAGES,
        _VISITS,
        _POSTGRESQL_PIECES,
        _HIDDEN_MESSAGES,
        feature_tables.QUEUED_MESSAGES,
        feature_tables.VOTES,
        feature_tables.JOBS,
        _SUITES,
        feature_tables.JOB_QUEUES,
        _SERVERS,
        _SCRIPTS,
        feature_tables.JOB_EARLIER_TRIES,
    ),
}


def version(connection: Connection) -> int:
    """The number of migrations applied to this database; 0 for an empty one. Raises Foreign if it is another
    program's.
    """
    tables = set(inspect(connection).get_table_names())
    if VERSION_TABLE in tables:
        return int(connection.execute(text("SELECT version FROM playground_schema")).scalar_one())
    if tables & _OURS or (tables and _is_sqlite(connection)):
        raise Foreign
    return 0


def migrate(connection: Connection, steps: Steps | None = None) -> None:
    """Migrate the database within the caller's transaction. Raises Newer or Foreign without changes."""
    steps = STEPS[connection.dialect.name] if steps is None else steps
    if not _is_sqlite(connection):  # SQLite's BEGIN IMMEDIATE already locks out others
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    current = version(connection)
    if current > len(steps):
        raise Newer
    if not current:
        connection.execute(text("CREATE TABLE playground_schema (version INTEGER NOT NULL)"))
        connection.execute(text("INSERT INTO playground_schema VALUES (0)"))
    for step in steps[current:]:
        for statement in step:
            if isinstance(statement, str):
                connection.execute(text(statement))
            else:
                statement(connection)
    if 0 < current < len(steps) and _is_sqlite(connection):
        # What earlier versions deleted is still in the file's bytes: backend/store/search.py, cleaning.py.
        connection.execute(text("PRAGMA user_version = 1"))
    if current < len(steps):
        connection.execute(text("UPDATE playground_schema SET version = :version"), {"version": len(steps)})


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"
