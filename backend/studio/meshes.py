"""Finds what a binary glTF file would make a viewer fetch: a mesh may fetch nothing."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from backend.types import JSON
from backend.untrusted import fields, items, string

LARGEST = 60_000_000  # bytes of a mesh that a browser is asked to draw
_JSON_LARGEST = 2_000_000  # characters of its JSON, parsed whenever it is drawn; without vertices and pictures
_PARTS = 500_000  # values in its JSON that are read
# Extensions whose data needs a decoder that is not included.
_PACKED = {
    "KHR_draco_mesh_compression": "Draco",
    "EXT_meshopt_compression": "meshopt",
    "KHR_meshopt_compression": "meshopt",
    "KHR_texture_basisu": "KTX2",
}


def trouble(path: Path) -> str:
    """Why a mesh is not drawn here, as a sentence; "" if it can be."""
    try:
        with path.open("rb") as file:
            head = file.read(20)
            if len(head) < 20 or path.stat().st_size > LARGEST:
                return "It is too large to be drawn here." if len(head) == 20 else "It is cut off."
            magic, version, whole, length, kind = struct.unpack("<4sIII4s", head)
            if (magic, version, kind) != (b"glTF", 2, b"JSON") or length > _JSON_LARGEST:
                return "It is no glTF 2 file that can be drawn here."
            document: JSON = json.loads(file.read(length))
            if b"JSON" in _further_chunks(file, whole):
                return "It describes itself twice, and a viewer would draw the other one."
    except (OSError, ValueError, RecursionError):
        return "It is damaged: what it is made of cannot be read."
    return _packed(document) or _elsewhere(document)


def _further_chunks(file: BinaryIO, end: int) -> Iterator[bytes]:
    """The kinds of the chunks from here on: of several JSON chunks the viewer takes the last one."""
    while file.tell() < end and len(head := file.read(8)) == 8:
        length, kind = struct.unpack("<I4s", head)
        yield kind
        file.seek(length, os.SEEK_CUR)


def _packed(document: JSON) -> str:
    whole = fields(document)
    named = {string(name) for key in ("extensionsRequired", "extensionsUsed") for name in items(whole.get(key))}
    if ways := sorted({_PACKED[name] for name in named & _PACKED.keys()}):
        return f"It is packed with {' and '.join(ways)}, which is not unpacked here."
    return ""


def _elsewhere(document: JSON) -> str:
    for count, (name, value) in enumerate(_values(document)):
        if count > _PARTS:
            return "It has too many parts to be drawn here."
        if name == "uri" and not (isinstance(value, str) and value.lower().startswith("data:")):
            return "It names files that are not in it, and those are not fetched."
    return ""


def _values(document: JSON) -> Iterator[tuple[str, JSON]]:
    """Every field in a document with its name, at any depth."""
    waiting: list[JSON] = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield from value.items()
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
