"""A form made of a tool's schema, and the arguments that are typed into it."""

from __future__ import annotations

import json

import pytest

from backend.mcp.form import FormField, arguments, form

DEFINED = {
    "Day": {"type": "string", "description": "A day."},
    "a/b c": {"enum": ["x", "y"]},
    "Loop": {"anyOf": [{"$ref": "#/$defs/Loop"}, {"type": "null"}]},
}
CITY = {"type": "string", "description": "Where."}


@pytest.mark.parametrize(
    ("schema", "field"),
    [
        (CITY, FormField("a", "text", about="Where.")),
        ({"type": "integer", "default": 3}, FormField("a", "integer", default=3)),
        ({"anyOf": [{"type": "number"}, {"type": "null"}]}, FormField("a", "number")),
        ({"type": "boolean"}, FormField("a", "flag")),
        ({"enum": ["x", "y", "x"]}, FormField("a", "choice", choices=("x", "y"))),
        (
            {"type": "string", "oneOf": [{"const": "x", "title": "X"}, {"const": "y"}]},
            FormField("a", "choice", choices=("x", "y"), titles={"x": "X"}),
        ),
        (
            {"enum": ["x", "y"], "enumNames": ["X", "Y"], "default": "y"},
            FormField("a", "choice", choices=("x", "y"), default="y", titles={"x": "X", "y": "Y"}),
        ),
        ({"type": "array", "items": {"enum": ["x", "y"]}}, FormField("a", "choices", choices=("x", "y"))),
        (
            {"type": "array", "items": {"anyOf": [{"const": "x", "title": "X"}]}, "default": ["x", "z"]},
            FormField("a", "choices", choices=("x",), default=["x", "z"], titles={"x": "X"}),
        ),
        ({"type": "array", "items": {"type": "string"}}, FormField("a", "json")),
        ({"enum": [1, 2]}, FormField("a", "json")),
        ({"type": ["string", "null"]}, FormField("a", "text")),
        ({"type": ["string", "integer"]}, FormField("a", "json")),
        ({"anyOf": [{"enum": ["x"]}, {"type": "null"}], "default": None}, FormField("a", "choice", choices=("x",))),
        (
            {"type": ["string", "null"], "enum": [None, "x"], "enumNames": ["-", "X"]},
            FormField("a", "choice", choices=("x",), titles={"x": "X"}),
        ),
        (
            {"anyOf": [{"const": "x"}, {"const": "y"}, {"type": "null"}]},
            FormField("a", "choice", choices=("x", "y")),
        ),
        ({"const": "x"}, FormField("a", "choice", choices=("x",))),
        ({"$ref": "#/$defs/Day"}, FormField("a", "text", about="A day.")),
        ({"$ref": "#/$defs/Day", "description": "From."}, FormField("a", "text", about="From.")),
        ({"anyOf": [{"$ref": "#/$defs/a~1b%20c"}, {"type": "null"}]}, FormField("a", "choice", choices=("x", "y"))),
        (
            {"allOf": [{"$ref": "#/$defs/a~1b%20c"}], "default": "y"},
            FormField("a", "choice", choices=("x", "y"), default="y"),
        ),
        ({"type": "array", "items": {"$ref": "#/$defs/a~1b%20c"}}, FormField("a", "choices", choices=("x", "y"))),
        ({"$ref": "#/$defs/Loop"}, FormField("a", "json")),
        ({"$ref": "#/properties/a"}, FormField("a", "json")),
        ({"$ref": "https://example.com/schema.json"}, FormField("a", "json")),
        ({"type": "object"}, FormField("a", "json")),
        (True, FormField("a", "json")),
    ],
)
def test_each_argument_has_the_field_that_its_schema_asks_for(schema: object, field: FormField) -> None:
    assert form({"type": "object", "properties": {"a": schema}, "$defs": DEFINED}) == (field,)


@pytest.mark.parametrize(
    "schema", [{}, {"type": "array"}, {"type": "object", "properties": {str(number): {} for number in range(31)}}]
)
def test_a_schema_without_a_simple_form_has_none(schema: dict[str, object]) -> None:
    assert form(schema) is None


@pytest.mark.parametrize(
    ("field", "typed", "sent"),
    [
        (FormField("a", "text"), "", {}),
        (FormField("a", "text", required=True), "", {"a": ""}),
        (FormField("a", "text"), "007", {"a": "007"}),
        (FormField("a", "integer"), "7", {"a": 7}),
        (FormField("a", "integer"), "many", {"a": "many"}),
        (FormField("a", "number"), "1e3", {"a": 1000.0}),
        (FormField("a", "flag"), False, {}),
        (FormField("a", "flag", required=True), False, {"a": False}),
        (FormField("a", "flag"), True, {"a": True}),
        (FormField("a", "choice", choices=("x",)), None, {}),
        (FormField("a", "choices", choices=("x", "y")), ["y"], {"a": ["y"]}),
        (FormField("a", "choices", choices=("x", "y")), [], {}),
        (FormField("a", "choices", choices=("x", "y"), default=["x"]), [], {"a": []}),
        (FormField("a", "json"), '{"b": [1]}', {"a": {"b": [1]}}),
        (FormField("a", "json"), "[" * 100_000, {"a": "[" * 100_000}),
    ],
)
def test_typed_values_are_sent_and_empty_fields_are_not(field: FormField, typed: object, sent: object) -> None:
    assert json.loads(arguments((field,), {"a": typed})) == sent
