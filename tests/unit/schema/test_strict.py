"""What OpenAI's strict mode refuses in a schema is known before it is sent."""

from __future__ import annotations

from typing import Any

import pytest

from backend.schema import refusal_reasons
from backend.schema.strict import CHOICES, PROBLEMS, PROPERTIES

CITY = {"type": "string"}


def obj(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}


def nested(levels: int) -> dict[str, Any]:
    return CITY if not levels else obj(inner=nested(levels - 1))


@pytest.mark.parametrize(
    "schema",
    [
        obj(),
        obj(city=CITY, days={"type": ["integer", "null"], "minimum": 1, "description": "x"}),
        obj(place={"anyOf": [obj(city=CITY), {"type": "null"}]}),
        obj(rows={"type": "array", "items": obj(city={"enum": ["a", "b"]}), "minItems": 1}),
        {**obj(next={"anyOf": [{"$ref": "#"}, {"$ref": "#/$defs/node"}]}), "$defs": {"node": obj(x=CITY)}},
        nested(9),
    ],
)
def test_a_schema_as_the_guide_has_it_is_taken(schema: Any) -> None:
    assert refusal_reasons(schema) == []


@pytest.mark.parametrize(
    ("schema", "path", "word"),
    [
        ({**obj(city=CITY), "required": []}, "properties.city", "required"),
        ({**obj(city=CITY), "required": "city"}, "properties.city", "required"),
        ({"type": "object", "properties": {}}, "", "additionalProperties"),
        ({**obj(), "additionalProperties": True}, "", "additionalProperties"),
        (obj(place={"type": "object", "properties": {"city": CITY}, "additionalProperties": False}),
         "properties.place.properties.city", "required"),
        (obj(rows={"type": "array", "items": {"type": "object"}}), "properties.rows.items", "additionalProperties"),
        (obj(x={"anyOf": [{"type": ["object", "null"]}]}), "properties.x.anyOf[0]", "additionalProperties"),
        ({**obj(), "$defs": {"x": {"properties": {}}}}, "$defs.x", "additionalProperties"),
        (obj(x={"allOf": [CITY]}), "properties.x", "allOf"),
        (obj(x={"type": "string", "default": "a"}), "properties.x", "default"),
        ({"type": "array", "items": CITY}, "", "one object"),
        ({**obj(), "anyOf": [obj()]}, "", "one object"),
        (nested(13), ".".join(["properties.inner"] * 11), "10 levels"),
        (obj(**{f"p{n}": CITY for n in range(PROPERTIES + 1)}), "", "5,000 properties"),
        (obj(x={"enum": [*range(CHOICES + 1)]}), "", "1,000 choices"),
    ],
)  # fmt: skip
def test_each_part_refused_by_strict_mode_is_named_where_it_is(schema: Any, path: str, word: str) -> None:
    assert any(where == path and word in words for where, words in refusal_reasons(schema))


@pytest.mark.parametrize(
    "word",
    [
        *("oneOf", "allOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "propertyNames"),
        *("patternProperties", "contains", "minContains", "unevaluatedProperties", "prefixItems", "uniqueItems"),
    ],
)
def test_a_keyword_that_is_not_in_the_guide_is_refused(word: str) -> None:
    assert [where for where, _ in refusal_reasons(obj(x={"type": "string", word: {}}))] == ["properties.x"]


def test_anything_at_all_can_be_asked_and_the_answer_is_short() -> None:
    for value in (None, 5, "x", [], {}, [1], {"a": 1}):
        for word in ("type", "properties", "required", "items", "anyOf", "$defs", "enum", "additionalProperties"):
            assert refusal_reasons({word: value}) and refusal_reasons({"properties": {"a": {word: value}}})
    assert len(refusal_reasons({"type": "object", "properties": {f"p{n}": {} for n in range(100)}})) == PROBLEMS
