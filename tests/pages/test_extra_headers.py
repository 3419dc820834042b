"""Headers of one's own, in the sidebar of a server that a visitor has typed, by AppTest."""

from __future__ import annotations

from basics import KEY
from fake_api import FakeAPI
from streamlit.testing.v1 import AppTest
from visiting import Open, everything, say, set_, well, with_models

SECRET = "gw-0123456789abcdef"


def connected(visit: Open, api: FakeAPI, **environment: str) -> AppTest:
    at = visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url, **environment)
    set_(at, "connection", "other")
    return with_models(set_(at, "base_url_typed", api.url.replace("127.0.0.1", "localhost")))


def test_a_header_goes_with_the_next_message_and_is_shown_by_its_name_alone(visit: Open, api: FakeAPI) -> None:
    at = connected(visit, api)
    set_(at, "header_typed", f"X-Gateway-Key: {SECRET}")
    say(at, "Hello")
    assert api.asked[-1].headers["x-gateway-key"] == SECRET
    assert "authorization" not in api.asked[-1].headers
    shown = everything(at)
    assert "X-Gateway-Key" in shown and SECRET not in shown
    assert not at.sidebar.text_input(key="header_typed").value
    well(at.button(key="forget_headers").click().run())
    say(at, "Again")
    assert "x-gateway-key" not in api.asked[-1].headers


def test_a_header_that_cannot_be_sent_is_refused_in_words(visit: Open, api: FakeAPI) -> None:
    at = connected(visit, api)
    set_(at, "header_typed", f"Host: {SECRET}.example")
    assert any("sent by this app itself" in found.value for found in at.sidebar.error)
    assert SECRET not in everything(at)


def test_an_extra_header_goes_to_no_other_server(visit: Open, api: FakeAPI) -> None:
    at = connected(visit, api)
    set_(at, "header_typed", f"X-Gateway-Key: {SECRET}")
    with FakeAPI() as another:
        with_models(set_(at, "base_url_typed", another.url))
        say(at, "Hello")
        assert "x-gateway-key" not in another.asked[-1].headers
    with_models(set_(at, "base_url_typed", api.url.replace("127.0.0.1", "localhost")))
    say(at, "Back")
    assert "x-gateway-key" not in api.asked[-1].headers, "it was forgotten with its address, as a key is"
    set_(at, "connection", "configured")
    say(at, "Hello")
    assert "x-gateway-key" not in api.asked[-1].headers


def test_a_shared_app_has_no_field_for_headers(visit: Open, api: FakeAPI) -> None:
    at = visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url, PLAYGROUND_SHARED="1", PLAYGROUND_GUEST_ADDRESSES="1")
    set_(at, "connection", "other")
    assert not [found for found in at.sidebar.text_input if found.key == "header_typed"]
