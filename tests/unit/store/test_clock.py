"""A clock that is set back or forth: messages keep their order, none is lost, and nothing is at work for ever."""

from __future__ import annotations

import random
import time
from dataclasses import replace

import pytest
from store_promises import state
from store_talks import ME, contents, say

from backend.conversation import deleting
from backend.conversation.chat import Chat
from backend.store import Store, writer
from backend.store.journal import Journals
from backend.types import Message


class Clock:
    """The time of day, `off` seconds from what it is; what measures spans goes on as always."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.off = 0.0
        seconds, nanoseconds = time.time, time.time_ns
        monkeypatch.setattr(time, "time", lambda: seconds() + self.off)
        monkeypatch.setattr(time, "time_ns", lambda: nanoseconds() + int(self.off * 1e9))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def chat(journals: Journals, id_: str = "") -> Chat:
    record = journals.load(ME, id_) if id_ else None
    return Chat(journals.journal(ME, dict, id_), record.conversation if record else None)


def tell(chat: Chat, text: str) -> None:
    chat.conversation.add(Message("user", text), chat.conversation.leaf)
    chat.write_down()


def kept(store: Store, chat: Chat) -> list[str]:
    return contents(store, chat.journal.id) if chat.journal else []  # type: ignore[attr-defined]


def test_messages_keep_their_order_however_the_clock_jumps(store: Store, journals: Journals, clock: Clock) -> None:
    talk, chance, said = chat(journals), random.Random(5), [f"message {number}" for number in range(20)]
    for text in said:
        clock.off = chance.choice([-1e6, -3600, 0, 3600, 1e6])
        tell(talk, text)
    assert kept(store, talk) == said


def test_a_message_after_a_deletion_is_kept_when_the_clock_steps_back(
    store: Store, journals: Journals, clock: Clock
) -> None:
    talk = chat(journals)
    for text in ("one", "two", "three"):
        tell(talk, text)
    assert talk.conversation.leaf is not None
    deleting.delete(talk, [talk.conversation.leaf])
    clock.off = -60
    tell(talk, "instead of three")
    assert kept(store, talk) == ["one", "two", "instead of three"]


def test_two_tabs_lose_nothing_while_the_clock_is_behind(store: Store, journals: Journals, clock: Clock) -> None:
    clock.off = 3600
    first = chat(journals)
    tell(first, "from the future")
    clock.off = 0
    id_ = first.journal.id  # type: ignore[union-attr]
    tabs = [chat(journals, id_) for _ in range(3)]
    for number, tab in enumerate(tabs):
        tell(tab, f"tab {number}")
    record = store.load(ME, id_)
    assert record is not None
    said = {node.message.content for node in record.conversation.nodes()}
    assert said == {"from the future", "tab 0", "tab 1", "tab 2"}


def test_an_answer_running_before_the_clock_stepped_back_is_interrupted(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "ME", "the-container-before/1/abc")
    clock.off = 3600
    id_, conversation = say(store, "Hi", "Hel")
    answer = conversation.path()[1]
    conversation.update(answer.id, replace(answer.message, state="running"))
    store.save(ME, id_, conversation[answer.id])
    monkeypatch.setattr(writer, "ME", "the-container-now/1/def")
    assert state(store, id_) == "running"
    clock.off = 0
    assert state(store, id_) == "interrupted"


def test_a_deletion_before_the_clock_stepped_back_stays_final(store: Store, clock: Clock) -> None:
    clock.off = 86_400
    gone, _ = say(store, "deleted tomorrow")
    store.delete(ME, gone)
    clock.off = 0
    other, _ = say(store, "deleted today")
    store.delete(ME, other)
    store.restore(ME, other)
    with pytest.raises(Exception, match="no such conversation"):
        store.restore(ME, gone)
