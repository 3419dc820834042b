"""Whatever is set in the panel, the request is one that the provider's own schema of that model takes."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import jsonschema
import pytest
from basics import examples
from fake_api import FakeAPI
from hypothesis import given
from hypothesis import strategies as st
from schemas import SCHEMAS, model_of_schema

from backend.keys.endpoint import Endpoint
from backend.parameters import PARAMETERS, Parameter, fit
from backend.protocol import dialects, wire
from backend.transport.client import ChatClient
from backend.types import ChatRequest, Message


@cache
def validator(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(SCHEMAS[name])


FORMATS: list[dict[str, Any]] = [
    {"type": "text"},
    {"type": "json_object"},
    {"type": "json_schema", "json_schema": {"name": "city", "schema": {"type": "object"}, "strict": True}},
]


def values(parameter: Parameter) -> st.SearchStrategy[Any]:
    """Valid settings of one parameter, as its widget holds them."""
    low, high = parameter.minimum, parameter.maximum
    match parameter.kind:
        case "number":
            return st.floats(low, high, allow_nan=False)
        case "integer":
            return st.integers(int(low or 0), int(high) if high else 100_000)
        case "strings":
            words = st.sampled_from(parameter.options) if parameter.options else st.text(min_size=1, max_size=9)
            return st.lists(words, min_size=1, max_size=min(parameter.most, 4), unique=True)
        case "choice":
            return st.sampled_from(parameter.options)
        case "flag":
            return st.booleans()
        case "date":
            return st.just("12/31/2025")
        case "bias":
            return st.dictionaries(st.integers(0, 10**6).map(str), st.floats(-100, 100), min_size=1, max_size=3)
        case "object":
            return st.sampled_from(FORMATS)
        case _:
            return st.just("DE") if parameter.pattern else st.text(min_size=1, max_size=20)


EVERYTHING = st.fixed_dictionaries({}, optional={found.name: values(found) for found in PARAMETERS})


@pytest.mark.parametrize("name", [name for name in SCHEMAS if name.startswith("chat-")])
@examples(25)
@given(chosen=EVERYTHING)
def test_any_valid_settings_make_a_request_that_fits_the_schema(name: str, chosen: dict[str, object]) -> None:
    listed = SCHEMAS[name]["properties"]
    limits = {
        name: (found["minimum"], found.get("maximum", float("inf")))
        for name, found in listed.items()
        if "minimum" in found
    }
    model = replace(model_of_schema(name), limits=limits)
    dialect = dialects.choose(model.id, "https://api.aimlapi.com/v1", model)
    fitted = fit(chosen, model, dialect=dialect, stream=False)
    request = ChatRequest(model.id, (Message("user", "Hi"),), fitted.body, stream=False, dialect=dialect)
    body = wire.payload(request)
    validator(name).validate(json.loads(json.dumps(body)))
    assert set(body) <= set(listed)


@pytest.mark.parametrize("parameter", PARAMETERS, ids=lambda parameter: parameter.name)
def test_every_parameter_of_the_table_is_seen_by_the_server(parameter: Parameter) -> None:
    typed: dict[str, object] = {"strings": ["x"], "flag": False, "date": "1/2/2026", "bias": {"5": 1}, "text": "x"}
    typed |= {"object": FORMATS[1], "choice": parameter.options[-1:] and parameter.options[-1]}
    value = "DE" if parameter.pattern else typed.get(parameter.kind, parameter.minimum)
    body = fit({parameter.name: value}, anyway={parameter.name}).body
    with FakeAPI() as api:
        list(ChatClient(Endpoint(api.url)).chat(ChatRequest("m", (Message("user", "Hi"),), body)))
        sent = api.asked[0].body
    if parameter.name == "cache_control":  # it is written into the messages
        sent |= sent["messages"][-1]["content"][0]
    assert sent[parameter.field] == json.loads(json.dumps(body[parameter.field]))


@pytest.mark.parametrize("parameter", [found for found in PARAMETERS if found.maximum is not None], ids=str)
def test_a_value_out_of_range_never_leaves(parameter: Parameter) -> None:
    beyond = (parameter.maximum or 0) * 2 + 1
    fitted = fit({parameter.name: {"1": beyond} if parameter.kind == "bias" else beyond}, anyway={parameter.name})
    assert fitted.body == {}
    assert parameter.name in fitted.wrong
