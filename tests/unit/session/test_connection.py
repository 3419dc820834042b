"""A connection answers what depends on the way to a model, so that no one else compares its id."""

from __future__ import annotations

import pytest

from backend.answer.cost import Price
from backend.catalog import Listing, ModelInfo
from backend.transport.client import Endpoint
from components.session.connection import Connection

AIMLAPI = "https://api.aimlapi.com/v1"
HERE = Connection("local", "This computer")
SERVICE = Connection("configured", "AI/ML API", Endpoint(AIMLAPI, "sk-0123456789abcdef"))
WITHOUT_KEY = Connection("configured", "AI/ML API", Endpoint(AIMLAPI))
NEIGHBOUR = Connection("neighbour", "Ollama", Endpoint("http://127.0.0.1:11434/v1"))
TYPED = Connection("other", "Another server", Endpoint("https://llm.example.com/v1", "sk-of-a-visitor-0123456789"))
NOWHERE = Connection("other", "Another server")


@pytest.mark.parametrize(
    ("connection", "id_", "widget"),
    [
        (HERE, "local", "model.local"),
        (SERVICE, "configured", "model.configured"),
        (NEIGHBOUR, "http://127.0.0.1:11434/v1", "model.http://127.0.0.1:11434/v1"),
        (TYPED, "other", "model.other.https://llm.example.com/v1"),
    ],
)
def test_each_server_has_an_id_and_remembers_its_own_model(connection: Connection, id_: str, widget: str) -> None:
    assert (connection.id, connection.model_widget) == (id_, widget)


def test_an_address_may_name_the_model_itself() -> None:
    azure = "https://r.openai.azure.com/openai/deployments/my-gpt?api-version=1"
    assert Endpoint(azure).deployment == "my-gpt"
    assert Endpoint(f"{AIMLAPI}/deployments").deployment == Endpoint(AIMLAPI).deployment == ""


def test_only_the_configured_service_needs_a_key() -> None:
    assert WITHOUT_KEY.needs_key
    assert not any(found.needs_key for found in (SERVICE, HERE, NEIGHBOUR, TYPED, NOWHERE))


def test_a_server_is_asked_for_its_models_and_this_computer_is_not() -> None:
    assert [found.has_list for found in (SERVICE, NEIGHBOUR, TYPED, HERE, NOWHERE)] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_the_models_of_this_computer_read_text_only_and_of_an_unknown_model_nobody_knows() -> None:
    sees = ModelInfo("a", inputs=frozenset({"text", "image"}))
    assert HERE.takes("image", sees) is False
    assert TYPED.takes("image", sees) is True
    assert TYPED.takes("image", None) is None


def test_a_model_without_tools_is_emulated_where_it_keeps_to_a_schema_and_lacks_them_where_it_does_not() -> None:
    schema = ModelInfo("a", capabilities=frozenset({"structured_output"}), confirmed=True)
    nothing = ModelInfo("b", capabilities=frozenset(), confirmed=True)
    assert (SERVICE.emulates_tools(schema), SERVICE.lacks_tools(schema)) == (True, False)
    assert (SERVICE.emulates_tools(nothing), SERVICE.lacks_tools(nothing)) == (False, True)
    assert (SERVICE.emulates_tools(None), SERVICE.lacks_tools(None)) == (False, False)
    assert (HERE.emulates_tools(None), HERE.lacks_tools(None)) == (True, False)


def test_a_tiny_model_gets_one_round_of_tools() -> None:
    assert HERE.tool_rounds == 1 < SERVICE.tool_rounds


def test_this_computer_costs_nothing_and_an_unlisted_model_has_no_price() -> None:
    listing = Listing((ModelInfo("a", price_in=1.0, price_out=2.0),))
    assert HERE.price(listing, "a") == Price(0.0, 0.0)
    assert SERVICE.price(listing, "a") == Price(1.0, 2.0)
    assert SERVICE.price(listing, "b") == Price(None, None)


def test_a_bill_comes_late_from_aimlapi_alone() -> None:
    assert SERVICE.bills
    assert not any(found.bills for found in (HERE, NEIGHBOUR, TYPED))


def test_the_address_names_models_whose_server_it_can_tell() -> None:
    assert [found.named_in_address for found in (HERE, SERVICE, NEIGHBOUR, TYPED)] == [True, True, False, False]
