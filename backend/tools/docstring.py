"""Parses the description of a function and of its arguments from a docstring, in the styles of Google, Sphinx
and NumPy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend.schema.lint import DESCRIPTION_LIMIT

_SECTION = re.compile(r"(args|arguments|parameters|params|returns?|raises|yields|examples?|notes?)\s*:?", re.I)
_ARGUMENTS = ("args", "arguments", "parameters", "params")
_GOOGLE = re.compile(r"\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)")
_SPHINX = re.compile(r":(?:param|parameter|arg|argument|key)\s+(?:[^:]*?\s)?\*{0,2}(\w+)\s*:\s*(.*)")
_NUMPY = re.compile(r"\*{0,2}(\w+)\s*(?::.*)?")


def parse_docstring(docstring: str) -> tuple[str, dict[str, str]]:
    """The description of the function, and of each argument by name."""
    lines = docstring.splitlines()
    end = next((place for place in range(len(lines)) if _begins_section(lines, place)), len(lines))
    about = " ".join(" ".join(lines[:end]).split())
    descriptions: dict[str, str] = {}
    for name, description in [*_fields(lines), *_sections(lines)]:
        descriptions.setdefault(name, " ".join(description.split())[:DESCRIPTION_LIMIT])
    return about[:DESCRIPTION_LIMIT], {
        name: description for name, description in descriptions.items() if description
    }


def _begins_section(lines: list[str], place: int) -> bool:
    line = lines[place].strip()
    if line.startswith(":") and re.match(
        r":(param|parameter|arg|argument|key|type|returns?|rtype|raises?)\b", line
    ):
        return True
    return bool(_SECTION.fullmatch(line)) and (line.endswith(":") or _is_underlined(lines, place))


def _is_underlined(lines: list[str], place: int) -> bool:
    return place + 1 < len(lines) and bool(re.fullmatch(r"\s*-{3,}\s*", lines[place + 1]))


def _fields(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Sphinx style: `:param name: words`, continued on deeper lines."""
    for place, line in enumerate(lines):
        if match := _SPHINX.match(line.strip()):
            yield match[1], f"{match[2]} {_deeper(lines, place + 1, _depth(line))}"


def _sections(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Google and NumPy style: a heading, then the names."""
    for place, line in enumerate(lines):
        word = line.strip().rstrip(":").strip().lower()
        if word in _ARGUMENTS and _begins_section(lines, place):
            numpy = _is_underlined(lines, place)
            yield from _entries(lines, place + (2 if numpy else 1), _NUMPY if numpy else _GOOGLE)


def _entries(lines: list[str], begin: int, entry: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """The arguments of one section, up to the next heading. Deeper lines belong to the name above."""
    level: int | None = None
    for place in range(begin, len(lines)):
        if _begins_section(lines, place):
            return
        if not lines[place].strip():
            continue
        level = _depth(lines[place]) if level is None else level
        match = entry.fullmatch(lines[place].strip()) if _depth(lines[place]) == level else None
        if match:
            own = match[2] if entry.groups > 1 else ""
            yield match[1], f"{own} {_deeper(lines, place + 1, level)}"


def _deeper(lines: list[str], begin: int, level: int) -> str:
    texts: list[str] = []
    for line in lines[begin:]:
        if line.strip() and _depth(line) <= level:
            break
        texts.append(line.strip())
    return " ".join(texts)


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())
