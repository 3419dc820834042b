"""Every keyword of draft 2020-12 and of draft 7 forbids what the specification says, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from backend.schema import check

NEW, OLD = "https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/draft-07/schema#"
NODE: dict[str, Any] = {"$dynamicRef": "#node"}
Case = tuple[dict[str, Any], Any, Any]  # a schema, a value that fits, one that does not

BOTH: list[Case] = [
    ({"type": "integer"}, 1.0, 1.5),
    ({"type": ["string", "null"]}, None, 0),
    ({"enum": [1, "a", [None]]}, [None], [False]),
    ({"const": {"a": [1.0]}}, {"a": [1]}, {"a": [True]}),
    ({"multipleOf": 0.01}, 4.02, 4.021),
    ({"minimum": 2}, 2, 1.9),
    ({"maximum": 2}, 2, 2.1),
    ({"exclusiveMinimum": 2}, 2.1, 2),
    ({"exclusiveMaximum": 2}, 1.9, 2),
    ({"minLength": 2}, "\U0001f600é", "é"),
    ({"maxLength": 2}, "\U0001f600é", "abc"),
    ({"pattern": r"^\d+$"}, "42", "\u0664"),
    ({"pattern": r"^(?!tmp)\w+$"}, "file", "tmpfile"),
    ({"minItems": 1}, [None], []),
    ({"maxItems": 1}, [None], [1, 2]),
    ({"uniqueItems": True}, [1, True, [1], {"a": 1}], [{"a": 1}, {"a": 1.0}]),
    ({"contains": {"const": 5}}, [1, 5], [1]),
    ({"items": {"type": "string"}}, ["a"], ["a", 1]),
    ({"minProperties": 1}, {"a": 1}, {}),
    ({"maxProperties": 1}, {"a": 1}, {"a": 1, "b": 1}),
    ({"required": ["a"]}, {"a": None}, {"b": 1}),
    ({"properties": {"a": {"type": "string"}}}, {"b": 1}, {"a": 1}),
    ({"patternProperties": {"^n_": {"type": "number"}}}, {"x": "y", "n_a": 1}, {"n_a": "1"}),
    ({"properties": {"a": {}}, "patternProperties": {"^b": {}}, "additionalProperties": False},
     {"a": 1, "bc": 2}, {"c": 1}),
    ({"additionalProperties": {"type": "number"}}, {"a": 1}, {"a": "1"}),
    ({"propertyNames": {"pattern": "^[a-z]+$"}}, {"abc": 1}, {"A1": 1}),
    ({"allOf": [{"minimum": 1}, {"maximum": 2}]}, 2, 3),
    ({"anyOf": [{"type": "string"}, {"minimum": 2}]}, 2, 1),
    ({"oneOf": [{"multipleOf": 2}, {"multipleOf": 3}]}, 4, 6),
    ({"not": {"type": "string"}}, 1, "a"),
    ({"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"minimum": 2}}, "ab", 1),
    ({"if": {"minimum": 5}, "then": {"multipleOf": 5}}, 3, 6),
    ({"$ref": "#/definitions/a~1b%25", "definitions": {"a/b%": {"type": "null"}}}, None, 0),
    ({"properties": {"next": {"$ref": "#"}}, "additionalProperties": False}, {"next": {}}, {"next": {"x": 1}}),
    ({"$ref": "https://a.example/part", "definitions": {"p": {"$id": "https://a.example/part", "type": "null"}}},
     None, 0),
    ({"properties": {"$ref": {"type": "string"}}}, {"$ref": "a"}, {"$ref": 1}),
    ({"dependencies": {"card": ["address"]}}, {"card": 1, "address": 2}, {"card": 1}),
    ({"dependencies": {"card": {"required": ["address"]}}}, {"x": 1}, {"card": 1}),
    ({"format": "date", "type": "string"}, "not a date: a hint", 5),
    ({"default": 5, "examples": [1], "title": "t", "$comment": "c", "readOnly": True, "type": "string"}, "a", 5),
]  # fmt: skip
ONLY_NEW: list[Case] = [
    ({"prefixItems": [{"type": "string"}], "items": {"type": "integer"}}, ["a", 1], ["a", "b"]),
    ({"prefixItems": [{"type": "string"}], "items": False}, ["a"], ["a", 1]),
    ({"contains": {"const": 5}, "minContains": 2}, [5, 5], [5]),
    ({"contains": {"const": 5}, "maxContains": 1}, [5], [5, 5]),
    ({"contains": {"const": 5}, "minContains": 0, "maxItems": 1}, [], [1, 2]),
    ({"dependentRequired": {"card": ["address"]}}, {"card": 1, "address": 2}, {"card": 1}),
    ({"dependentSchemas": {"card": {"required": ["address"]}}}, {"x": 1}, {"card": 1}),
    ({"allOf": [{"properties": {"a": {}}}], "unevaluatedProperties": False}, {"a": 1}, {"b": 1}),
    ({"if": {"required": ["a"]}, "then": {"properties": {"a": {}}}, "unevaluatedProperties": {"type": "null"}},
     {"a": 1, "b": None}, {"a": 1, "b": 2}),
    ({"anyOf": [{"prefixItems": [{"const": 1}]}, True], "unevaluatedItems": False}, [1], [1, 2]),
    ({"contains": {"type": "string"}, "unevaluatedItems": False}, ["a"], ["a", 1]),
    ({"$ref": "#a", "$defs": {"x": {"$anchor": "a", "type": "null"}}}, None, 0),
    ({"$ref": "#/$defs/x", "maximum": 2, "$defs": {"x": {"type": "integer"}}}, 2, 3),
    ({"$dynamicAnchor": "node", "properties": {"next": NODE}, "additionalProperties": False},
     {"next": {"next": {}}}, {"next": {"x": 1}}),
]  # fmt: skip
ONLY_OLD: list[Case] = [
    ({"items": [{"type": "string"}], "additionalItems": {"type": "integer"}}, ["a", 1], ["a", "b"]),
    ({"items": [{"type": "string"}], "additionalItems": False}, ["a"], ["a", 1]),
    ({"$ref": "#a", "definitions": {"x": {"$id": "#a", "type": "null"}}}, None, 0),
    ({"$ref": "#/definitions/x", "maximum": 2, "definitions": {"x": {"type": "integer"}}}, 3, "a"),  # $ref is alone
]
CASES = [
    *((schema | {"$schema": draft}, good, bad) for schema, good, bad in BOTH for draft in (NEW, OLD)),
    *((schema | {"$schema": NEW}, good, bad) for schema, good, bad in ONLY_NEW),
    *((schema | {"$schema": OLD}, good, bad) for schema, good, bad in ONLY_OLD),
    *((schema, good, bad) for schema, good, bad in [*BOTH, *ONLY_NEW]),  # without $schema it is the newest
]


@pytest.mark.parametrize(("schema", "good", "bad"), CASES)
def test_each_keyword_forbids_what_it_says(schema: dict[str, Any], good: Any, bad: Any) -> None:
    assert check(good, schema) == []
    reasons = check(bad, schema)
    assert reasons and all(": " in reason and reason.endswith(".") for reason in reasons)


@pytest.mark.parametrize(("schema", "good", "bad"), CASES)
def test_a_reason_is_in_our_own_words(schema: dict[str, Any], good: Any, bad: Any) -> None:
    said = " ".join(check(bad, schema))
    assert "does not fit." not in said and "valid under" not in said and "http" not in said
