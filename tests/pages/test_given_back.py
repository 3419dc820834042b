"""Words of a question that was refused at once are in the message box again, also when the page is drawn twice."""

from __future__ import annotations

import pytest
from fake_api import FakeAPI, error, stream
from streamlit.testing.v1 import AppTest
from visiting import conversation, say, well


def given_back(at: AppTest) -> str:
    """What this run puts into the message box."""
    box = at.chat_input[0].proto
    return str(box.value) if box.set_value else ""


def test_words_are_given_back_again_by_a_run_that_follows_at_once(
    at: AppTest, api: FakeAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Streamlit throws away what the run before has not yet sent to the browser."""
    monkeypatch.setattr("components.session.composer.ON_ITS_WAY", 60.0)
    api.play([error(400, "no"), stream("An answer.")])
    say(at, "A long question")
    assert given_back(at) == "A long question"
    assert given_back(well(at.run())) == "A long question"
    say(at, "Another one")
    assert given_back(at) == "", "nothing is put over what was sent since"
    assert conversation(at)[-1] == ("assistant", "An answer.")


def test_words_that_have_arrived_are_not_put_over_what_is_typed_since(
    at: AppTest, api: FakeAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("components.session.composer.ON_ITS_WAY", 0.0)
    api.play([error(400, "no")])
    say(at, "A long question")
    assert given_back(at) == "A long question"
    assert given_back(well(at.run())) == ""
