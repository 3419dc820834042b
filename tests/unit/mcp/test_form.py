"""A form made of a tool's schema, and the arguments that are typed into it."""

from __future__ import annotations

import json

import pytest

from backend.mcp.form import Field, arguments, form

CITY = {"type": "string", "description": "Where."}


@pytest.mark.parametrize(
    ("schema", "field"),
    [
        (CITY, Field("a", "text", about="Where.")),
        ({"type": "integer", "default": 3}, Field("a", "integer", default=3)),
        ({"anyOf": [{"type": "number"}, {"type": "null"}]}, Field("a", "number")),
        ({"type": "boolean"}, Field("a", "flag")),
        ({"enum": ["x", "y", "x"]}, Field("a", "choice", choices=("x", "y"))),
        (
            {"type": "string", "oneOf": [{"const": "x", "title": "X"}, {"const": "y"}]},
            Field("a", "choice", choices=("x", "y"), titles={"x": "X"}),
        ),
        (
            {"enum": ["x", "y"], "enumNames": ["X", "Y"], "default": "y"},
            Field("a", "choice", choices=("x", "y"), default="y", titles={"x": "X", "y": "Y"}),
        ),
        ({"type": "array", "items": {"enum": ["x", "y"]}}, Field("a", "choices", choices=("x", "y"))),
        (
            {"type": "array", "items": {"anyOf": [{"const": "x", "title": "X"}]}, "default": ["x", "z"]},
            Field("a", "choices", choices=("x",), default=["x", "z"], titles={"x": "X"}),
        ),
        ({"type": "array", "items": {"type": "string"}}, Field("a", "json")),
        ({"enum": [1, 2]}, Field("a", "json")),
        ({"type": ["string", "null"]}, Field("a", "json")),
        ({"type": "object"}, Field("a", "json")),
        (True, Field("a", "json")),
    ],
)
def test_each_argument_has_the_field_that_its_schema_asks_for(schema: object, field: Field) -> None:
    assert form({"type": "object", "properties": {"a": schema}}) == (field,)


@pytest.mark.parametrize(
    "schema", [{}, {"type": "array"}, {"type": "object", "properties": {str(number): {} for number in range(31)}}]
)
def test_a_schema_without_a_simple_form_has_none(schema: dict[str, object]) -> None:
    assert form(schema) is None


@pytest.mark.parametrize(
    ("field", "typed", "sent"),
    [
        (Field("a", "text"), "", {}),
        (Field("a", "text", required=True), "", {"a": ""}),
        (Field("a", "text"), "007", {"a": "007"}),
        (Field("a", "integer"), "7", {"a": 7}),
        (Field("a", "integer"), "many", {"a": "many"}),
        (Field("a", "number"), "1e3", {"a": 1000.0}),
        (Field("a", "flag"), False, {}),
        (Field("a", "flag", required=True), False, {"a": False}),
        (Field("a", "flag"), True, {"a": True}),
        (Field("a", "choice", choices=("x",)), None, {}),
        (Field("a", "choices", choices=("x", "y")), ["y"], {"a": ["y"]}),
        (Field("a", "choices", choices=("x", "y")), [], {}),
        (Field("a", "choices", choices=("x", "y"), default=["x"]), [], {"a": []}),
        (Field("a", "json"), '{"b": [1]}', {"a": {"b": [1]}}),
        (Field("a", "json"), "[" * 100_000, {"a": "[" * 100_000}),
    ],
)
def test_what_is_typed_is_sent_and_what_is_left_empty_is_not(field: Field, typed: object, sent: object) -> None:
    assert json.loads(arguments((field,), {"a": typed})) == sent
