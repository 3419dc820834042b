"""What is told of an answer, without a browser: its quiet line, the inspector."""

from __future__ import annotations

from fake_api import USAGE, FakeAPI, chunk, events, stream
from streamlit.testing.v1 import AppTest
from visiting import items, say, well


def inspected(at: AppTest) -> int:
    """Open the inspector on the last answer, as a click on its button does: AppTest clicks in no view."""
    session = at.session_state["session"]
    node = int(items(at)[-1]["id"])
    session.actions.do("inspect", node)
    well(at.run())
    return node


def quiet(at: AppTest) -> str:
    """The quiet line of the last answer, and the captions of the page."""
    captions = [found.value for found in at.caption]
    return "\n".join([items(at)[-1]["footer"]["quiet"], *captions]).replace("\\", "")


def test_it_opens_on_an_answer_with_every_tab(at: AppTest) -> None:
    inspected(say(at, "Hi"))
    assert [tab.label for tab in at.tabs] == [
        "Overview",
        "Request",
        "Response",
        "Chunks",
        "Code",
        "Diff",
        "Tokens",
    ]


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
    at.session_state[f"inspect.tabs.{items(at)[-1]['id']}"] = "Tokens"
    inspected(at)
    well(at.button(key="inspect.probabilities").click().run())
    body = api.asked[-1].body
    assert (body["logprobs"], body["top_logprobs"]) == (True, 5)
