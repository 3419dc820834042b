"""A turn runs by itself: whoever follows it may come late, leave, come back or stop it."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from basics import KEY, ask
from fake_api import HANG, USAGE, FakeAPI, Pause, Reply, error, stream

from backend.answer import event_log
from backend.answer.turn import Turn
from backend.errors import CutOff
from backend.transport.call import Stopped
from backend.transport.client import ChatClient, Endpoint
from backend.types import (
    ChatRequest,
    ChunkReceived,
    Event,
    Finished,
    Message,
    Preparing,
    ReasoningDelta,
    ResponseStarted,
    Retrying,
    TextDelta,
    ToolCallDelta,
)
from scripts import Script


class Gate:
    """Holds a script until it is opened."""

    def __init__(self) -> None:
        self._opened, self.reached = threading.Event(), threading.Event()

    def __call__(self) -> None:
        self.reached.set()
        assert self._opened.wait(10)

    def open(self) -> None:
        self._opened.set()


def words(turn: Turn, after: int = 0) -> list[str]:
    return [timed.event.text for timed in turn.follow(after) if isinstance(timed.event, TextDelta)]


def played(*steps: Any) -> Turn:
    return Turn(Script(*steps), ask()).start().join(5)


# ---- following ------------------------------------------------------------------------------------------


def test_everybody_who_follows_hears_everything() -> None:
    gate = Gate()
    turn = Turn(Script(TextDelta("a"), gate, TextDelta("b"), Finished("stop")), ask()).start()
    heard: list[list[str]] = []
    followers = [threading.Thread(target=lambda: heard.append(words(turn))) for _ in range(5)]
    for follower in followers:
        follower.start()
    gate.open()
    for follower in followers:
        follower.join(5)
    assert heard == [["a", "b"]] * 5


@pytest.mark.parametrize("after", range(6))
def test_an_answer_can_be_followed_from_any_position(after: int) -> None:
    turn = played(*[TextDelta(letter) for letter in "abcd"])
    assert words(turn, after) == list("abcd"[after:])


def test_a_page_can_leave_and_come_back() -> None:
    gate = Gate()
    turn = Turn(Script(TextDelta("a"), TextDelta("b"), gate, TextDelta("c")), ask()).start()
    first = next(turn.follow())
    assert gate.reached.wait(5)
    gate.open()
    assert isinstance(first.event, TextDelta)
    assert words(turn, after=1) == ["b", "c"]


def test_following_waits_for_what_is_to_come_and_ends_with_the_answer() -> None:
    gate = Gate()
    turn = Turn(Script(gate, TextDelta("late")), ask()).start()
    threading.Timer(0.1, gate.open).start()
    assert words(turn) == ["late"]
    assert turn.state == "done"


def test_waiting_tells_how_much_there_is_and_does_not_wait_long() -> None:
    gate = Gate()
    turn = Turn(Script(TextDelta("a"), gate, TextDelta("b")), ask()).start()
    assert gate.reached.wait(5)
    assert turn.wait(0, timeout=5) == 1
    began = time.monotonic()
    assert turn.wait(1, timeout=0.05) == 1
    assert time.monotonic() - began < 2
    gate.open()
    assert turn.wait(1, timeout=5) == 2
    turn.join(5)
    assert turn.wait(2, timeout=5) == 2, "an answer that has ended is not waited for"


def test_the_message_grows_while_the_answer_runs() -> None:
    gate = Gate()
    turn = Turn(Script(TextDelta("Hel"), gate, TextDelta("lo"), Finished("stop")), ask()).start()
    assert gate.reached.wait(5)
    assert (turn.message.content, turn.message.state) == ("Hel", "running")
    gate.open()
    assert (turn.join(5).message.content, turn.message.state) == ("Hello", "done")
    assert turn.message.finish_reason == "stop"


# ---- how it ends ----------------------------------------------------------------------------------------


def test_an_answer_that_failed_keeps_its_text_and_says_why() -> None:
    turn = played(TextDelta("Hel"), CutOff("the cable", request_id="r-1"))
    assert turn.state == "failed"
    message = turn.message
    assert (message.content, message.state) == ("Hel", "failed")
    assert message.failure is not None
    assert message.failure.title == "The answer was cut off before it was complete."
    assert message.failure.hint == CutOff.hint
    assert (message.failure.detail, message.failure.request_id, message.failure.kind) == (
        "the cable",
        "r-1",
        "CutOff",
    )


def test_a_fault_of_our_own_is_said_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    turn = played(TextDelta("Hel"), ZeroDivisionError(f"secret {KEY}"))
    assert turn.state == "failed"
    assert turn.message.content == "Hel"
    assert turn.message.failure is not None
    assert turn.message.failure.title == "The playground itself failed on this answer."
    assert KEY not in repr(turn.message)
    assert KEY not in caplog.text


def test_a_source_that_stopped_stops_the_turn() -> None:
    turn = played(TextDelta("Hel"), Stopped())
    assert turn.state == "stopped"
    assert turn.message.failure is None


def test_join_with_a_timeout_gives_up() -> None:
    gate = Gate()
    turn = Turn(Script(gate), ask()).start()
    assert turn.join(0.05).running
    gate.open()
    assert not turn.join(5).running


# ---- Stop -----------------------------------------------------------------------------------------------


def test_stop_keeps_the_text_and_it_never_grows_back() -> None:
    gate = Gate()
    turn = Turn(Script(TextDelta("Hel"), gate, TextDelta("lo"), Finished("stop")), ask()).start()
    assert gate.reached.wait(5)
    turn.stop()
    assert turn.state == "stopped"
    gate.open()
    turn._thread.join(5)
    message = turn.message
    assert (message.content, message.state, message.finish_reason) == ("Hel", "stopped", None)
    assert len(turn.events) == 1


def test_stop_wakes_everybody_who_waits() -> None:
    gate = Gate()
    turn = Turn(Script(gate), ask()).start()
    threading.Timer(0.1, turn.stop).start()
    began = time.monotonic()
    assert words(turn) == []
    turn.join(10)
    assert time.monotonic() - began < 5
    gate.open()


def test_stop_after_the_end_changes_nothing() -> None:
    turn = played(TextDelta("Hello"))
    turn.stop()
    turn.stop()
    assert turn.state == "done"
    failed = played(CutOff())
    failed.stop()
    assert failed.state == "failed"


def test_a_turn_stopped_before_it_started_asks_nothing(api: FakeAPI, client: ChatClient) -> None:
    turn = Turn(client, ask())
    turn.stop()
    turn.start().join(5)
    turn._thread.join(5)
    assert turn.state == "stopped"
    assert api.requests == []


def test_stop_at_any_moment_leaves_a_beginning_of_the_text(api: FakeAPI, client: ChatClient) -> None:
    text = [f"{number} " for number in range(200)]
    api.play(stream(*text, pause=0.001))
    for delay in (0.0, 0.005, 0.02, 0.05, 0.1):
        turn = Turn(client, ask()).start()
        time.sleep(delay)
        turn.stop()
        kept = turn.message.content
        turn._thread.join(5)
        assert not turn._thread.is_alive()
        assert turn.message.content == kept
        assert "".join(text).startswith(kept)
        assert turn.state == "stopped"


def test_no_thread_outlives_its_answer(api: FakeAPI, client: ChatClient) -> None:
    before = set(threading.enumerate())
    api.play([stream("Hello"), stream("Hello", HANG), error(400)])
    turns = [Turn(client, ask()).start() for _ in range(3)]
    time.sleep(0.3)
    for turn in turns:
        turn.stop()
        turn._thread.join(5)
    until = time.monotonic() + 5
    while left := [new for new in set(threading.enumerate()) - before if new.name in ("turn", "call-deadline")]:
        assert time.monotonic() < until, left
        time.sleep(0.02)


# ---- time -----------------------------------------------------------------------------------------------


def test_every_event_has_its_time_and_time_goes_forward() -> None:
    turn = played(TextDelta("a"), lambda: time.sleep(0.05), TextDelta("b"))
    first, second = turn.events
    assert 0 <= first.at < second.at <= turn.elapsed
    assert second.at - first.at >= 0.05


@pytest.mark.parametrize("first", [TextDelta("a"), ReasoningDelta("a"), ToolCallDelta(0, "a", "f")])
def test_the_first_token_is_the_first_thing_the_model_said(first: Event) -> None:
    turn = played(
        ResponseStarted(200, {}, "r"), ChunkReceived("{}"), first, lambda: time.sleep(0.03), TextDelta("b")
    )
    timing = turn.message.timing
    assert timing.first_token == turn.events[2].at
    assert timing.total is not None
    assert timing.total >= timing.first_token + 0.03
    assert turn.elapsed == timing.total


def test_an_answer_of_which_nothing_came_has_no_first_token() -> None:
    turn = played(ResponseStarted(200, {}, "r"), CutOff())
    assert turn.message.timing.first_token is None
    assert turn.message.timing.total is not None


def test_elapsed_grows_until_the_end_and_then_stands_still() -> None:
    gate = Gate()
    turn = Turn(Script(gate), ask()).start()
    before = turn.elapsed
    time.sleep(0.02)
    assert turn.elapsed > before
    assert turn.message.timing.total is None
    gate.open()
    turn.join(5)
    after = turn.elapsed
    time.sleep(0.02)
    assert turn.elapsed == after


def test_the_speed_is_counted_from_the_first_token(api: FakeAPI, client: ChatClient) -> None:
    api.play(stream("a", Pause(0.2), "b", usage={**USAGE, "completion_tokens": 21}))
    message = Turn(client, ask()).start().join(5).message
    timing = message.timing
    assert timing.first_token is not None and timing.total is not None and timing.total > timing.first_token
    assert timing.tokens_per_second(21) == pytest.approx(20 / (timing.total - timing.first_token))
    assert message.timing.tokens_per_second(None) is None
    assert message.timing.tokens_per_second(1) is None


# ---- what else a page needs to know ---------------------------------------------------------------------


def test_a_notice_tells_what_is_waited_for_until_something_comes() -> None:
    first, second = Gate(), Gate()
    steps = [Preparing("Loading", 0.5), first, Retrying(1.0, 1, "busy"), second, TextDelta("a")]
    turn = Turn(Script(*steps), ask()).start()
    assert first.reached.wait(5)
    assert turn.notice == Preparing("Loading", 0.5)
    first.open()
    assert second.reached.wait(5)
    assert turn.notice == Retrying(1.0, 1, "busy")
    second.open()
    turn.join(5)
    assert turn.notice is None


def test_an_answer_always_has_an_id_that_support_can_use() -> None:
    turn = played(CutOff())
    assert turn.message.request_id == turn.call.request_id
    assert played(ResponseStarted(200, {}, "inf-1")).message.request_id == "inf-1"


def test_raw_chunks_are_kept_only_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_log, "RAW_LIMIT", 100)
    turn = played(*[ChunkReceived("x" * 40) for _ in range(5)], TextDelta("a"))
    assert [timed.event.raw for timed in turn.events if isinstance(timed.event, ChunkReceived)] == [
        "x" * 40,
        "x" * 40,
        "",
        "",
        "",
    ]
    assert turn.message.content == "a"


def test_an_interrupted_answer_never_poisons_the_next_question(api: FakeAPI, client: ChatClient) -> None:
    api.play([stream("Hel", HANG), Reply(status=500), Reply(status=500), Reply(status=500), stream("Hello")])
    turn = Turn(client, ask()).start()
    until = time.monotonic() + 5
    while turn.message.content != "Hel" and time.monotonic() < until:
        time.sleep(0.01)
    turn.stop()
    failed = Turn(client, ask()).start().join(20)
    assert failed.state == "failed"
    history = (
        Message("user", "Hi"),
        turn.message,
        Message("user", "Again"),
        failed.message,
        Message("user", "Now?"),
    )
    assert Turn(client, ChatRequest("m", history)).start().join(5).message.content == "Hello"
    assert api.asked[-1].body["messages"] == [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hel"},
        {"role": "user", "content": "Again\n\nNow?"},
    ]


def test_many_turns_at_once_keep_their_answers_apart(api: FakeAPI) -> None:
    client = ChatClient(Endpoint(api.url, KEY))
    turns = [Turn(client, ask(f"number {number}")).start() for number in range(20)]
    answers = [turn.join(20).message.content for turn in turns]
    assert answers == [f"You said: number {number}" for number in range(20)]


def test_a_turn_that_gets_no_thread_has_failed_and_does_not_run_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    start, over = threading.Thread.start, list[str]()

    def refused(thread: threading.Thread) -> None:
        if thread.name == "turn":
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refused)
    turn = Turn(Script(TextDelta("never")), ask()).start()
    turn.when_ended(lambda: over.append("over"))
    assert turn.join(5).state == "failed" and turn.error is not None and over == ["over"]
