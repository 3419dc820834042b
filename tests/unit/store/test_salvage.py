"""A damaged file, or another one all at once: what can be read stays, and what is said next is kept."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from store_talks import ME, contents, say, titles_found
from stores import open_store, ready, well

from backend.store import engine as engines
from backend.store import schema
from backend.store.journal import Journals
from backend.types import Message

POSIX = pytest.mark.skipif(os.name != "posix", reason="elsewhere a file in use stays where it is")
PAGE = 4096
COUNT = 30


@pytest.fixture
def url(file: Path) -> str:
    return ready(file)


def filled(url: str) -> list[str]:
    """A file with conversations, each with words of its own; their ids."""
    store = open_store(url)
    ids = [say(store, f"question{n} " + f"word{n} " * 60, f"answer{n}")[0] for n in range(COUNT)]
    store.tag(ME, ids[0], ["kept"])
    store.close()
    return ids


def pages_of(file: Path, table: str) -> list[int]:
    """The pages that hold the rows of a table, counted from 1."""
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchall()
    root = file.read_bytes()[(rows[0][0] - 1) * PAGE : rows[0][0] * PAGE]
    count = int.from_bytes(root[3:5], "big")
    places = (int.from_bytes(root[12 + 2 * cell : 14 + 2 * cell], "big") for cell in range(count))
    return [int.from_bytes(root[place : place + 4], "big") for place in places]


def overwrite(file: Path, page: int) -> None:
    with file.open("r+b") as opened_file:
        opened_file.seek((page - 1) * PAGE)
        opened_file.write(random.Random(page).randbytes(PAGE))


def test_one_broken_page_costs_the_messages_in_it_and_no_others(url: str, file: Path) -> None:
    ids = filled(url)
    inside = pages_of(file, "messages")
    overwrite(file, inside[len(inside) // 2])
    store = open_store(url)
    assert store.trouble == ""
    read = [id_ for id_ in ids if store.load(ME, id_)]
    assert COUNT - 6 <= len(read) < COUNT
    assert f"{len(read)} conversations" in store.news and ".damaged-20" in store.news
    assert contents(store, ids[-1])[1] == f"answer{COUNT - 1}" and titles_found(store, f"word{COUNT - 1}")
    assert store.tags(ME) == ["kept"]
    store.close()
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert len(list(file.parent.glob("*.new-*"))) == 0


def test_a_broken_search_index_costs_no_message_and_is_made_anew(url: str, file: Path) -> None:
    ids = filled(url)
    store = open_store(url)
    store.cleaner.close()
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE documents_data SET block = randomblob(length(block)) WHERE id > 10")
    id_, _ = say(store, "while the index was broken", "answered")
    store.conversations(ME, "question7 ")
    assert well(store)
    assert all(store.load(ME, one) for one in ids) and contents(store, id_)[1] == "answered"
    assert len(titles_found(store, "question7 ")) == len(titles_found(store, "index was broken")) == 1
    store.close()


def test_messages_whose_conversation_is_lost_are_one_again(url: str, file: Path) -> None:
    store = open_store(url)
    for number in range(3):
        say(store, f"question{number}", f"answer{number}", owner="local")
    store.close()
    with closing(sqlite3.connect(file)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'conversations'").fetchone()
    overwrite(file, root)
    store = open_store(url)
    listed = store.conversations("local")
    assert sorted(summary.title for summary in listed) == ["question0", "question1", "question2"]
    assert contents(store, listed[0].id, "local") == [
        listed[0].title,
        listed[0].title.replace("question", "answer"),
    ]
    store.close()


def test_records_of_earlier_versions_are_read_from_a_damaged_file(
    url: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = filled(url)
    overwrite(file, pages_of(file, "messages")[0])
    steps = (*schema.STEPS["sqlite"], ("ALTER TABLE conversations ADD COLUMN colour TEXT DEFAULT 'red'",))
    monkeypatch.setitem(schema.STEPS, "sqlite", steps)
    store = open_store(url)
    assert store.trouble == "" and contents(store, ids[-1])[1] == f"answer{COUNT - 1}"
    assert store._write(schema.version) == len(steps)
    store.close()


def test_a_damaged_file_stays_while_there_is_no_room(url: str, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = filled(url)
    overwrite(file, pages_of(file, "messages")[0])
    hurt, prepare = file.read_bytes(), engines._prepare_sqlite

    def full(connection: sqlite3.Connection, record: object) -> None:
        prepare(connection, record)
        connection.execute("PRAGMA max_page_count = 3")

    monkeypatch.setattr(engines, "_prepare_sqlite", full)
    store = open_store(url)
    assert "disk is full" in store.trouble and file.read_bytes() == hurt
    monkeypatch.undo()
    assert well(store) and contents(store, ids[-1])[1] == f"answer{COUNT - 1}"
    store.close()
    assert not list(file.parent.glob("*.new-*"))


def test_leftovers_of_a_killed_process_go_later_and_work_of_others_stays(url: str, file: Path) -> None:
    old, new = (file.with_name(f"{file.name}.new-{name * 16}") for name in "ab")
    for path in (old, new):
        path.touch()
    os.utime(old, (1, 1))
    open_store(url).close()
    assert (old.exists(), new.exists()) == (False, True)


# ---- another file at the same place ---------------------------------------------------------------------------


def put_backup(file: Path, backup: Path) -> None:
    backup.replace(file)


def take_away(file: Path, backup: Path) -> None:
    file.unlink()


@POSIX
@pytest.mark.parametrize(("change", "left"), [(put_backup, True), (take_away, False)])
def test_another_file_in_its_place_is_used_at_once_and_what_is_said_then_is_kept(
    url: str, file: Path, tmp_path: Path, change: Callable[[Path, Path], None], left: bool
) -> None:
    store, backup = open_store(url), tmp_path / "backup.db"
    before, _ = say(store, "before the backup")
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(backup)) as copy:
        source.backup(copy)
    for number in range(20):
        say(store, f"after the backup {number} " + "x" * 3000)
    change(file, backup)
    id_, _ = say(store, "into the other file", "an answer")
    assert well(store) and store.news == ""
    assert (store.load(ME, before) is not None) is left
    store.close()
    again = open_store(url)
    assert again.news == "" and contents(again, id_) == ["into the other file", "an answer"]
    assert len(again.conversations(ME)) == 1 + left
    again.close()


@POSIX
def test_a_chat_whose_file_is_taken_away_is_kept_as_a_whole_with_the_next_message(url: str, file: Path) -> None:
    store = open_store(url)
    id_, conversation = say(store, "one", "two")
    file.unlink()
    journal = Journals(store).journal(ME, dict, id_)
    conversation.add(Message("user", "three"), conversation.leaf)
    journal.save(conversation.path()[2:], conversation.path(), conversation.view)
    assert contents(store, journal.id) == ["one", "two", "three"]
    store.close()
