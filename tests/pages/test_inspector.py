"""The inspector without a browser: it opens on an answer, and every tab has its title."""

from __future__ import annotations

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
