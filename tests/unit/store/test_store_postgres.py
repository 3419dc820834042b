"""The same promises in PostgreSQL, in a server of our own; and what happens while that server is away."""

from __future__ import annotations

import psycopg
import pytest
from deletion_promises import *  # noqa: F403
from hidden_promises import *  # noqa: F403
from postgres import Cluster
from sqlalchemy import text
from store_promises import *  # noqa: F403
from store_search_promises import *  # noqa: F403
from store_talks import ME, contents, say, titles_found
from stores import well

from backend.store import Store, Unavailable, new_id
from backend.store.engine import address
from backend.types import Message


@pytest.fixture
def url(cluster: Cluster, request: pytest.FixtureRequest) -> str:
    """An empty database; for a test that takes `store`, with its tables."""
    return cluster.new_database(migrated="store" in request.fixturenames)


def test_the_server_may_go_and_come_back(url: str, cluster: Cluster) -> None:
    store = Store.open(url, pauses=(0.05,))
    id_, conversation = say(store, "before")
    cluster.stop("immediate")
    try:
        during, _ = say(store, "while it was away", "an answer")
        assert "does not answer" in store.trouble and "kept in memory" in store.trouble
        assert contents(store, during) == ["while it was away", "an answer"]
        assert [summary.title for summary in store.conversations(ME)] == ["while it was away"]
        with pytest.raises(Unavailable):
            store.rename(ME, id_, "no")
        before = conversation.leaf
        store.save(ME, id_, conversation[conversation.add(Message("assistant", "later"), before)])
        assert store.load(ME, id_) is None, "the end of a conversation without its beginning"
    finally:
        cluster.start()
    assert well(store)
    assert titles_found(store, "away answer") == ["while it was away"]
    assert contents(store, id_) == ["before", "later"]
    store.close()


def test_a_restart_of_the_server_between_two_messages_is_not_noticed(url: str, cluster: Cluster) -> None:
    store = Store.open(url, pauses=(0.05,))
    id_, _ = say(store, "before")
    cluster.stop()
    cluster.start()
    say(store, "after", id_=id_)
    assert store.trouble == ""
    store.close()


def test_a_server_that_is_away_at_the_start_is_waited_for(url: str, cluster: Cluster) -> None:
    cluster.stop()
    try:
        store = Store.open(url, pauses=(0.05,))
        assert store.trouble
        id_, _ = say(store, "early")
    finally:
        cluster.start()
    assert well(store)
    assert contents(store, id_) == ["early"]
    store.close()


def test_a_database_that_only_reads_is_read_and_what_was_said_meanwhile_is_written_later(
    url: str, cluster: Cluster
) -> None:
    """A failover, a managed database over its quota: PostgreSQL calls that an internal error."""
    store = Store.open(url, pauses=(0.05,))
    before, _ = say(store, "before")
    with psycopg.connect(url, autocommit=True) as other:
        base = url.rpartition("/")[2]
        everybody_else = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = %s"
        )
        other.execute(f"ALTER DATABASE {base} SET default_transaction_read_only = on")
        other.execute(everybody_else, [base])
        during, _ = say(store, "while it only read")
        assert "read-only" in store.trouble and contents(store, before) == ["before"]
        with pytest.raises(Unavailable):
            store.rename(ME, before, "no")
        other.execute(f"ALTER DATABASE {base} RESET default_transaction_read_only")
    assert well(store)
    assert contents(store, during) == ["while it only read"]
    store.close()


def test_a_database_whose_tables_are_gone_gets_new_ones_and_nothing_that_waits_is_given_up(url: str) -> None:
    """Somebody has put an empty database in its place."""
    store = Store.open(url, pauses=(0.05,))
    say(store, "before")
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    during, _ = say(store, "without tables")
    assert "tables" in store.trouble
    assert well(store)
    assert contents(store, during) == ["without tables"]
    store.close()


def test_trouble_tells_no_address_and_no_password() -> None:
    store = Store.open("postgresql://somebody:hunter2@127.0.0.1:9/base", pauses=(0.05,))
    assert store.trouble
    assert "hunter2" not in store.trouble and "127.0.0.1" not in store.trouble and "somebody" not in store.trouble
    store.close(0.1)


def test_a_newer_database_is_left_alone(url: str) -> None:
    store = Store.open(url)
    say(store, "Hi")
    store._write(lambda c: c.execute(text("UPDATE playground_schema SET version = 99")))
    store.close()
    older = Store.open(url, pauses=(60,))
    assert "newer version" in older.trouble
    say(older, "not written")
    older.close(0.1)
    import psycopg

    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM messages").fetchone() == (1,)


def test_somebody_elses_tables_are_left_alone(url: str) -> None:
    import psycopg

    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE messages (theirs int)")
    store = Store.open(url, pauses=(60,))
    assert "something else" in store.trouble
    store.close(0.1)
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert row == (1,)


def test_processes_that_start_together_migrate_once(url: str) -> None:
    import subprocess
    import sys

    from basics import ROOT

    code = f"from backend.store import Store; assert not Store.open({url!r}).trouble"
    starting = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) for _ in range(4)]
    assert [process.wait(60) for process in starting] == [0, 0, 0, 0]


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2", "postgresql+psycopg"])
def test_every_spelling_of_the_address_uses_one_driver(scheme: str) -> None:
    assert address(f"{scheme}://u:p@h/d").drivername == "postgresql+psycopg"


def test_new_ids_are_not_to_be_guessed() -> None:
    assert len({new_id() for _ in range(1000)}) == 1000
