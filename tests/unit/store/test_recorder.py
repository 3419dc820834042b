"""Answers are written down while they grow, and whoever writes them holds nobody up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from stores import ready

from backend.answer.turn import Turn
from backend.conversation.tree import Conversation, Node
from backend.errors import CutOff
from backend.store import Journals, Recorder, Store, new_id, recorder, rows
from backend.store.store import Store as RealStore
from backend.types import ChatRequest, Event, Message, TextDelta
from scripts import Script

ME = "me"


class Watched(RealStore):
    """A store that counts what it is given."""

    saves: list[Message]

    def save(self, owner: str, id_: str, nodes: Any, *rest: Any, **more: Any) -> None:
        super().save(owner, id_, nodes, *rest, **more)
        self.saves.append(nodes.message)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Watched]:
    opened = Watched.open(ready(tmp_path / "p.db"), pauses=(0.05,))
    assert isinstance(opened, Watched)
    opened.saves = []
    yield opened
    opened.close()


def begin(store: Store, recorder: Recorder, *steps: Event | Exception | Callable[[], Any]) -> tuple[str, Turn]:
    """A question and the place of its answer are saved, and the answer is followed."""
    id_, conversation = new_id(), Conversation()
    question = conversation.add(Message("user", "Hi"), None)
    store.save(ME, id_, conversation[question], conversation.view)
    turn = Turn(Script(*steps), ChatRequest("m", ()))
    answer = conversation.add(turn.message, question)
    store.save(ME, id_, conversation[answer], conversation.view)
    recorder.follow(ME, id_, answer, question, turn.start())
    return id_, turn


def answer(store: Store, id_: str) -> Message:
    record = store.load(ME, id_)
    assert record is not None
    return record.conversation.path()[-1].message


def until(what: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_an_answer_that_has_just_ended_is_whole_before_it_is_written(store: Watched) -> None:
    """A reload in that moment found it interrupted, with what had been written of it: nothing, in a short one."""
    journals, written = Journals(store), threading.Event()
    save, store.save = store.save, lambda *args, **more: written.wait(10) and save(*args, **more)  # type: ignore[method-assign]
    written.set()
    id_, turn = begin(store, journals.recorder, written.clear, TextDelta("Hello"))
    turn.join()
    record, running = journals.open(ME, id_)
    written.set()
    assert record is not None and record.conversation.path()[-1].message == turn.message
    assert not running and turn.message.content == "Hello"
    assert journals.recorder.flush() and answer(store, id_) == turn.message


def test_an_answer_that_runs_is_opened_as_far_as_it_has_come(store: Watched) -> None:
    journals, ends, seen = Journals(store), threading.Event(), threading.Event()
    id_, turn = begin(store, journals.recorder, TextDelta("Hel"), seen.set, ends.wait, TextDelta("lo"))
    assert seen.wait(10)
    record, running = journals.open(ME, id_)
    assert record is not None and record.conversation.path()[-1].message.content == "Hel"
    assert [found for _, found in running] == [turn]
    ends.set()
    assert turn.join() and journals.recorder.flush() and journals.open(ME, id_)[1] == []


def test_a_failure_is_written_too(store: Watched) -> None:
    follower = Recorder(store)
    id_, turn = begin(store, follower, TextDelta("Hel"), CutOff())
    turn.join()
    assert follower.flush()
    assert (answer(store, id_).state, answer(store, id_).content) == ("failed", "Hel")
    assert answer(store, id_).failure is not None


def test_an_answer_has_its_place_before_its_first_word_and_grows_there(store: Watched) -> None:
    first, second = threading.Event(), threading.Event()
    follower = Recorder(store)
    id_, turn = begin(store, follower, first.wait, TextDelta("x" * 3000), second.wait)
    until(lambda: answer(store, id_).role == "assistant")
    assert answer(store, id_).state == "running"
    first.set()
    until(lambda: answer(store, id_).content == "x" * 3000, 1.5)
    second.set()
    turn.join()
    assert follower.flush()
    assert answer(store, id_) == turn.message and turn.state == "done"


def test_a_little_growth_is_written_within_a_second(store: Watched) -> None:
    hold = threading.Event()
    follower = Recorder(store)
    began = time.monotonic()
    id_, _ = begin(store, follower, lambda: time.sleep(0.3), TextDelta("a"), hold.wait)
    until(lambda: answer(store, id_).content == "a")
    assert time.monotonic() - began < 2.5  # 0.3 s, at most one more, and a slow machine
    hold.set()


def test_two_kilobytes_are_written_sooner(store: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "EVERY", 60.0)
    hold = threading.Event()
    follower = Recorder(store)
    id_, _ = begin(
        store,
        follower,
        lambda: time.sleep(0.3),
        TextDelta("a"),
        lambda: time.sleep(0.5),
        TextDelta("b" * 2048),
        hold.wait,
    )
    until(lambda: len(answer(store, id_).content) == 2049)
    assert [len(message.content) for message in store.saves[1:]] == [0, 2049]
    hold.set()


def test_a_silent_answer_shows_that_its_writer_lives(store: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "HEARTBEAT", 0.3)
    hold = threading.Event()
    begin(store, Recorder(store), TextDelta("a"), hold.wait)
    until(lambda: sum(message.content == "a" for message in store.saves) >= 3)
    hold.set()


def test_a_silent_answer_is_not_written_again_and_again(store: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "EVERY", 0.05)
    hold = threading.Event()
    begin(store, Recorder(store), TextDelta("a"), hold.wait)
    time.sleep(0.5)
    assert len(store.saves) <= 3
    hold.set()


def test_a_fast_answer_is_written_a_few_times_a_second_at_most(store: Watched) -> None:
    follower = Recorder(store)
    pieces = [step for _ in range(300) for step in (TextDelta("x" * 2000), lambda: time.sleep(0.005))]
    began = time.monotonic()
    id_, turn = begin(store, follower, *pieces)
    turn.join()
    assert follower.flush()
    assert len(store.saves) <= 10 * (time.monotonic() - began) + 4
    assert len(answer(store, id_).content) == 600_000


def test_many_turns_share_one_thread(store: Watched) -> None:
    hold = threading.Event()
    follower = Recorder(store)
    begun = [begin(store, follower, TextDelta(str(number)), hold.wait) for number in range(20)]
    assert [thread.name for thread in threading.enumerate()].count("recorder") >= 1
    before = threading.active_count()
    hold.set()
    for _, turn in begun:
        turn.join()
    assert follower.flush()
    assert threading.active_count() <= before
    assert [answer(store, id_).content for id_, _ in begun] == [str(number) for number in range(20)]


def test_neither_turn_nor_page_waits_for_a_slow_database(store: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = threading.Event()
    follower = Recorder(store)
    save = rows.save

    def slow(connection: Any, owner: str, id_: str, change: rows.Change) -> None:
        if change.nodes[0].message.content.startswith("x"):
            blocked.wait(60)
        save(connection, owner, id_, change)

    monkeypatch.setattr(rows, "save", slow)
    id_, turn = begin(store, follower, *(TextDelta("x") for _ in range(1000)))
    assert not turn.join(20).running, "and the database has not come back yet"
    blocked.set()
    assert follower.flush()
    assert answer(store, id_).content == "x" * 1000


def test_an_answer_whose_conversation_was_purged_is_let_go(store: Watched) -> None:
    hold = threading.Event()
    follower = Recorder(store)
    id_, turn = begin(store, follower, TextDelta("a"), hold.wait, TextDelta("b"))
    until(lambda: len(store.saves) > 1)
    store.purge(ME, id_)
    hold.set()
    turn.join()
    assert follower.flush()
    assert store.conversations(ME) == []
    id_, turn = begin(store, follower, TextDelta("the thread lives on"))
    turn.join()
    assert follower.flush()
    assert answer(store, id_).content == "the thread lives on"


def test_a_fault_with_one_answer_does_not_end_the_others(store: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    follower = Recorder(store)
    save = Watched.save

    def faulty(self: Watched, owner: str, id_: str, node: Node, *rest: Any) -> None:
        if isinstance(node, Node) and node.message.content == "bad":
            raise RuntimeError("a fault of ours")
        save(self, owner, id_, node, *rest)

    monkeypatch.setattr(Watched, "save", faulty)
    begin(store, follower, TextDelta("bad"))
    id_, turn = begin(store, follower, TextDelta("good"))
    turn.join()
    assert follower.flush()
    assert answer(store, id_).content == "good"


def test_when_the_process_ends_what_there_is_is_written_as_interrupted(store: Watched) -> None:
    hold = threading.Event()
    follower = Recorder(store)
    id_, turn = begin(store, follower, TextDelta("Hel"), hold.wait)
    until(lambda: turn.message.content == "Hel")
    follower.close()
    assert (answer(store, id_).state, answer(store, id_).content) == ("interrupted", "Hel")
    hold.set()
