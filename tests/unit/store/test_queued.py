"""Messages that wait for the end of an answer are kept with their conversation, and each is sent once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from chats import LONG, Asker
from fake_api import HANG, FakeAPI, stream
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from store_talks import ME, YOU, contents, say, titles_found

from backend.conversation.chat import Chat
from backend.conversation.queue import QueuedMessage
from backend.conversation.tree import Conversation, Node
from backend.store import Journals, NoSuchConversation, Store, edits
from backend.store.queued import QueuedMessages
from backend.transport.client import ChatClient
from backend.types import Media, Message

PICTURE = Media("image", "data:image/png;base64,iVBORw0KGgo=", name="cat.png")
TWO = QueuedMessage(2, Message("user", "two", media=(PICTURE,)), after=7)
THREE = QueuedMessage(3, Message("user", "three"), held=True)


def rows(store: Store) -> int:
    return int(store._write(lambda c: c.execute(text("SELECT count(*) FROM queued_messages")).scalar_one()))


def next_node(conversation: Conversation, entry: QueuedMessage) -> Node:
    return conversation.node(entry.message, conversation.leaf)


def test_waiting_messages_are_found_again_in_order_with_attachments(store: Store) -> None:
    id_, _ = say(store, "one", "answer")
    queued = QueuedMessages(store)
    for entry in (THREE, TWO):
        queued.add(ME, id_, entry)
    assert QueuedMessages(store).load(ME, id_) == [TWO, THREE]
    queued.hold(ME, id_, [2], held=True)
    queued.hold(ME, id_, [3], held=False)
    assert [entry.held for entry in queued.load(ME, id_)] == [True, False]


def test_a_waiting_message_is_not_yet_part_of_the_conversation(store: Store) -> None:
    id_, _ = say(store, "one", "answer")
    QueuedMessages(store).add(ME, id_, TWO)
    assert contents(store, id_) == ["one", "answer"] and titles_found(store, "two") == []
    assert store.conversations(ME)[0].snippet == "answer"


def test_a_waiting_message_is_sent_once_whoever_comes_first(store: Store) -> None:
    id_, conversation = say(store, "one", "answer")
    queued = QueuedMessages(store)
    queued.add(ME, id_, TWO)
    with ThreadPoolExecutor(4) as tabs:
        sent = list(tabs.map(lambda _: queued.send(ME, id_, TWO, next_node(conversation, TWO)), range(4)))
    assert sorted(sent) == [False, False, False, True]
    assert contents(store, id_) == ["one", "answer", "two"] and rows(store) == 0
    queued.hold(ME, id_, [2], held=True)  # by a tab that has not heard of it
    assert queued.load(ME, id_) == []


def test_nobody_else_sees_sends_or_deletes_a_waiting_message(store: Store) -> None:
    id_, conversation = say(store, "one", "answer")
    queued = QueuedMessages(store)
    queued.add(ME, id_, TWO)
    assert queued.load(YOU, id_) == []
    for attempt in (
        lambda: queued.add(YOU, id_, THREE),
        lambda: queued.send(YOU, id_, TWO, next_node(conversation, TWO)),
        lambda: queued.hold(YOU, id_, [2], held=True),
        lambda: queued.delete(YOU, id_, [2]),
    ):
        with pytest.raises(NoSuchConversation):
            attempt()
    assert queued.load(ME, id_) == [TWO]


def test_waiting_messages_are_deleted_and_restored_with_their_conversation(store: Store) -> None:
    id_, _ = say(store, "one", "answer")
    queued = QueuedMessages(store)
    queued.add(ME, id_, TWO)
    store.delete(ME, id_)
    assert queued.load(ME, id_) == []
    store.restore(ME, id_)
    assert queued.load(ME, id_) == [TWO]
    store._write(lambda c: edits.purge(c, ME, [id_]))
    assert rows(store) == 0


def test_while_the_database_is_away_a_message_is_sent_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    id_, conversation = say(store, "one", "answer")
    queued = QueuedMessages(store)
    queued.add(ME, id_, TWO)

    def away(*_: object) -> None:
        raise OperationalError("", {}, Exception("disk i/o error"))

    with monkeypatch.context() as patched:
        patched.setattr("backend.store.rows.save", away)
        assert queued.send(ME, id_, TWO, next_node(conversation, TWO))
        assert not queued.send(ME, id_, TWO, next_node(conversation, TWO))
    while store.trouble:
        pass
    assert queued.load(ME, id_) == [] and rows(store) == 0


# ---- chats ----------------------------------------------------------------------------------------------


@pytest.fixture
def ask(client: ChatClient) -> Open:
    return Open(client)


class Open(Asker):
    """Asks for a page that is there: what waits goes out by itself."""

    def is_open(self) -> bool:
        return True


def begun(journals: Journals) -> Chat:
    return Chat(journals.journal(ME, dict))


def reloaded(journals: Journals, id_: str) -> Chat:
    """The same conversation in another tab."""
    record, running = journals.open(ME, id_)
    assert record is not None
    journal = journals.journal(ME, dict, id_)
    chat = Chat(journal, record.conversation)
    for answer, turn in running:
        chat.adopt(answer, turn)
    chat.queued.restore(journal.waiting(), goes_on=journal.goes_on(record.conversation.leaf))
    return chat


def id_of(journals: Journals) -> str:
    return journals.store.conversations(ME)[0].id


def settled(journals: Journals, *chats: Chat, until: Callable[[], bool]) -> None:
    over = threading.Event()
    for _ in range(int(LONG / 0.02)):
        if until() and not any(chat.running for chat in chats):
            return
        over.wait(0.02)
    raise AssertionError


def test_a_waiting_message_goes_out_once_after_a_reload_in_two_tabs(
    journals: Journals, ask: Open, api: FakeAPI
) -> None:
    over = threading.Event()
    api.play(lambda asked: stream("first ", over) if asked.prompt == "one" else stream("second"))
    first = begun(journals)
    first.send("one", ask)
    first.send("two", ask)
    first.send("three", ask)
    tabs = [first, *(reloaded(journals, id_of(journals)) for _ in range(2))]
    for tab in tabs[1:]:
        tab.advance(ask)
        assert [message.content for message in tab.queued.waiting] == ["two", "three"]
    over.set()
    settled(journals, *tabs, until=lambda: len(api.asked) >= 3)
    assert sorted(request.prompt for request in api.asked) == ["one", "three", "two"]
    assert rows(journals.store) == 0


def test_a_chat_continues_when_its_answer_ended_during_a_reload(
    journals: Journals, client: ChatClient, api: FakeAPI
) -> None:
    chat, asker, over = begun(journals), Asker(client), threading.Event()
    api.play([stream("first ", over), stream("second")])
    chat.send("one", asker)
    chat.send("two", asker)
    over.set()
    assert chat.turn
    chat.turn.join(LONG)
    assert journals.recorder.flush()
    again = reloaded(journals, id_of(journals))
    assert again.advance(asker) and not chat.advance(asker), "the page before has gone, or comes too late"
    assert again.turn and again.turn.join(LONG)
    assert [request.prompt for request in api.asked] == ["one", "two"]


def test_after_a_crash_a_waiting_message_is_held_until_the_visitor_sends_it(
    journals: Journals, store: Store, client: ChatClient, api: FakeAPI
) -> None:
    asker = Asker(client)
    api.play([stream("so far ", HANG), stream("fine")])
    chat = begun(journals)
    chat.send("one", asker)
    assert chat.turn and chat.turn.wait(0, LONG), "its words come, so the other script is for the next request"
    chat.send(Message("user", "two", media=(PICTURE,)), asker)
    id_ = id_of(journals)
    after = Journals(store)  # a process that knows of no answer
    again = reloaded(after, id_)
    assert again.queued.waiting == [] and again.queued.held_messages == [Message("user", "two", media=(PICTURE,))]
    assert not again.advance(asker)
    third = reloaded(after, id_)
    third.queued.release()
    third.send_next(asker)
    again.queued.release()
    again.send_next(asker)  # in a tab that has not heard of it
    assert third.turn and third.turn.join(LONG).message.content == "fine"
    assert len(api.asked) == 2 and rows(store) == 0
    chat.stop()


def test_a_withdrawn_message_is_not_found_again(journals: Journals, ask: Open, api: FakeAPI) -> None:
    api.play(stream("so far ", HANG))
    chat = begun(journals)
    chat.send("one", ask)
    chat.send("two", ask)
    chat.stop()
    chat.queued.hold()
    assert reloaded(journals, id_of(journals)).queued.held_messages == chat.queued.held_messages != []
    chat.queued.drop_held()
    assert reloaded(journals, id_of(journals)).queued.held_messages == []
