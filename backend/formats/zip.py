"""Conversations as files for download: a safe file name, and a zip of many for the bulk export."""

from __future__ import annotations

import io
import re
import time
import unicodedata
import zipfile
from collections.abc import Iterable

from backend.formats import archive
from backend.formats.archive import Record

LONGEST = 80  # characters of a file name, its extension included
_UNSAFE = re.compile(r"[^A-Za-z0-9_]+")
# Names that Windows reserves for devices, with any extension.
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
_DATED = (1980, 1, 1, 0, 0, 0)  # a constant date, so that the same conversations make the same zip


def file_name(record: Record, ending: str) -> str:
    """A file name for a conversation: plain ASCII, no folder, from its title. `ending` has no dot."""
    title = unicodedata.normalize("NFKD", record.title).encode("ascii", "ignore").decode()
    name = _UNSAFE.sub("-", title).strip("-_")[: LONGEST - len(ending) - 10].rstrip("-_")
    if not name:
        name = f"conversation-{day}" if (day := date(record.updated or record.created)) else "conversation"
    if _RESERVED.fullmatch(name):
        name = f"conversation-{name}"
    return f"{name}.{ending}"


def date(when: float, shape: str = "%Y-%m-%d") -> str:
    """A time in seconds since 1970 as a date in UTC; "" if it is unknown or no date at all."""
    try:
        return time.strftime(shape, time.gmtime(when)) if when > 0 else ""
    except (ValueError, OverflowError, OSError):  # a number from a file can be anything
        return ""


def bundle(records: Iterable[Record]) -> bytes:
    """A zip with one JSON file for each conversation."""
    return zipped((file_name(record, "json"), archive.export(record)) for record in records)


def zipped(files: Iterable[tuple[str, str]]) -> bytes:
    """A zip of files with names and texts; names are unique, even on case-insensitive systems."""
    buffer, names = io.BytesIO(), set[str]()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in files:
            entry = zipfile.ZipInfo(_unique(name, names), _DATED)
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, text.encode())
    return buffer.getvalue()


def _unique(name: str, names: set[str]) -> str:
    stem, dot, ending = name.partition(".")
    number, free = 1, name
    while free.lower() in names:
        number += 1
        free = f"{stem}-{number}{dot}{ending}"
    names.add(free.lower())
    return free
