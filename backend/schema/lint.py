"""Problems of a tool definition, found before any model sees it: errors that a server would reject, and warnings
about what makes models call it badly. It does NOT change the definition, and its text is untrusted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from backend.schema.validation import TOO_INVOLVED, check, faults
from backend.schema.values import TYPES, is_a, same, short_json
from backend.types import JSON

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
PROPERTY = re.compile(r"[A-Za-z0-9_.-]{1,64}")  # the limit of the strictest provider
DESCRIPTION_LIMIT = 1024  # characters; OpenAI rejects more
SIZE_LIMIT = 60_000  # characters of the whole definition
DEEPEST = 10  # levels of properties
PROBLEMS = 50
# Checked here, but rejected by strict modes (strict.py) and dropped by servers on the way to the model.
RARE = (
    *("if", "then", "else", "dependentRequired", "dependentSchemas", "patternProperties", "propertyNames"),
    *("contains", "minContains", "maxContains", "unevaluatedProperties", "unevaluatedItems", "oneOf", "not"),
    *("$dynamicRef", "$recursiveRef", "$anchor", "$id"),
)
OLD = {"definitions": "$defs", "dependencies": "dependentRequired or dependentSchemas", "additionalItems": "items"}
_BACKTRACKING = re.compile(r"\(\?(?:[=!]|<[=!])|\\[1-9k]")
_SUBSCHEMAS = ("anyOf", "oneOf", "allOf", "prefixItems")
_NOT_AT_THE_TOP = ("anyOf", "oneOf", "allOf", "enum", "not")
_PAIRS = (
    *(("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems")),
    ("minProperties", "maxProperties"),
)
Level = Literal["error", "warning"]
Object = Mapping[str, JSON]


@dataclass(frozen=True)
class Problem:
    """`path` is the place (parameters.properties.city.type), `words` the problem. A tool with an `error` cannot
    be sent.
    """

    path: str
    words: str
    level: Level = "error"


def lint(tool: JSON) -> list[Problem]:
    """The problems of a tool, errors first: `{"type": "function", "function": {...}}` or only the function."""
    if not isinstance(tool, Mapping):
        return [Problem("", "is not a JSON object: a tool has a name, a description and parameters.")]
    inner = tool.get("function")
    function = inner if isinstance(inner, Mapping) else tool
    try:
        too_long = len(json.dumps(tool)) > SIZE_LIMIT
    except (ValueError, TypeError, RecursionError):
        return [Problem("", "cannot be written as JSON.")]
    if too_long:
        return [Problem("", f"is longer than {SIZE_LIMIT // 1000} kB: a model would read nothing else.")]
    problems = []
    for problem in islice(_function(function), PROBLEMS):
        problems.append(problem)
        if problem.words == TOO_INVOLVED:
            break  # each further default could take a second
    return sorted(problems, key=lambda problem: problem.level)


def _function(function: Object) -> Iterator[Problem]:
    name = function.get("name")
    if not isinstance(name, str) or not name:
        yield Problem("name", "is missing: the model calls the tool by it.")
    elif not NAME.fullmatch(name):
        yield Problem("name", "may hold only letters A-Z, digits, _ and -, at most 64 of them.")
    yield from _description(
        function.get("description"), "description", "a model chooses a tool by its description."
    )
    parameters = function.get("parameters")
    if parameters is None:
        yield Problem("parameters", "are missing: the tool takes no arguments, if that is meant.", "warning")
    elif not isinstance(parameters, Mapping):
        yield Problem("parameters", 'is not a JSON schema: {"type": "object", "properties": {...}}.')
    elif parameters.get("type") != "object":
        yield Problem("parameters.type", 'must be "object": arguments have names.')
    else:
        for word in _NOT_AT_THE_TOP:
            if word in parameters:
                words = "stands at the top, where OpenAI and Anthropic refuse it: put it into a property."
                yield Problem(f"parameters.{word}", words)
        if "additionalProperties" not in parameters:
            words = "is not said: with false a misspelt argument is noticed instead of ignored."
            yield Problem("parameters.additionalProperties", words, "warning")
        yield from _whole(parameters)


def _description(text: JSON, path: str, why: str) -> Iterator[Problem]:
    if not isinstance(text, str) or not text.strip():
        yield Problem(path, f"is missing: {why}", "warning")
    elif len(text) > DESCRIPTION_LIMIT:
        yield Problem(path, f"has more than {DESCRIPTION_LIMIT} characters, which some servers refuse.", "warning")


def _whole(parameters: Object) -> Iterator[Problem]:
    """The problems by our own rules, then what else the library rejects."""
    named = set()
    for problem in _schema(parameters, "parameters", 0):
        if problem.level == "error":
            named.add(problem.path)
        yield problem
    for steps, words in faults(parameters):
        path = "".join(f"[{step}]" if isinstance(step, int) else f".{step[:60]}" for step in steps)
        if f"parameters{path}" not in named:
            yield Problem(f"parameters{path}", words)


def _schema(schema: JSON | Object, path: str, depth: int) -> Iterator[Problem]:
    """One walk over a schema."""
    if isinstance(schema, bool):
        return
    if not isinstance(schema, Mapping):
        yield Problem(path, "is not a JSON schema: an object is needed here.")
        return
    if depth > DEEPEST:
        yield Problem(path, f"is nested more than {DEEPEST} levels deep.", "warning")
        return
    for rule in _RULES:
        for where, words, level in rule(schema):
            yield Problem(f"{path}{where}", words, level)
    yield from _inside(schema, path, depth)


def _inside(schema: Object, path: str, depth: int) -> Iterator[Problem]:
    """The schemas inside a schema."""
    properties = schema.get("properties")
    for name, inner in properties.items() if isinstance(properties, Mapping) else ():
        here = f"{path}.properties.{name[:60]}"
        if not PROPERTY.fullmatch(name):
            yield Problem(here, "is a name that some servers refuse: letters, digits, _, . and - only.", "warning")
        if isinstance(inner, Mapping) and "$ref" not in inner:
            yield from _description(inner.get("description"), f"{here}.description", "say what belongs here.")
        yield from _schema(inner, here, depth + 1)
    for word in ("items", "additionalProperties", "not"):
        if word in schema and not isinstance(schema[word], list):
            yield from _schema(schema[word], f"{path}.{word}", depth + 1)
    for word in _SUBSCHEMAS:
        parts = schema.get(word)
        for place, inner in enumerate(parts if isinstance(parts, list) else ()):
            yield from _schema(inner, f"{path}.{word}[{place}]", depth + 1)
    definitions = schema.get("$defs")
    for name, inner in definitions.items() if isinstance(definitions, Mapping) else ():
        yield from _schema(inner, f"{path}.$defs.{name[:60]}", depth + 1)


Findings = Iterator[tuple[str, str, Level]]


def _type(schema: Object) -> Findings:
    kinds = schema.get("type")
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        if kind is not None and kind not in TYPES:
            yield ".type", f"{short_json(kind)} is no type; there are {', '.join(TYPES)}.", "error"
    if kinds is None and not {"enum", "const", "$ref", *_SUBSCHEMAS} & schema.keys():
        yield ".type", f"is missing: one of {', '.join(TYPES)}.", "warning"
    if kinds == "array" and not {"items", "prefixItems"} & schema.keys():
        yield ".items", "is missing: say what the list holds. OpenAI refuses a list without it.", "error"


def _enum(schema: Object) -> Findings:
    if "enum" not in schema:
        return
    options = schema["enum"]
    if not isinstance(options, list) or not options:
        yield ".enum", "must be a list of at least one value.", "error"
        return
    if any(same(one, other) for place, one in enumerate(options[:500]) for other in options[:place]):
        yield ".enum", "holds a value twice.", "warning"
    kind = schema.get("type")
    if isinstance(kind, str) and (wrong := [option for option in options if not is_a(option, kind)]):
        yield ".enum", f"{short_json(wrong[0])} is not of the type {short_json(kind)}.", "error"


def _required(schema: Object) -> Findings:
    properties = schema.get("properties", {})
    if not isinstance(properties, Mapping):
        yield ".properties", "must be an object: names and their schemas.", "error"
        return
    required = schema.get("required", [])
    if not isinstance(required, list):
        yield ".required", "must be a list of names.", "error"
        return
    for name in required:
        if not isinstance(name, str) or name not in properties:
            yield ".required", f"names {short_json(name)}, which is not among the properties.", "error"


def _bounds(schema: Object) -> Findings:
    for low, high in _PAIRS:
        least, most = schema.get(low), schema.get(high)
        for word, limit in ((low, least), (high, most)):
            if word in schema and (isinstance(limit, bool) or not isinstance(limit, int | float)):
                yield f".{word}", "must be a number.", "error"
        if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
            yield f".{low}", f"is more than {high}: nothing fits.", "error"
    step = schema.get("multipleOf")
    if isinstance(step, int | float) and step <= 0:
        yield ".multipleOf", "must be more than 0.", "error"


def _pattern(schema: Object) -> Findings:
    expected = schema.get("pattern")
    if isinstance(expected, str) and _BACKTRACKING.search(expected):
        yield ".pattern", "uses look-around or a back reference, which some servers do not know.", "warning"


def _default(schema: Object) -> Findings:
    """Check a default. References leave the part that is checked, so a default beside one is skipped."""
    if "default" not in schema or "$ref" in schema:
        return
    for reason in check(schema["default"], schema)[:1]:
        words = f"does not fit its own schema: {reason.removeprefix('arguments: ')}"
        yield ".default", reason if reason == TOO_INVOLVED else words, "error"


def _lists(schema: Object) -> Findings:
    for word in _SUBSCHEMAS:
        if word in schema and (not isinstance(schema[word], list) or not schema[word]):
            yield f".{word}", "must be a list of at least one schema.", "error"
    if isinstance(schema.get("items"), list):
        yield ".items", "is a list, as in old drafts: it is called prefixItems today.", "error"


def _rare(schema: Object) -> Findings:
    for word in RARE:
        if word in schema:
            words = "is refused by strict modes, and some servers drop it: say it in the description, too."
            yield f".{word}", words, "warning"
    for word, today in OLD.items():
        if word in schema:
            yield f".{word}", f"is of an old draft: it is called {today} today.", "warning"


_RULES: tuple[Callable[[Object], Findings], ...] = (
    *(_type, _enum, _required, _bounds, _pattern, _default, _lists, _rare),
)
