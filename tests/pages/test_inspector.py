"""What is told of an answer, without a browser: its quiet line, the inspector."""

from __future__ import annotations

from fake_api import USAGE, FakeAPI, chunk, events, stream
from streamlit.testing.v1 import AppTest
from visiting import say, well


def test_it_opens_on_an_answer_beside_the_button_that_opened_it(at: AppTest) -> None:
    """Two widgets with one key are refused by Streamlit, also where one of them is in a dialog."""
    say(at, "Hi")
    button = next(widget for widget in at.main.button if str(widget.key).startswith("inspect."))
    well(button.click().run())
    assert [tab.label for tab in at.tabs] == [
        "Overview",
        "Request",
        "Response",
        "Chunks",
        "Code",
        "Diff",
        "Tokens",
    ]


def quiet(at: AppTest) -> str:
    return "\n".join(found.value for found in at.caption).replace("\\", "")


def test_the_quiet_line_tells_tokens_times_and_the_reported_cost(at: AppTest, api: FakeAPI) -> None:
    usage = {**USAGE, "completion_tokens_details": {"reasoning_tokens": 2}}
    bill = {"meta": {"usage": {"credits_used": 2480, "usd_spent": "0.001240000"}}}
    said = [chunk({"content": "Blue."}, "length"), chunk(choices=[], usage=usage), bill]
    api.play(events(*said, "[DONE]"))
    words = quiet(say(at, "Colour?"))
    for part in ("3 in, 5 out (2 reasoning)", "first token", "$0.00124", "stopped at the length limit", "next: ~"):
        assert part in words
    assert "Session: $0.00124" in quiet(well(at.run()))


def test_what_nobody_knows_is_a_dash_and_no_zero(at: AppTest, api: FakeAPI) -> None:
    api.play(stream("Blue is a colour."))
    words = quiet(say(at, "Colour?"))
    assert "- in, ~5 out" in words and "cost -" in words


def test_probabilities_that_did_not_come_are_asked_for(at: AppTest, api: FakeAPI) -> None:
    say(at, "Hi")
    button = next(widget for widget in at.main.button if str(widget.key).startswith("inspect."))
    at.session_state[f"inspect.tabs.{str(button.key).partition('.')[2]}"] = "Tokens"
    well(button.click().run())
    well(at.button(key="inspect.probabilities").click().run())
    body = api.asked[-1].body
    assert (body["logprobs"], body["top_logprobs"]) == (True, 5)
