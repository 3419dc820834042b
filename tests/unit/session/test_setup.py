"""What holds for the next request is one frozen value, made of the connection, the model and the widgets."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest

from backend.catalog import Listing, ModelInfo
from backend.local import SMOLLM2
from backend.parameters import fit
from backend.protocol import dialects
from backend.protocol.learned import Learned
from backend.transport.client import Endpoint
from backend.types import JSON
from components.session import probabilities
from components.session.connection import Connection
from components.session.request_settings import Values
from components.session.setup import Setup, info

SERVICE = Connection("configured", "AI/ML API", Endpoint("https://api.aimlapi.com/v1", "sk-0123456789abcdef"))
ALPHA = ModelInfo(
    "maker/alpha", name="Alpha", roles=frozenset({"user", "assistant"}), parameters=frozenset({"system"})
)
BETA = ModelInfo("maker/beta", roles=frozenset({"user", "assistant"}), parameters=frozenset({"temperature"}))
LISTING = Listing((ALPHA, BETA, ModelInfo("maker/gamma")))


def made(model: str = "maker/alpha", connection: Connection = SERVICE, **values: object) -> Setup:
    held = Values(dict(values), "Be brief.", True, {}, "")
    local = (SMOLLM2,) if connection.is_local else ()
    listing = Listing() if connection.is_local else LISTING
    dialect = dialects.choose(model, connection.endpoint.base_url, info(listing, model))
    ids = listing.ids
    return Setup(connection, listing, local, ids, "maker/alpha", model, held, fit(values), dialect=dialect)


def test_a_setup_does_not_change_while_a_page_is_drawn() -> None:
    with pytest.raises(FrozenInstanceError):
        made().model = "maker/beta"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("model", "way"),
    [("maker/alpha", "parameter"), ("maker/beta", "folded"), ("maker/gamma", "message"), ("unheard/of", "message")],
)
def test_the_system_prompt_goes_the_way_the_model_lists(model: str, way: str) -> None:
    assert made(model).dialect.system == way


def test_only_what_is_set_and_makes_sense_is_kept_with_a_conversation() -> None:
    setup = made(temperature=0.5, top_p=None, n="nonsense")
    assert setup.saved_settings() == {
        "model": "maker/alpha",
        "system_prompt": "Be brief.",
        "parameters": {"temperature": 0.5},
    }


def test_no_key_is_kept_with_a_conversation_or_printed() -> None:
    setup = made(temperature=1.0)
    assert "sk-0123456789abcdef" not in repr(setup) and "sk-" not in str(setup.saved_settings())


@pytest.mark.parametrize(
    ("extra", "kept"),
    [
        ({"odd": [1]}, {"odd": [1]}),
        ({"odd": 1, "base_url": "https://x.example", "api_key": "k"}, {"odd": 1}),
        ({"note": "sk-proj-a1b2c3d4e5f6a7b8c9d0e1f2"}, None),
        ({"odd": 1, "metadata": {"api_key": "hunter2"}}, {"odd": 1}),
        ({"odd": 1, "deep": {"headers": {"Authorization": "hunter2"}}}, {"odd": 1}),
        ({"mcp_servers": [{"authorization_token": "hunter2"}]}, None),
        ({"long": "x " * 50_000}, None),
        ({}, None),
    ],
)
def test_the_extra_json_is_kept_with_a_conversation_without_addresses_and_keys(
    extra: dict[str, JSON], kept: JSON
) -> None:
    setup = made()
    assert replace(setup, values=replace(setup.values, extra=extra)).saved_settings().get("extra") == kept


def test_a_model_of_this_computer_is_called_by_its_name() -> None:
    assert made(SMOLLM2.id, Connection("local", "This computer")).model_name == SMOLLM2.label
    assert made().model_name == "maker/alpha"


# ---- token probabilities, asked for once ------------------------------------------------------------------


def test_a_model_that_lists_no_probabilities_or_refused_them_is_not_asked_by_itself() -> None:
    assert "Not listed" in probabilities.refusal(made("maker/beta", temperature=0.5))
    assert probabilities.refusal(made("unheard/of")) == ""
    assert probabilities.refusal(made(SMOLLM2.id, Connection("local", "This computer"))) == ""
    refused = replace(made("unheard/of"), learned=Learned(without=frozenset({"logprobs"})))
    assert "refused it before" in probabilities.refusal(refused)


def test_probabilities_are_added_to_the_settings_and_change_nothing_else() -> None:
    setup = made("unheard/of", temperature=0.5)
    asking = probabilities.asking(setup)
    assert asking.fitted.body == {"temperature": 0.5, "logprobs": True, "top_logprobs": 5}
    assert replace(asking, fitted=setup.fitted) == setup and "logprobs" not in setup.saved_settings()


def test_a_visitor_may_ask_all_the_same() -> None:
    refused = replace(made("maker/beta", temperature=0.5), learned=Learned(without=frozenset({"logprobs", "seed"})))
    asking = probabilities.asking(refused, anyway=True)
    assert asking.fitted.body == {"temperature": 0.5, "logprobs": True, "top_logprobs": 5}
    assert asking.learned == Learned(without=frozenset({"seed"}))
