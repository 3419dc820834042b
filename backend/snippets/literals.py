"""JSON values as readable source text: JSON, Python, JavaScript. One writer, three syntaxes.

Invisible characters (controls, bidirectional marks, zero-width and tag characters, U+2028) are written as
escapes: pasted code is what it looks like, and no line of it ends inside a string.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from backend.types import JSON

WIDTH = 96  # columns; the copy button is at the side
LINES = 400  # a longer text stays one line, so that the code around it is easy to find
_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")


def quoted(text: str) -> str:
    """A string of JSON, and of JavaScript."""
    written = json.dumps(text, ensure_ascii=False)
    if written.isprintable():
        return written
    return "".join(part if part.isprintable() else json.dumps(part)[1:-1] for part in written)


def python_quoted(text: str) -> str:
    """A string of Python: as in JSON, except for characters that JSON escapes as surrogate pairs."""
    written = json.dumps(text, ensure_ascii=False)
    if written.isprintable():
        return written
    return "".join(part if part.isprintable() else _python_escape(part) for part in written)


def _python_escape(part: str) -> str:
    return f"\\U{ord(part):08x}" if ord(part) > 0xFFFF else f"\\u{ord(part):04x}"


def _javascript_key(name: str) -> str:
    if name == "__proto__":  # without brackets it would set the prototype and not be sent
        return '["__proto__"]'
    return name if _IDENTIFIER.fullmatch(name) else quoted(name)


@dataclass(frozen=True)
class LiteralSyntax:
    """`glue` joins the lines of a multi-line text, None if the syntax has no such form."""

    none: str
    booleans: tuple[str, str]
    text: Callable[[str], str]
    key: Callable[[str], str]
    step: str
    pad: Literal["", " "] = ""
    last: Literal["", ","] = ","
    glue: str | None = None


JSON_TEXT = LiteralSyntax("null", ("false", "true"), quoted, quoted, "  ", last="")
PYTHON = LiteralSyntax("None", ("False", "True"), python_quoted, python_quoted, "    ", glue="")
JAVASCRIPT = LiteralSyntax("null", ("false", "true"), quoted, _javascript_key, "  ", pad=" ", glue=" +")


def literal(value: JSON, dialect: LiteralSyntax, indent: str = "", before: int = 0, spread: bool = False) -> str:
    """`value` as source text, its later lines indented.

    `before` columns of its first line are taken; `spread` puts every item on a line of its own even if all fit.
    """
    if value is None:
        return dialect.none
    if isinstance(value, bool):
        return dialect.booleans[value]
    if isinstance(value, str):
        return _text(value, dialect, indent, before)
    if isinstance(value, dict):
        return _items("{}", _members(value, dialect, indent + dialect.step), dialect, indent, before, spread)
    if isinstance(value, list):
        items = [literal(item, dialect, indent + dialect.step) for item in value]
        return _items("[]", items, dialect, indent, before, spread)
    return repr(value)


def _members(value: dict[str, JSON], dialect: LiteralSyntax, indent: str) -> list[str]:
    keys = ((f"{dialect.key(name)}: ", item) for name, item in value.items())
    return [key + literal(item, dialect, indent, len(key)) for key, item in keys]


def _items(marks: str, items: list[str], dialect: LiteralSyntax, indent: str, before: int, spread: bool) -> str:
    if not items:
        return marks
    pad = dialect.pad if marks == "{}" else ""
    flat = f"{marks[0]}{pad}{', '.join(items)}{pad}{marks[1]}"
    if not spread and _fits(flat, indent, before):
        return flat
    inner = f"\n{indent}{dialect.step}"
    return f"{marks[0]}{inner}{f',{inner}'.join(items)}{dialect.last}\n{indent}{marks[1]}"


def _text(value: str, dialect: LiteralSyntax, indent: str, before: int) -> str:
    """A text, one source line per line if it is long and has several."""
    whole = dialect.text(value)
    breaks = value.count("\n", 0, -1)
    if dialect.glue is None or not 0 < breaks < LINES or _fits(whole, indent, before):
        return whole
    lines = [dialect.text(line) for line in re.findall(r"[^\n]*\n|[^\n]+", value)]
    inner = f"\n{indent}{dialect.step}"
    return f"({inner}{f'{dialect.glue}{inner}'.join(lines)}\n{indent})"


def _fits(flat: str, indent: str, before: int) -> bool:
    return "\n" not in flat and len(indent) + before + len(flat) < WIDTH
