"""A form made of a tool's schema: a field for each argument that has a simple one, and JSON for the others.

It helps to type arguments. It does NOT check them: that is done as for any call.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from backend.types import JSON
from backend.untrusted import Object, fields, items, line, objects, string

FieldKind = Literal["text", "integer", "number", "flag", "choice", "choices", "json"]
MOST = 30  # fields; a tool with more gets its arguments as one JSON text
_KINDS: Mapping[str, FieldKind] = {"string": "text", "integer": "integer", "number": "number", "boolean": "flag"}


@dataclass(frozen=True)
class FormField:
    """One argument. `default` is what stands there first, None for nothing; `titles` say what choices mean, those
    that have words of their own. Of "choices" there may be several."""

    name: str
    kind: FieldKind
    required: bool = False
    about: str = ""
    choices: tuple[str, ...] = ()
    default: JSON = None
    titles: Mapping[str, str] = field(default_factory=dict)

    def title(self, choice: str) -> str:
        """A choice as it is read."""
        return self.titles.get(choice, choice)

    @property
    def chosen(self) -> list[str]:
        """The choices that are set first."""
        given = self.default if isinstance(self.default, list) else [self.default]
        return [choice for choice in self.choices if choice in given]

    @property
    def start(self) -> str:
        """The default as it would be typed."""
        return "" if self.default is None else _typed(self.default)


def form(schema: Object) -> tuple[FormField, ...] | None:
    """The fields of a schema; None where it has no simple form."""
    properties = fields(schema.get("properties"))
    if schema.get("type") != "object" or len(properties) > MOST or "$ref" in schema:
        return None
    required = {string(name) for name in items(schema.get("required"))}
    return tuple(_field(name, fields(inner), name in required) for name, inner in properties.items())


def _field(name: str, schema: Object, required: bool) -> FormField:
    about, default = line(schema.get("description"), 300), schema.get("default")
    if titles := _choices(schema):
        return FormField(name, "choice", required, about, tuple(titles), default, _worded(titles))
    titles = _choices(fields(schema.get("items"))) if schema.get("type") == "array" else {}
    if titles:
        return FormField(name, "choices", required, about, tuple(titles), default, _worded(titles))
    return FormField(name, _kind(schema), required, about, default=default)


def _choices(schema: Object) -> dict[str, str]:
    """The texts that a value may be, with their titles: of an enum, or of several constants. {} where there are
    others."""
    options = [*objects(schema.get("oneOf"), 200), *objects(schema.get("anyOf"), 200)]
    values = items(schema.get("enum"), 200) or [option.get("const") for option in options]
    titles = items(schema.get("enumNames"), 200) or [option.get("title") for option in options]
    if not values or not all(isinstance(value, str) and value for value in values):
        return {}
    titles += [None] * len(values)
    return {string(value): line(title, 100) for value, title in zip(values, titles, strict=False)}


def _worded(titles: Mapping[str, str]) -> dict[str, str]:
    return {value: title for value, title in titles.items() if title}


def _kind(schema: Object) -> FieldKind:
    """Of `anyOf: [{"type": "integer"}, {"type": "null"}]`, as an optional one is written, the integer."""
    options = [option for option in objects(schema.get("anyOf")) if option.get("type") != "null"]
    kind = options[0].get("type") if len(options) == 1 else schema.get("type")
    return _KINDS.get(kind, "json") if isinstance(kind, str) else "json"


def arguments(form_: tuple[FormField, ...], values: Mapping[str, object]) -> str:
    """The arguments as JSON; what was left empty is left out. What is no JSON in a field of JSON goes as text."""
    given = {field.name: value for field in form_ if (value := _value(field, values.get(field.name))) is not None}
    return json.dumps(given, ensure_ascii=False)


def _value(field: FormField, value: object) -> JSON:
    if field.kind == "flag":
        return bool(value) if value or field.required or field.default is not None else None
    if isinstance(value, list):
        return [str(choice) for choice in value] if value or field.required or field.default else None
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
