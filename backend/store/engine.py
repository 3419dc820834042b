"""One Engine per process: SQLite with the settings that let several processes write, or PostgreSQL.

SQLite runs with WAL and synchronous=NORMAL: what was committed survives kill -9; a power cut may lose the last
moments, never the file. A damaged file is moved aside, never overwritten, and what can be read of it is copied
into a new one; a file from a newer playground, or of another program, is opened read-only and left unchanged.
"""

from __future__ import annotations

import os
import re
import sqlite3
import time
from contextlib import closing, suppress
from glob import escape
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DatabaseError
from sqlalchemy.pool import QueuePool

from backend.folders import APP, data_folder
from backend.store import salvage, schema
from backend.store.errors import BadAddress, Damaged, Newer, damaged

BUSY = 5.0  # seconds a writer waits for another one
_LEFT = 3600.0  # seconds after which an unfinished new file is abandoned
_NEW = re.compile(r"\.new-[0-9a-f]{16}(?:-wal|-shm|-journal)?$")
_CHECKED = 64 * 1024 * 1024  # bytes up to which a file is checked page by page when it is opened
SALVAGED = (
    "The file with the saved conversations was damaged. What could be read of it is here: {count} conversations. "
    "The file was kept as {aside}."
)
BEGUN = "The file with the saved conversations was damaged. It was kept as {aside}, and a new one was begun."
_POSTGRESQL = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "tcp_user_timeout": 10_000,
    "application_name": APP,
    "prepare_threshold": None,  # searches are planned for their words; and connection poolers need no state
}


def default_url() -> str:
    """An SQLite file in this user's data folder."""
    return URL.create("sqlite", database=str(data_folder() / "playground.db")).render_as_string()


def address(url: str) -> URL:
    """DATABASE_URL in SQLAlchemy's form; `postgres://` is accepted. Raises BadAddress."""
    try:
        parsed = make_url(url.strip())
        backend = parsed.get_backend_name()
    except (ArgumentError, ValueError):
        raise BadAddress from None
    if backend in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return parsed.set(drivername="sqlite", database=str(Path(parsed.database or "").expanduser()), query={})
    raise BadAddress


def engine(url: URL) -> Engine:
    """An engine that connects on demand. `writing(engine)` is the variant for transactions that write."""
    if url.get_backend_name() == "sqlite":
        sqlite = create_engine(
            url, hide_parameters=True, connect_args={"timeout": BUSY}, pool_timeout=BUSY, max_overflow=20
        )
        event.listen(sqlite, "connect", _prepare_sqlite)
        event.listen(sqlite, "begin", _begin_sqlite)
        return sqlite
    postgresql = create_engine(
        url, hide_parameters=True, connect_args=_POSTGRESQL, pool_timeout=BUSY, max_overflow=10, pool_pre_ping=True
    )
    event.listen(postgresql, "connect", _prepare_postgresql)
    return postgresql


def in_memory() -> Engine:
    """A database of this process alone, in its one connection, which all threads share."""
    database = create_engine(
        "sqlite://",
        hide_parameters=True,
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        pool_timeout=BUSY,
        connect_args={"check_same_thread": False},
    )
    event.listen(database, "connect", _prepare_sqlite)
    event.listen(database, "begin", _begin_sqlite)
    with writing(database).begin() as connection:
        schema.migrate(connection)
    return database


def writing(base: Engine) -> Engine:
    """The engine for transactions that write: SQLite acquires its lock at their beginning."""
    return base.execution_options(playground_writes=True)


def _prepare_sqlite(connection: sqlite3.Connection, record: object) -> None:
    connection.isolation_level = None  # the driver must not begin a transaction; _begin_sqlite does
    # secure_delete: deleted data is overwritten with zeros, not only marked as free.
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later fails with "locked" whenever another one wrote in between
    # (measured: 600 of 800); one that takes the lock first waits its turn.
    writes = connection.get_execution_options().get("playground_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _prepare_postgresql(connection: DBAPIConnection, record: object) -> None:
    with closing(connection.cursor()) as cursor:
        cursor.execute("SET statement_timeout = '15s'")
        cursor.execute("SET lock_timeout = '5s'")
    connection.commit()


def open_engine(url: URL, *, suspect: bool = False) -> tuple[Engine, str]:
    """An engine on an up-to-date database, and what the visitor should know about how it was opened.

    `suspect`: something in it could not be read, so it is checked completely, however long that takes. Raises
    Refused,
    OSError or what SQLAlchemy raises.
    """
    if url.get_backend_name() != "sqlite":
        return _migrated(url), ""
    path = Path(url.database or "")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    before = _identity(path)
    _tidy(path, _LEFT)
    try:
        _look(url, suspect)
        path.touch(mode=0o600)  # readable by this user only; SQLite gives its side files the same mode
        return _migrated(url), ""
    except (DatabaseError, Damaged) as error:
        if not isinstance(error, Damaged) and not damaged(error):
            raise
    fresh, recovered = _salvage(path)
    if _identity(path) != before:  # another process has moved it already
        fresh.unlink()
        return open_engine(url)
    aside = move_aside(path)
    fresh.replace(path)
    return _migrated(url), SALVAGED.format(aside=aside.name, count=recovered) if recovered else BEGUN.format(
        aside=aside.name
    )


def _salvage(path: Path) -> tuple[Path, int]:
    """A new database beside a damaged one, with the conversations that can be read, and their number.

    It replaces the damaged one in one step: a process that is killed here has changed nothing.
    """
    fresh = path.with_name(f"{path.name}.new-{os.urandom(8).hex()}")
    fresh.touch(mode=0o600)
    database = engine(URL.create("sqlite", database=str(fresh)))
    try:
        with writing(database).begin() as connection:
            recovered = salvage.copy_readable(path, connection)
    except BaseException:  # no room, or Ctrl+C; always re-raised
        database.dispose()
        _tidy(fresh, 0)
        raise
    database.dispose()
    return fresh, recovered


def _tidy(path: Path, age: float) -> None:
    """Remove unfinished copies older than `age` seconds that a killed process left while it read a damaged file."""
    for left in path.parent.glob(f"{escape(path.name)}*"):
        with suppress(FileNotFoundError):  # another process has done it
            if _NEW.search(left.name) and time.time() - left.stat().st_mtime >= age:
                left.unlink()


def _migrated(url: URL) -> Engine:
    database = engine(url)
    try:
        with writing(database).begin() as connection:
            schema.migrate(connection)
    except BaseException:  # also at Ctrl+C: a half-opened engine would hold the file; always re-raised
        database.dispose()
        raise
    return database


def _look(url: URL, suspect: bool) -> None:
    """Read-only checks: reject a newer or foreign file, and detect damage, before anything could be changed."""
    path = Path(url.database or "").absolute()
    if not path.exists() or not path.stat().st_size:
        return
    source = salvage.read_only(path)
    reader = create_engine("sqlite://", creator=lambda: sqlite3.connect(source, uri=True, timeout=BUSY))
    try:
        with reader.connect() as connection:
            if schema.version(connection) > len(schema.STEPS["sqlite"]):
                raise Newer
            if suspect or path.stat().st_size <= _CHECKED:
                verdict = connection.exec_driver_sql(
                    f"PRAGMA {'integrity' if suspect else 'quick'}_check(1)"
                ).scalar()
                if verdict != "ok":
                    raise Damaged
    finally:
        reader.dispose()
    if suspect:
        _check_index(path)


def _check_index(path: Path) -> None:
    """Raises Damaged, or DatabaseError: SQLite before 3.44 does not check the search index with the tables."""
    with closing(sqlite3.connect(path, timeout=BUSY, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.execute("INSERT INTO documents (documents) VALUES ('integrity-check')")
        except sqlite3.DatabaseError as error:
            if (error.sqlite_errorcode & 0xFF) != sqlite3.SQLITE_CORRUPT:
                raise
            raise Damaged from None
        finally:
            connection.execute("ROLLBACK")


def _identity(path: Path) -> int:
    return path.stat().st_ino if path.exists() else 0


def move_aside(path: Path) -> Path:
    """Rename a damaged file and its side files: a new database must not meet the old one's log."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    count = 1
    while aside.exists():
        count += 1
        aside = path.with_name(f"{path.name}.damaged-{stamp}-{count}")
    for ending in ("-wal", "-shm"):
        side = path.with_name(path.name + ending)
        if side.exists():
            side.replace(aside.with_name(aside.name + ending))
    path.replace(aside)
    return aside
