"""A form generated from a tool's schema: a field for each argument with a simple type, and JSON for the others.

It helps to type arguments. It does NOT validate them: that is done as for any call.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Literal
from urllib.parse import unquote

from backend.text import distinct
from backend.types import JSON
from backend.untrusted import Object, fields, items, line, objects, string

FieldKind = Literal["text", "integer", "number", "flag", "choice", "choices", "json"]
MOST = 30  # fields; a tool with more gets its arguments as one JSON text
_HOPS = 10  # chained references that are followed: they may be circular
_KINDS: Mapping[str, FieldKind] = {"string": "text", "integer": "integer", "number": "number", "boolean": "flag"}


@dataclass(frozen=True)
class FormField:
    """One argument. `default` is the initial value, None for none; `titles` are the labels of choices that have
    one. Several may be chosen of "choices".
    """

    name: str
    kind: FieldKind
    required: bool = False
    about: str = ""
    choices: tuple[str, ...] = ()
    default: JSON = None
    titles: Mapping[str, str] = field(default_factory=dict)

    def title(self, choice: str) -> str:
        """The label of a choice."""
        return self.titles.get(choice, choice)

    @property
    def initial_choices(self) -> list[str]:
        """The initial choices."""
        given = self.default if isinstance(self.default, list) else [self.default]
        return [choice for choice in self.choices if choice in given]

    @property
    def start(self) -> str:
        """The default as typed text."""
        return "" if self.default is None else _typed(self.default)


def form(schema: Object) -> tuple[FormField, ...] | None:
    """The fields of a schema; None if it has no simple form."""
    properties = fields(schema.get("properties"))
    if schema.get("type") != "object" or len(properties) > MOST or "$ref" in schema:
        return None
    required = {string(name) for name in items(schema.get("required"))}
    return tuple(_field(name, fields(inner), schema, name in required) for name, inner in properties.items())


def _field(name: str, written: Object, whole: Object, required: bool) -> FormField:
    schema = _plain(written, whole)
    about, default = line(schema.get("description"), 300), schema.get("default")
    if titles := _choices(schema):
        return FormField(name, "choice", required, about, tuple(titles), default, _labels(titles))
    titles = _choices(_plain(fields(schema.get("items")), whole)) if schema.get("type") == "array" else {}
    if titles:
        return FormField(name, "choices", required, about, tuple(titles), default, _labels(titles))
    return FormField(name, _kind(schema), required, about, default=default)


def _plain(schema: Object, whole: Object) -> Object:
    """A schema in simple form: references resolved, and an optional value without its "or null", which is
    expressed by an empty field. Keywords beside a reference take precedence.
    """
    for _ in range(_HOPS):
        inner, word = _within(schema, whole)
        if not word:
            break
        schema = {**inner, **{name: value for name, value in schema.items() if name != word}}
    kinds = [kind for kind in items(schema.get("type"), 10) if kind != "null"]
    return {**schema, "type": kinds[0]} if len(kinds) == 1 else schema


def _within(schema: Object, whole: Object) -> tuple[Object, str]:
    """The only schema that a schema consists of, and its keyword; "" for none."""
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return _reference_target(reference, whole), "$ref"
    for word in ("anyOf", "oneOf", "allOf"):
        options = [option for option in objects(schema.get(word), 200) if option.get("type") != "null"]
        if len(options) == 1 and "const" not in options[0]:
            return options[0], word
    return {}, ""


def _reference_target(reference: str, whole: Object) -> Object:
    """The target of "#/$defs/Name"; {} for none, and for any other place."""
    found: JSON = dict(whole)
    for step in reference.removeprefix("#/").split("/") if reference.startswith("#/") else [""]:
        found = fields(found).get(unquote(step).replace("~1", "/").replace("~0", "~"))
    return fields(found)


def _choices(schema: Object) -> dict[str, str]:
    """The texts that a value may be, with their labels: of an enum, or of several constants. {} if other values
    are allowed.
    """
    options = [
        option
        for word in ("oneOf", "anyOf")
        for option in objects(schema.get(word), 200)
        if option.get("type") != "null"
    ]
    values = items(schema.get("enum"), 200) or [option.get("const") for option in options or [schema]]
    titles = items(schema.get("enumNames"), 200) or [option.get("title") for option in options]
    titled = {string(value): line(title, 100) for value, title in zip_longest(values, titles) if value is not None}
    texts = all(isinstance(value, str) and value for value in values if value is not None or not schema.get("enum"))
    return titled if texts else {}


def _labels(titles: Mapping[str, str]) -> dict[str, str]:
    labels = distinct({value: title or value for value, title in titles.items()})
    return {value: label for value, label in labels.items() if label != value}


def _kind(schema: Object) -> FieldKind:
    kind = schema.get("type")
    return _KINDS.get(kind, "json") if isinstance(kind, str) else "json"


def arguments(form_: tuple[FormField, ...], values: Mapping[str, object]) -> str:
    """The arguments as JSON; empty fields are left out. Invalid JSON in a JSON field is passed as text."""
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
                parsed: JSON = json.loads(written)
                return parsed
            except (ValueError, RecursionError):
                return written
        case _:
            return written


def _typed(value: JSON) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
