"""Reads untrusted JSON (from a server, a model, a file, a link) field by field.

A field of the wrong type reads as absent: every function here accepts any JSON and raises nothing, except `parsed`,
which raises Unreadable for invalid JSON. It does NOT make text safe to render, nor values true.
"""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Mapping
from itertools import islice
from typing import TypeVar, cast  # noqa: TID251  (what json.loads gives is typed Any)

from backend.text import clean
from backend.types import JSON

Object = Mapping[str, JSON]
Word = TypeVar("Word", bound=str)  # of a Literal
DEEPEST = 60  # levels that are kept
NESTED = 100  # levels that are parsed
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# A string, even an unterminated one. Possessive: linear for any input.
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NO_BRACKET = re.compile(r"[^\[\]{}]+")


class Unreadable(ValueError):
    """A file or a link has invalid content. The message is for the visitor."""


# ---- one field --------------------------------------------------------------------------------------------


def string(value: object) -> str:
    """A text unchanged, "" for anything else. It may contain a lone surrogate: the other half may come next."""
    return value if isinstance(value, str) else ""


def text(value: object, most: int | None = None) -> str:
    """A clean text of at most `most` characters, "" for anything else.

    It is cut before it is cleaned: ten megabytes in place of a name cost no more than a name.
    """
    if not isinstance(value, str):
        return ""
    return clean(value) if most is None else clean(value[: 2 * most])[:most]


def line(value: object, most: int) -> str:
    """A text of at most `most` characters on one line without invisible characters; "" for anything else."""
    letters = (letter if letter.isprintable() else " " for letter in text(value, 2 * most))
    return "".join(letters).strip()[:most]


def number(value: object) -> float | None:
    """A finite number; None for anything else. A boolean is no number, nor is an integer of hundreds of digits."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return _finite(value)


def numeral(value: object) -> float | None:
    """A finite number from a number or its text ("0.002"); None for anything else."""
    return _finite(value) if isinstance(value, str) else number(value)


def _finite(value: float | str) -> float | None:
    try:
        result = float(value)
    except (ValueError, OverflowError):
        return None
    return result if math.isfinite(result) else None


def integer(value: object) -> int | None:
    """An integer of any size; None for anything else, including booleans and 2.0."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def one_of(value: object, words: tuple[Word, ...]) -> Word | None:
    """The word that equals the value, None for anything else; the words of a Literal are its `get_args`."""
    return next((word for word in words if word == value), None)


def fields(value: object) -> Object:
    """The fields of an object, {} for anything else."""
    return value if isinstance(value, dict) else {}


def items(value: object, most: int | None = None) -> list[JSON]:
    """The items of a list, at most `most`; [] for anything else."""
    return value[:most] if isinstance(value, list) else []


def objects(value: object, most: int | None = None) -> list[Object]:
    """The objects in a list, among its first `most` items; [] for anything else."""
    return [item for item in items(value, most) if isinstance(item, dict)]


def numbered(value: object, most: int | None = None) -> list[tuple[int, JSON]]:
    """The items of a list with their indexes, in all the forms that servers use: a single item without the list,
    or an object with numbers as keys ({"0": ..., "2": ...}). At most `most`; [] for none.
    """
    if not value:  # called a dozen times for every chunk, and mostly absent
        return []
    if isinstance(value, dict) and all(name.isdecimal() and len(name) < 5 for name in value):
        return [(int(name), item) for name, item in islice(value.items(), most)]
    return list(enumerate([value] if isinstance(value, dict | str) else items(value, most)))


def object_list(value: object, most: int | None = None) -> list[Object]:
    """The objects among the items of a list in any of these forms."""
    return [item for _, item in numbered(value, most) if isinstance(item, dict)]


# ---- whole values -----------------------------------------------------------------------------------------


def clean_json(value: object, depth: int = DEEPEST) -> JSON:
    """Any value as JSON that every database and every parser accepts: clean text, finite numbers, bounded depth."""
    if isinstance(value, str):
        return clean(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if depth and isinstance(value, Mapping):
        return {clean(str(name)): clean_json(item, depth - 1) for name, item in value.items()}
    if depth and isinstance(value, list | tuple):
        return [clean_json(item, depth - 1) for item in value]
    return None


def parsed(
    source: str | bytes, most: int | None = None, too_large: str = "The file is too large.", nested: int = NESTED
) -> JSON:
    """The JSON value of a file of at most `most` characters or bytes. Raises Unreadable with a message for the
    visitor.

    More than `nested` levels are rejected before they reach a parser.
    """
    if most is not None and len(source) > most:
        raise Unreadable(too_large)
    try:
        written = source.removeprefix("\ufeff") if isinstance(source, str) else decoded(source)
        if deeper_than(without_strings(written), nested):
            raise Unreadable(f"This is not JSON to read: it is nested more than {nested} levels deep.")
        return cast(JSON, json.loads(written))
    except Unreadable:
        raise
    except (ValueError, RecursionError):
        raise Unreadable("The file is not JSON.") from None


def decoded(content: bytes) -> str:
    """The text of a file: UTF-8, or UTF-16 with a byte order mark. Raises UnicodeDecodeError."""
    marks = ((mark, encoding) for mark, encoding in _MARKS if content.startswith(mark))
    mark, encoding = next(marks, (b"", "utf-8"))
    return content[len(mark) :].decode(encoding)


def without_strings(written: str) -> str:
    """A JSON text with every string removed. Takes linear time."""
    return _STRING.sub("", written)


def deeper_than(bare: str, levels: int) -> bool:
    """Whether a text without strings nests more than `levels` brackets. Takes linear time."""
    depth = 0
    for bracket in _NO_BRACKET.sub("", bare):
        depth = depth + 1 if bracket in "[{" else max(0, depth - 1)
        if depth > levels:
            return True
    return False
