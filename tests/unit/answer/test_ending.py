"""What comes after an answer comes once, on its thread, and cannot undo it."""

from __future__ import annotations

import threading

from backend.answer.ending import Ending


def test_callbacks_of_an_ending_run_on_the_thread_of_the_answer() -> None:
    ending, done = Ending(), list[str]()
    ending.then(lambda: done.append(threading.current_thread().name))
    thread = threading.Thread(target=ending.after(lambda: done.append("answered")), name="answer")
    thread.start()
    thread.join(10)
    assert done == ["answered", "answer"]


def test_a_callback_added_after_the_end_runs_at_once() -> None:
    ending, done = Ending(), list[str]()
    ending.after(lambda: None)()
    ending.then(lambda: done.append("late"))
    assert done == ["late"]


def test_a_fault_in_what_follows_keeps_nothing_else_from_being_done() -> None:
    ending, done = Ending(), list[str]()
    ending.then(lambda: done[1])  # type: ignore[arg-type, return-value]
    ending.then(lambda: done.append("next"))
    ending.after(lambda: None)()
    assert done == ["next"]
