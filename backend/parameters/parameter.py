"""One parameter of a request: its wire name, its values, and their conversion between form and request."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from backend import glossary
from backend.types import JSON
from backend.untrusted import one_of

Kind = Literal["number", "integer", "strings", "choice", "flag", "text", "date", "bias", "object"]
Group = Literal["common", "output", "sampling", "reasoning", "search", "provider"]
TOKEN_LIMIT = 60  # characters of a token in a list of biases
STOP_LIMIT = 4  # stop sequences that the API accepts
VALUE = "$"  # placeholder of the value in a template
_DIGITS = 4_000  # of an integer: Python rejects more than 4,300 (sys.get_int_max_str_digits)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\"}
_DATE = re.compile(r"(0?[1-9]|1[0-2])/(0?[1-9]|[12]\d|3[01])/\d{4}")


@dataclass(frozen=True)
class Parameter:
    """A parameter of a request body, or a part of one.

    `name`: the wire name, with a dot for one field of an object that has several parameters (`reasoning.effort`).
    `kind`: the type of its values. `span`: (minimum, maximum, step), None for no limit.
    `neutral`: the usual default of models; on the slider "auto" is at this position.
    `options`: the values of a choice, or the suggestions of a list. `most`: the maximum number of strings.
    `template`: the JSON to send with VALUE in place of the value, such as `{"max_tokens": "$"}`.
    `usual`, `usual_span`: the options and the range that a model accepts whose schema only lists the field; other
    servers accept the rest.
    `pattern`: a regular expression that a text must match.
    `unless`: (another parameter, its values that exclude this one). `needs`: the parameter without which every
    server rejects this one.
    """

    name: str
    label: str
    kind: Kind
    span: tuple[float | None, float | None, float | None] = (None, None, None)
    neutral: float | None = None
    group: Group = "common"
    options: tuple[str, ...] = ()
    most: int = STOP_LIMIT
    template: JSON = VALUE
    usual: tuple[str, ...] = ()
    usual_span: tuple[float | None, float | None] = (None, None)
    pattern: str = ""
    unless: tuple[str, tuple[str, ...]] = ("", ())
    needs: str = ""

    @property
    def help(self) -> str:
        """Its meaning, and the effect of a higher and a lower value (backend/data/glossary.toml)."""
        return glossary.term_of(self.name).means

    @property
    def plain(self) -> str:
        """Its label in simple words (backend/data/glossary.toml)."""
        return glossary.term_of(self.name).plain

    @property
    def field(self) -> str:
        """The top-level field of the body that contains it."""
        return self.name.partition(".")[0]

    @property
    def minimum(self) -> float | None:
        return self.span[0]

    @property
    def maximum(self) -> float | None:
        return self.span[1]

    @property
    def step(self) -> float | None:
        return self.span[2]

    @cached_property
    def choices(self) -> tuple[float, ...]:
        """The values of its slider; () if it has no slider."""
        low, high, step = self.span
        if low is None or high is None or step is None or self.kind != "number":
            return ()
        return tuple([round(low + index * step, 4) for index in range(round((high - low) / step) + 1)])

    def parse(self, value: object) -> JSON:
        """Convert a value of its widget to the value to send; None if it is unset.

        Raises ValueError with a sentence for the visitor.
        """
        if value is None or value == "" or value == [] or value == ():
            return None
        readers = {
            "strings": self._strings,
            "choice": self._choice,
            "flag": self._flag,
            "text": self._text,
            "date": self._text,
            "bias": self._bias,
            "object": self._object,
        }
        return readers.get(self.kind, self._number)(value)

    def to_wire(self, value: JSON) -> JSON:
        """The JSON to send for a parsed value."""
        return _put(self.template, value)

    def from_wire(self, wire: JSON) -> JSON:
        """The value in received JSON, None if it has none: the inverse of `to_wire`."""
        return _get(self.template, wire)

    def read(self, value: JSON) -> JSON:
        """Parse a value from a file, in the form of its widget or of a request. Raises ValueError."""
        inner = self.from_wire(value)
        return self.parse(value if inner is None else inner)

    def found_in(self, fields: Mapping[str, JSON]) -> JSON:
        """The parsed value in the fields of a request or a file; None if it has none. Raises ValueError."""
        if self.name == self.field or self.name not in fields:
            wire = fields.get(self.field)
            return self.read(wire) if self.name == self.field else self.parse(self.from_wire(wire))
        return self.parse(fields[self.name])

    def _number(self, value: object) -> JSON:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError(f"{self.label} must be a number.")
        try:
            number = float(value)
        except OverflowError:  # an integer of hundreds of digits
            number = math.inf
        except ValueError:
            raise ValueError(f"{self.label} must be a number.") from None
        low = self.minimum if self.minimum is not None else float("-inf")
        high = self.maximum if self.maximum is not None else float("inf")
        if not (low <= number <= high and math.isfinite(number)):
            raise ValueError(f"{self.label} must be {spoken_range(self.minimum, self.maximum)}.")
        if self.kind != "integer":
            return number
        if number != int(number):
            raise ValueError(f"{self.label} must be a whole number.")
        return int(number)

    def _strings(self, value: object) -> JSON:
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
            raise ValueError(f"{self.label} must be text.")
        strings: list[JSON] = [item for item in items if item]
        if len(strings) > self.most:
            raise ValueError(f"{self.label}: at most {self.most}.")
        return strings or None

    def _choice(self, value: object) -> JSON:
        option = one_of(value, self.options)
        if option is None:
            raise ValueError(f"{self.label} must be one of {', '.join(self.options)}.")
        return option

    def _flag(self, value: object) -> JSON:
        if not isinstance(value, bool):
            raise ValueError(f"{self.label} must be on or off.")
        return value

    def _text(self, value: object) -> JSON:
        if not isinstance(value, str):
            raise ValueError(f"{self.label} must be text.")
        if self.kind == "date" and not _DATE.fullmatch(value.strip()):
            raise ValueError(f"{self.label} must be a date like 12/31/2026 (month first).")
        if self.pattern and not re.fullmatch(self.pattern, value.strip()):
            raise ValueError(f"{self.label}: {value.strip()[:20]!r} does not fit. {self.help}")
        return value.strip() if self.kind == "date" or self.pattern else value

    def _bias(self, value: object) -> JSON:
        """Biases by token, from lines of `token: bias` or a JSON object. A token, sent as typed, is an id for most
        providers.
        """
        if isinstance(value, str) and value.lstrip().startswith("{"):
            value = read_object(value, self.label)
        pairs = value.items() if isinstance(value, dict) else _lines(self.label, value)
        biases: dict[str, JSON] = {}
        for token, bias in pairs:
            number = self._number(bias)
            if isinstance(number, float) and number.is_integer():  # some servers reject -100.0
                number = int(number)
            if not 0 < len(str(token).strip()) <= TOKEN_LIMIT:
                raise ValueError(f"{self.label}: a token has up to {TOKEN_LIMIT} characters.")
            biases[str(token).strip()] = number
        return biases or None

    def _object(self, value: object) -> JSON:
        if isinstance(value, str):
            value = read_object(value, self.label)
        if not isinstance(value, dict):
            raise ValueError(f"{self.label} must be a JSON object.")
        return value or None


def read_object(text: str, label: str) -> dict[str, JSON]:
    """Parse a typed JSON object; {} for a blank text. Raises ValueError with a sentence for the visitor."""
    if not text.strip():
        return {}

    def finite(written: str) -> float:
        """Parse a number; reject 1e999, which is valid JSON but becomes infinity, and so cannot be sent."""
        if math.isfinite(number := float(written)):
            return number
        raise ValueError(f"{label}: {written[:20]} is no JSON number.")

    def whole(digits: str) -> float:
        return int(digits) if len(digits) <= _DIGITS else finite(digits)

    text = text.removeprefix("\ufeff")
    try:
        value = json.loads(text, parse_constant=finite, parse_float=finite, parse_int=whole)
    except json.JSONDecodeError as error:
        raise ValueError(f"{label} is no valid JSON: {error.msg}, line {error.lineno}.") from None
    except RecursionError:
        raise ValueError(f"{label} is nested too deeply.") from None
    if not isinstance(value, dict):
        raise ValueError(f'{label} must be a JSON object, such as {{"name": 1}}.')
    return value


def unescaped(typed: str) -> str:
    r"""Replace the escapes `\n`, `\r`, `\t` and `\\` in a text typed on one line, as in JSON."""
    return re.sub(r"\\([nrt\\])", lambda match: _ESCAPES[match[1]], typed)


def escaped(text: str) -> str:
    """The inverse of `unescaped`."""
    text = re.sub(r"\\(?=[nrt\\\n\r\t])", r"\\\\", text)
    return text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


def spoken_range(minimum: float | None, maximum: float | None) -> str:
    """A range in words, numbers with all their digits."""
    if maximum is None:
        return f"{minimum:.16g} or more"
    return f"between {minimum:.16g} and {maximum:.16g}" if minimum is not None else f"at most {maximum:.16g}"


def _lines(label: str, value: object) -> list[tuple[str, str]]:
    if not isinstance(value, str):
        raise ValueError(f"{label} must be lines such as 1234: -100.")
    pairs = [line.rpartition(":") for line in value.replace(",", "\n").splitlines() if line.strip()]
    if any(not mark for _, mark, _ in pairs):
        raise ValueError(f"{label} must be lines such as 1234: -100.")
    return [(token, bias.strip()) for token, _, bias in pairs]


def _put(template: JSON, value: JSON) -> JSON:
    if template == VALUE:
        return value
    if isinstance(template, dict):
        return {name: _put(item, value) for name, item in template.items()}
    return [_put(item, value) for item in template] if isinstance(template, list) else template


def _get(template: JSON, wire: JSON) -> JSON:
    if template == VALUE:
        return wire
    if isinstance(template, dict) and isinstance(wire, dict):
        values = (_get(item, wire.get(name)) for name, item in template.items())
        return next((value for value in values if value is not None), None)
    return None
