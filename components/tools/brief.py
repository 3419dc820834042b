"""Summarises the arguments and the result of a call, for the title of its row.

A generic rule for any tool: of a JSON object the values are shown, usually with their names. It does NOT escape
the text: whoever draws it does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from backend.types import JSON
from components.tools import words

SHORT = 36  # characters of arguments, and of a result
_READ = 4_000  # characters that are parsed; of a longer text the beginning is shown
_VALUES = 8  # values that are read
_UNIT = re.compile(r"[A-Za-z°%€$£]{1,4}")  # a unit follows its number without a comma: 453.6 USD


def brief(text: str, told: str = "") -> str:
    """A summary of a JSON text, or its beginning if it is invalid. What is already in `told`, JSON too, is not
    repeated.

    {"amount": 453.6, "currency": "USD"} gives "453.6 USD"; {"late": true, "days": 3} gives "late, days 3".
    """
    value = _read(text)
    if value is None:
        return _cut(text)
    if not isinstance(value, dict):
        return _cut(_one(value))
    known = _read(told)
    return _join_fields(_new(value, known if isinstance(known, dict) else {}))


def _read(text: str) -> JSON:
    """The value; None also for `null`, which means nothing."""
    if len(text) > _READ:
        return None
    try:
        value: JSON = json.loads(text, parse_float=_numeral, parse_int=_numeral)
    except (ValueError, RecursionError):
        return None
    return value


class _Numeral(str):
    """A number in its original notation: 382.40 stays 382.40."""


def _numeral(written: str) -> _Numeral:
    return _Numeral(written)


def _new(value: Mapping[str, JSON], known: Mapping[str, JSON]) -> Iterator[tuple[str, JSON]]:
    """The values of an object that did not occur under the same name before."""
    left = _VALUES
    for name, field in value.items():
        if field is not None and field != "" and not (name in known and known[name] == field):
            left -= 1
            yield name, field
        if not left:
            return


def _join_fields(fields: Iterator[tuple[str, JSON]]) -> str:
    line, number = "", False
    for name, field in fields:
        name = _cut(name.replace("_", " "))
        if isinstance(field, bool):
            part = name if field else words.NOT.format(what=name)
        elif isinstance(field, _Numeral) and line:
            part = f"{name} {_cut(field)}"
        elif isinstance(field, list):
            part = f"{name} ({len(field)})"
        elif isinstance(field, dict):
            part = name
        else:
            part = _cut(str(field))
        joint = "" if not line else " " if number and isinstance(field, str) and _UNIT.fullmatch(part) else ", "
        if line and len(line) + len(joint) + len(part) > SHORT:
            return f"{line}, ..."
        line += f"{joint}{part}"
        number = isinstance(field, _Numeral)
    return line


def _one(value: JSON) -> str:
    if isinstance(value, list):
        return ", ".join(_one(part) for part in value[:_VALUES] if isinstance(part, str)) or f"({len(value)})"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _cut(text: str) -> str:
    """On one line, and short."""
    line = " ".join(text[: SHORT * 8].split())
    return line if len(line) <= SHORT else f"{line[: SHORT - 3].rstrip(' ,')}..."
