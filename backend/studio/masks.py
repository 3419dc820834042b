"""Masks for an edit: a PNG of the size of the picture, transparent where the model may change it (OpenAI's
reference
of /images/edits). Painted in the browser as strokes and rendered here, or an uploaded file that is validated.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from backend.attachments import UnusableFile, pictures
from backend.untrusted import fields, items, numeral, object_list

BYTES = 4_000_000  # of a mask, by OpenAI's reference
STROKES, POINTS = 1_000, 20_000  # of one mask
WHOLE = 10_000  # coordinates and widths are ten-thousandths of the picture's width and height
# The inverse of each EXIF rotation: the mask refers to the pixels as stored in the file.
_BACK = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
_TURNED = (5, 6, 7, 8)  # EXIF orientations that swap width and height


@dataclass(frozen=True)
class Stroke:
    """One stroke of the brush: `width` relative to the picture's width, `points` as x, y from the upper left."""

    width: int
    points: tuple[tuple[int, int], ...]


def strokes(value: object) -> tuple[Stroke, ...]:
    """The valid strokes in what a browser sent."""
    read, left = [], POINTS
    for row in object_list(value, STROKES):
        stroke = fields(row)
        numbers = [numeral(one) for one in items(stroke.get("points"), 2 * left)]
        good = [min(WHOLE, max(0, round(one))) for one in numbers if one is not None]
        points = tuple(zip(good[::2], good[1::2], strict=False))
        left -= len(points)
        if points:
            read.append(Stroke(min(WHOLE, max(1, round(numeral(stroke.get("width")) or 1))), points))
    return tuple(read)


def mask_png(marks: Sequence[Stroke], picture: bytes) -> bytes:
    """The mask of a picture as a PNG. Raises UnusableFile if it is no picture."""
    about = pictures.header("The picture", picture)
    lying = about.orientation in _TURNED
    size = (about.height, about.width) if lying else (about.width, about.height)
    alpha = Image.new("L", size, 255)
    draw = ImageDraw.Draw(alpha)
    for stroke in marks:
        _draw(draw, stroke, size)
    if (back := _BACK.get(about.orientation)) is not None:
        alpha = alpha.transpose(back)
    black = Image.new("L", alpha.size, 0)
    out = io.BytesIO()
    Image.merge("LA", (black, alpha)).convert("RGBA").save(out, "PNG")
    return out.getvalue()


def _draw(draw: ImageDraw.ImageDraw, stroke: Stroke, size: tuple[int, int]) -> None:
    points = [(x * size[0] / WHOLE, y * size[1] / WHOLE) for x, y in stroke.points]
    radius = max(0.5, stroke.width * size[0] / WHOLE / 2)
    draw.line(points, fill=0, width=max(1, round(2 * radius)), joint="curve")
    for x, y in points:
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)


def problem(mask: bytes, picture: bytes) -> str:
    """What is wrong with a mask for a picture, as a sentence; "" if it is valid."""
    try:
        its, whole = pictures.header("The mask", mask), pictures.header("The picture", picture)
    except UnusableFile as refused:
        return str(refused)
    if (its.width, its.height) != (whole.width, whole.height):
        return (
            f"The mask has {its.width:,} x {its.height:,} pixels, the picture {whole.width:,} x {whole.height:,}: "
            "both have to be of the same size."
        )
    if its.format != "PNG" or not its.transparent:
        return "The mask has to be a PNG file that is transparent where the picture may change."
    if len(mask) > BYTES:
        return f"The mask is larger than {BYTES // 1_000_000} MB."
    return ""
