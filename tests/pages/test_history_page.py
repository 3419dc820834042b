"""The History page without a browser: what a late or repeated message of the browser does to it."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest
from visiting import Open, well

FILE = ("talk.jsonl", b'{"messages": [{"role": "user", "content": "Question"}]}', "application/json")


def titles(at: AppTest) -> list[str]:
    return [found.label for found in at.button if str(found.key).startswith("open.")]


def test_a_file_is_taken_in_once_although_the_browser_sends_it_again(visit: Open) -> None:
    at = visit("pages/4_History.py")
    uploader = at.file_uploader(key="import.0").set_value(FILE)
    well(at.run())
    assert titles(at) == ["Question"]
    late = at._tree.get_widget_states()  # a click that was on its way before the page without the file was drawn
    late.widgets.append(uploader._widget_state)
    well(at._tree._runner._run(late))
    assert titles(at) == ["Question"]
