"""What the store promises in either database. test_store.py and test_store_postgres.py say which one `url` is."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from basics import ROOT
from sqlalchemy import text
from store_talks import ME, WEIRD, contents, say, titles_found

from backend.conversation.tree import Conversation
from backend.store import NoSuchConversation, Record, Store, edits, new_id, summaries, writer
from backend.store.edits import UNDO
from backend.types import JSON, Failure, Message

# ---- keeping --------------------------------------------------------------------------------------------


def test_a_conversation_comes_back_as_it_was_said(store: Store) -> None:
    id_, conversation = say(store, "Hi", "Hello", "How are you?")
    record = store.load(ME, id_)
    assert record is not None
    assert record.conversation.path() == conversation.path()


def test_another_process_sees_what_was_saved(store: Store, url: str) -> None:
    id_, _ = say(store, "Hi", "Hello")
    code = f"from backend.store import Store; print(len(Store.open({url!r}).load('me', {id_!r}).conversation))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "2"


def test_a_growing_answer_is_one_message(store: Store) -> None:
    id_, conversation = say(store, "Hi", "Hel")
    answer = conversation.leaf
    assert answer is not None
    for content in ("Hell", "Hello"):
        conversation.update(answer, Message("assistant", content))
        store.save(ME, id_, conversation[answer])
    assert contents(store, id_) == ["Hi", "Hello"]
    assert store.conversations(ME)[0].messages == 2


def test_branches_and_the_one_in_view_come_back(store: Store) -> None:
    id_, conversation = say(store, "Hi", "first")
    question, first = (node.id for node in conversation.path())
    second = conversation.add(Message("assistant", "second"), question)
    store.save(ME, id_, conversation[second], conversation.view)
    assert contents(store, id_) == ["Hi", "second"]
    conversation.choose(first)
    store.save(ME, id_, (), conversation.view)
    assert contents(store, id_) == ["Hi", "first"]
    conversation.end_at(question)
    store.save(ME, id_, (), conversation.view)
    assert contents(store, id_) == ["Hi"]


def test_several_messages_are_saved_at_once_or_not_at_all(store: Store) -> None:
    conversation, id_ = Conversation(), new_id()
    conversation.graft([Message("user", "a"), Message("assistant", "b")], None)
    schema: JSON = {"type": "object", "properties": {"why": {}, "answer": {}}}  # models answer in that order
    store.save(ME, id_, conversation.nodes(), conversation.view, {"model": "m", "extra": schema})
    assert contents(store, id_) == ["a", "b"]
    record = store.load(ME, id_)
    assert record is not None and str(record.settings) == str({"model": "m", "extra": schema})


def test_a_message_needs_its_conversation(store: Store) -> None:
    conversation = Conversation()
    last = conversation.graft([Message("user", "a"), Message("assistant", "b")], None)
    assert last is not None
    with pytest.raises(NoSuchConversation):
        store.save(ME, new_id(), conversation[last])


@pytest.mark.parametrize("weird", WEIRD)
def test_hostile_text_goes_in_and_comes_out(store: Store, weird: str) -> None:
    id_, _ = say(store, weird, weird)
    store.rename(ME, id_, weird)
    store.tag(ME, id_, [weird, weird + "2"])
    store.save(ME, id_, (), settings={weird: [weird, float("nan"), {"deep": weird}]})
    (summary,) = store.conversations(ME)
    assert len(summary.title) <= 200 and all(len(tag) <= 40 for tag in summary.tags)
    assert contents(store, id_)[0].replace("\ufffd", "") == "".join(
        c for c in weird.encode("utf-16", "surrogatepass").decode("utf-16", "ignore") if c != "\x00"
    )
    for tag in summary.tags:
        assert [found.id for found in store.conversations(ME, tag=tag)] == [id_]


@pytest.mark.parametrize("id_", ["", "x", "\x00", "\ud800", "../../etc/passwd", "A" * 32, "0" * 31, "0" * 10_000])
def test_a_hostile_id_is_no_conversation(store: Store, id_: str) -> None:
    assert store.load(ME, id_) is None
    for ask in (store.delete, store.restore, store.purge, store.pin):
        with pytest.raises(NoSuchConversation):
            ask(ME, id_)
    with pytest.raises(NoSuchConversation):
        say(store, "Hi", id_=id_ or "x")


def test_a_message_of_20_megabytes_is_kept(store: Store) -> None:
    big = "data:" + "A" * 20_000_000
    id_, _ = say(store, big)
    assert contents(store, id_) == [big]


def test_messages_added_in_one_conversation_keep_their_order_and_ids_are_never_shared() -> None:
    ids = []
    for _ in range(50):
        conversation = Conversation()
        conversation.graft([Message("user", str(number)) for number in range(100)], None)
        ids += [node.id for node in conversation.nodes()]
        assert [node.message.content for node in conversation.nodes()] == [str(number) for number in range(100)]
    assert len(set(ids)) == 5000
    assert max(ids) < 2**63


def test_an_unreadable_message_does_not_hide_the_others(store: Store) -> None:
    id_, _ = say(store, "Hi", "Hello")
    store._write(lambda c: c.execute(text("UPDATE messages SET body = '{not json' WHERE parent IS NOT NULL")))
    record = store.load(ME, id_)
    assert record is not None
    first, second = (node.message for node in record.conversation.path())
    assert first.content == "Hi"
    assert isinstance(second.failure, Failure) and "could not be read" in second.failure.title


def test_a_conversation_from_a_file_is_added_under_a_new_id(store: Store) -> None:
    conversation = Conversation()
    conversation.graft([Message("user", "from afar"), Message("assistant", "ok")], None)
    id_, _ = store.take(ME, Record(conversation, "Imported", {"model": "m"}, ("b", "a"), 5.0, 6.0, True))
    record = store.load(ME, id_)
    assert record is not None
    assert (record.title, record.settings, record.tags, record.pinned) == (
        "Imported",
        {"model": "m"},
        ("a", "b"),
        True,
    )
    assert (record.created, record.updated) == (5.0, 6.0)
    assert titles_found(store, "afar") == ["Imported"]


# ---- answers that never ended ------------------------------------------------------------------------------


def running(store: Store) -> str:
    id_, conversation = say(store, "Hi")
    answer = conversation.add(Message("assistant", "Hel", state="running"), conversation.leaf)
    store.save(ME, id_, conversation[answer])
    return id_


def state(store: Store, id_: str) -> str:
    record = store.load(ME, id_)
    assert record is not None
    return record.conversation.path()[-1].message.state


def test_an_answer_that_is_being_written_is_running(store: Store) -> None:
    assert state(store, running(store)) == "running"


def test_an_answer_whose_process_is_gone_was_interrupted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    host = writer.ME.split("/")[0]
    monkeypatch.setattr(writer, "ME", f"{host}/{gone.pid}/abc")
    id_ = running(store)
    monkeypatch.undo()
    assert state(store, id_) == "interrupted"


def test_an_answer_silent_for_too_long_was_interrupted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    id_ = running(store)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + writer.SILENT + 1)
    assert state(store, id_) == "interrupted"


def test_a_writer_on_another_machine_is_given_its_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "ME", "elsewhere/1/abc")
    id_ = running(store)
    monkeypatch.undo()
    assert state(store, id_) == "running"


# ---- the list ----------------------------------------------------------------------------------------------


def test_the_first_question_gives_the_title(store: Store) -> None:
    say(store, "  What is\nthe capital of France?  ")
    assert store.conversations(ME)[0].title == "What is the capital of France?"


def test_a_long_question_is_cut_at_a_word(store: Store) -> None:
    say(store, "word " * 100)
    title = store.conversations(ME)[0].title
    assert len(title) <= 63 and title.endswith("word …")


@pytest.mark.parametrize("unseen", ["\u200b\u200b", " \u00a0 ", "\u202e\ufeff"])
def test_a_title_of_which_nothing_can_be_seen_is_none(store: Store, unseen: str) -> None:
    id_, conversation = say(store, "What is it?")
    brought, _ = store.take(ME, Record(conversation, title=unseen), again=True)
    store.rename(ME, id_, unseen)
    assert {one.id: one.title for one in store.conversations(ME)} == {id_: "", brought: "What is it?"}


def test_a_system_message_is_no_title(store: Store) -> None:
    id_, conversation = new_id(), Conversation()
    conversation.graft([Message("system", "You are kind."), Message("user", "Hi there")], None)
    for node in conversation.nodes():
        store.save(ME, id_, node)
    assert store.conversations(ME)[0].title == "Hi there"


def test_the_list_tells_what_there_is(store: Store) -> None:
    id_, _ = say(store, "Hi", "Hello   there\nfriend")
    (summary,) = store.conversations(ME)
    assert (summary.id, summary.snippet, summary.messages) == (id_, "Hello there friend", 2)
    assert time.time() - 60 < summary.created <= summary.updated <= time.time()


def test_the_newest_comes_first_and_pinned_ones_before(store: Store) -> None:
    ids = [say(store, title)[0] for title in ("a", "b", "c")]
    store.pin(ME, ids[0])
    assert [s.title for s in store.conversations(ME)] == ["a", "c", "b"]
    store.pin(ME, ids[0], False)
    assert [s.title for s in store.conversations(ME)] == ["c", "b", "a"]
    assert [s.title for s in store.conversations(ME, sort="title")] == ["a", "b", "c"]
    say(store, "x", id_=ids[0])
    assert [s.title for s in store.conversations(ME, sort="updated")] == ["a", "c", "b"]
    assert [s.title for s in store.conversations(ME, sort="created")] == ["c", "b", "a"]


def test_the_latest_are_those_used_last_of_this_owner_pinned_or_not(store: Store) -> None:
    ids = [say(store, title)[0] for title in ("a", "b", "c", "d")]
    store.pin(ME, ids[0])
    store.delete(ME, ids[2])
    assert summaries.latest(store, ME, 5) == [(ids[3], "d"), (ids[1], "b"), (ids[0], "a")]
    say(store, "x", id_=ids[0])
    assert summaries.latest(store, ME, 1) == [(ids[0], "a")]
    assert summaries.latest(store, "somebody else", 5) == []


def test_the_list_comes_in_pages(store: Store) -> None:
    for number in range(7):
        say(store, str(number))
    assert [s.title for s in store.conversations(ME, limit=3, offset=3)] == ["3", "2", "1"]
    assert store.conversations(ME, limit=-1, offset=-5) == []


def test_tags_filter_and_are_listed_most_used_first(store: Store) -> None:
    one, two = say(store, "one")[0], say(store, "two")[0]
    store.tag(ME, one, [" work ", "work", "", "a  b"])
    store.tag(ME, two, ["work"])
    assert store.tags(ME) == ["work", "a b"]
    assert [s.title for s in store.conversations(ME, tag="a b")] == ["one"]
    store.tag(ME, two, [])
    assert [s.tags for s in store.conversations(ME, tag="work")] == [("a b", "work")]


def test_a_deleted_conversation_can_be_brought_back(store: Store) -> None:
    id_, _ = say(store, "precious words")
    store.tag(ME, id_, ["t"])
    store.delete(ME, id_)
    assert (store.load(ME, id_), store.conversations(ME), titles_found(store, "precious"), store.tags(ME)) == (
        None,
        [],
        [],
        [],
    )
    store.restore(ME, id_)
    assert contents(store, id_) == ["precious words"]
    assert titles_found(store, "precious") == ["precious words"]


def test_a_purged_conversation_leaves_nothing(store: Store) -> None:
    id_, _ = say(store, "secret words")
    store.tag(ME, id_, ["t"])
    store.purge(ME, id_)
    with pytest.raises(NoSuchConversation):
        store.restore(ME, id_)
    for table in ("conversations", "messages", "tags", "documents"):
        assert store._write(lambda c, table=table: c.execute(text(f"SELECT count(*) FROM {table}")).scalar()) == 0


def test_deletions_older_than_undo_reaches_are_final(store: Store) -> None:
    old, new = say(store, "old")[0], say(store, "new")[0]
    store.delete(ME, old)
    assert store._write(lambda c: edits.sweep(c, time.time() - UNDO)) == 0
    store._write(
        lambda c: c.execute(
            text("UPDATE conversations SET deleted = deleted - :day WHERE deleted > 0"), {"day": UNDO}
        )
    )
    other, _ = say(store, "other")
    store.delete(ME, other)
    store.restore(ME, other)
    assert store.load(ME, new) is not None
    with pytest.raises(NoSuchConversation):
        store.restore(ME, old)
