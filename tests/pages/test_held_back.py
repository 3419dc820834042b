"""What cannot be answered is not sent: without a key, an address or a model a message waits, by AppTest."""

from __future__ import annotations

import pytest
from basics import KEY
from fake_api import FakeAPI, error
from rich_api import RichAPI
from streamlit.testing.v1 import AppTest
from visiting import Open, conversation, picker, say, set_, well, with_models


@pytest.fixture
def keyless(folds_open: None, visit: Open, rich: RichAPI) -> AppTest:
    """The front page, connected to AI/ML API without a key."""
    return well(visit(AIMLAPI_BASE_URL=rich.url).button(key="connect").click().run())


def shown(at: AppTest) -> str:
    """The texts of the page, the bar at its bottom included."""
    return "\n".join(found.value for found in at.markdown)


@pytest.mark.parametrize("way", ["starter", "typed"])
def test_without_a_key_a_message_waits_and_goes_with_the_key(keyless: AppTest, rich: RichAPI, way: str) -> None:
    at = keyless
    well(at.button(key="example.0").click().run()) if way == "starter" else say(at, "Hello")
    assert conversation(at) == [] and rich.asked == [] and not at.error
    assert "Put your key in, then send" in shown(at)
    assert [field.key for field in at.text_input].count("missing.key") == 1, "the field is beside it"
    well(at.button(key="release").click().run())
    assert rich.asked == [], "there is still no key"
    set_(at, "key_typed", "Bearer sk-typed-0123456789\n")
    well(at.button(key="release").click().run())
    assert len(rich.asked) == 1
    assert rich.asked[0].headers["authorization"] == "Bearer sk-typed-0123456789"


def test_messages_that_wait_are_joined_and_none_is_lost(keyless: AppTest, rich: RichAPI) -> None:
    at = keyless
    for words in ("One", "Two", "Three"):
        say(at, words)
    set_(at, "key_typed", KEY)
    well(at.button(key="release").click().run())
    assert [request.prompt for request in rich.asked] == ["One\n\nTwo\n\nThree"]


def test_without_a_model_a_message_waits_for_the_id_of_one(visit: Open, api: FakeAPI, rich: RichAPI) -> None:
    rich.listing = error(404, "Not found")
    at = visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    set_(at, "connection", "other")
    with_models(set_(at, "base_url_typed", f"{rich.url.replace('127.0.0.1', 'localhost')}/chat/completions/"))
    assert any("has no list of models" in found.value for found in at.sidebar.caption)
    say(at, "Hello")
    assert rich.asked == [] and "Type the id of a model" in shown(at)
    well(picker(at).set_value("my-model").run())
    well(at.button(key="release").click().run())
    assert rich.asked[-1].body["model"] == "my-model"
    assert rich.asked[-1].path == "/v1/chat/completions"


def test_without_an_address_a_message_waits_for_one(visit: Open, api: FakeAPI) -> None:
    at = visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    set_(at, "connection", "other")
    say(at, "Hello")
    assert "Type the server's address" in shown(at) and conversation(at) == []
