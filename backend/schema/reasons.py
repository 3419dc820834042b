"""Explains a mismatch so that a model can correct its call: with the place, the keyword and the value.

The library's own messages repeat whole values and name no place; they are not used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from jsonschema_rs import ValidationError, ValidationErrorKind

from backend.schema.values import short_json
from backend.types import JSON

LONGEST = 2_000  # characters of one reason
_TYPES = {"object": "an object", "array": "a list", "string": "a text", "integer": "an integer"}
_TYPES |= {"number": "a number", "boolean": "true or false", "null": "null"}
_LIMITS = {
    "minimum": "{value} is less than {limit}.",
    "maximum": "{value} is more than {limit}.",
    "exclusiveMinimum": "{value} is not more than {limit}.",
    "exclusiveMaximum": "{value} is not less than {limit}.",
    "minLength": "has {size} characters, fewer than {limit}.",
    "maxLength": "has {size} characters, more than {limit}.",
    "minItems": "has {size} items, fewer than {limit}.",
    "maxItems": "has {size} items, more than {limit}.",
    "minProperties": "has {size} members, fewer than {limit}.",
    "maxProperties": "has {size} members, more than {limit}.",
}
_PLAIN = {
    "falseSchema": "nothing is allowed here.",
    "uniqueItems": "an item stands in it twice.",
    "additionalItems": "has more items than the schema describes.",
    "unevaluatedItems": "has more items than the schema describes.",
    "contentEncoding": "is not encoded as the schema says.",
    "contentMediaType": "is not of the kind of content that the schema says.",
    "contains": "holds no item of the kind that has to be in it.",
    "minContains": "holds too few items of the kind that has to be in it.",
    "maxContains": "holds too many items of a kind that is limited.",
}
_UNTRIED = (ValidationErrorKind.BacktrackLimitExceeded, ValidationErrorKind.RegexEngineFailure)
Place = Sequence[str | int]


def reasons(error: ValidationError, schema: JSON) -> Iterator[str]:
    """The sentences for one mismatch: one, except for names that are missing or not allowed. None for a pattern
    that takes too long to be tried: it forbids nothing.
    """
    kind, path = error.kind, error.instance_path
    if isinstance(kind, _UNTRIED):
        return
    if isinstance(kind, ValidationErrorKind.Required):
        yield _sentence([*path, kind.property], "is required and missing.")
    elif isinstance(kind, ValidationErrorKind.AdditionalProperties | ValidationErrorKind.UnevaluatedProperties):
        names = _names(schema, error.schema_path[:-1])
        for name in kind.unexpected:
            yield _sentence([*path, name], f"is not one of the names allowed here, which are: {names}.")
    elif isinstance(kind, ValidationErrorKind.PropertyNames):
        yield _sentence([*path, str(kind.error.instance)], f"the name {_words(kind.error)}")
    elif isinstance(kind, ValidationErrorKind.AnyOf | ValidationErrorKind.OneOfNotValid):
        yield _sentence(path, _none_fits(kind.context, schema))
    else:
        yield _sentence(path, _words(error))


def place(path: Place) -> str:
    """The place in the value, as `o.p[1]`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step[:60]}"
    if text.startswith("["):
        return f"arguments{text}"
    return text.removeprefix(".") or "arguments"


def _sentence(path: Place, words: str) -> str:
    return f"{place(path)}: {words}"[:LONGEST]


def _names(schema: JSON, path: Place) -> str:
    """The names of the properties in the schema at `path`."""
    for step in path:
        if isinstance(schema, list) and isinstance(step, int) and step < len(schema):
            schema = schema[step]
        elif isinstance(schema, Mapping) and step in schema:
            schema = schema[str(step)]
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    names = list(properties) if isinstance(properties, Mapping) else []
    return ", ".join(name[:60] for name in names[:20]) or "none"


def _none_fits(context: list[list[ValidationError]], schema: JSON) -> str:
    """One sentence for alternatives: the first mismatch of each, which name what each would accept."""
    first = (next(reasons(errors[0], schema), "") for errors in context[:3] if errors)
    why = " or ".join(dict.fromkeys(words.rstrip(".") for words in first if words))
    return f"fits none of the alternatives ({why})." if why else "fits none of the alternatives."


def _words(error: ValidationError) -> str:
    """What is wrong with the value, without the place."""
    kind, keyword = error.kind, str(error.schema_path[-1]) if error.schema_path else ""
    value = short_json(error.instance)
    match kind:
        case ValidationErrorKind.Type():
            return f"{value} is not {' or '.join(_TYPES.get(name, name) for name in kind.types)}."
        case ValidationErrorKind.Enum():
            return f"{value} is not one of {', '.join(map(short_json, kind.options[:60]))}."
        case ValidationErrorKind.Constant():
            return f"{value} is not {short_json(kind.expected_value)}."
        case ValidationErrorKind.MultipleOf():
            return f"{value} is not a multiple of {short_json(kind.multiple_of)}."
        case ValidationErrorKind.Pattern():
            return f"{value} does not match the pattern {short_json(kind.pattern)}."
        case ValidationErrorKind.Format():
            return f"{value} is not a {kind.format[:40]}."
        case ValidationErrorKind.Not():
            return f"{value} is excluded."
        case ValidationErrorKind.OneOfMultipleValid():
            return f"{value} fits more than one of the alternatives."
        case ValidationErrorKind.Contains():
            return _PLAIN.get(keyword, _PLAIN["contains"])
    if (template := _LIMITS.get(kind.name)) is not None:
        size = len(error.instance) if isinstance(error.instance, str | list | dict) else 0
        return template.format(value=value, size=size, limit=short_json(kind.as_dict()["limit"]))
    return _PLAIN.get(kind.name, "does not fit.")
