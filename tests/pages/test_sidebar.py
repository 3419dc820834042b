"""The sidebar: what stands in which order, what its folds say while they are closed, starting over, by AppTest."""

from __future__ import annotations

import pytest
from basics import KEY
from fake_api import FakeAPI, stream
from streamlit.testing.v1 import AppTest
from visiting import Open, conversation, everything, picker, say, set_, well, with_models

from components.elements.markdown import plain

pytestmark = pytest.mark.usefixtures("folds_open")

OTHERS = "fake/beta"


def folded(at: AppTest) -> AppTest:
    at.session_state["fold.more"] = at.session_state["fold.connection"] = False
    return well(at.run())


def line(at: AppTest) -> str:
    """What is said of the connection."""
    (found,) = [text.value for text in at.sidebar.markdown if " · " in text.value]
    return found.replace("\\", "")


def latest(at: AppTest) -> list[str]:
    return [button.label for button in at.sidebar.button if str(button.key).startswith("latest.")]


def said(at: AppTest) -> list[str]:
    return [found.value for found in at.sidebar.caption]


# ---- the order, and the folds ---------------------------------------------------------------------------


def test_only_the_common_settings_are_drawn_while_the_folds_are_closed(at: AppTest) -> None:
    folded(at)
    kinds = ("text_area", "select_slider", "number_input", "selectbox", "toggle", "text_input", "multiselect")
    keys = [widget.key for kind in kinds for widget in at.sidebar.get(kind)]
    assert sorted(keys) == ["parameter.max_tokens", "parameter.temperature", "simple_words", "system_prompt"]


def test_settings_in_the_closed_fold_are_counted_and_named(at: AppTest) -> None:
    set_(at, "parameter.seed", 7)
    set_(at, "parameter.temperature", 0.5)
    set_(at, "extra_json", "{")  # goes nowhere, which has to be seen
    set_(at, "streaming", False)
    folded(at)
    assert at.button(key="reset").label == "4 set. Reset"
    assert "`seed`, `extra JSON` (not sent), not streamed" in said(at)
    well(at.button(key="reset").click().run())
    assert "Nothing set: the model decides." in said(at)
    assert "`seed`" not in said(at)


def test_the_line_of_the_connection_says_who_answers_and_who_pays(visit: Open, api: FakeAPI) -> None:
    at = folded(visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url))
    assert line(at).endswith(" · key set")
    assert not [box for box in at.sidebar.selectbox if box.key == "connection"]
    well(at.button(key="connection.change").click().run())
    set_(at, "connection", "local")
    well(at.button(key="connection.change").click().run())
    assert line(at) == "This computer · free"
    assert "runs on this computer, free" in said(at)
    assert not [box for box in at.sidebar.selectbox if box.key == "connection"]


@pytest.mark.parametrize("connection", ["configured", "other"])
def test_a_missing_key_or_address_opens_the_connection(visit: Open, connection: str) -> None:
    """A key is asked for where nothing answers without one, however the visitor got there."""
    at = visit(AIMLAPI_BASE_URL="https://api.example.com/v1")
    set_(at, "connection", connection)
    folded(at)
    assert at.sidebar.text_input(key="key_typed").label == "Your API key"
    assert line(at).endswith(" · no key yet")
    assert at.button(key="connection.change").disabled


def test_the_field_does_not_vanish_when_the_key_is_there(visit: Open) -> None:
    at = visit(AIMLAPI_BASE_URL="https://api.example.com/v1")
    set_(at, "connection", "configured")
    folded(at)
    set_(at, "key_typed", "sk-typed-0123456789")
    assert line(at).endswith(" · key set")
    well(at.button(key="connection.change").click().run())
    assert not [field for field in at.sidebar.text_input if field.key == "key_typed"]


def test_a_server_that_may_need_no_key_can_be_folded_away(visit: Open) -> None:
    at = visit(AIMLAPI_API_KEY=KEY, HTTP_PROXY="http://127.0.0.1:9")
    set_(at, "connection", "other")
    assert at.button(key="connection.change").disabled
    set_(at, "base_url_typed", "http://192.0.2.7:11434/v1")
    well(at.button(key="connection.change").click().run())
    assert line(at) == "192.0.2.7:11434 · no key yet"
    assert not [field for field in at.sidebar.text_input if field.key == "key_typed"]


# ---- the latest chats -----------------------------------------------------------------------------------


def test_the_latest_chats_stand_under_the_menu_and_open_in_one_click(at: AppTest, api: FakeAPI) -> None:
    assert latest(at) == []
    for number in range(6):
        api.play(stream(f"Answer {number}"))
        say(at, f"Question {number} :red[bold]")
        well(at.button(key="new_chat").click().run())
    assert latest(at) == [plain(f"Question {number} :red[bold]") for number in (5, 4, 3, 2, 1)]
    first = next(button for button in at.sidebar.button if "Question 2" in button.label)
    well(first.click().run())
    assert conversation(at)[-1] == ("assistant", "Answer 2")
    assert [label for label in latest(at) if label.startswith("**")] == [f"**{plain('Question 2 :red[bold]')}**"]


def test_a_chat_is_opened_from_any_page_on_its_own(at: AppTest) -> None:
    say(at, "Hello")
    well(at.switch_page("pages/3_Models.py").run())
    (button,) = [found for found in at.sidebar.button if str(found.key).startswith("latest.")]
    assert button.label == "Hello"
    well(button.click().run())
    assert conversation(at)[0] == ("user", "Hello")


# ---- starting over --------------------------------------------------------------------------------------


def test_starting_over_resets_chat_settings_and_model_and_can_be_undone(at: AppTest, api: FakeAPI) -> None:
    usual = picker(with_models(at)).value
    picker(at).set_value(OTHERS).run()
    set_(at, "system_prompt", "Be brief.")
    set_(at, "parameter.temperature", 0.5)
    say(at, "Hello")
    well(at.button(key="start_over.go").click().run())
    assert conversation(at) == []
    assert picker(at).value == usual
    assert at.sidebar.text_area(key="system_prompt").value == ""
    assert "Nothing set: the model decides." in said(at)
    assert "connection" in everything(at)
    well(at.button(key="start_over.undo").click().run())
    assert conversation(at)[0] == ("user", "Hello")
    assert picker(at).value == OTHERS
    assert at.sidebar.text_area(key="system_prompt").value == "Be brief."
    assert at.sidebar.select_slider(key="parameter.temperature").value == 0.5
    assert not [button for button in at.sidebar.button if button.key == "start_over.undo"]


def test_starting_over_cannot_be_undone_once_something_was_asked(at: AppTest) -> None:
    say(at, "Hello")
    well(at.button(key="start_over.go").click().run())
    say(at, "Hi again")
    assert not [button for button in at.sidebar.button if button.key == "start_over.undo"]


def test_a_new_chat_begins_empty_and_keeps_the_model_and_what_is_set(at: AppTest, api: FakeAPI) -> None:
    picker(at).set_value(OTHERS).run()
    set_(at, "parameter.temperature", 0.5)
    say(at, "Hello")
    well(at.button(key="new_chat").click().run())
    assert conversation(at) == [] and picker(at).value == OTHERS
    say(at, "Again")
    assert [message["content"] for message in api.asked[-1].body["messages"]] == ["Again"]
    assert (api.asked[-1].body["model"], api.asked[-1].body["temperature"]) == (OTHERS, 0.5)
