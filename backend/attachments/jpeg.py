"""Estimates the memory and time that decoding a JPEG takes, from its markers. It decodes nothing."""

from __future__ import annotations

SCANS = 64  # ordinary progressive pictures have ten; each passes over all pixels again (20 bytes for 30 ms)
_COEFFICIENT = 2  # bytes: one coefficient for each colour of each pixel, without subsampling
_MOST_COLOURS = 4
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # start of frame (ITU T.81, table B.1)
_PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
_BARE = {0x01, *range(0xD0, 0xD9)}  # markers without a length
_SCAN, _END = 0xDA, 0xD9


def decoded_size(size: tuple[int, int], side: int) -> tuple[int, int]:
    """The decoded size of a picture that has to be at least `side` long: the decoder halves it up to three
    times.
    """
    scale = next(scale for scale in (8, 4, 2, 1) if max(size) >= scale * side or scale == 1)
    return -(-size[0] // scale), -(-size[1] // scale)


def scans(data: bytes) -> int:
    """The number of passes over the picture, including those of embedded thumbnails. In compressed data these two
    bytes do not occur.
    """
    return data.count(b"\xff\xda")


def buffered(data: bytes) -> int:
    """Bytes per pixel that the decoder has to keep for the whole picture: none, unless it comes in several scans
    (progressive, or one colour after the other). The maximum if the header cannot be read.
    """
    progressive, colours, at = False, _MOST_COLOURS, 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF or marker in _BARE:
            at += 1 if marker == 0xFF else 2
            continue
        if marker == _SCAN:
            return _COEFFICIENT * colours if progressive or data[at + 4] < colours else 0
        if marker == _END:
            break
        if marker in _FRAMES:
            progressive, colours = marker in _PROGRESSIVE, data[at + 9] if at + 9 < len(data) else _MOST_COLOURS
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return _COEFFICIENT * _MOST_COLOURS
