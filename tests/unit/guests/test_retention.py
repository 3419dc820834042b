"""What is kept of guests, and when it goes. In SQLite and in PostgreSQL."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import text

from backend.conversation.tree import Conversation
from backend.formats.archive import Record
from backend.guests import retention
from backend.guests.retention import Keeping
from backend.library.prompts import Prompt
from backend.library.saved_documents import SCRIPTS, Document, SavedDocuments
from backend.library.saved_prompts import SavedPrompts
from backend.store import Store
from backend.types import Message

DAY = 86_400
ANNA, BEN, LOGIN, LOCAL = "guest-anna", "guest-ben", "login-carl", "local"


def said(store: Store, owner: str, words: str = "Hi", days_ago: float = 0) -> str:
    conversation = Conversation()
    conversation.add(Message("user", words), None)
    id_, _ = store.take(owner, Record(conversation, words), again=True)
    then = time.time() - days_ago * DAY
    change = text("UPDATE conversations SET updated = :then WHERE id = :id")
    store.edit(lambda connection: connection.execute(change, {"then": then, "id": id_}) and None)
    return id_


def titles(store: Store, *owners: str) -> list[str]:
    return [found.title for owner in owners for found in store.conversations(owner)]


def test_a_guests_conversation_goes_some_days_after_its_last_message_and_nobody_elses_does(store: Store) -> None:
    for owner in (ANNA, LOGIN, LOCAL):
        said(store, owner, f"old of {owner}", days_ago=15)
        said(store, owner, f"new of {owner}", days_ago=13)
    Keeping(store, days=14).tidy()
    assert titles(store, ANNA) == [f"new of {ANNA}"]
    assert len(titles(store, LOGIN)) == len(titles(store, LOCAL)) == 2


def test_a_guest_has_limited_room_and_the_oldest_go_first(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "OF_ONE", 2)
    for owner in (ANNA, LOGIN, LOCAL):
        for days_ago in (3, 2, 1):
            said(store, owner, f"{days_ago}", days_ago)
    Keeping(store, days=14).tidy()
    assert titles(store, ANNA) == titles(store, LOGIN) == ["1", "2"]
    assert titles(store, LOCAL) == ["1", "2", "3"]


@pytest.mark.parametrize(("name", "room"), [("OF_ALL", 2), ("BYTES", 25_000)])
def test_all_guests_together_have_limited_room(
    store: Store, monkeypatch: pytest.MonkeyPatch, name: str, room: int
) -> None:
    monkeypatch.setattr(retention, name, room)
    for owner, days_ago in ((ANNA, 3), (BEN, 2), (ANNA, 1)):
        said(store, owner, f"{days_ago} " * 5_000, days_ago)
    Keeping(store, days=14).tidy()
    assert [len(titles(store, owner)) for owner in (ANNA, BEN)] == [1, 1]


def test_a_guest_who_leaves_is_deleted_and_the_others_are_not(store: Store) -> None:
    for owner in (ANNA, BEN):
        said(store, owner)
        SavedPrompts(store, owner).save(Prompt("Mine", "Be kind."))
        SavedDocuments(store, owner, SCRIPTS).save(Document("My talk", "{}"))
    kept = Keeping(store, days=14)
    assert kept.amounts().guests == 2 and kept.amounts().conversations == 2 and kept.amounts().bytes > 0
    kept.remove(ANNA)
    assert titles(store, ANNA, BEN) == ["Hi"]
    assert [len(SavedPrompts(store, owner).prompts()) for owner in (ANNA, BEN)] == [0, 1]
    assert [len(SavedDocuments(store, owner, SCRIPTS).names()) for owner in (ANNA, BEN)] == [0, 1]
    assert kept.amounts().guests == 1


def test_data_waiting_in_memory_goes_with_its_guest(store: Store) -> None:
    away = Store.open("postgresql://nobody@127.0.0.1:9/none")
    conversation = Conversation()
    node = conversation.add(Message("user", "Hi"), None)
    away.save(ANNA, "0" * 32, conversation[node])
    assert titles(away, ANNA)
    Keeping(away, days=14).remove(ANNA)
    assert not titles(away, ANNA)
    assert not len(away._unsaved) and not away._unsaved._size
    away.close()
