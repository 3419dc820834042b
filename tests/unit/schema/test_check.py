"""Arguments are checked against a schema, with reasons exact enough for a model to repair its call."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from schema_values import anything

from backend.schema import answer, check
from backend.schema.validation import IN_A_FENCE
from backend.schema.worker import MISMATCHES

WORDS = [
    *("type", "properties", "items", "enum", "required", "$ref", "anyOf", "pattern", "default", "a", "name"),
    *(
        "$id",
        "$schema",
        "$anchor",
        "minimum",
        "patternProperties",
        "additionalProperties",
        "contains",
        "if",
        "then",
    ),
]
CITY = {"type": "string", "description": "A city."}


def obj(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


@given(anything(WORDS), anything(WORDS))
def test_anything_at_all_can_be_checked_against_anything(value: Any, schema: Any) -> None:
    assert all(isinstance(reason, str) for reason in check(value, schema if isinstance(schema, dict) else {}))


# ---- check ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "schema", "reason"),
    [
        ({}, obj(("city",), city=CITY), "city: is required and missing."),
        ({"city": 5}, obj(city=CITY), "city: 5 is not a text."),
        ({"town": "x"}, obj(city=CITY), "town: is not one of the names allowed here, which are: city."),
        ({"n": "5"}, obj(n={"type": "integer"}), 'n: "5" is not an integer.'),
        ({"n": 1.5}, obj(n={"type": "integer"}), "n: 1.5 is not an integer."),
        ({"n": True}, obj(n={"type": "integer"}), "n: true is not an integer."),
        ({"n": None}, obj(n={"type": ["integer", "string"]}), "n: null is not an integer or a text."),
        ({"n": 7}, obj(n={"maximum": 6}), "n: 7 is more than 6."),
        ({"n": 7}, obj(n={"exclusiveMinimum": 7}), "n: 7 is not more than 7."),
        ({"n": 7}, obj(n={"multipleOf": 2}), "n: 7 is not a multiple of 2."),
        ({"u": "kg"}, obj(u={"enum": ["m", "km"]}), 'u: "kg" is not one of "m", "km".'),
        ({"u": "kg"}, obj(u={"const": "m"}), 'u: "kg" is not "m".'),
        ({"u": "kg"}, obj(u={"minLength": 3}), "u: has 2 characters, fewer than 3."),
        (
            {"d": "2 May"},
            obj(d={"pattern": r"^\d{4}-\d\d$"}),
            'd: "2 May" does not match the pattern "^\\\\d{4}-\\\\d\\\\d$".',
        ),
        ({"l": [1, "a"]}, obj(l={"items": {"type": "integer"}}), 'l[1]: "a" is not an integer.'),
        ({"l": [1, 1.0]}, obj(l={"uniqueItems": True}), "l: an item stands in it twice."),
        ({"l": []}, obj(l={"minItems": 1}), "l: has 0 items, fewer than 1."),
        ({"o": {"p": {}}}, obj(o=obj(p=obj(("q",)))), "o.p.q: is required and missing."),
        (
            {"x": []},
            obj(x={"anyOf": [{"type": "string"}, {"type": "null"}]}),
            "x: fits none of the alternatives (x: [] is not a text or x: [] is not null).",
        ),
        ({"x": 1}, obj(x={"oneOf": [{}, {"type": "integer"}]}), "x: 1 fits more than one of the alternatives."),
        ({"x": 1}, obj(x={"not": {"type": "integer"}}), "x: 1 is excluded."),
        ({"x": 1}, obj(x={"$ref": "#/$defs/t"}) | {"$defs": {"t": CITY}}, "x: 1 is not a text."),
        ([], obj(), "arguments: [] is not an object."),
        ({"x": 1}, obj(x=False), "x: nothing is allowed here."),
        ({"x": "b"}, {"patternProperties": {"^x": {"const": "a"}}}, 'x: "b" is not "a".'),
        (
            {"x": 1, "z": 2},
            {"patternProperties": {"^x": {}}, "additionalProperties": False, "properties": {"y": {}}},
            "z: is not one of the names allowed here, which are: y.",
        ),
        ({"abc": 1}, {"propertyNames": {"maxLength": 2}}, "abc: the name has 3 characters, more than 2."),
        (
            {"x": 1, "z": 2},
            {"allOf": [{"properties": {"x": {}}}], "unevaluatedProperties": False},
            "z: is not one of the names allowed here, which are: none.",
        ),
        (
            {"x": [1, 2]},
            obj(x={"prefixItems": [{}], "unevaluatedItems": False}),
            "x: has more items than the schema describes.",
        ),
        ({"x": [1]}, obj(x={"contains": {"type": "string"}}), "x: holds no item of the kind that has to be in it."),
        (
            {"x": ["a"]},
            obj(x={"contains": {"type": "string"}, "minContains": 2}),
            "x: holds too few items of the kind that has to be in it.",
        ),
        (
            {"x": ["a", "b"]},
            obj(x={"contains": {"type": "string"}, "maxContains": 1}),
            "x: holds too many items of a kind that is limited.",
        ),
        ({"card": 1}, {"dependentRequired": {"card": ["address"]}}, "address: is required and missing."),
        (
            {"card": 1},
            {"dependentSchemas": {"card": {"required": ["address"]}}},
            "address: is required and missing.",
        ),
        (
            {"c": "US", "zip": 5},
            {"if": {"properties": {"c": {"const": "US"}}}, "then": {"properties": {"zip": {"type": "string"}}}},
            "zip: 5 is not a text.",
        ),
        ({"x": [1, 2]}, obj(x={"prefixItems": [{}], "items": False}), "x[1]: nothing is allowed here."),
        ([1], {"items": {"type": "string"}}, "arguments[0]: 1 is not a text."),
        ({"x": 10**30}, obj(x={"maximum": 10**29}), f"x: {10**30} is more than {10**29}."),
        ({"x": 1, "y": "b"}, obj(x={"type": "text"}, y={"type": "integer"}), 'y: "b" is not an integer.'),
    ],
)
def test_the_reason_is_exact(value: Any, schema: Any, reason: str) -> None:
    assert check(value, schema) == [reason]


def test_each_name_that_is_not_allowed_is_a_reason() -> None:
    assert [reason.partition(":")[0] for reason in check({"a": 1, "b": 2}, obj())] == ["a", "b"]


@pytest.mark.parametrize("text", ['{"a": NaN}', '{"a": Infinity}', "{", "", "[" * 100_000, "9" * 5_000, "1e999"])
def test_an_answer_that_is_no_json_says_so(text: str) -> None:
    (reason,) = answer(text, {"type": "object"})
    assert reason.startswith("it is no JSON") or reason == "a number in it is not finite, or has too many digits."


def test_json_in_a_code_fence_is_checked_without_the_fence() -> None:
    assert (answer('{"a": 1}', obj(a=CITY)), answer('{"a": "1"}', obj(a=CITY))) == (["a: 1 is not a text."], [])
    assert answer('```json\n{"a": "1"}\n```\n', obj(a=CITY)) == [IN_A_FENCE]
    assert answer('```\n{"a": 1}\n```', obj(a=CITY)) == [IN_A_FENCE, "a: 1 is not a text."]
    for text in ("```json\n```", "Here:\n```json\n{}\n```", "```\n```\n{}\n```\n```", "```" + "\n" * 400_000 + "x"):
        assert answer(text, obj(a=CITY))[0].startswith("it is no JSON")


@pytest.mark.parametrize(
    "schema",
    [
        obj(x={"type": "text"}),
        obj(x={"required": True}),
        obj(x={"$ref": "#/$defs/nothing"}),
        obj(x={"pattern": "("}),
        obj(x={"minimum": "5"}),
        obj(x=5),
        obj(x={"allOf": [5]}),
        {"patternProperties": {"(": False}},
        {"required": ["x", 5]},
        {"$schema": "https://example.com/of-our-own", "properties": {"x": {}}},
        {"$id": "no address", "properties": {"x": {}}},
        {"type": "text"},
    ],
)
def test_a_keyword_that_is_written_wrongly_forbids_nothing(schema: Any) -> None:
    assert check({"x": 1}, schema) == []


def test_arguments_that_fit_have_no_reasons() -> None:
    assert check({"city": "Paris", "days": 2.0}, obj(("city",), city=CITY, days={"type": "integer"})) == []


def test_reasons_are_few_and_short() -> None:
    assert len(check({f"n{n}": 1 for n in range(100)}, obj())) == MISMATCHES
    assert len(check({"n": "x" * 100_000}, obj(n={"type": "integer"}))[0]) < 100


# ---- the same verdict as the reference implementation -----------------------------------------------------

names = st.sampled_from(["a", "b", "c"])
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([0.5, 1.0, -2.0])
    | st.sampled_from(["", "a", "abc", "7"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
kinds = st.sampled_from(["object", "array", "string", "integer", "number", "boolean", "null"])


def schemas(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {},
        optional={
            "type": kinds | st.lists(kinds, min_size=1, max_size=2, unique=True),
            "enum": st.lists(values, min_size=1, max_size=3),
            "const": values,
            "properties": st.dictionaries(names, inner, max_size=2),
            "required": st.lists(names, max_size=2, unique=True),
            "additionalProperties": st.booleans() | inner,
            "items": inner,
            "prefixItems": st.lists(inner, min_size=1, max_size=2),
            "uniqueItems": st.booleans(),
            "minimum": st.integers(-2, 2),
            "exclusiveMaximum": st.integers(-2, 2),
            "multipleOf": st.sampled_from([2, 0.5]),
            "minLength": st.integers(0, 2),
            "maxItems": st.integers(0, 2),
            "minProperties": st.integers(0, 2),
            "pattern": st.sampled_from(["^a", r"^\d$", "b|c"]),
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "oneOf": st.lists(inner, min_size=1, max_size=2),
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "not": inner,
        },
    )


@given(values, st.recursive(st.booleans() | schemas(st.booleans()), schemas, max_leaves=5))
def test_the_verdict_is_that_of_the_reference_implementation(value: Any, schema: Any) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    right = jsonschema.Draft202012Validator(schema).is_valid(value)
    wrapped = check({"value": value}, {"properties": {"value": schema}})
    assert (not wrapped) == right, (json.dumps(schema), wrapped)
