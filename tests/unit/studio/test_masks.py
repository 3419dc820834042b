"""Masks of edits: drawn of strokes, of the size of their picture, and looked at before they leave."""

from __future__ import annotations

import io

import pytest
from PIL import ExifTags, Image

from backend.studio import masks

BAR = [{"width": 1_000, "points": [5_000, 0, 5_000, 10_000]}]  # from top to bottom, a tenth of the width


def picture(width: int, height: int, mode: str = "RGB", turned: int = 1, kind: str = "PNG") -> bytes:
    made, out = Image.new(mode, (width, height)), io.BytesIO()
    exif = made.getexif()
    exif[ExifTags.Base.Orientation] = turned
    made.save(out, kind, exif=exif)
    return out.getvalue()


def test_painted_pixels_are_transparent_in_a_mask_of_the_pictures_size() -> None:
    whole = picture(200, 100)
    drawn = masks.mask_png(masks.strokes(BAR), whole)
    alpha = Image.open(io.BytesIO(drawn)).getchannel("A")
    assert alpha.size == (200, 100) and alpha.getpixel((100, 50)) == 0 and alpha.getpixel((20, 50)) == 255
    assert masks.problem(drawn, whole) == ""


def test_a_photo_that_was_taken_sideways_is_masked_where_it_was_painted() -> None:
    """The browser shows it upright; its file, and so the mask, lie on the side."""
    lying = picture(200, 100, turned=6, kind="JPEG")
    left = [{"width": 2_000, "points": [0, 0, 0, 10_000]}]
    alpha = Image.open(io.BytesIO(masks.mask_png(masks.strokes(left), lying))).getchannel("A")
    assert alpha.size == (200, 100), "the left edge of the upright picture is the lower one of the file"
    assert alpha.getpixel((100, 99)) == 0 and alpha.getpixel((100, 1)) == 255


@pytest.mark.parametrize(
    ("mask", "said"),
    [
        (picture(100, 100, "RGBA"), "100 x 100 pixels, the picture 200 x 100"),
        (picture(200, 100, "RGB"), "transparent"),
        (picture(200, 100, kind="JPEG"), "PNG"),
        (b"no picture at all", "none that can be read"),
    ],
)
def test_a_mask_that_would_be_refused_is_refused_in_words(mask: bytes, said: str) -> None:
    assert said in masks.problem(mask, picture(200, 100))


@pytest.mark.parametrize("sent", [None, "x", {"points": 1}, [{"points": ["a", None]}], [[1, 2]], [{"width": 5}]])
def test_a_malformed_stroke_is_left_out(sent: object) -> None:
    assert masks.strokes(sent) == ()


def test_strokes_are_bounded_and_stay_within_the_picture() -> None:
    far = masks.strokes([{"width": 1e9, "points": [-5, 1e12] * 50_000}] * 3)
    assert sum(len(stroke.points) for stroke in far) <= masks.POINTS
    assert far[0].points[0] == (0, masks.WHOLE) and far[0].width == masks.WHOLE
