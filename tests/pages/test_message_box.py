"""What is put into the message box arrives, also when the page is drawn twice; a question that was refused stays in
the chat, and nowhere else."""

from __future__ import annotations

import pytest
from fake_api import FakeAPI, error, stream
from streamlit.testing.v1 import AppTest
from visiting import conversation, say, well

from components.chat import words
from components.elements.page_runs import PageRuns
from components.session.session import Session


def put(at: AppTest) -> str:
    """What this run puts into the message box."""
    box = at.chat_input[0].proto
    return str(box.value) if box.set_value else ""


def taken_back(at: AppTest) -> AppTest:
    """A question that waited, opened in the message box."""
    session: Session = at.session_state["session"]
    session.composer.draft = "A long question"
    return well(at.run())


def test_an_immediate_rerun_puts_a_draft_back(at: AppTest, api: FakeAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit throws away what the run before has not yet sent to the browser."""
    monkeypatch.setattr("components.session.composer.ON_ITS_WAY", 60.0)
    api.play([stream("An answer.")])
    assert put(taken_back(at)) == "A long question"
    assert put(well(at.run())) == "A long question"
    say(at, "Another one")
    assert put(at) == "", "nothing is put over what was sent since"
    assert conversation(at)[-1] == ("assistant", "An answer.")


def test_a_draft_that_arrived_does_not_overwrite_newer_typing(at: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.session.composer.ON_ITS_WAY", 0.0)
    assert put(taken_back(at)) == "A long question"
    assert put(well(at.run())) == ""


def test_a_refused_question_stays_in_the_chat_and_the_next_one_replaces_it(at: AppTest, api: FakeAPI) -> None:
    too_long = error(400, "This model's maximum context length is 8 tokens.", code="context_length_exceeded")
    api.play([too_long, stream("Fine.")])
    say(at, "A long question")
    assert put(at) == "" and not at.session_state["session"].composer.pending.attached
    assert conversation(at)[0] == ("user", "A long question")
    assert words.EDIT_QUESTION in [each.label for each in at.button]
    assert not [each.value for each in at.caption if "next: ~" in each.value], "the next one takes its place"
    say(at, "A short one")
    assert conversation(at) == [("user", "A short one"), ("assistant", "Fine.")]


def test_a_question_is_sent_before_pages_and_each_page_is_drawn_in_its_turn(
    at: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    send, draw = PageRuns.sending, PageRuns.drawing
    monkeypatch.setattr(PageRuns, "sending", lambda runs: order.append("sending") or send(runs))
    monkeypatch.setattr(PageRuns, "drawing", lambda runs: order.append("drawing") or draw(runs))
    say(at, "Hi")
    assert order[:2] == ["sending", "drawing"]
