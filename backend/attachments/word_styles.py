"""Styles of a Word file: which paragraphs are headings, and how the numbers of lists are shown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from xml.etree.ElementTree import Element

from backend.attachments.office_parts import attribute, local

_LEVELS = 9  # levels of lists and headings in Word
_CHAIN = 20  # length of a chain of styles that are based on each other
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
          (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
Place = tuple[str, int]  # a list and the level in it


def child(element: Element | None, name: str) -> Element | None:
    """The first direct child element of that name."""
    return next((inner for inner in element if local(inner.tag) == name), None) if element is not None else None


def value(element: Element | None, *names: str) -> str:
    """The `w:val` of the element at the end of this path; "" if it is absent."""
    for name in names:
        element = child(element, name)
    return attribute(element, "val") if element is not None else ""


class Styles:
    """The paragraph styles of a file, each with its base styles."""

    def __init__(self, root: Element | None) -> None:
        found: Iterable[Element] = root if root is not None else ()
        self._styles = {attribute(one, "styleId"): one for one in found if local(one.tag) == "style"}

    def heading(self, properties: Element | None) -> int:
        """The heading level 1 to 6, 0 for other paragraphs."""
        if level := value(properties, "outlineLvl"):
            return _level(level)
        for style in self._chain(properties):
            name = value(style, "name").lower()
            if found := re.fullmatch(r"heading (\d)", name):
                return min(int(found[1]), 6)
            if name == "title":
                return 1
            if level := value(style, "pPr", "outlineLvl"):
                return _level(level)
        return 0

    def numbering(self, properties: Element | None) -> Place | None:
        """The list of a paragraph, and its level from 0; None if it is in no list."""
        for holder in (properties, *(child(style, "pPr") for style in self._chain(properties))):
            number = value(holder, "numPr", "numId")
            if number:
                level = value(holder, "numPr", "ilvl")
                return None if number == "0" else (number, int(level) if level in map(str, range(_LEVELS)) else 0)
        return None

    def _chain(self, properties: Element | None) -> list[Element]:
        chain: list[Element] = []
        style = self._styles.get(value(properties, "pStyle"))
        while style is not None and len(chain) < _CHAIN:
            chain.append(style)
            style = self._styles.get(value(style, "basedOn"))
        return chain


def _level(outline: str) -> int:
    """A level from 0, where 9 is body text."""
    return min(int(outline) + 1, 6) if outline in map(str, range(9)) else 0


class Numbering:
    """The lists of a file, with their counters."""

    def __init__(self, root: Element | None) -> None:
        parts = list(root) if root is not None else []
        kinds = {attribute(one, "abstractNumId"): one for one in parts if local(one.tag) == "abstractNum"}
        self._kinds = {
            attribute(one, "numId"): value(one, "abstractNumId") for one in parts if local(one.tag) == "num"
        }
        self._levels = {key: [*islice(_of(one, "lvl"), _LEVELS)] for key, one in kinds.items()}
        self._counts: dict[str, list[int]] = {}

    def mark(self, place: Place | None) -> str:
        """The marker of the next paragraph there: "- ", "2. ", "1.3 "; "" for none."""
        if place is None:
            return ""
        number, level = place
        kind = self._kinds.get(number, "")
        levels = self._levels.get(kind, [])
        indent = "  " * level
        if level >= len(levels) or value(levels[level], "numFmt") in ("bullet", ""):
            return indent + "- "
        if value(levels[level], "numFmt") == "none":
            return ""
        counts = self._count(kind, levels, level)
        label = re.sub(
            r"%(\d)",
            lambda found: _format_number(levels, counts, int(found[1]) - 1),
            value(levels[level], "lvlText"),
        )
        return f"{indent}{label.strip()} " if label.strip() else indent + "- "

    def _count(self, kind: str, levels: list[Element], level: int) -> list[int]:
        """Increment the counter of this level and reset those below. Lists of one kind share counters."""
        counts = self._counts.setdefault(kind, [])
        starts = [value(one, "start") for one in levels]
        while len(counts) <= level:
            start = starts[len(counts)]
            counts.append(int(start[:6]) - (len(counts) == level) if start.isdecimal() else len(counts) != level)
        counts[level] += 1
        del counts[level + 1 :]
        return counts


def _of(element: Element, name: str) -> Iterable[Element]:
    return (inner for inner in element if local(inner.tag) == name)


def _format_number(levels: list[Element], counts: list[int], level: int) -> str:
    """The number of a level in its format: 3, c, III."""
    if not 0 <= level < len(counts):
        return ""
    number, form = counts[level], value(levels[level], "numFmt")
    if form.endswith("Letter") and number > 0:
        letters = chr(ord("a") + (number - 1) % 26) * min((number - 1) // 26 + 1, 10)
        return letters.upper() if form.startswith("upper") else letters
    if form.endswith("Roman") and 0 < number < 4000:
        return _roman(number).upper() if form.startswith("upper") else _roman(number)
    return f"{number:02}" if form == "decimalZero" else str(number)


def _roman(number: int) -> str:
    digits = ""
    for size, letters in _ROMAN:
        times, number = divmod(number, size)
        digits += letters * times
    return digits
