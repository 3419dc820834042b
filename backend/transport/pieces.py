"""Parses the data of one stream event: usually one JSON object, but servers deviate from that.

Some omit the blank line between two events, some write two objects on one line, some break off within
one and begin the next. Everything readable is returned; the rest is counted.
"""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import dataclass

from backend.protocol.body import DECODER, decode
from backend.types import JSON
from backend.untrusted import items, object_list

DONE = "[DONE]"
_ENDS = ("done", "end")  # names of the last event
_ATTEMPTS = 1_000  # attempts to continue after an error in one event
_BETWEEN = re.compile(r"(?:\s|data:)*+")
_NEXT = re.compile(r"\n|data:")  # where a complete object may begin again
_JSON_SIGNS = re.compile(r'[{}\[\]":]')


@dataclass(frozen=True)
class Pieces:
    """The objects of an event; the number of unreadable pieces; whether it marks the end."""

    objects: tuple[dict[str, JSON], ...] = ()
    unreadable: int = 0
    done: bool = False


def lines_of(text: str) -> list[str]:
    """The chunks of a stream without events: one on each line (NDJSON), or all in one list. [] for any other
    text.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if text.lstrip().startswith("["):
        with contextlib.suppress(ValueError):
            lines = [json.dumps(value) for value in items(decode(text))]
    elif len(lines) == 1:
        return []
    first = pieces(lines[0]).objects if lines else ()
    return lines if first and object_list(first[0].get("choices")) else []


def pieces(data: str, name: str = "") -> Pieces:
    """Parse the data of an event. One that is named "error" is an error, even as plain text."""
    if data.strip().strip('"').upper() == DONE or name.lower() in _ENDS:
        return Pieces(done=True)
    try:
        value = decode(data)
    except ValueError:
        if name == "error":
            return Pieces(({"error": {"message": data.strip()}},))
        return _several(data)
    value = unquoted(value)
    if name == "error" and not (isinstance(value, dict) and "error" in value):
        return Pieces(({"error": value},))
    if isinstance(value, dict) and name not in ("", "message") and not value.keys() & {"type", "choices"}:
        # Anthropic and OpenAI repeat it in the data, some gateways use the name only
        value = {"type": name, **value}
    return Pieces((value,)) if isinstance(value, dict) else _sorted([value], 0)


def unquoted(value: JSON) -> JSON:
    """The object in a JSON string: some servers encode their JSON twice."""
    if isinstance(value, str) and value.startswith("{"):
        with contextlib.suppress(ValueError):
            return decode(value)
    return value


def _several(data: str) -> Pieces:
    """The values in a text with more than one value."""
    values, unreadable, at = list[JSON](), 0, 0
    for _ in range(_ATTEMPTS):
        at = _BETWEEN.match(data, at).end()  # type: ignore[union-attr]  # it matches nothing, too
        if at >= len(data) or data.startswith(DONE, at):
            break
        try:
            value, at = DECODER.raw_decode(data, at)
            values.append(value)
        except (ValueError, RecursionError):
            mark = _NEXT.search(data, at + 1)
            end = mark.end() if mark else len(data)
            unreadable += bool(_JSON_SIGNS.search(data, at, end))  # a keep-alive word means nothing
            at = end
    done = data.startswith(DONE, at)
    whole = _sorted(values, unreadable + (at < len(data) and not done))
    return Pieces(whole.objects, whole.unreadable, done)


def _sorted(values: list[JSON], unreadable: int) -> Pieces:
    objects = [item for value in values for item in _objects(value)]
    return Pieces(tuple(objects), unreadable + sum(value is not None and not _objects(value) for value in values))


def _objects(value: JSON) -> list[dict[str, JSON]]:
    """An object, or all in a list of them: Gemini sends an error within a stream as a list of one."""
    found = value if isinstance(value, list) else [value]
    whole = [item for item in found if isinstance(item, dict)]
    return whole if len(whole) == len(found) else []
