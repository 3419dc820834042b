"""Fields of a stranger's JSON, read as "not said" when they have the wrong type."""

from __future__ import annotations

from backend.formats.imports.opening import Object
from backend.text import clean
from backend.types import JSON


def text(value: JSON) -> str:
    return clean(value) if isinstance(value, str) else ""


def object_(value: JSON) -> Object:
    return value if isinstance(value, dict) else {}


def items(value: JSON) -> list[JSON]:
    return value if isinstance(value, list) else []


def objects(value: JSON) -> list[Object]:
    return [item for item in items(value) if isinstance(item, dict)]


def number(value: JSON) -> float:
    """A number, 0 where none is said."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
