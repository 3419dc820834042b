"""What is deleted is gone from an SQLite file: from its pages, its log, its search index. Bytes are looked for."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from basics import ROOT
from deletion_promises import *  # noqa: F403
from deletion_promises import SECRET, ids, taken_out
from hidden_promises import *  # noqa: F403
from sqlalchemy import URL
from store_talks import ME, say
from stores import open_store, ready

from backend.answer.exchange_record import ExchangeRecord
from backend.conversation.queue import QueuedMessage
from backend.library.prompts import Prompt
from backend.library.saved_documents import PRESETS, SCRIPTS, TOOLS, Document, SavedDocuments
from backend.library.saved_prompts import SavedPrompts
from backend.store import Store
from backend.store.exchanges import KeptExchanges
from backend.store.queued import QueuedMessages
from backend.store.removals import Removals
from backend.types import Message


@pytest.fixture
def url(file: Path) -> str:
    return URL.create("sqlite", database=str(file)).render_as_string()


@pytest.fixture
def store(file: Path) -> Iterator[Store]:
    store = open_store(ready(file))
    yield store
    store.close()


def holds(file: Path) -> list[str]:
    """Which of the database's files hold a word of the secret."""
    words = [word.encode() for word in SECRET.split()]
    files = sorted(file.parent.glob(f"{file.name}*"))
    return [path.name for path in files if any(word in path.read_bytes() for word in words)]


def gone(store: Store, file: Path) -> bool:
    """Wait for the thread that cleans."""
    return store.cleaner.wait(60) and holds(file) == []


def fill(store: Store) -> None:
    """Other conversations, so that pages and parts of the index are shared."""
    for number in range(30):
        say(store, f"question {number}", "an answer of some words " * 40)


@pytest.mark.parametrize("long", [1, 3_000], ids=["short", "over many pages"])
def test_no_byte_of_a_deleted_message_is_left(store: Store, file: Path, long: int) -> None:
    fill(store)
    id_, conversation = say(store, "one", f"{SECRET} " * long, "three")
    fill(store)
    assert holds(file)
    KeptExchanges(store).keep(ME, id_, ids(conversation)[1], ExchangeRecord(request_id=SECRET))
    Removals(store).remove(ME, id_, taken_out(conversation, ids(conversation)[1]))
    assert gone(store, file), holds(file)


def test_no_byte_of_a_deleted_conversation_is_left_after_the_time_of_undo(store: Store, file: Path) -> None:
    store.cleaner._undo = 0.1
    fill(store)
    id_, _ = say(store, SECRET, "answer")
    store.tag(ME, id_, [SECRET])
    QueuedMessages(store).add(ME, id_, QueuedMessage(1, Message("user", SECRET)))
    store.delete(ME, id_)
    assert gone(store, file), holds(file)


def test_no_byte_is_left_of_a_deleted_message_that_waited(store: Store, file: Path) -> None:
    id_, _ = say(store, "one", "answer")
    queued = QueuedMessages(store)
    queued.add(ME, id_, QueuedMessage(1, Message("user", f"{SECRET} " * 3_000)))
    assert holds(file)
    queued.delete(ME, id_, [1])
    assert gone(store, file), holds(file)


def test_no_byte_is_left_of_a_deleted_prompt_preset_or_tool(store: Store, file: Path) -> None:
    fill(store)
    prompts = SavedPrompts(store, ME)
    prompts.delete(prompts.save(Prompt("Name", SECRET)).id)
    for kind in (PRESETS, TOOLS, SCRIPTS):
        saved = SavedDocuments(store, ME, kind)
        saved.save(Document("Name", SECRET))
        saved.delete(saved.all()[0].id)
    assert gone(store, file), holds(file)


def test_somebody_who_reads_meanwhile_is_not_waited_for_and_it_goes_afterwards(store: Store, file: Path) -> None:
    id_, conversation = say(store, "one", SECRET)
    assert store._engine is not None
    with store._engine.begin() as reader:
        reader.exec_driver_sql("SELECT count(*) FROM messages").scalar()
        Removals(store).remove(ME, id_, taken_out(conversation, ids(conversation)[1]))
        say(store, "others go on")
        assert holds(file)
    assert gone(store, file), holds(file)


def test_a_deletion_before_a_kill_is_completed_by_the_next_process_to_open_the_file(url: str, file: Path) -> None:
    store = open_store(url)
    id_, _ = say(store, SECRET, "answer")
    store.close()
    code = (
        f"import os, signal; from backend.store import Store; s = Store.open({url!r}); s.cleaner.close();"
        f"s.delete('me', {id_!r}); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    store = open_store(url)
    assert store.load(ME, id_) is None and store.conversations(ME, "quixotry") == []
    store.close()
    assert holds(file) == [], "closing ends the time in which it can be brought back"


def test_a_store_that_is_closed_leaves_no_thread_that_cleans(url: str) -> None:
    import threading

    store = open_store(url)
    store.delete(ME, say(store, SECRET)[0])
    store.close()
    end = time.monotonic() + 10
    while any(thread.name == "cleaner" for thread in threading.enumerate()) and time.monotonic() < end:
        time.sleep(0.02)
    assert not any(thread.name == "cleaner" for thread in threading.enumerate())
