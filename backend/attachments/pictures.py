"""Pictures: inspected before decoding, scaled to the size that models use, turned upright, stripped of metadata.

A file of one kilobyte can hold forty million pixels. So the memory for decoding is calculated from the header
first, and one picture is decoded at a time, for all visitors.

Sources for the sizes and counts: OpenAI's vision guide (high detail: within 2,048 x 2,048, then the shorter side
768, then 170 tokens per 512 x 512 tile and 85 once; low detail: 85), Gemini's (258 tokens per 768 x 768 tile; up to
384 x 384 is one), Claude's (within 1,568 a side and 1.2 million pixels, then a token for 750 of them).
"""

from __future__ import annotations

import io
import math
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import ExifTags, Image, ImageOps

from backend.attachments import jpeg
from backend.attachments.attachment import Attachment, UnusableFile, data_of, data_url
from backend.types import Media

PIXELS = 100_000_000  # pixels of any picture; decoding more takes seconds
MEMORY = 200_000_000  # bytes that decoding a visitor's picture may take
# the same for pictures from models and imported files, which the visitor did not choose
MEMORY_OF_OTHERS = 130_000_000
SIDE = 2048  # no model uses more
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")  # JPEG includes MPO, the format of many phone cameras
_SIGNS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")
_BMP_HEADERS = (12, 16, 40, 52, 56, 64, 108, 124)  # lengths of the second header, by versions of the format
_HEIF = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypavif")
# Bytes for each pixel, from decoding to the small copy: measured with Pillow 13 at 16 million pixels, rounded up.
_BYTES = {"1": 2, "L": 2, "RGB": 8, "YCbCr": 8, "CMYK": 8}
_BYTES_OF_OTHERS = 12  # palettes and transparency are converted first; 16-bit pictures take two steps
_BYTES_OF_WEBP = 20  # its decoder keeps two canvases
_one_at_a_time = threading.Lock()


def is_one(data: bytes) -> bool:
    """Whether this looks like a picture of any kind."""
    return data.startswith(_SIGNS) or _is_bmp(data) or data[:4] + data[8:12] == b"RIFFWEBP" or data[4:12] in _HEIF


def _is_bmp(data: bytes) -> bool:
    """Checks more than the two-letter signature: texts begin with BM, too."""
    return data.startswith(b"BM") and int.from_bytes(data[14:18], "little") in _BMP_HEADERS


def read(name: str, data: bytes) -> Attachment:
    """A picture as models accept it. Raises UnusableFile."""
    if data[4:12] in _HEIF:
        raise UnusableFile(f"{name} is a HEIC or AVIF picture, which models do not read. Save it as JPEG.")
    picture = _open_header(name, data, MEMORY)
    original, photo = picture.size, _is_photo(picture)
    moves = picture.format != "MPO" and getattr(picture, "is_animated", False)
    with _parsing(f"{name} is damaged: it could not be read to its end."):
        upright = _small(picture, SIDE)
        url = _encoded(upright, photo=photo)
    about = [f"{upright.width:,} x {upright.height:,}"]
    if max(original) > SIDE:
        about.append(
            f"made smaller from {original[0]:,} x {original[1]:,}: models look no closer, and it costs less"
        )
    if moves:
        about.append("the first frame only")
    return Attachment(Media("image", url, name=name), ", ".join(about), tokens(*upright.size))


def displayable_bytes(url: str) -> bytes | None:
    """The bytes of a picture in a data: URI if a browser can safely show it, otherwise None.

    For pictures from models: only a bitmap passes, and only one that does not exhaust memory.
    """
    data = data_of(url)
    try:
        return data if data and is_one(data) and _open_header("", data, MEMORY_OF_OTHERS) else None
    except UnusableFile:
        return None


def preview(url: str, side: int) -> bytes | None:
    """A small copy of such a picture: a browser needs no megabytes for a thumbnail."""
    data = displayable_bytes(url)
    if data is None:
        return None
    try:
        with _parsing("damaged after its header"):
            picture = _open_header("", data, MEMORY_OF_OTHERS)
            return data_of(_encoded(_small(picture, side), photo=_is_photo(picture)))
    except UnusableFile:
        return None


def size(url: str) -> tuple[int, int] | None:
    """Width and height of a picture in a data: URI."""
    data = displayable_bytes(url)
    return _open_header("", data, MEMORY_OF_OTHERS).size if data else None


@dataclass(frozen=True)
class Header:
    """The header of a picture, read before decoding. `orientation` as in EXIF, 1 for upright; `width` and `height`
    are those of the stored pixels, before any rotation.
    """

    width: int
    height: int
    format: str
    transparent: bool
    orientation: int


def header(name: str, data: bytes) -> Header:
    """The header of a picture. Raises UnusableFile."""
    picture = _open_header(name, data, MEMORY)
    transparent = picture.has_transparency_data
    return Header(picture.width, picture.height, str(picture.format), transparent, _orientation(picture))


def tokens_of(picture: Media, model: str = "") -> int:
    """Estimate what a picture of a message adds to the prompt; 0 if only its address is known."""
    key = hash(picture.url)  # called for each picture in every run of the page
    if key not in _sizes:
        if len(_sizes) >= _SIZES:
            _sizes.clear()
        try:
            _sizes[key] = size(picture.url)
        except UnusableFile:
            _sizes[key] = None
    known = _sizes[key]
    return tokens(*known, picture.detail, model) if known else 0


_SIZES = 10_000
_sizes: dict[int, tuple[int, int] | None] = {}


def tokens(width: int, height: int, detail: str = "", model: str = "") -> int:
    """Estimate what a picture adds to the prompt, by the rule of the model's vendor, otherwise by OpenAI's."""
    name = model.lower()
    if "gemini" in name or "gemma" in name:
        return 258 * (1 if max(width, height) <= 384 else math.ceil(width / 768) * math.ceil(height / 768))
    if "claude" in name:
        scale = min(1.0, 1568 / max(width, height), math.sqrt(1_200_000 / (width * height)))
        return math.ceil(width * height * scale * scale / 750)
    if detail == "low":
        return 85
    scale = min(1.0, SIDE / max(width, height), 768 / min(width, height))
    return 85 + 170 * math.ceil(width * scale / 512) * math.ceil(height * scale / 512)


def _open_header(name: str, data: bytes, memory: int) -> Image.Image:
    """The picture with its header read and nothing decoded; decoding it needs at most `memory` bytes."""
    with _parsing(f"{name} begins like a picture but is none that can be read."), warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limits are lower
        picture = Image.open(io.BytesIO(data), formats=_FORMATS)
        pixels = picture.width * picture.height
        fits = _memory(picture, data) <= memory
        most = PIXELS if fits else min(PIXELS, memory // _bytes(picture, data))
        if _is_photo(picture) and jpeg.scans(data) > jpeg.SCANS:
            raise ValueError("made to take long")
    if pixels > PIXELS or not fits:
        raise UnusableFile(
            f"{name} has {pixels // 1_000_000} million pixels. At most {most // 1_000_000} million of this kind "
            "can be attached: make it smaller."
        )
    return picture


def _memory(picture: Image.Image, data: bytes) -> int:
    """Bytes that decoding needs, calculated from the header."""
    pixels = picture.width * picture.height
    if not _is_photo(picture):
        return pixels * _bytes(picture, data)
    shrunk = jpeg.decoded_size(picture.size, SIDE)
    return shrunk[0] * shrunk[1] * _BYTES["RGB"] + pixels * jpeg.buffered(data)


def _bytes(picture: Image.Image, data: bytes) -> int:
    """The maximum of bytes that decoding needs per pixel."""
    if picture.format == "WEBP":
        return _BYTES_OF_WEBP
    if _is_photo(picture):
        return _BYTES["RGB"] + jpeg.buffered(data)
    return _BYTES_OF_OTHERS if picture.has_transparency_data else _BYTES.get(picture.mode, _BYTES_OF_OTHERS)


def _is_photo(picture: Image.Image) -> bool:
    return picture.format in ("JPEG", "MPO")


def _small(picture: Image.Image, side: int) -> Image.Image:
    """An upright copy that fits into a square. Closes the original picture."""
    with _one_at_a_time:
        if _is_photo(picture):
            picture.draft(None, _within(picture.size, side))  # decode at a half, a quarter or an eighth of the size
        orientation = _orientation(picture)
        copy = _smooth(picture)
        copy.thumbnail((side, side), Image.Resampling.LANCZOS)
    copy.getexif().clear()
    copy.getexif()[ExifTags.Base.Orientation] = orientation
    return ImageOps.exif_transpose(copy)


def _orientation(picture: Image.Image) -> int:
    """The EXIF orientation, 1 for upright. Unreadable metadata does not spoil the picture."""
    try:
        return int(picture.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # noqa: BLE001  as in `_parsing`
        return 1


def _within(size: tuple[int, int], side: int) -> tuple[int, int]:
    scale = min(1.0, side / max(size))
    return max(1, int(size[0] * scale)), max(1, int(size[1] * scale))


def _smooth(picture: Image.Image) -> Image.Image:
    """Convert to a mode that scales smoothly: Pillow takes the nearest pixel of a palette, and clips 16-bit grey at
    8 bits instead of scaling it.
    """
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode in ("RGB", "RGBA", "L", "CMYK") and "transparency" not in picture.info:
        return picture
    return picture.convert("RGBA" if picture.has_transparency_data else "L" if picture.mode == "1" else "RGB")


@contextmanager
def _parsing(words: str) -> Iterator[None]:
    """Raises UnusableFile for whatever exception a hostile file causes in a parser."""
    try:
        yield
    except UnusableFile:
        raise
    except Exception as error:  # a broken file can raise anything in Pillow, and the outcome is the same
        raise UnusableFile(words) from error


def _encoded(picture: Image.Image, *, photo: bool) -> str:
    """JPEG for a photograph, otherwise PNG, which keeps text in screenshots sharp. Only pixels are kept."""
    out = io.BytesIO()
    if photo:
        bare = picture.convert("RGB")
        bare.info.clear()
        bare.save(out, "JPEG", quality=88)
        return data_url("image/jpeg", out.getvalue())
    bare = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    bare.info.clear()
    bare.save(out, "PNG", optimize=bare.width * bare.height < 1_000_000)
    return data_url("image/png", out.getvalue())
