"""Pictures that a visitor attaches or a model draws: told by their content, made fit, else refused in words."""

from __future__ import annotations

import base64
import io

import pytest
from files_to_attach import bare_png, picture
from PIL import Image

from backend import attachments
from backend.attachments import UnusableFile, pictures
from backend.types import Media


def opened(media: Media) -> Image.Image:
    found = Image.open(io.BytesIO(base64.b64decode(media.url.partition(",")[2])))
    found.load()
    return found


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_a_picture_is_told_by_its_content_whatever_its_name_says(kind: str) -> None:
    found = attachments.read("invoice.pdf.exe", picture(kind))
    assert found.media.kind == "image"
    assert found.media.url.startswith("data:image/jpeg;base64," if kind == "JPEG" else "data:image/png;base64,")
    assert opened(found.media).size == (40, 30)


def test_a_large_picture_is_made_as_large_as_models_look() -> None:
    found = attachments.read("wide.png", picture(size=(4096, 1024)))
    assert opened(found.media).size == (2048, 512)
    assert "4,096 x 1,024" in found.about


def test_a_photograph_is_turned_upright_and_forgets_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010E] = "Bahnhofstrasse 1"
    found = attachments.read("me.jpg", picture("JPEG", exif=exif))
    assert opened(found.media).size == (30, 40)
    assert b"Bahnhof" not in base64.b64decode(found.media.url.partition(",")[2])
    assert not opened(found.media).getexif()


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "I;16", "CMYK"])
def test_every_way_to_hold_pixels_can_be_sent(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert opened(attachments.read("a", picture(kind, mode=mode)).media).mode in ("RGB", "RGBA")


@pytest.mark.parametrize("size", [(7000, 7000), (60_000, 60_000)])
def test_a_decompression_bomb_is_refused_by_its_header(size: tuple[int, int]) -> None:
    with pytest.raises(UnusableFile, match=r"million pixels|cannot|none that can be read"):
        attachments.read("bomb.png", bare_png(*size))


def test_a_picture_that_ends_early_is_called_damaged() -> None:
    whole = picture("JPEG", size=(400, 300))
    with pytest.raises(UnusableFile, match="damaged"):
        attachments.read("half.jpg", whole[: len(whole) // 2])


def test_a_heic_picture_is_told_what_to_do() -> None:
    with pytest.raises(UnusableFile, match="JPEG"):
        attachments.read("IMG_1.HEIC", b"\x00\x00\x00\x18ftypheic" + b"\x00" * 40)


def test_a_picture_from_a_model_is_shown_only_when_it_is_a_bitmap() -> None:
    def url(data: bytes, kind: str = "image/png") -> str:
        return f"data:{kind};base64,{base64.b64encode(data).decode()}"

    assert pictures.displayable_bytes(url(picture())) == picture()
    for other in (
        "https://x.test/a.png",
        "/etc/passwd",
        "data:image/png,abc",
        url(b"<svg onload=alert(1)>", "image/svg+xml"),
        url(b"<svg onload=alert(1)>"),
        url(bare_png(60_000, 60_000)),
        url(b""),
    ):
        assert pictures.displayable_bytes(other) is None


def test_the_cost_of_a_picture_is_counted_as_the_guide_counts_it() -> None:
    # OpenAI's own examples: 1024 x 1024 is 765 tokens, 2048 x 4096 is 1105, low detail is 85.
    assert pictures.tokens(1024, 1024) == 765
    assert pictures.tokens(2048, 4096) == 1105
    assert pictures.tokens(4096, 4096, "low") == 85
    # Gemini's: 258 for each tile of 768 x 768, and for all that is small. Claude's: 1092 x 1092 is about 1,590.
    assert pictures.tokens(384, 384, "low", "google/gemini-2.5-flash") == 258
    assert pictures.tokens(1024, 1024, "", "google/gemini-2.5-flash") == 4 * 258
    assert pictures.tokens(1092, 1092, "", "anthropic/claude-sonnet-4") == 1590
    assert pictures.tokens(200, 200, "", "claude-opus") == 54


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_a_moving_picture_of_every_kind_gives_its_first_frame_and_says_so(kind: str) -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], lossless=True)
    found = attachments.read("a", out.getvalue())
    assert "first frame" in found.about and opened(found.media).convert("RGB").getpixel((0, 0)) == (255, 0, 0)


def test_the_second_picture_in_a_phones_photograph_is_no_frame() -> None:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "MPO", save_all=True, append_images=[Image.new("RGB", (4, 4))])
    found = attachments.read("a.jpg", out.getvalue())
    assert "frame" not in found.about and found.media.url.startswith("data:image/jpeg")


@pytest.mark.parametrize(
    ("mode", "kind", "color", "seen"),
    [
        ("I;16", "PNG", 0x8000, (128, 128, 128)),
        ("CMYK", "JPEG", (0, 255, 255, 0), (254, 0, 0)),
        ("LA", "PNG", (9, 100), (9, 9, 9, 100)),
        ("1", "PNG", 1, (255, 255, 255)),
        ("RGBA", "WEBP", (1, 2, 3, 0), (1, 2, 3, 0)),
    ],
)
def test_pixels_keep_their_colour(mode: str, kind: str, color: object, seen: tuple[int, ...]) -> None:
    out = io.BytesIO()
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    Image.new(mode, (16, 16), color).save(out, kind, **options)  # type: ignore[arg-type]
    assert opened(attachments.read("a", out.getvalue()).media).getpixel((3, 3)) == seen


def test_transparent_colours_stay_transparent_in_a_palette_and_beside_it() -> None:
    palette = Image.new("P", (4, 4), 1)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    for image, transparent, seen in (
        (palette, 1, (255, 0, 0, 0)),
        (palette, 0, (255, 0, 0, 255)),
        (Image.new("RGB", (4, 4), (1, 2, 3)), (1, 2, 3), (1, 2, 3, 0)),
    ):
        out = io.BytesIO()
        image.save(out, "PNG", transparency=transparent)
        assert opened(attachments.read("a", out.getvalue()).media).convert("RGBA").getpixel((0, 0)) == seen


def test_a_large_drawing_with_a_palette_is_made_smaller_smoothly() -> None:
    striped = Image.new("P", (4096, 64), 0)
    striped.putpalette([0, 0, 0, 255, 255, 255])
    striped.paste(1, (0, 0, 4096, 64))
    for column in range(0, 4096, 2):
        striped.paste(0, (column, 0, column + 1, 64))
    out = io.BytesIO()
    striped.save(out, "PNG")
    grey = opened(attachments.read("a", out.getvalue()).media).convert("L").getpixel((1000, 16))
    assert isinstance(grey, int) and 100 < grey < 160, "black and white lines are grey from afar"


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_turned_upright_by_each_of_the_eight_notes(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = picture(kind, size=(4096, 128), exif=exif)
    turned = orientation >= 5
    assert opened(attachments.read("a", data).media).size == ((64, 2048) if turned else (2048, 64))
    url = f"data:image/png;base64,{base64.b64encode(data).decode()}"
    small = Image.open(io.BytesIO(pictures.preview(url, 100) or b""))
    assert small.size == ((3, 100) if turned else (100, 3))


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0garbage", b"Exif\0\0MM\0*\xff\xff\xff\xff", b"Exif\0\0II*\0\x08\0\0\0\xff\xff"]
)
def test_notes_that_cannot_be_read_do_not_spoil_the_picture(exif: bytes) -> None:
    assert opened(attachments.read("a", picture("JPEG", exif=exif)).media).size == (40, 30)
