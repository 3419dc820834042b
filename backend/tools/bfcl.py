"""Converts tool definitions of the Berkeley function-calling leaderboard (BFCL) to JSON schema.

Its cases use `"type": "dict"` and `float`, and function names like `math.gcd`; no provider
accepts either. Changes are reported, because the model is told something other than the file.
"""

from __future__ import annotations

import re

from backend.types import JSON

_TYPES = {"dict": "object", "float": "number", "double": "number", "int": "integer", "long": "integer"}
_TYPES |= {"tuple": "array", "list": "array", "str": "string", "char": "string", "bool": "boolean"}
_ANY = ("any", "Any")  # without a type anything is valid
_DEEPEST = 60


def standard(row: JSON) -> tuple[JSON, str]:
    """A tool in JSON schema, and a sentence about what was changed, "" if nothing was."""
    inner = row.get("function") if isinstance(row, dict) else None
    function = inner if isinstance(inner, dict) else row
    if not isinstance(function, dict):
        return row, ""
    name, parameters = function.get("name"), function.get("parameters")
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", name) if isinstance(name, str) and "." in name else name
    schema = _schema(parameters, 0)
    changed = []
    if plain != name:
        changed.append(f"{str(name)[:64]} is named {str(plain)[:64]} here: a dot is not allowed.")
    if schema != parameters:
        changed.append("Types were put into JSON schema's words (dict: object, float: number).")
    if not changed:
        return row, ""
    definition: dict[str, JSON] = {**function, "name": plain}
    if "parameters" in function:
        definition["parameters"] = schema
    whole: JSON = {**row, "function": definition} if function is inner and isinstance(row, dict) else definition
    return whole, " ".join(changed)


def _schema(schema: JSON, depth: int) -> JSON:
    """A schema and those inside it; never what is under `default`, `enum` or `const`."""
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return schema
    result: dict[str, JSON] = {}
    for word, value in schema.items():
        if word == "type" and isinstance(value, str):
            if value not in _ANY:
                result[word] = _TYPES.get(value, value)
        elif word in ("properties", "$defs", "definitions") and isinstance(value, dict):
            result[word] = {name: _schema(inner, depth + 1) for name, inner in value.items()}
        elif word in ("items", "additionalProperties", "not"):
            result[word] = _schema(value, depth + 1)
        elif word in ("anyOf", "oneOf", "allOf") and isinstance(value, list):
            result[word] = [_schema(inner, depth + 1) for inner in value]
        else:
            result[word] = value
    return result
