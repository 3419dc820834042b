"""What the app puts into widgets, and a browser that is behind: its next message names what they held before."""

from __future__ import annotations

import pytest
from basics import KEY
from fake_api import FakeAPI
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest
from visiting import Open, set_, well

from components.session import tab


@pytest.fixture
def at(visit: Open, api: FakeAPI, folds_open: None) -> AppTest:
    """A tab with a system prompt, which "Start over" takes away."""
    return set_(visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url), "system_prompt", "My own words.")


def started_over(at: AppTest) -> WidgetStates:
    """Press "Start over". What the browser would send now if it has not drawn the outcome."""
    late = at._tree.get_widget_states()
    for button in [widget for widget in late.widgets if widget.HasField("trigger_value")]:
        late.widgets.remove(button)
    well(at.button(key="start_over.go").click().run())
    assert at.text_area(key="system_prompt").value == ""
    return late


def send(at: AppTest, states: WidgetStates, text: str = "") -> AppTest:
    """Have the browser send this, with a message if there is one."""
    if text:
        states.widgets.append(at.chat_input[0].set_value(text)._widget_state)
    return well(at._tree._runner._run(states))


def test_a_late_question_goes_out_with_the_new_settings(at: AppTest, api: FakeAPI) -> None:
    send(at, started_over(at), "Good morning")
    assert [message["role"] for message in api.asked[-1].body["messages"]] == ["user"]
    assert at.text_area(key="system_prompt").value == ""


def test_a_manual_change_counts_over_the_old_words(at: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    started_over(at)
    assert set_(at, "system_prompt", "Others.").text_area(key="system_prompt").value == "Others."
    monkeypatch.setattr(tab, "BEHIND", 0.0)
    late = started_over(at)
    assert send(at, late).text_area(key="system_prompt").value == "Others."
