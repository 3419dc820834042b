"""A click counts, whatever follows it: two messages of one tab at nearly the same moment."""

from __future__ import annotations

import time

from browser import App
from fake_api import FakeAPI, stream
from wire import Wire, sent_text

TIMES = 25  # without components/elements/streamlit_internals.py 17 to 19 of them were lost


def test_a_question_is_not_lost_when_something_else_is_changed_at_once(app: App, server: FakeAPI) -> None:
    server.play(stream("Yes."))
    questions = [f"Question {number}" for number in range(TIMES)]
    tabs = [Wire(app) for _ in questions]
    for tab, question in zip(tabs, questions, strict=True):
        tab.send(**{tab.widget("composer"): sent_text(question)})
        tab.send(**{tab.widget("system_prompt"): {"string_value": "Be brief."}})
    assert_asked(server, questions)


def test_two_questions_that_are_sent_at_once_are_both_asked(app: App, server: FakeAPI) -> None:
    server.play(stream("Yes."))
    tabs = [Wire(app) for _ in range(4)]
    for number, tab in enumerate(tabs):
        for word in ("First", "Second", "Third"):
            tab.send(**{tab.widget("composer"): sent_text(f"{word} {number}")})
    assert_asked(
        server, [f"{word} {number}" for word in ("First", "Second", "Third") for number in range(len(tabs))]
    )


def assert_asked(server: FakeAPI, questions: list[str]) -> None:
    """Wait until the last question has arrived; by then those before it have, or never will."""
    end = time.monotonic() + 20
    found: list[str] = []
    while len(found) < len(questions) and time.monotonic() < end:
        time.sleep(0.1)
        found = [asked.prompt for asked in server.asked if asked.prompt in questions]
    assert sorted(found) == sorted(questions)
