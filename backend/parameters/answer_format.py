"""The format of an answer as people write it: a JSON schema, or one in the wrapping that the API has around it.

A plain schema is wrapped as OpenAI wants it. What comes with its wrapping is sent as it is written: its name and
description, `strict`, and formats that only some servers know, such as a grammar.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from backend.schema import refused
from backend.types import JSON
from backend.untrusted import Object, fields

JSON_OBJECT: Mapping[str, JSON] = {"type": "json_object"}
NAME = "answer"  # of a schema that comes without one; OpenAI asks for one
_INSIDE = frozenset({"name", "description", "strict", "schema"})  # of `json_schema`
_OF_A_VALUE = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})
_OF_A_SCHEMA = frozenset({"properties", "required", "items", "enum", "const", "anyOf", "oneOf", "allOf", "$ref"})


def read(typed: Object) -> dict[str, JSON]:
    """What is typed -> `response_format` as it is sent; {} for nothing. With `strict` only where strict mode takes
    the schema, unless the wrapping says otherwise: elsewhere it would be a request that fails."""
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
    strict: dict[str, JSON] = {} if refused(typed) else {"strict": True}
    return _wrapped({"name": NAME, "schema": dict(typed), **strict})


def _wrapped(inside: dict[str, JSON]) -> dict[str, JSON]:
    return {"type": "json_schema", "json_schema": inside}


def schema(wire: JSON) -> Object | None:
    """The schema in a `response_format`; None where there is none to hold an answer against."""
    for place in (fields(fields(wire).get("json_schema")), fields(wire)):
        if isinstance(found := place.get("schema"), dict):
            return found
    return None


def written(wire: Object) -> str:
    """The other way round: as short a text as `read` makes the very same of."""
    inside = fields(wire.get("json_schema"))
    shorter = (fields(inside.get("schema")), inside)
    return json.dumps(next((one for one in shorter if read(one) == wire), wire), indent=2, ensure_ascii=False)
