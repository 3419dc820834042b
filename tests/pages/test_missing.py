"""What nothing can be answered without is asked for in the greeting, or beside the message that waits for it."""

from __future__ import annotations

import pytest
from basics import KEY
from fake_api import FakeAPI
from streamlit.testing.v1 import AppTest
from visiting import Open, everything, press, set_, well


def without_a_key(visit: Open) -> AppTest:
    return set_(visit(AIMLAPI_BASE_URL="http://192.0.2.1/v1"), "connection", "configured")


def typed(at: AppTest, key: str, text: str) -> AppTest:
    return well(at.text_input(key=key).set_value(text).run())


def shown(at: AppTest, key: str) -> bool:
    return any(widget.key == key for widget in (*at.text_input, *at.button))


def test_the_greeting_asks_for_the_key_of_the_chosen_connection_and_keeps_it_out_of_the_page(visit: Open) -> None:
    at = typed(without_a_key(visit), "missing.key", KEY)
    assert not shown(at, "missing.key") and not shown(at, "missing.local")
    assert KEY not in everything(at)


def test_the_greeting_offers_the_model_on_this_computer_in_place_of_a_key(visit: Open) -> None:
    at = press(without_a_key(visit), "missing.local")
    assert at.sidebar.selectbox(key="connection").value == "local"
    assert not shown(at, "missing.key")


def test_the_greeting_asks_for_the_address_of_another_server(visit: Open, api: FakeAPI) -> None:
    at = set_(visit(), "connection", "other")
    assert shown(at, "missing.address")
    assert not shown(typed(at, "missing.address", api.url), "missing.address")


@pytest.mark.parametrize("late", ["", "http://other.example/v1"])
def test_a_late_field_erases_neither_the_address_nor_the_key(visit: Open, api: FakeAPI, late: str) -> None:
    at = set_(visit(), "connection", "other")
    field = at.text_input(key="missing.address")._widget_state
    field.string_value = late
    typed(at, "base_url_typed", api.url)
    states = at._tree.get_widget_states()  # a key, sent before the page without the field was drawn
    states.widgets.append(field)
    key = at.text_input(key="key_typed").set_value(KEY)._widget_state
    next(widget for widget in states.widgets if widget.id == key.id).CopyFrom(key)
    at = well(at._tree._runner._run(states))
    assert at.text_input(key="base_url_typed").value == api.url
    assert shown(at, "forget_key")


@pytest.mark.parametrize("address", ["no address", "http://user:secret@host/v1"])
def test_an_address_that_is_none_is_said_and_asked_for_again(visit: Open, address: str) -> None:
    at = typed(set_(visit(), "connection", "other"), "missing.address", address)
    assert at.main.error
    assert shown(at, "missing.address")
