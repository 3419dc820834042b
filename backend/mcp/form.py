"""A form made of a tool's schema: a field for each argument that has a simple one, and JSON for the others.

It helps to type arguments. It does NOT check them: that is done as for any call.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from backend.types import JSON
from backend.untrusted import Object, fields, items, line, objects, string

FieldKind = Literal["text", "integer", "number", "flag", "choice", "json"]
MOST = 30  # fields; a tool with more gets its arguments as one JSON text
_KINDS: Mapping[str, FieldKind] = {"string": "text", "integer": "integer", "number": "number", "boolean": "flag"}


@dataclass(frozen=True)
class Field:
    """One argument. `default` is what stands there first, None for nothing."""

    name: str
    kind: FieldKind
    required: bool = False
    about: str = ""
    choices: tuple[str, ...] = ()
    default: JSON = None

    @property
    def start(self) -> str:
        """The default as it would be typed."""
        return "" if self.default is None else _typed(self.default)


def form(schema: Object) -> tuple[Field, ...] | None:
    """The fields of a schema; None where it has no simple form."""
    properties = fields(schema.get("properties"))
    if schema.get("type") != "object" or len(properties) > MOST or "$ref" in schema:
        return None
    required = {string(name) for name in items(schema.get("required"))}
    return tuple(_field(name, fields(inner), name in required) for name, inner in properties.items())


def _field(name: str, schema: Object, required: bool) -> Field:
    about, default = line(schema.get("description"), 300), schema.get("default")
    titled = [option.get("const") for option in objects(schema.get("oneOf"), 200)]
    choices = [string(choice) for choice in items(schema.get("enum"), 200) or titled]
    if choices and all(choices):
        return Field(name, "choice", required, about, tuple(dict.fromkeys(choices)), default)
    return Field(name, _kind(schema), required, about, default=default)


def _kind(schema: Object) -> FieldKind:
    """Of `anyOf: [{"type": "integer"}, {"type": "null"}]`, as an optional one is written, the integer."""
    options = [option for option in objects(schema.get("anyOf")) if option.get("type") != "null"]
    kind = options[0].get("type") if len(options) == 1 else schema.get("type")
    return _KINDS.get(kind, "json") if isinstance(kind, str) else "json"


def arguments(form_: tuple[Field, ...], values: Mapping[str, object]) -> str:
    """The arguments as JSON; what was left empty is left out. What is no JSON in a field of JSON goes as text."""
    given = {field.name: value for field in form_ if (value := _value(field, values.get(field.name))) is not None}
    return json.dumps(given, ensure_ascii=False)


def _value(field: Field, value: object) -> JSON:
    if field.kind == "flag":
        return bool(value) if value or field.required or field.default is not None else None
    if value is None or (value == "" and not (field.required and field.kind == "text")):
        return None
    written = str(value)
    match field.kind:
        case "integer" | "number" | "json":
            try:
                return json.loads(written)  # type: ignore[no-any-return]
            except (ValueError, RecursionError):
                return written
        case _:
            return written


def _typed(value: JSON) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
