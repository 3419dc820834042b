"""Invalid schemas: what is wrong in them is named and removed, so that the rest can be used for checking.

Definitions are untrusted, and many are nearly right ("required": true at a property, a type "text").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from jsonschema_rs import ValidationError, ValidationErrorKind

from backend.schema.reasons import Place, reasons
from backend.types import JSON

LOST = "points to nothing in this schema; addresses elsewhere are never fetched."
NO_PATTERN = "is no regular expression."
UNKNOWN = "is not known here."
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_NAMES = ("$anchor", "$dynamicAnchor", "$id", "id")
_ADDRESSES = ("$schema", "$id", "id")
_MAPS = ("properties", "$defs", "definitions", "dependentSchemas")  # names and their schemas
_VALUES = ("enum", "const", "default", "examples")  # keywords that contain no schemas


@dataclass(frozen=True)
class SchemaFault:
    """The place in the schema, and the fault: `(("properties", "city", "type"), '"text" is ...')`."""

    path: tuple[str | int, ...]
    words: str


def mend(schema: JSON, error: ValidationError) -> tuple[JSON, list[SchemaFault]]:
    """The schema without what the library rejects, and the fault as a sentence; no fault if nothing can be done."""
    if isinstance(error.kind, ValidationErrorKind.Referencing):
        return schema, list(_without_lost(schema) or _without_addresses(schema))
    path = error.instance_path
    words = NO_PATTERN if isinstance(error.kind, ValidationErrorKind.Format) else _words(error, schema)
    return schema, [SchemaFault(tuple(path), words)] if _taken_out(schema, path) else []


def _words(error: ValidationError, schema: JSON) -> str:
    return next(reasons(error, schema), "does not fit.").partition(": ")[2]


def _taken_out(schema: JSON, path: Place) -> bool:
    """Remove a keyword. A schema that is a property becomes one that allows everything: its name stays."""
    while path and isinstance(path[-1], int):
        path = path[:-1]
    if not path:
        return False
    parent = schema
    for step in path[:-1]:
        parent = _inside(parent, step)
    if not isinstance(parent, dict):
        return False
    name = str(path[-1])
    if len(path) > 1 and path[-2] in _MAPS and not isinstance(parent[name], dict):
        parent[name] = True
    else:
        del parent[name]
    return True


def _inside(schema: JSON, step: str | int) -> JSON:
    if isinstance(schema, dict):
        return schema.get(str(step))
    return schema[step] if isinstance(schema, list) and isinstance(step, int) else None


def _without_lost(schema: JSON) -> list[SchemaFault]:
    """Remove every reference without a target."""
    nodes = list(_objects(schema, ()))
    names = {str(node[word]).strip("#") for _, node in nodes for word in _NAMES if word in node}
    lost = [
        (path, node, word)
        for path, node in nodes
        for word in _REFERENCES
        if isinstance(node.get(word), str) and not _has_target(schema, str(node[word]), names)
    ]
    for _, node, word in lost:
        del node[word]
    return [SchemaFault((*path, word), LOST) for path, _, word in lost]


def _without_addresses(schema: JSON) -> list[SchemaFault]:
    """Remove identifiers of the schema and its parts: an unknown draft, or an invalid address."""
    named = [(path, node, word) for path, node in _objects(schema, ()) for word in _ADDRESSES if word in node]
    for _, node, word in named:
        del node[word]
    return [SchemaFault((*path, word), UNKNOWN) for path, _, word in named]


def _objects(value: JSON, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], dict[str, JSON]]]:
    """Every object in a schema, with its place."""
    if isinstance(value, dict):
        yield path, value
        for name, inner in value.items():
            if name not in _VALUES:
                yield from _objects(inner, (*path, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _objects(inner, (*path, number))


def _has_target(schema: JSON, reference: str, names: set[str]) -> bool:
    """Whether `#/$defs/x`, `#name` or the address of a part has a target."""
    address, _, fragment = reference.partition("#")
    if address:
        return address in names or address.startswith(("https://json-schema.org/", "http://json-schema.org/"))
    if not fragment.startswith("/"):
        return not fragment or fragment in names
    target: JSON = schema
    for step in fragment.split("/")[1:]:
        name = unquote(step).replace("~1", "/").replace("~0", "~")
        if isinstance(target, list) and re.fullmatch(r"\d{1,6}", name) and int(name) < len(target):
            target = target[int(name)]
        elif isinstance(target, Mapping) and name in target:
            target = target[name]
        else:
            return False
    return True
