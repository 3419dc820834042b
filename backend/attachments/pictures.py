"""Pictures: looked at before they are decoded, turned upright, made as large as models look at, stripped.

Sources for the sizes and counts: OpenAI's vision guide (high detail: within 2,048 x 2,048, then the shorter side
768, then 170 tokens per 512 x 512 tile and 85 once; low detail: 85), Gemini's (258 tokens per 768 x 768 tile).
"""

from __future__ import annotations

import io
import math
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from backend.attachments.common import Attachment, Unusable, data_of, data_url
from backend.types import Media

PIXELS = 40_000_000  # checked in the header, before anything is decoded
SIDE = 2048  # no model looks closer
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "MPO")  # MPO: what many phones call a JPEG
_SIGNS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM")
_HEIF = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypavif")


def is_one(data: bytes) -> bool:
    """Does it look like a picture, of any kind?"""
    return data.startswith(_SIGNS) or data[:4] + data[8:12] == b"RIFFWEBP" or data[4:12] in _HEIF


def read(name: str, data: bytes) -> Attachment:
    """A picture as models take it. Raises Unusable."""
    if data[4:12] in _HEIF:
        raise Unusable(f"{name} is a HEIC or AVIF picture, which models do not read. Save it as JPEG.")
    picture = _opened(name, data)
    original, frames = picture.size, getattr(picture, "n_frames", 1)
    try:
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        url = _encoded(upright, photo=picture.format in ("JPEG", "MPO"))
    except (OSError, ValueError, SyntaxError, MemoryError) as error:
        raise Unusable(f"{name} is damaged: it could not be read to its end.") from error
    about = [f"{upright.width:,} x {upright.height:,}"]
    if max(original) > SIDE:
        about.append(
            f"made smaller from {original[0]:,} x {original[1]:,}: models look no closer, and it costs less"
        )
    if frames > 1 and picture.format == "GIF":
        about.append("the first frame only")
    return Attachment(Media("image", url, name=name), ", ".join(about), tokens(*upright.size))


def shown(url: str) -> bytes | None:
    """The bytes of a picture in a data: URI, if it is one that a browser can be given; else None.

    For pictures from models: nothing but a bitmap passes, and none that would fill the memory.
    """
    data = data_of(url)
    try:
        return data if data and is_one(data) and _opened("", data) else None
    except Unusable:
        return None


def preview(url: str, side: int) -> bytes | None:
    """A small copy of such a picture: a browser needs no megabytes to show a thumbnail."""
    data = shown(url)
    if data is None:
        return None
    try:
        picture = _opened("", data)
        picture.thumbnail((side, side))
        return data_of(_encoded(picture, photo=picture.format == "JPEG"))
    except (OSError, ValueError, SyntaxError, MemoryError):
        return None  # damaged after its header


def size(url: str) -> tuple[int, int] | None:
    """Width and height of a picture in a data: URI."""
    data = shown(url)
    return _opened("", data).size if data else None


def tokens(width: int, height: int, detail: str = "") -> int:
    """About what a picture adds to the prompt, by OpenAI's rule."""
    if detail == "low":
        return 85
    scale = min(1.0, SIDE / max(width, height), 768 / min(width, height))
    return 85 + 170 * math.ceil(width * scale / 512) * math.ceil(height * scale / 512)


def _opened(name: str, data: bytes) -> Image.Image:
    """The picture behind its header; nothing is decoded yet."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit here is lower
            picture = Image.open(io.BytesIO(data), formats=_FORMATS)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Unusable(f"{name} begins like a picture but is none that can be read.") from error
    if picture.width * picture.height > PIXELS:
        raise Unusable(
            f"{name} has {picture.width * picture.height // 1_000_000} million pixels. At most "
            f"{PIXELS // 1_000_000} million can be attached: make it smaller."
        )
    return picture


def _encoded(picture: Image.Image, *, photo: bool) -> str:
    """As JPEG where it was a photograph, else as PNG: text in screenshots stays sharp. Only pixels are kept."""
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
