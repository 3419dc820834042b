"""The id that was chosen is the id that is sent, whichever way it came, by AppTest."""

from __future__ import annotations

import pytest
from basics import KEY
from fake_api import FakeAPI, reply
from rich_api import RichAPI, everything, row
from streamlit.testing.v1 import AppTest
from visiting import Open, picker, say, set_, well

HISTORY = "pages/4_History.py"
GPT_4O = row("openai/gpt-4o", "GPT-4o", aliases=["gpt-4o"], developer="Open AI")


@pytest.fixture
def rich(rich: RichAPI) -> RichAPI:
    rich.listing = reply({"data": [given for given in everything(GPT_4O) if given["id"] != "gpt-4o-2024-08-06"]})
    return rich


@pytest.fixture
def at(visit: Open, rich: RichAPI) -> AppTest:
    """The front page, connected to AI/ML API with a key, whose list has GPT-4o as the documents show it."""
    return visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=rich.url)


def choose(at: AppTest, typed: str) -> AppTest:
    return well(picker(at).set_value(typed).run())


def said(at: AppTest) -> str:
    return "\n".join(found.value for found in (*at.sidebar.caption, *at.sidebar.warning)).replace("\\", "")


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("gpt-4o", "openai/gpt-4o"),
        ("gpt-4o-2024-08-06", "gpt-4o-2024-08-06"),
        ("Acme/Not-Listed", "Acme/Not-Listed"),
    ],  # each way a name can be meant: tests/unit/catalog/test_names.py
)
def test_the_typed_model_is_the_one_sent_and_shown(at: AppTest, rich: RichAPI, typed: str, sent: str) -> None:
    choose(at, typed)
    for _ in range(2):  # as typed, then as the row that it has become
        assert picker(well(at.run())).value == sent
        choose(at, sent)
    say(at, "Hi")
    assert rich.asked[-1].body["model"] == sent


def test_a_name_that_the_list_has_under_another_id_is_told(at: AppTest) -> None:
    choose(at, "gpt-4o")
    assert "The list has gpt-4o under this id: openai/gpt-4o" in said(at)
    choose(at, "x-ai/grok-4-3")
    assert "under this id" not in said(at)


def test_an_id_that_the_list_has_no_more_is_explained_and_never_replaced_by_itself(at: AppTest) -> None:
    choose(at, "gpt-4o-2024-08-06")
    assert "as **openai/gpt-4o** now" in said(at)
    well(at.button(key="successor").click().run())
    assert picker(at).value == "openai/gpt-4o"


@pytest.mark.parametrize("model", ["acme/own", "gpt-4o-2024-08-06"])
def test_a_model_that_was_kept_comes_back_as_it_was(at: AppTest, rich: RichAPI, model: str) -> None:
    """With a conversation, or with a preset: both are restored in one way."""
    choose(at, model)
    say(at, "Hi")
    choose(at, "openai/gpt-4o")
    well(at.switch_page(HISTORY).run())
    (latest,) = [button for button in at.sidebar.button if str(button.key).startswith("latest.")]
    well(latest.click().run())
    say(well(at.switch_page("app.py").run()), "Again")
    assert rich.asked[-1].body["model"] == model


@pytest.mark.parametrize("model", ["my-own", "Fake/ALPHA-2"])
def test_the_owners_model_is_asked_for_where_the_server_lists_it_not(visit: Open, api: FakeAPI, model: str) -> None:
    at = visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url, PLAYGROUND_MODEL=model)
    say(at, "Hi")
    assert api.asked[-1].body["model"] == model


def test_the_owners_model_is_spelled_as_the_list_spells_it(visit: Open, api: FakeAPI) -> None:
    at = visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url, PLAYGROUND_MODEL="FAKE/beta")
    say(at, "Hi")
    assert api.asked[-1].body["model"] == "fake/beta"


def test_a_model_of_this_computer_is_not_asked_for_elsewhere(at: AppTest, rich: RichAPI) -> None:
    session = at.session_state["session"]
    local = session.models.local[0].id
    assert not session.models.can_be_asked(local, session.setup)
    set_(at, "connection", "local")
    assert picker(at).value == local
