"""Bounding boxes of the parts of a page after OCR: rectangles over its picture, with their text. Coordinates from a
server are used only as far as they lie on the page.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from backend.types import JSON
from backend.untrusted import Object, fields, items, number, numeral, objects, text

MOST = 300  # boxes of one page that are drawn
_READ = 10_000
_LETTERS = 2_000
_CORNERS = ("top_left_x", "top_left_y", "bottom_right_x", "bottom_right_y")
_LISTS = ("images", "blocks")
_WORDS = ("image_annotation", "content", "text", "markdown", "id")
_LARGEST = 1e6  # pixels of a side


def of_page(page: Object) -> dict[str, JSON]:
    """`boxes`: left, top, right, bottom and text of each, in thousandths of the page, or in its pixels
    (`pixels`) if its size is unknown; `more`: the number left out. {} for a page without any.
    """
    size = fields(page.get("dimensions"))
    wide, high = numeral(size.get("width")) or 0.0, numeral(size.get("height")) or 0.0
    known = wide >= 1 and high >= 1
    edges = (wide, high) if known else (_LARGEST, _LARGEST)
    boxes: list[JSON] = []
    for row in _rows(page):
        if (corners := _corners(row, edges)) is not None:
            scaled = [
                round(1_000 * at / edge, 1) if known else at
                for at, edge in zip(corners, (*edges, *edges), strict=True)
            ]
            boxes.append([*scaled, _row_text(row)])
    if not boxes:
        return {}
    return {"boxes": boxes[:MOST], "pixels": not known, "more": max(0, len(boxes) - MOST)}


def _rows(page: Object) -> Iterator[Object]:
    for name in _LISTS:
        yield from objects(page.get(name), _READ)


def _corners(row: Object, edges: tuple[float, float]) -> list[float] | None:
    """The corners within the page; None for an invalid rectangle."""
    given = items(row.get("bbox"), 4) or [row.get(name) for name in _CORNERS]
    numbers = [at for value in given if (at := numeral(value)) is not None]
    if len(numbers) != len(_CORNERS):
        return None
    left, top, right, bottom = (min(edge, max(0.0, at)) for at, edge in zip(numbers, (*edges, *edges), strict=True))
    return [left, top, right, bottom] if left < right and top < bottom else None


def _row_text(row: Object) -> str:
    for name in _WORDS:
        value = row.get(name)
        words = text(value, _LETTERS) if isinstance(value, str) else json.dumps(value)[:_LETTERS] if value else ""
        if words.strip():
            return words.strip()
    return ""


def valid_boxes(page: Object) -> dict[str, JSON]:
    """The boxes from a stored, possibly imported, file, validated for drawing; {} for none."""
    rows: list[JSON] = [found for row in items(page.get("boxes"), MOST) if (found := _kept_row(items(row)))]
    return {"boxes": rows, "pixels": page.get("pixels") is True} if rows else {}


def _kept_row(row: list[JSON]) -> list[JSON]:
    corners: list[JSON] = [at for value in row[: len(_CORNERS)] if (at := number(value)) is not None]
    return [*corners, text(row[-1], _LETTERS)] if len(corners) == len(_CORNERS) == len(row) - 1 else []
