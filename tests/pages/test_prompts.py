"""One's own prompts in the library's dialog, without a browser: kept, changed, deleted, taken in, and whose."""

from __future__ import annotations

import json

import pytest
from basics import KEY
from fake_api import FakeAPI
from streamlit.testing.v1 import AppTest
from tools_page import button
from visiting import Open, well


def press(at: AppTest, name: str) -> AppTest:
    return well(at.button(key=f"prompts.{name}").click().run())


def write(at: AppTest, name: str, text: str) -> AppTest:
    """Fill the editor in and save."""
    at.text_input(key="prompts.edit.name").set_value(name)
    at.text_area(key="prompts.edit.text").set_value(text)
    return press(at, "save")


def new(at: AppTest, name: str, text: str) -> AppTest:
    return write(press(press(at, "open.sidebar"), "new"), name, text)


def listed(at: AppTest) -> list[str]:
    """Names in the list, one's own first."""
    press(at, "open.sidebar")
    return [found.label for found in at.button if str(found.key).startswith("prompts.choose.")]


@pytest.fixture
def tabs(visit: Open, api: FakeAPI) -> list[AppTest]:
    return [visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url) for _ in range(2)]


def test_a_copy_is_changed_deleted_and_had_back_in_every_tab(tabs: list[AppTest]) -> None:
    at, other = tabs
    well(button(press(at, "open.sidebar"), "Socratic tutor").click().run())
    write(press(at, "copy"), "", "Teach me {{subject}}.")
    assert at.error[0].value == "A prompt needs a name and a text\\."
    write(at, "My tutor", "Teach me {{subject}}.")
    assert [found.label for found in at.text_input if "prompts.field" in str(found.key)] == ["Subject"]
    write(press(at, "edit"), "Our tutor", "Teach us.")
    assert listed(other)[0] == "Our tutor" and "Socratic tutor" in listed(other)
    press(at, "delete")
    assert "Our tutor" not in listed(other)
    last = at.session_state["session"].deletions.undoable
    at.session_state["session"].deletions.undo(last.id)
    assert listed(other)[0] == "Our tutor"


@pytest.mark.slow
def test_a_prompt_that_cannot_be_saved_says_why_and_stays_typed(tabs: list[AppTest]) -> None:
    at, other = tabs
    new(at, "Mine", "first")
    new(other, "MINE", "second")
    assert "Another prompt has this name already" in other.error[0].value
    assert other.text_area(key="prompts.edit.text").value == "second"
    for tab in tabs:
        listed(tab)
        press(well(button(tab, "Mine").click().run()), "edit")
    write(at, "Mine", "theirs")
    write(other, "Mine", "mine")
    assert "It was changed in another tab" in other.error[0].value
    assert other.text_area(key="prompts.edit.text").value == "mine"
    assert "theirs" in [found.value for found in press(other, "cancel").text]


def test_a_file_is_taken_in_or_refused_in_words(at: AppTest) -> None:
    press(at, "open.sidebar")
    unseen = "\U000e006f\U000e0062\U000e0065\U000e0079"
    rows = [{"name": "One", "text": f"1{unseen}"}, {"name": "Two", "text": "2", "kind": "message"}]
    file = json.dumps({"format": "llm-playground/prompts", "version": 1, "prompts": rows})
    for content, words in (
        ('{"format": "x"}', "does not hold prompts of this playground"),
        (file, "the file\\: 2"),
    ):
        at.file_uploader(key="prompts.file").set_value(("prompts.json", content.encode(), "application/json"))
        said = [found.value for found in (*well(at.run()).error, *at.success)]
        assert any(words in text for text in said), said
    assert listed(at)[:2] == ["One", "Two"]
    well(button(at, "One").click().run())
    assert any("words that nobody sees" in found.value and "obey" in found.value for found in at.caption)
    press(at, "back")
    assert "Export my prompts" in [found.proto.label for found in at.get("download_button")]


def test_guests_of_a_shared_app_never_see_each_others_prompts(visit: Open, api: FakeAPI) -> None:
    ann, bob = (visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url, PLAYGROUND_SHARED="1") for _ in range(2))
    new(ann, "A secret of Ann", "1")
    assert "A secret of Ann" in listed(ann) and "A secret of Ann" not in listed(bob)
