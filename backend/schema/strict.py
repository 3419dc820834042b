"""What OpenAI's strict mode rejects in a schema: with `strict` such a request fails with 400, without it, it is an
ordinary request, and the model may deviate from the schema.

Source: OpenAI's guide "Structured model outputs", section "Supported schemas". Others accept more (llama.cpp, vLLM)
or less (Anthropic rejects bounds of numbers and texts). A keyword that is not in the guide counts as rejected.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from backend.types import JSON

PROBLEMS = 10
DEEPEST = 10  # levels of objects and lists
PROPERTIES = 5_000
CHOICES = 1_000  # values in all lists of `enum`
PERMITTED = {
    *("type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "title"),
    *("$ref", "$defs", "definitions", "$schema", "description", "pattern", "format", "minLength", "maxLength"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems"),
}
Object = Mapping[str, JSON]
Finding = tuple[str, str]  # the place in the schema ("properties.city"), and the reason


def refusal_reasons(schema: Object) -> list[Finding]:
    """Why strict mode would reject the schema; empty if it accepts it."""
    return list(islice(_refusal_reasons(schema), PROBLEMS))


def _refusal_reasons(schema: Object) -> Iterator[Finding]:
    if schema.get("type") != "object" or "anyOf" in schema:
        yield "", "has to be one object: alternatives go into its properties."
    properties = choices = 0
    for path, part, depth in _parts(schema, "", 0):
        yield from _keywords(path, part)
        if _is_object(part):
            yield from _object(path, part)
        if depth > DEEPEST:
            yield path, f"is nested more than {DEEPEST} levels deep."
            return
        properties += len(_fields(part.get("properties")))
        choices += len(enum) if isinstance(enum := part.get("enum"), list) else 0
    if properties > PROPERTIES or choices > CHOICES:
        yield "", f"has more than {PROPERTIES:,} properties or {CHOICES:,} choices."


def _keywords(path: str, part: Object) -> Iterator[Finding]:
    for word in part:
        if word not in PERMITTED:
            yield path, f"holds {word[:60]!r}, which strict mode does not take."


def _is_object(part: Object) -> bool:
    kinds = part.get("type")
    return "properties" in part or kinds == "object" or (isinstance(kinds, list) and "object" in kinds)


def _object(path: str, part: Object) -> Iterator[Finding]:
    required = part.get("required")
    needed = [name for name in required if isinstance(name, str)] if isinstance(required, list) else []
    for name in _fields(part.get("properties")):
        if name not in needed:
            words = 'is not in "required". A property that may be missing is required with type [..., "null"].'
            yield _join(path, f"properties.{name[:60]}"), words
    if part.get("additionalProperties") is not False:
        yield path, 'needs "additionalProperties": false.'


def _parts(schema: JSON | Object, path: str, depth: int) -> Iterator[tuple[str, Object, int]]:
    """Every schema in a schema, with its place and its depth."""
    if not isinstance(schema, Mapping):
        return
    yield path, schema, depth
    if depth > DEEPEST:
        return
    for word in ("properties", "$defs", "definitions"):
        for name, inner in _fields(schema.get(word)).items():
            yield from _parts(inner, _join(path, f"{word}.{name[:60]}"), depth + 1)
    yield from _parts(schema.get("items"), _join(path, "items"), depth + 1)
    options = schema.get("anyOf")
    for number, inner in enumerate(options if isinstance(options, list) else ()):
        yield from _parts(inner, _join(path, f"anyOf[{number}]"), depth)


def _fields(value: JSON) -> Object:
    return value if isinstance(value, Mapping) else {}


def _join(path: str, step: str) -> str:
    return f"{path}.{step}" if path else step
