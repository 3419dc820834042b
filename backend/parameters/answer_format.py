"""The response format as users type it: a plain JSON schema, or one inside the API's wrapper.

A plain schema is wrapped as OpenAI requires. A wrapper is sent as typed: name, description, `strict`, and formats
that only some servers support, such as a grammar.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from backend.schema import refusal_reasons
from backend.types import JSON
from backend.untrusted import Object, fields

JSON_OBJECT: Mapping[str, JSON] = {"type": "json_object"}
NAME = "answer"  # default name of a schema; OpenAI requires one
_INSIDE = frozenset({"name", "description", "strict", "schema"})  # of `json_schema`
_OF_A_VALUE = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})
_OF_A_SCHEMA = frozenset({"properties", "required", "items", "enum", "const", "anyOf", "oneOf", "allOf", "$ref"})


def read(typed: Object) -> dict[str, JSON]:
    """The `response_format` to send for a typed object; {} for an empty one. A plain schema gets `strict` only if
    strict mode accepts it: otherwise the request would fail."""
    if typed.keys() == {"response_format"}:
        return dict(fields(typed["response_format"]))
    kind, inner = typed.get("type"), fields(typed.get("schema"))
    if isinstance(kind, str) and kind not in _OF_A_VALUE and not typed.keys() & _OF_A_SCHEMA:
        if kind == "json_schema" and inner and isinstance(typed.get("name"), str):  # as /responses has it
            return _wrapped({name: value for name, value in typed.items() if name != "type"})
        return dict(typed)
    if inner and kind is None and typed.keys() <= _INSIDE:
        return _wrapped({"name": NAME, **typed})
    if not typed:
        return {}
    strict: dict[str, JSON] = {} if refusal_reasons(typed) else {"strict": True}
    return _wrapped({"name": NAME, "schema": dict(typed), **strict})


def _wrapped(inside: dict[str, JSON]) -> dict[str, JSON]:
    return {"type": "json_schema", "json_schema": inside}


def schema(wire: JSON) -> Object | None:
    """The schema in a `response_format`; None if it has none."""
    for place in (fields(fields(wire).get("json_schema")), fields(wire)):
        if isinstance(found := place.get("schema"), dict):
            return found
    return None


def as_text(wire: Object) -> str:
    """The inverse of `read`: the shortest text that it turns into the same value."""
    inside = fields(wire.get("json_schema"))
    shorter = (fields(inside.get("schema")), inside)
    return json.dumps(next((one for one in shorter if read(one) == wire), wire), indent=2, ensure_ascii=False)
