"""The database in trouble: damaged, full, not to be written, and a process that is killed."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from basics import ROOT
from sqlalchemy import URL
from store_talks import ME, contents, say, titles_found
from stores import open_store, well

from backend.store import Store, Unavailable, new_id, search
from backend.store import engine as engines
from backend.store.pending import Unsaved
from backend.types import Message


@pytest.fixture
def url(file: Path) -> str:
    return URL.create("sqlite", database=str(file)).render_as_string()


# ---- damage ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["nonsense", "cut", "holes"])
def test_a_damaged_file_is_moved_aside_and_said(url: str, file: Path, damage: str) -> None:
    store = open_store(url)
    for _ in range(30):
        say(store, "words " * 200)
    store.close()
    whole = file.read_bytes()
    assert len(whole) > 100_000
    middle = len(whole) // 2
    file.write_bytes(
        {
            "nonsense": b"this is no database " * 500,
            "cut": whole[:middle],
            "holes": whole[:4096] + bytes(random.Random(1).randbytes(middle)) + whole[4096 + middle :],
        }[damage]
    )
    hurt = file.read_bytes()
    store = open_store(url)
    assert store.trouble == ""
    assert "damaged" in store.news and ".damaged-20" in store.news
    (aside,) = file.parent.glob("*.damaged-*[0-9]")
    assert aside.name in store.news
    assert aside.read_bytes() == hurt
    id_, _ = say(store, "a new beginning")
    assert contents(store, id_) == ["a new beginning"]
    store.close()


def test_a_file_that_is_damaged_while_in_use_is_replaced_and_nothing_new_is_lost(url: str, file: Path) -> None:
    store = open_store(url)
    for _ in range(30):
        say(store, "words " * 200)
    assert store._engine is not None
    store._engine.dispose()
    for path in file.parent.iterdir():
        path.write_bytes(b"this is no database " * 5000)
    id_, _ = say(store, "while it broke", "an answer")
    assert well(store)
    assert "damaged" in store.news
    assert contents(store, id_) == ["while it broke", "an answer"]
    assert titles_found(store, "broke") == ["while it broke"]
    store.close()


def test_an_empty_file_is_a_new_one(url: str, file: Path) -> None:
    file.parent.mkdir()
    file.touch()
    store = open_store(url)
    assert (store.trouble, store.news) == ("", "")
    store.close()


# ---- no room, no right ------------------------------------------------------------------------------------------


def limit(store: Store, pages: int) -> None:
    """As if the disk were full: the file may not grow beyond this."""
    from sqlalchemy import event

    assert store._engine is not None
    store._engine.dispose()

    def full(connection: sqlite3.Connection, record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(store._engine, "connect", full)


def test_when_the_disk_is_full_the_chat_goes_on_and_is_written_later(url: str) -> None:
    store = open_store(url)
    id_, _ = say(store, "before")
    limit(store, 1)
    conversation = say(store, "x" * 200_000, "an answer", id_=id_)[1]
    assert "disk is full" in store.trouble
    with pytest.raises(Unavailable):
        store.rename(ME, id_, "no")
    record = store.load(ME, id_)
    assert record is not None and len(record.conversation) == 3
    answer = conversation.leaf
    assert answer is not None
    conversation.update(answer, Message("assistant", "an answer, grown"))
    store.save(ME, id_, conversation[answer])
    time.sleep(0.2)
    assert store.trouble
    limit(store, 2**30)
    assert well(store)
    record = store.load(ME, id_)
    assert record is not None
    kept = [node.message.content for node in record.conversation.nodes()]
    assert kept == ["before", "x" * 200_000, "an answer, grown"]
    store.rename(ME, id_, "yes")
    store.close()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounting needs root")
def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        store = open_store(f"sqlite:///{disk}/p.db")
        assert store.trouble == ""
        id_, _ = say(store, "before")
        big, _ = say(store, "y" * 3_000_000)
        assert store.trouble
        assert contents(store, big) == ["y" * 3_000_000]
        subprocess.run(["mount", "-o", "remount,size=50m", str(disk)], check=True)
        assert well(store)
        assert contents(store, big) == ["y" * 3_000_000]
        assert contents(store, id_) == ["before"]
        store.close()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = Store.open(f"sqlite:///{tmp_path}/file/p.db", pauses=(0.05,))
    assert "folder" in store.trouble
    id_, _ = say(store, "Hi")
    (tmp_path / "file").unlink()
    assert well(store)
    assert contents(store, id_) == ["Hi"]
    store.close()


READ_ONLY = """
import os, sys
from backend.store import Store
os.setgid(65534); os.setuid(65534)
store = Store.open(sys.argv[1], pauses=(0.05,))
print(store.trouble)
"""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="takes root to become somebody else")
def test_a_folder_that_may_not_be_written_is_said() -> None:
    done = subprocess.run(
        [sys.executable, "-B", "-c", READ_ONLY, "sqlite:////usr/share/p.db"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "cannot be written" in done.stdout, done.stderr


def test_a_locked_file_is_written_when_it_is_free(url: str, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "BUSY", 0.1)
    store = open_store(url)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store.cleaner.close()
    assert store.trouble == "", "nobody waits for what tidies up"
    id_, _ = say(store, "Hi")
    assert "in use" in store.trouble
    other.execute("ROLLBACK")
    other.close()
    assert well(store)
    assert contents(store, id_) == ["Hi"]
    store.close()


def test_closing_writes_what_waits(url: str) -> None:
    store = Store.open(url, pauses=(60,))
    limit(store, 1)
    id_, _ = say(store, "x" * 100_000)
    assert store.trouble
    limit(store, 2**30)
    store.close()
    again = open_store(url)
    assert contents(again, id_) == ["x" * 100_000]
    again.close()


def test_memory_is_bounded_and_what_does_not_fit_is_said() -> None:
    store = Store.open("sqlite://", limit=10_000)
    ids = [say(store, "m" * 1000)[0] for _ in range(20)]
    assert store.load(ME, ids[0]) is None
    assert contents(store, ids[-1]) == ["m" * 1000]
    assert "12 messages did not fit" in store.trouble
    store.close()


def test_waiting_writes_are_counted_in_their_newest_form_only() -> None:
    from backend.conversation.tree import Node
    from backend.store.rows import Change

    unsaved = Unsaved(10_000)
    for length in range(0, 5000, 100):
        unsaved.put(ME, new_id()[:0] + "0" * 32, Change((Node(1, None, Message("user", "x" * length)),)))
    assert unsaved.lost == 0
    waiting = unsaved.oldest()
    assert waiting is not None
    unsaved.done(*waiting)
    assert len(unsaved) == 0 and unsaved._size == 0


# ---- kill -9 -----------------------------------------------------------------------------------------------------

ANSWERING = """
import sys, time
from backend.conversation.tree import Conversation
from backend.store import Recorder, Store
from backend.answer.turn import Turn
from backend.types import ChatRequest, Message, TextDelta

class Source:
    def chat(self, request, call=None):
        began = time.monotonic()
        for number in range(100_000):
            yield TextDelta(f"word{number} ")
            time.sleep(0.002)
            if began and time.monotonic() > began + 2:
                print("two seconds", flush=True)
                began = 0

store = Store.open(sys.argv[1])
recorder = Recorder(store)
conversation = Conversation()
question = conversation.add(Message("user", "Tell me a story"), None)
store.save("me", sys.argv[2], conversation[question], conversation.view)
turn = Turn(Source(), ChatRequest("m", ()))
answer = conversation.add(turn.message, question)
store.save("me", sys.argv[2], conversation[answer], conversation.view)
print("asked", flush=True)
turn.start()
recorder.follow("me", sys.argv[2], answer, question, turn)
time.sleep(60)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="kill -9")
@pytest.mark.parametrize("times", [1, pytest.param(4, marks=pytest.mark.long)])
def test_after_kill_9_the_question_and_the_partial_answer_are_there(url: str, file: Path, times: int) -> None:
    chance = random.Random(7)
    for long in (False, True) * times:
        id_ = new_id()
        with subprocess.Popen(
            [sys.executable, "-c", ANSWERING, url, id_], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "asked\n"
            if long:  # twice as long as an answer may go unsaved
                assert process.stdout.readline() == "two seconds\n"
            time.sleep(chance.uniform(0, 1))
            process.kill()
        store = open_store(url)
        assert (store.trouble, store.news) == ("", "")
        record = store.load(ME, id_)
        assert record is not None
        question, *answers = (node.message for node in record.conversation.path())
        assert question.content == "Tell me a story"
        assert all(answer.state == "interrupted" for answer in answers)
        assert not long or answers[0].content.startswith("word0 word1 ")
        store.close()
    with sqlite3.connect(file) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    shutil.rmtree(file.parent)


def test_words_in_every_message_are_found_in_list_order(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_COMMON", 5)
    monkeypatch.setattr(search, "_AT_ONCE", 3)
    store = open_store(url)
    for number in range(20):
        say(store, f"number{number} common", "plain rare" if number in (3, 12) else "plain")
    assert titles_found(store, "common ") == [f"number{number} common" for number in reversed(range(20))]
    assert titles_found(store, "common plain rare ") == ["number12 common", "number3 common"]
    pages = [store.conversations(ME, "common plain ", limit=7, offset=at) for at in (0, 7, 14)]
    assert [summary.title for page in pages for summary in page] == titles_found(store, "common plain ")
    assert titles_found(store, "common nowhere ") == []
    store.close()
