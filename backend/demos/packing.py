"""Files of demos: JSON with a format name and a version, compressed if large. Read strictly.

A file is untrusted: one that is too large, truncated, of another kind or of a newer version is refused with a
message.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from backend.types import JSON
from backend.untrusted import Object, Unreadable, fields, integer, parsed, string


@dataclass(frozen=True)
class FileKind:
    """A kind of file. `name` is what visitors call it."""

    format: str
    version: int
    name: str


def pack(item: Mapping[str, JSON], packed: int) -> str:
    """The file: plain, or compressed if it has more than `packed` characters."""
    whole = json.dumps(item, ensure_ascii=False, indent=1)
    if len(whole) <= packed:
        return whole
    inside = base64.b64encode(zlib.compress(whole.encode(), 9)).decode()
    return json.dumps({**{name: item[name] for name in ("format", "version", "title")}, "zlib": inside})


def unpack(source: str | bytes, kind: FileKind, largest: int) -> Object:
    """The content of a file of this kind, of at most `largest` characters. Raises Unreadable."""
    too_large = f"The file is too large for a {kind.name}: it may have {largest // 1_000_000} MB."
    item = fields(parsed(source, largest, too_large))
    check(item, kind)
    if "zlib" in item:
        item = fields(parsed(_unpacked(item["zlib"], kind, largest, too_large), largest, too_large))
        check(item, kind)
    return item


def check(item: Object, kind: FileKind) -> None:
    """Raises Unreadable unless the file declares this kind, and a version that is known here."""
    if item.get("format") != kind.format:
        raise Unreadable(f"The file is not a {kind.name} of this playground.")
    version = integer(item.get("version"))
    if version is None or version < 1:
        raise Unreadable("The file does not say which version of the format it is.")
    if version > kind.version:
        raise Unreadable(f"The {kind.name} comes from a newer playground. Update this one to play it.")


def _unpacked(packed: JSON, kind: FileKind, largest: int, too_large: str) -> bytes:
    reader = zlib.decompressobj()
    try:
        content = reader.decompress(base64.b64decode(string(packed), validate=True), largest + 1)
    except (binascii.Error, ValueError, zlib.error):
        raise Unreadable(f"The {kind.name} is damaged or cut off.") from None
    if len(content) > largest:
        raise Unreadable(too_large)
    if not reader.eof:
        raise Unreadable(f"The {kind.name} is damaged or cut off.")
    return content
