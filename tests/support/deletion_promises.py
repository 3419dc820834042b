"""What is deleted is gone, in either database: test_deletion.py and test_store_postgres.py say in which one."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import text
from store_talks import ME, contents, say, titles_found

from backend.answer.exchange_record import ExchangeRecord
from backend.conversation import removal
from backend.conversation.removal import Removal
from backend.conversation.tree import Conversation, Node, NodeId
from backend.store import Store
from backend.store.exchanges import KeptExchanges
from backend.store.removals import Removals
from backend.types import Message

SECRET = "zanzibarine quixotry"


def taken_out(conversation: Conversation, *gone: NodeId) -> Removal:
    return Removal(conversation, removal.without(conversation, gone))


def ids(conversation: Conversation) -> list[NodeId]:
    return [node.id for node in conversation.path()]


def everything(store: Store) -> str:
    """All that the tables hold, as text."""
    tables = ("conversations", "messages", "documents", "tags", "exchanges", "exchange_texts")
    tables = (*tables, "removed_messages", "queued_messages")
    return store._write(
        lambda c: "\n".join(str(row) for table in tables for row in c.execute(text(f"SELECT * FROM {table}")))
    )


@pytest.mark.parametrize("place", range(4))
def test_a_deleted_message_is_gone_and_what_follows_is_joined(store: Store, place: int) -> None:
    words = ["one", "two", "three", "four"]
    words[place] = SECRET
    id_, conversation = say(store, *words)
    Removals(store).remove(ME, id_, taken_out(conversation, ids(conversation)[place]))
    assert contents(store, id_) == [word for word in words if word != SECRET]
    assert titles_found(store, "quixotry") == [] and "quixotry" not in everything(store)
    assert "quixotry" not in store.conversations(ME)[0].snippet


@pytest.mark.parametrize("place", range(4))
def test_undo_brings_a_deleted_message_back_to_its_place(store: Store, place: int) -> None:
    words = ["one", "two", "three", "four"]
    words[place] = SECRET
    id_, conversation = say(store, *words)
    before = store.conversations(ME)[0].title
    done = taken_out(conversation, ids(conversation)[place])
    taken = Removals(store).remove(ME, id_, done)
    Removals(store).put_back(ME, id_, taken, removal.undo(done.after, done))
    assert contents(store, id_) == words and store.conversations(ME)[0].title == before
    assert len(titles_found(store, "quixotry")) == 1
    record = store.load(ME, id_)
    assert record is not None and record.conversation.nodes() == conversation.nodes()


def test_messages_after_a_deletion_stay_when_it_is_undone(store: Store) -> None:
    id_, conversation = say(store, "one", "two", SECRET)
    done = taken_out(conversation, ids(conversation)[2])
    taken = Removals(store).remove(ME, id_, done)
    now = done.after.copy()
    new = now.add(Message("user", "new"), ids(now)[-1])
    store.save(ME, id_, now[new], now.view)
    back = removal.undo(now, done)
    Removals(store).put_back(ME, id_, taken, back)
    assert contents(store, id_) == ["one", "two", "new"], "what the visitor said since is in view"
    record = store.load(ME, id_)
    assert record is not None and {node.message.content for node in record.conversation.nodes()} == {
        *("one", "two", "new", SECRET)
    }


def test_a_late_writer_cannot_write_a_deleted_message_back(store: Store) -> None:
    """An answer that is still being written, or another tab that has it in its memory."""
    id_, conversation = say(store, "one", SECRET)
    late = conversation[ids(conversation)[1]]
    Removals(store).remove(ME, id_, taken_out(conversation, late.id))
    store.save(ME, id_, late)
    KeptExchanges(store).keep(ME, id_, late.id, ExchangeRecord())
    assert "quixotry" not in everything(store) and contents(store, id_) == ["one"]
    assert KeptExchanges(store).nodes(ME, id_) == set()


def test_messages_of_another_tab_below_a_deleted_one_move_up(store: Store) -> None:
    id_, conversation = say(store, "one", "two", "three")
    one, two, three = ids(conversation)
    first = taken_out(conversation, three)
    Removals(store).remove(ME, id_, first)
    Removals(store).remove(ME, id_, taken_out(first.after, two))
    store.save(ME, id_, Node(three + 1, three, Message("assistant", "late")))
    record = store.load(ME, id_)
    assert record is not None and record.conversation[three + 1].parent == one


def test_the_exchanges_of_a_message_and_of_all_that_follow_it_go_with_it(store: Store) -> None:
    id_, conversation = say(store, "one", "two", SECRET, "four", "five", "six")
    kept = KeptExchanges(store)
    answers = ids(conversation)[1::2]
    for node in answers:
        kept.keep(ME, id_, node, ExchangeRecord(request_id="m"))
    done = taken_out(conversation, ids(conversation)[2])
    taken = Removals(store).remove(ME, id_, done)
    assert kept.nodes(ME, id_) == {answers[0]}
    kept.keep(ME, id_, answers[2], ExchangeRecord())
    assert kept.nodes(ME, id_) == {answers[0]}, "it was asked before the deletion, with what is deleted"
    Removals(store).put_back(ME, id_, taken, removal.undo(done.after, done))
    assert kept.nodes(ME, id_) == set(answers)


@pytest.mark.parametrize(("name", "title"), [("", "next"), ("My own", "My own")])
def test_a_title_made_of_a_deleted_question_goes_with_it(store: Store, name: str, title: str) -> None:
    id_, conversation = say(store, SECRET, "answer", "next")
    if name:
        store.rename(ME, id_, name)
    Removals(store).remove(ME, id_, taken_out(conversation, ids(conversation)[0]))
    assert store.conversations(ME)[0].title == title
    assert "quixotry" not in everything(store)


def test_a_conversation_without_a_message_left_is_no_conversation(store: Store) -> None:
    id_, conversation = say(store, SECRET)
    done = taken_out(conversation, *ids(conversation))
    taken = Removals(store).remove(ME, id_, done)
    assert store.conversations(ME) == [] and store.load(ME, id_) is None
    Removals(store).put_back(ME, id_, taken, removal.undo(done.after, done))
    assert contents(store, id_) == [SECRET]


def test_a_deleted_conversation_is_gone_without_anybody_looking(store: Store) -> None:
    store.cleaner._undo = 0.1
    id_, _ = say(store, SECRET)
    store.delete(ME, id_)
    end = time.monotonic() + 30
    while "quixotry" in everything(store) and time.monotonic() < end:
        time.sleep(0.05)
    assert "quixotry" not in everything(store)


def test_the_next_deletion_ends_the_time_of_the_one_before(store: Store) -> None:
    id_, _ = say(store, SECRET)
    back, _ = say(store, "precious")
    store.delete(ME, id_, back)
    store.restore(ME, back)
    store.purge(ME, id_, back, deleted=True)
    assert "quixotry" not in everything(store) and contents(store, back) == ["precious"]
