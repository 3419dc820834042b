"""The type of a file by its first bytes. A name, an address or a server's declared type is never trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Show = Literal["image", "audio", "video", "none"]  # how a browser can display it
NEEDED = 512  # bytes that are read


@dataclass(frozen=True)
class MediaType:
    """`name` as in RFC 6838; `ending`: the file extension without a dot."""

    name: str
    ending: str
    show: Show = "none"


UNKNOWN = MediaType("application/octet-stream", "bin")
_SIGNS: tuple[tuple[int, bytes, MediaType], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", MediaType("image/png", "png", "image")),
    (0, b"\xff\xd8\xff", MediaType("image/jpeg", "jpg", "image")),
    (0, b"GIF87a", MediaType("image/gif", "gif", "image")),
    (0, b"GIF89a", MediaType("image/gif", "gif", "image")),
    (8, b"WEBP", MediaType("image/webp", "webp", "image")),
    (8, b"WAVE", MediaType("audio/wav", "wav", "audio")),
    (4, b"ftypavif", MediaType("image/avif", "avif", "image")),
    (4, b"ftypM4A", MediaType("audio/mp4", "m4a", "audio")),
    (4, b"ftypqt", MediaType("video/quicktime", "mov", "video")),
    (4, b"ftyp", MediaType("video/mp4", "mp4", "video")),
    (0, b"ID3", MediaType("audio/mpeg", "mp3", "audio")),
    (0, b"fLaC", MediaType("audio/flac", "flac", "audio")),
    (0, b"OggS", MediaType("audio/ogg", "ogg", "audio")),
    (0, b"\x1aE\xdf\xa3", MediaType("video/webm", "webm", "video")),
    (0, b"glTF", MediaType("model/gltf-binary", "glb")),
    (0, b"%PDF-", MediaType("application/pdf", "pdf")),
    (0, b"II*\x00", MediaType("image/tiff", "tif")),
    (0, b"MM\x00*", MediaType("image/tiff", "tif")),
)
_MPEG = MediaType("audio/mpeg", "mp3", "audio")
_AAC = MediaType("audio/aac", "aac", "audio")
# A page that was served instead of a file: an error of a storage service, a sign-in form.
_PAGE = (b"<!doctype html", b"<html", b"<head", b"<body", b"<?xml", b"<svg", b"<error", b"<script")


def of(beginning: bytes) -> MediaType:
    """The type of a file with this beginning; UNKNOWN if it is not recognised."""
    for offset, sign, type_ in _SIGNS:
        if beginning[offset : offset + len(sign)] == sign and (offset != 8 or beginning[:4] == b"RIFF"):
            return type_
    if len(beginning) > 2 and beginning[0] == 0xFF and beginning[1] & 0xF6 == 0xF0:
        return _AAC
    if len(beginning) > 2 and beginning[0] == 0xFF and beginning[1] & 0xE0 == 0xE0 and beginning[1] & 0x06:
        return _MPEG
    return UNKNOWN


def is_page(beginning: bytes) -> bool:
    """Whether it is HTML, XML or SVG: none of these is kept."""
    return beginning.lstrip(b"\xef\xbb\xbf \t\r\n")[:32].lower().startswith(_PAGE)


def is_text(beginning: bytes) -> bool:
    """Whether it is text or JSON instead of a picture or a sound."""
    head = beginning[:NEEDED]
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return False
    return bool(head) and not any(letter < 9 or 13 < letter < 32 for letter in head)
