"""An untrusted file -> JSON values, within limits: size, depth, number of parts, and what a zip may unpack to.

Files are read incrementally. A problem with a piece is an Unreadable in its place, with a message for the visitor.
It knows nothing about conversations.
"""

from __future__ import annotations

import json
import math
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from backend.formats.imports import splitting
from backend.formats.imports.splitting import Piece
from backend.text import clean
from backend.types import JSON
from backend.untrusted import Unreadable

STRINGS = 10_000_000  # quotation marks in one value
MEMBERS = 100_000  # files of a zip
UNPACKED = 4 * 2**30  # unpacked bytes of a zip that are read
DIGITS = 40
_ENTRY = b"PK\x01\x02"  # the signature of an entry in a zip's directory
_JSON = (b"{", b"[")
_OTHER = "It is not JSON. Conversations are read from JSON, JSON Lines, or a zip of them, as programs export them."
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError),
    *(NotImplementedError, RuntimeError, ValueError, OverflowError),
)
_CHATS = re.compile(r"conversations(?:-\d+)?\.json")
_LINES = (".jsonl", ".ndjson")
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@contextmanager
def prefix_errors(where: str) -> Iterator[None]:
    """Prefix an Unreadable that is raised inside with its place."""
    try:
        yield
    except Unreadable as error:
        raise Unreadable(f"{where}: {error}" if where else str(error)) from None


def short_quote(value: object) -> str:
    """An untrusted value, short and clean."""
    text = " ".join(clean(str(value)[:200]).split())
    return f"“{text[:40]}{'…' if len(text) > 40 else ''}”"


# ---- files ---------------------------------------------------------------------------------------------


def unpacked(file: IO[bytes]) -> zipfile.ZipFile | None:
    """The zip; None for any other file. Raises Unreadable if it is damaged."""
    start = file.read(4)
    file.seek(0)
    if start not in (b"PK\x03\x04", b"PK\x05\x06"):
        return None
    if _entries(file) > MEMBERS:
        raise Unreadable(f"There are more than {MEMBERS:,} files in the zip.")
    try:
        return zipfile.ZipFile(file)
    except _BROKEN:
        raise Unreadable("The zip is damaged.") from None


def _entries(file: IO[bytes]) -> int:
    """The number of files a zip lists, counted before they become objects."""
    count, end = 0, b""
    while chunk := file.read(splitting.CHUNK):
        count += (end + chunk).count(_ENTRY)
        end = chunk[1 - len(_ENTRY) :]
    file.seek(0)
    return count


def members(
    file: IO[bytes], packed: zipfile.ZipFile | None, name: str, largest: int
) -> Iterator[tuple[str, Piece]]:
    """The values in the file, or in the files of a zip, each with the name of its file."""
    if packed is None:
        yield from (("", piece) for piece in splitting.pieces(file, largest, name.lower().endswith(_LINES)))
        return
    entries = _conversation_files(packed.infolist())
    if not entries:
        raise Unreadable("There is no .json or .jsonl file in the zip.")
    budget = [UNPACKED]
    for entry in entries:
        where = short_quote(entry.filename.rpartition("/")[2]) if len(entries) > 1 else ""
        try:
            yield from ((where, piece) for piece in _member(packed, entry, largest, budget))
        except Unreadable as error:
            yield where or short_quote(entry.filename), Piece(1, 0, error)
        except _BROKEN:
            yield where or short_quote(entry.filename), Piece(1, 0, Unreadable("This file in the zip is damaged."))
        if budget[0] <= 0:
            raise Unreadable(f"The files in the zip are larger than {UNPACKED // 2**30} GB: the rest was not read.")


def _member(packed: zipfile.ZipFile, entry: zipfile.ZipInfo, largest: int, budget: list[int]) -> Iterator[Piece]:
    """One file of a zip. The unpacked bytes are counted, not the declared ones."""
    if entry.flag_bits & 1:
        raise Unreadable("This file in the zip is locked with a password.")
    if entry.compress_type not in _PACKED:
        # other methods unpack without a limit
        raise Unreadable("This file is packed in a way that is not read here.")
    with packed.open(entry) as opened:
        yield from splitting.pieces(_Counted(opened, budget), largest, entry.filename.lower().endswith(_LINES))


def entry(packed: zipfile.ZipFile | None, name: str) -> IO[bytes] | None:
    """A file of a zip by its name, to be read with a limit; None if there is none that can be read."""
    try:
        found = packed.getinfo(name) if packed else None
        if found is None or found.flag_bits & 1 or found.compress_type not in _PACKED:
            return None
        return packed.open(found) if packed else None
    except (KeyError, *_BROKEN):
        return None


class _Counted:
    """A file that ends when the budget is used up."""

    def __init__(self, file: IO[bytes], budget: list[int]) -> None:
        self._file, self._budget = file, budget

    def read(self, size: int, /) -> bytes:
        chunk = self._file.read(size) if self._budget[0] > 0 else b""
        self._budget[0] -= len(chunk)
        return chunk


def _conversation_files(entries: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """The files to read: exports of ChatGPT and Claude contain other files too; of any other zip, each JSON
    file.
    """
    by_name = [(entry.filename.rpartition("/")[2], entry) for entry in entries if "__MACOSX/" not in entry.filename]
    chats = [entry for name, entry in by_name if _CHATS.fullmatch(name)]
    return chats or [
        entry for name, entry in by_name if name.lower().endswith((".json", *_LINES)) and name[0] != "."
    ]


# ---- JSON ----------------------------------------------------------------------------------------------


def value(written: bytes | Unreadable) -> JSON:
    """The JSON value of a piece. Raises Unreadable."""
    if isinstance(written, Unreadable):
        raise written
    if written.count(b'"') > STRINGS:
        raise Unreadable("It has too many strings.")
    try:
        return _parsed(written.decode())
    except UnicodeDecodeError:
        raise Unreadable("It is not text in UTF-8.") from None
    except RecursionError:
        raise Unreadable("It is nested too deeply.") from None
    except json.JSONDecodeError as error:
        if not written.lstrip().startswith(_JSON):
            raise Unreadable(_OTHER) from None
        raise Unreadable(f"It is not JSON (line {error.lineno}, column {error.colno}).") from None


def _parsed(text: str) -> JSON:
    parsed: JSON = json.loads(
        text, object_pairs_hook=_object, parse_int=_integer, parse_float=_real, parse_constant=_constant
    )
    return parsed


def _object(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    item = dict(pairs)
    if len(item) < len(pairs):
        names: set[str] = set()
        duplicate = next(name for name, _ in pairs if name in names or names.add(name))  # type: ignore[func-returns-value]
        raise Unreadable(f"One object says {short_quote(duplicate)} twice.")
    return item


def _integer(digits: str) -> int:
    if len(digits) > DIGITS:
        raise Unreadable(f"A number has more than {DIGITS} digits.")
    return int(digits)


def _real(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise Unreadable(f"A number is too large: {short_quote(digits)}.")
    return number


def _constant(word: str) -> float:
    raise Unreadable(f"{word} is not a number in JSON.")
