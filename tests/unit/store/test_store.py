"""The store's promises in an SQLite file; and what may happen to a file: damage, a full disk, kill -9."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from basics import ROOT
from sqlalchemy import URL, text
from store_promises import *  # noqa: F403
from store_search_promises import *  # noqa: F403
from store_talks import ME, contents, say
from stores import open_store, ready

from backend.store import Store, default_url, schema
from backend.store import engine as engines


@pytest.fixture
def url(file: Path, request: pytest.FixtureRequest) -> str:
    """Where there is no database yet; for a test that takes `store` there is one."""
    if "store" in request.fixturenames:
        ready(file)
    return URL.create("sqlite", database=str(file)).render_as_string()


# ---- where it lies -------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="the place on Linux")
def test_without_an_address_it_lies_in_the_users_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert default_url() == "sqlite:////data/llm-playground/playground.db"
    monkeypatch.delenv("XDG_DATA_HOME")
    assert default_url().endswith("/.local/share/llm-playground/playground.db")


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_nobody_else_on_the_machine_can_read_the_database(url: str, file: Path) -> None:
    store = open_store(url)
    say(store, "Hi")
    assert [path.stat().st_mode & 0o077 for path in [file.parent, *file.parent.iterdir()]] == [0, 0, 0, 0]
    store.close()


@pytest.mark.parametrize(
    "bad", ["", "nonsense", "mysql://h/d", "sqlite://", "sqlite:///:memory:", "://", "postgres:", "\x00"]
)
def test_an_address_that_is_none_is_said_and_the_chat_goes_on(bad: str) -> None:
    store = Store.open(bad)
    assert store.trouble
    id_, _ = say(store, "Hi")
    assert contents(store, id_) == ["Hi"]
    assert store.conversations(ME)[0].title == "Hi"
    store.close()


def test_writers_announce_themselves_and_readers_do_not_wait(url: str) -> None:
    store = open_store(url)
    id_, _ = say(store, "Hi")
    assert store._engine is not None
    with engines.writing(store._engine).begin():
        assert contents(store, id_) == ["Hi"]
        other = sqlite3.connect(address_of(url), timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()
    store.close()


def address_of(url: str) -> str:
    return engines.address(url).database or ""


def test_the_file_is_kept_the_safe_way(url: str) -> None:
    store = open_store(url)
    assert store._engine is not None
    with store._engine.connect() as connection:
        asked = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    assert asked == ["wal", 1, 1, 5000]
    store.close()


def test_a_file_may_have_any_name(tmp_path: Path) -> None:
    odd = URL.create("sqlite", database=str(tmp_path / "a b%41?c#d&é.db"))
    for _ in range(2):
        engines.open_engine(odd)[0].dispose()
    assert [path.name for path in tmp_path.iterdir()] == ["a b%41?c#d&é.db"]


# ---- versions ------------------------------------------------------------------------------------------------


def test_a_newer_file_is_refused_untouched(url: str, file: Path) -> None:
    store = open_store(url)
    say(store, "from the future")
    store._write(lambda c: c.execute(text("UPDATE playground_schema SET version = 99")))
    store.close()
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    before = file.read_bytes()
    older = Store.open(url, pauses=(0.01,))
    assert "newer version" in older.trouble
    id_, _ = say(older, "kept in memory")
    time.sleep(0.2)
    assert contents(older, id_) == ["kept in memory"]
    older.close()
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_store_that_was_closed_touches_its_file_no_more(url: str) -> None:
    """Its cleaner, asked for at the beginning, opened the file half a second later: after a newer one had it."""
    before = set(threading.enumerate())
    open_store(url).close()
    assert set(threading.enumerate()) <= before


def test_somebody_elses_database_is_refused_untouched(url: str, file: Path) -> None:
    file.parent.mkdir()
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    before = file.read_bytes()
    store = Store.open(url, pauses=(60,))
    assert "something else" in store.trouble
    store.close(0.1)
    assert file.read_bytes() == before


def test_an_older_file_is_brought_forward_with_what_it_holds(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(url)
    id_, _ = say(store, "Hi")
    store.close()
    steps = (*schema.STEPS["sqlite"], ("ALTER TABLE conversations ADD COLUMN colour TEXT",))
    monkeypatch.setitem(schema.STEPS, "sqlite", steps)
    newer = open_store(url)
    assert newer.trouble == ""
    assert contents(newer, id_) == ["Hi"]
    assert newer._write(lambda c: c.execute(text("SELECT colour FROM conversations")).scalar()) is None
    assert newer._write(schema.version) == len(steps)
    newer.close()


def test_a_file_whose_tables_were_made_in_another_order_is_left_as_it_is(url: str) -> None:
    first = open_store(url)
    say(first, "Hi")
    first._write(lambda c: c.execute(text("UPDATE playground_schema SET version = version - 5")))
    first.close()
    store = Store.open(url, pauses=(60,))
    assert "another version" in store.trouble
    store.close(0.1)


KILLED_MIGRATION = """
import os, sys
from sqlalchemy import text
from backend.store import engine, schema
steps = (*schema.STEPS["sqlite"], ("ALTER TABLE conversations ADD COLUMN a TEXT", "DIE", "CREATE TABLE b (x)"))
schema.text = lambda sql: os.kill(os.getpid(), 9) if sql == "DIE" else text(sql)
made = engine.engine(engine.address(sys.argv[1]))
with engine.writing(made).begin() as connection:
    schema.migrate(connection, steps)
"""


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
def test_a_migration_that_is_killed_half_way_has_not_happened(url: str) -> None:
    store = open_store(url)
    id_, _ = say(store, "Hi")
    store.close()
    done = subprocess.run([sys.executable, "-c", KILLED_MIGRATION, url], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    store = open_store(url)
    assert store.trouble == ""
    assert contents(store, id_) == ["Hi"]
    assert store._write(schema.version) == len(schema.STEPS["sqlite"])
    columns = store._write(lambda c: [row[1] for row in c.exec_driver_sql("PRAGMA table_info(conversations)")])
    assert "a" not in columns
    store.close()


@pytest.mark.slow
def test_processes_that_start_together_all_get_a_store(url: str) -> None:
    code = f"from backend.store import Store; s = Store.open({url!r}); assert not s.trouble, s.trouble"
    starting = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) for _ in range(4)]
    assert [process.wait(60) for process in starting] == [0, 0, 0, 0]
