"""Simple words: plain labels first, the API's names beside them; whose choice it is, and what it leaves alone."""

from __future__ import annotations

import pytest
from basics import KEY
from fake_api import FakeAPI
from streamlit.testing.v1 import AppTest
from visiting import Open, say, set_, well

from components.glossary.glossary import sections
from components.session import simple_words, tab

KINDS = (
    "select_slider",
    "number_input",
    "text_area",
    "toggle",
    "multiselect",
    "selectbox",
    "button_group",
    "expander",
)


def labels(at: AppTest) -> dict[str, str]:
    widgets = [widget for kind in KINDS for widget in at.sidebar.get(kind)]
    return {str(widget.key): widget.label for widget in widgets if hasattr(widget, "key")}


def ids(at: AppTest) -> set[str]:
    return {widget.proto.id for kind in KINDS for widget in at.sidebar.get(kind)}


def switched(at: AppTest, *, on: bool) -> AppTest:
    return well(at.sidebar.toggle(key="simple_words").set_value(on).run())


@pytest.mark.usefixtures("folds_open")
def test_plain_labels_name_the_same_controls_with_the_same_values(at: AppTest, api: FakeAPI) -> None:
    set_(at, "parameter.temperature", 0.5)
    set_(at, "parameter.seed", 7)
    set_(at, "system_prompt", "Be brief.")
    before, same = labels(at), ids(at)
    switched(at, on=True)
    after = labels(at)
    assert before["parameter.temperature"] == "Temperature"
    assert after["parameter.temperature"] == "How adventurous :gray[:small[temperature]]"
    assert after["system_prompt"] == "How it should behave :gray[:small[system]]"
    assert before.keys() == after.keys() and ids(at) == same
    unlike = [name for name in after if name.startswith("parameter.") and after[name] == before[name]]
    assert not unlike, "every parameter has a plain label"
    say(at, "Hi")
    body = api.asked[-1].body
    assert (body["temperature"], body["seed"], body["messages"][0]["content"]) == (0.5, 7, "Be brief.")
    assert labels(switched(at, on=False)) == before


@pytest.mark.parametrize(
    ("shared", "kept", "on"),
    [
        ({}, "", False),
        ({"PLAYGROUND_SHARED": "1"}, "", True),
        ({}, "on", True),
        ({"PLAYGROUND_SHARED": "1"}, "off", False),
        ({}, "<script>", False),
    ],
    ids=["owner", "guest", "owner who chose", "guest who chose", "not ours"],
)
def test_simple_words_are_on_for_guests_unless_the_browser_remembers_otherwise(
    visit: Open, api: FakeAPI, monkeypatch: pytest.MonkeyPatch, shared: dict[str, str], kept: str, on: bool
) -> None:
    monkeypatch.setattr(tab, "cookies", lambda: {simple_words.COOKIE: kept} if kept else {})
    at = visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url, **shared)
    assert at.sidebar.toggle(key="simple_words").value is on
    assert ("How adventurous" in labels(at)["parameter.temperature"]) is on
    (remembered,) = [
        found.proto for found in at.get("bidi_component") if found.proto.component_name == "simple_words"
    ]
    assert '"chosen":""' in remembered.json.replace(" ", ""), "a browser is told only what was chosen"


def test_the_choice_holds_on_every_page_and_the_browser_is_told(at: AppTest) -> None:
    switched(at, on=True)
    well(at.switch_page("pages/3_Models.py").run())
    assert at.sidebar.toggle(key="simple_words").value is True
    (remembered,) = [
        found.proto for found in at.get("bidi_component") if found.proto.component_name == "simple_words"
    ]
    assert '"on"' in remembered.json


def test_every_word_is_one_click_away_on_every_page(at: AppTest) -> None:
    for page in ("app.py", "pages/1_Tools.py", "pages/2_Compare.py", "pages/3_Models.py", "pages/4_History.py"):
        well(at.switch_page(page).run())
        well(at.button(key="glossary").click().run())
        (shown,) = [found.proto for found in at.get("bidi_component") if found.proto.component_name == "glossary"]
        assert "How adventurous the next word may be" in shown.json


def test_the_list_has_each_word_with_what_it_is_called_besides() -> None:
    words = {row[0]: row[1:] for section in sections() for row in section["words"]}  # type: ignore[attr-defined]
    assert words["Temperature"][:2] == ["How adventurous", "temperature"]
    assert words["System prompt"][:2] == ["How it should behave", "system"]
    assert words["Token"][:2] == ["", ""]
