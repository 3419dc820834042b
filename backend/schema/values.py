"""JSON values: compared as JSON Schema does, their types, and their display in a sentence."""

from __future__ import annotations

import json

from backend.types import JSON

TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")


def short_json(value: object) -> str:
    """A value as short JSON."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (ValueError, TypeError, RecursionError):  # a number of thousands of digits, a Decimal of the library
        text = str(value) if isinstance(value, int | float) else "..."
    return text if len(text) <= 40 else f"{text[:40]}..."


def same(one: JSON, other: JSON) -> bool:
    """Equality as in JSON: 1 and 1.0 are equal, 1 and true are not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    return one == other


def is_a(value: JSON, kind: JSON) -> bool:
    """Whether the value has this JSON type. An unknown type forbids nothing: lint reports it."""
    match kind:
        case "object":
            return isinstance(value, dict)
        case "array":
            return isinstance(value, list)
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "null":
            return value is None
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "integer":
            return is_a(value, "number") and (isinstance(value, int) or float(str(value)).is_integer())
    return True
