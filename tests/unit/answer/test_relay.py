"""What a browser reads of running answers: all of it, in order, from where it was, and nothing afterwards."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from basics import ask
from hypothesis import given
from hypothesis import strategies as st

from backend.answer import relay, relay_pace
from backend.answer.relay import Relay, Relays
from backend.answer.relay_pace import pace
from backend.answer.turn import Turn
from backend.types import Finished, ReasoningDelta, TextDelta, ToolCallDelta
from scripts import Script, Step


def turn(*steps: Step) -> Turn:
    return Turn(Script(*steps), ask())


def events(text: str) -> list[list[Any]]:
    """[place, part, offset, text] of every event in what a browser was sent, with what is left out of some."""
    read: list[list[Any]] = []
    for line in text.split("\n"):
        if line.startswith("data: "):
            event = json.loads(line.removeprefix("data: "))
            goes_on = isinstance(event, str)
            read += [[*read[-1][:2], read[-1][2] + len(read[-1][3]), event] if goes_on else event]
    assert read[0] == [-1, "here", 0, ""], "the first word, at once"
    return read[1:]


def read(carried: Relay, last: str = "", until: Callable[[str], bool] = lambda text: False) -> str:
    """What a browser gets that reads to the end, or leaves when it has had enough."""

    async def reading() -> str:
        text = ""
        async for piece in carried.events(last):
            text += piece
            if until(text):
                break
        return text

    with ThreadPoolExecutor(1) as thread:  # of its own: the browser of other tests has a loop in this one
        return thread.submit(lambda: asyncio.run(asyncio.wait_for(reading(), 20))).result()


def joined(pieces: list[list[Any]], part: str, place: int = 0, known: str = "") -> str:
    """A text out of its pieces, each of which has to begin where the one before ended."""
    for at, name, offset, text in pieces:
        if (at, name) == (place, part):
            assert offset == len(known)
            known += text
    return known


def test_an_answer_is_read_whole_and_then_its_ending() -> None:
    carried, answer = (
        Relay(lambda turn: "waiting"),
        turn(ReasoningDelta("Hm. "), TextDelta("Hello "), TextDelta("you")),
    )
    assert carried.place(answer) == 0
    answer.start()
    pieces = events(read(carried))
    assert joined(pieces, "reasoning") == "Hm. "
    assert joined(pieces, "text") == "Hello you"
    assert pieces[-1] == [0, "over", 0, "done"]


def test_an_event_that_continues_the_last_one_carries_only_the_new_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "LONGEST", 6)
    carried = Relay(lambda turn: "")
    for answer in (turn(TextDelta("😀 one two ")), turn(TextDelta("three"))):
        carried.place(answer)
        answer.start().join(10)
    lines = [line for line in read(carried).split("\n") if line][2:]
    assert lines == [
        'data: [0,"text",0,"😀 one "]',
        'data: "two "',
        'data: [0,"over",0,"done"]',
        'data: [1,"text",0,"three"]',
        'data: [1,"over",0,"done"]',
    ]


def test_a_text_that_turns_out_to_be_a_thought_is_told_as_one_at_once() -> None:
    thought, turned = threading.Event(), threading.Event()
    carried = Relay(lambda turn: "")
    steps = (TextDelta("Hm.\n</th"), thought.wait, TextDelta("ink>\n\n"), turned.wait, TextDelta("Four."))
    carried.place(turn(*steps).start())

    def told(text: str) -> bool:
        if "Hm." in text:
            thought.set()
        if '"said"' in text:
            turned.set()
        return False

    pieces = events(read(carried, until=told))
    assert pieces[:3] == [[0, "text", 0, "Hm.\n"], [0, "reasoning", 0, "Hm."], [0, "said", 0, ""]]
    assert joined(pieces, "said") == "Four."
    assert pieces[-1] == [0, "over", 0, "done"]


@pytest.mark.parametrize("last", ["0.4.0", "3.4.0", "3.4.2", "0.2.0"])
def test_a_browser_that_was_cut_off_before_the_thought_was_known_as_one_hears_of_it(last: str) -> None:
    carried, answer = Relay(lambda turn: ""), turn(TextDelta("Hm.\n</think>Four."))
    carried.place(answer)
    answer.start().join(10)
    pieces, (reasoning, _, said) = events(read(carried, last)), map(int, last.split("."))
    assert [0, "said", 0, ""] in pieces and not joined(pieces, "text")
    assert joined([piece for piece in pieces if piece[3]], "said", known="Four."[:said]) == "Four."
    assert joined(pieces, "reasoning", known="Hm."[:reasoning]) == "Hm."


def test_a_reader_is_told_what_is_waited_for_while_nothing_comes() -> None:
    seen = threading.Event()
    carried, answer = Relay(lambda turn: "Waiting for the first word"), turn(seen.wait, TextDelta("Hello"))
    carried.place(answer)
    answer.start()

    def told(text: str) -> bool:
        if "state" in text:
            seen.set()
        return False

    assert events(read(carried, until=told))[0] == [0, "state", 0, "Waiting for the first word"]


@given(st.integers(0, 11), st.integers(0, 3))
def test_a_browser_that_was_cut_off_goes_on_where_it_was(text: int, reasoning: int) -> None:
    carried, answer = Relay(lambda turn: ""), turn(ReasoningDelta("Hm."), TextDelta("Hello there"))
    carried.place(answer)
    answer.start().join(10)
    pieces = events(read(carried, f"{reasoning}.{text}.0"))
    assert joined(pieces, "text", known="Hello there"[:text]) == "Hello there"
    assert joined(pieces, "reasoning", known="Hm."[:reasoning]) == "Hm."


@pytest.mark.parametrize(
    "last", ["x", "1", "1.2", "1.2.3.4", "-5.-5.-5", "9" * 9000 + ".1.1", "1.1.1," * 9000, "\x00", "None.1"]
)
def test_an_id_that_is_none_of_ours_breaks_nothing(last: str) -> None:
    carried, answer = Relay(lambda turn: ""), turn(TextDelta("Hello"))
    carried.place(answer)
    answer.start().join(10)
    assert events(read(carried, last))[-1] == [0, "over", 0, "done"]


def test_several_answers_share_one_relay() -> None:
    carried = Relay(lambda turn: "")
    answers = [turn(TextDelta(word)) for word in ("one", "two", "three")]
    assert [carried.place(answer) for answer in (*answers, answers[0])] == [0, 1, 2, 0]
    for answer in answers:
        answer.start()
    pieces = events(read(carried))
    assert [joined(pieces, "text", place) for place in range(3)] == ["one", "two", "three"]


def test_an_answer_that_begins_later_is_read_by_who_reads_already() -> None:
    carried, seen = Relay(lambda turn: ""), threading.Event()
    first, second = turn(TextDelta("one"), seen.wait), turn(TextDelta("two"))
    carried.place(first)
    first.start()

    def begin(text: str) -> bool:
        if "one" in text and not seen.is_set():
            carried.place(second)
            second.start().join(10)
            seen.set()
        return False

    assert joined(events(read(carried, until=begin)), "text", 1) == "two"


def test_words_that_come_slowly_are_not_kept_to_be_sent_together() -> None:
    reading, fast = pace(50, 1), pace(200, 1)
    assert reading < 1 / 50 < fast, "the next word finds the way free"
    assert pace(10, 6) == reading and pace(600, 6) > fast


def test_with_many_readers_at_once_each_is_sent_several_words_together() -> None:
    assert pace(50, 1, in_process=4) == pace(50, 1), "a few do not notice each other"
    assert pace(50, 1, in_process=50) > 4 / 50
    carried = Relay(lambda turn: "")
    answer = turn(TextDelta("a"))
    carried.place(answer)
    assert answer in relay.IN_PROCESS
    answer.start()._thread.join(20)
    assert answer not in relay.IN_PROCESS


def test_a_stopped_answer_ends_for_who_reads_it() -> None:
    carried, gate = Relay(lambda turn: ""), threading.Event()
    answer = turn(TextDelta("kept"), lambda: gate.wait(10), TextDelta("never"))
    carried.place(answer)
    answer.start()

    def stop(text: str) -> bool:
        carried.stop(0)
        return False

    assert events(read(carried, until=stop))[-1] == [0, "over", 0, "stopped"]
    gate.set()


def test_calls_are_shown_as_they_are_written() -> None:
    carried = Relay(lambda turn: "")
    answer = turn(ToolCallDelta(0, "call_1", "clock", '{"city":'), ToolCallDelta(0, None, None, ' "Lagos"}'))
    carried.place(answer)
    answer.start().join(10)
    calls = [json.loads(text) for _, part, _, text in events(read(carried)) if part == "calls"]
    assert calls[-1] == [["clock", '{"city": "Lagos"}']]


def test_a_very_long_text_comes_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "LONGEST", 10)
    carried, answer = Relay(lambda turn: ""), turn(TextDelta("word " * 20))
    carried.place(answer)
    answer.start().join(10)
    pieces = events(read(carried))
    assert joined(pieces, "text") == "word " * 20
    assert max(len(text) for _, part, _, text in pieces if part == "text") == 10


def test_silence_is_broken_by_a_comment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "ALIVE", 0.0)
    monkeypatch.setattr(relay, "LOOK", 0.01)
    gate = threading.Event()
    carried, answer = Relay(lambda turn: ""), turn(lambda: gate.wait(10), Finished("stop"))
    carried.place(answer)
    answer.start()
    assert "\n: still here\n\n" in read(carried, until=lambda text: ": still" in text)
    gate.set()


def test_nobody_is_left_reading_when_the_answers_are_over() -> None:
    carried, answer = Relay(lambda turn: ""), turn(TextDelta("Hello"))
    carried.place(answer)
    answer.start()
    read(carried)
    assert carried.readers == 0


def test_a_browser_that_listens_before_there_is_an_answer_hears_of_it_at_once() -> None:
    carried, answer = Relay(lambda turn: "", lambda: True), turn(TextDelta("Hello"))

    def begin(text: str) -> bool:
        if text.endswith('[-1, "here", 0, ""]\n\n'):
            carried.place(answer, "123")
            answer.start()
        return False

    pieces = events(read(carried, until=begin))
    assert pieces[0] == [0, "begin", 0, "123"] and joined(pieces, "text") == "Hello"


def test_the_first_words_do_not_wait_for_the_pace_of_what_came_before_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_pace, "PACE", 1000)
    heard = threading.Event()
    carried, answer = Relay(lambda turn: "", lambda: True), turn(heard.wait, TextDelta("Hello"))
    carried.place(answer.start(), "123")

    def words(text: str) -> bool:
        if "begin" in text:
            heard.set()
        return "Hello" in text

    assert joined(events(read(carried, until=words)), "text") == "Hello"
    answer.join(5)


def test_nobody_waits_for_the_answer_of_a_tab_that_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "LOOK", 0.01)
    open_ = [True, True, False]
    carried = Relay(lambda turn: "", lambda: open_.pop(0) if open_ else False)
    assert events(read(carried)) == []


# ---- all relays of a process ----------------------------------------------------------------------------


def test_a_relay_is_found_by_its_id_alone_and_not_after_its_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    gate, relays = threading.Event(), Relays()
    carried, answer = relays.add(Relay(lambda turn: "")), turn(lambda: gate.wait(10))
    carried.place(answer)
    answer.start()
    assert relays.find(carried.id) is carried
    assert relays.find("") is None and relays.find(carried.id[:-1]) is None
    gate.set()
    answer.join(10)
    monkeypatch.setattr(relay, "LATE", -1.0)
    assert relays.find(carried.id) is None


def test_an_id_cannot_be_guessed() -> None:
    ids = {Relay(lambda turn: "").id for _ in range(1000)}
    assert len(ids) == 1000 and min(map(len, ids)) >= 24, "18 random bytes"


def test_a_stream_ends_with_its_tab_and_resumes_for_a_browser_that_returns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "LOOK", 0.02)
    seen, there = threading.Event(), [True]
    carried = Relay(lambda turn: "", lambda: bool(there))
    running = turn(TextDelta("begun "), lambda: seen.wait(10), TextDelta("ended"))
    carried.place(running.start())
    threading.Timer(0.1, there.clear).start()
    assert joined(events(read(carried)), "text") == "begun " and running.running
    seen.set()
    assert joined(events(read(carried)), "text") == "begun ended"
