"""Do arguments fit a JSON schema? The answer is a list of reasons, exact enough for a model to repair its call.

Covers what tools use (draft 2020-12: types, enum, const, objects, arrays, bounds, pattern, anyOf, oneOf, allOf,
not, `$ref` inside the schema). It does NOT fetch references, and a keyword it does not know forbids nothing.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from typing import cast
from urllib.parse import unquote

from backend.schema import pattern
from backend.types import JSON

STEPS = 20_000  # schemas looked at in one check; $ref can double the work at every level
DEEPEST = 60  # levels of schema and value
REASONS = 10  # a model repairs a few mismatches at a time
TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
_WORDS = {"object": "an object", "array": "a list", "string": "a text", "integer": "an integer"}
_WORDS |= {"number": "a number", "boolean": "true or false", "null": "null"}
Object = Mapping[str, JSON]


class _TooMuch(Exception):
    """The schema asks for more steps than a check may take."""


def check(arguments: JSON, schema: Object) -> list[str]:
    """Why the arguments do not fit, at most REASONS of them; none when they do."""
    reasons: list[str] = []
    try:
        for reason in _Checker(schema).reasons(arguments, cast("JSON", schema), "", 0):
            reasons.append(reason)
            if len(reasons) == REASONS:
                break
    except (_TooMuch, RecursionError):
        reasons.append("the schema is too involved to be checked here.")
    return reasons


def answer(text: str, schema: Object) -> list[str]:
    """Why an answer is not JSON of this schema; none when it is."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        return [f"it is no JSON ({getattr(error, 'msg', 'nested too deeply')})."]
    return check(value, schema)


def quoted(value: JSON) -> str:
    """A value as short JSON."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (ValueError, RecursionError):
        text = "..."
    return text if len(text) <= 40 else f"{text[:40]}..."


def same(one: JSON, other: JSON) -> bool:
    """Equal as JSON: 1 and 1.0 are, 1 and true are not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    return one == other


def is_a(value: JSON, kind: JSON) -> bool:
    """Is the value of this JSON type? An unknown type forbids nothing: lint complains about it."""
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
        case "integer" | "number":
            return _number(value) is not None and (kind == "number" or _whole(value))
    return True


def _number(value: JSON) -> int | float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _whole(value: JSON) -> bool:
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())


def resolve(root: Object, reference: JSON) -> JSON:
    """What `#/$defs/x` means in a schema. Raises KeyError when nothing is there: no other place is asked."""
    if not isinstance(reference, str) or not re.match(r"#(/|$)", reference):
        raise KeyError(reference)
    target: JSON = cast("JSON", root)
    for step in reference[1:].split("/")[1:]:
        name = unquote(step).replace("~1", "/").replace("~0", "~")
        if isinstance(target, list) and name.isdecimal() and int(name[:6]) < len(target):
            target = target[int(name[:6])]
        elif isinstance(target, dict) and name in target:
            target = target[name]
        else:
            raise KeyError(reference)
    return target


class _Checker:
    """One check: the whole schema, for references, and the steps that are left."""

    def __init__(self, root: Object) -> None:
        self.root = root
        self.steps = STEPS

    def reasons(self, value: JSON, schema: JSON, path: str, depth: int) -> Iterator[str]:
        """Why `value`, found at `path`, does not fit."""
        self._step(depth)
        if schema is False:
            yield f"{path or 'arguments'}: nothing is allowed here."
        if not isinstance(schema, Mapping):
            return
        if "$ref" in schema:
            yield from self._reference(value, schema["$ref"], path, depth)
        wrong = _wrong_type(value, schema)
        own = [wrong] if wrong else [*_choices(value, schema), *self._bounds(value, schema)]
        yield from (f"{path or 'arguments'}: {reason}" for reason in own)
        if wrong:
            return
        if isinstance(value, dict):
            yield from self._object(value, schema, path, depth)
        if isinstance(value, list):
            yield from self._array(value, schema, path, depth)
        yield from self._combined(value, schema, path, depth)

    def _step(self, depth: int, steps: int = 1) -> None:
        self.steps -= steps
        if self.steps < 0 or depth > DEEPEST:
            raise _TooMuch

    def _reference(self, value: JSON, reference: JSON, path: str, depth: int) -> Iterator[str]:
        try:
            target = resolve(self.root, reference)
        except KeyError:
            return  # lint says so; the arguments are not to blame
        yield from self.reasons(value, target, path, depth + 1)

    def _object(self, value: dict[str, JSON], schema: Object, path: str, depth: int) -> Iterator[str]:
        properties = schema.get("properties")
        properties = properties if isinstance(properties, dict) else {}
        required = schema.get("required")
        for name in required if isinstance(required, list) else ():
            if isinstance(name, str) and name not in value:
                yield f"{_join(path, name)}: is required and missing."
        rest = schema.get("additionalProperties", True)
        for name, item in value.items():
            here = _join(path, name[:60])
            if name in properties:
                yield from self.reasons(item, properties[name], here, depth + 1)
            elif rest is False and "patternProperties" not in schema:
                names = ", ".join(list(properties)[:20]) or "none"
                yield f"{here}: is not one of the names allowed here, which are: {names}."
            elif "patternProperties" not in schema:
                yield from self.reasons(item, rest, here, depth + 1)

    def _array(self, value: list[JSON], schema: Object, path: str, depth: int) -> Iterator[str]:
        first = schema.get("prefixItems")
        first = first if isinstance(first, list) else []
        for place, item in enumerate(value):
            inside = first[place] if place < len(first) else schema.get("items", True)
            yield from self.reasons(item, inside, f"{path or 'arguments'}[{place}]", depth + 1)
        if schema.get("uniqueItems") is True:
            self._step(depth, len(value) ** 2 // 2)
            if any(same(one, other) for place, one in enumerate(value) for other in value[:place]):
                yield f"{path or 'arguments'}: an item stands in it twice."

    def _combined(self, value: JSON, schema: Object, path: str, depth: int) -> Iterator[str]:
        for part in _list(schema.get("allOf")):
            yield from self.reasons(value, part, path, depth + 1)
        for word in ("anyOf", "oneOf"):
            parts = _list(schema.get(word))
            mismatches = [next(self.reasons(value, part, path, depth + 1), None) for part in parts]
            fitting = mismatches.count(None)
            if parts and (fitting == 0 or (fitting > 1 and word == "oneOf")):
                yield self._none_fits(value, [mismatch for mismatch in mismatches if mismatch], path)
        if "not" in schema and next(self.reasons(value, schema["not"], path, depth + 1), None) is None:
            yield f"{path or 'arguments'}: {quoted(value)} is excluded."

    @staticmethod
    def _none_fits(value: JSON, mismatches: list[str], path: str) -> str:
        """One sentence for alternatives: the first mismatches, which name what each would take."""
        if not mismatches:
            return f"{path or 'arguments'}: {quoted(value)} fits more than one of the alternatives."
        why = " or ".join(dict.fromkeys(mismatch.rstrip(".") for mismatch in mismatches[:3]))
        return f"{path or 'arguments'}: fits none of the alternatives ({why})."

    def _bounds(self, value: JSON, schema: Object) -> Iterator[str]:
        """Minimum, length, count: one loop over the table of them."""
        for word, size, fits, sentence in _BOUNDS:
            limit, measure = _number(schema.get(word)), size(value)
            if limit is not None and measure is not None and not fits(measure, limit):
                yield sentence.format(value=quoted(value), size=measure, limit=quoted(limit))
        expected = schema.get("pattern")
        if isinstance(value, str) and isinstance(expected, str):
            self._step(0, 10)
            if pattern.search(expected, value) is False:
                yield f"{quoted(value)} does not match the pattern {quoted(expected)}."


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _list(value: JSON) -> list[JSON]:
    return value if isinstance(value, list) else []


def _wrong_type(value: JSON, schema: Object) -> str:
    """The value and "is not an integer", "" where the type is right or not said."""
    kinds = schema.get("type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if kinds == [None] or not kinds or any(kind not in TYPES or is_a(value, kind) for kind in kinds):
        return ""
    return f"{quoted(value)} is not {' or '.join(_WORDS[str(kind)] for kind in kinds)}."


def _choices(value: JSON, schema: Object) -> Iterator[str]:
    options = schema.get("enum")
    if isinstance(options, list) and not any(same(value, option) for option in options):
        shown = ", ".join(quoted(option) for option in options[:60])
        yield f"{quoted(value)} is not one of {shown or 'no choices at all'}."
    if "const" in schema and not same(value, schema["const"]):
        yield f"{quoted(value)} is not {quoted(schema['const'])}."


def _size(kind: type[str] | type[list[JSON]] | type[dict[str, JSON]]) -> Callable[[JSON], float | None]:
    return lambda value: len(value) if isinstance(value, kind) else None


def _multiple(value: float, step: float) -> bool:
    if step <= 0:
        return True
    try:
        return value % step == 0 if _whole(value) and _whole(step) else float(value / step).is_integer()
    except OverflowError:
        return False


Bound = tuple[str, Callable[[JSON], float | None], Callable[[float, float], bool], str]
_BOUNDS: tuple[Bound, ...] = (
    ("minimum", _number, operator.ge, "{value} is less than {limit}."),
    ("maximum", _number, operator.le, "{value} is more than {limit}."),
    ("exclusiveMinimum", _number, operator.gt, "{value} is not more than {limit}."),
    ("exclusiveMaximum", _number, operator.lt, "{value} is not less than {limit}."),
    ("multipleOf", _number, _multiple, "{value} is not a multiple of {limit}."),
    ("minLength", _size(str), operator.ge, "has {size} characters, fewer than {limit}."),
    ("maxLength", _size(str), operator.le, "has {size} characters, more than {limit}."),
    ("minItems", _size(list), operator.ge, "has {size} items, fewer than {limit}."),
    ("maxItems", _size(list), operator.le, "has {size} items, more than {limit}."),
    ("minProperties", _size(dict), operator.ge, "has {size} members, fewer than {limit}."),
    ("maxProperties", _size(dict), operator.le, "has {size} members, more than {limit}."),
)
