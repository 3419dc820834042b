"""Bytes of a stranger -> JSON values, within limits: size, depth, number of parts, and what a zip may unpack to.

Anything wrong raises Unreadable, with words for the visitor. It knows nothing about conversations.
"""

from __future__ import annotations

import io
import json
import math
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from backend.text import clean
from backend.types import JSON
from backend.untrusted import NESTED, Unreadable, decoded, deeper_than, without_strings

LIMIT = 10 * 2**20  # bytes, packed and unpacked
PARTS = 400_000  # lists and objects: a small one has 7 bytes in the file and 232 in memory
STRINGS = 4_000_000  # quotation marks
MEMBERS = 5_000  # files of a zip
DIGITS = 40
_ENTRY = b"PK\x01\x02"  # before every file in a zip's list of contents
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError),
    *(NotImplementedError, RuntimeError, ValueError, OverflowError),
)
_CHATGPT = re.compile(r"conversations(?:-\d+)?\.json")


@contextmanager
def named(where: str) -> Iterator[None]:
    """Put the place before the words of an Unreadable that is raised inside."""
    try:
        yield
    except Unreadable as error:
        raise Unreadable(f"{where}: {error}" if where else str(error)) from None


def shown(value: object) -> str:
    """A stranger's value in words: short and clean."""
    text = " ".join(clean(str(value)).split())
    return f"“{text[:40]}{'…' if len(text) > 40 else ''}”"


# ---- bytes ---------------------------------------------------------------------------------------------


def members(data: bytes, name: str = "") -> list[tuple[str, bytes]]:
    """The files to read: the file itself, or those in it when it is a zip. Names are for words only."""
    if len(data) > LIMIT:
        raise Unreadable(f"The file is larger than {LIMIT // 2**20} MB.")
    if not data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return [("", data)]
    if data.count(_ENTRY) > MEMBERS:
        raise Unreadable(f"There are more than {MEMBERS:,} files in the zip.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return _unpacked(packed)
    except Unreadable:
        raise
    except _BROKEN:
        raise Unreadable(f"The zip {shown(name) if name else ''} is damaged.".replace("  ", " ")) from None


def _unpacked(packed: zipfile.ZipFile) -> list[tuple[str, bytes]]:
    """The conversations in a zip. What is read is counted, not what the zip says of itself."""
    files, remaining = [], LIMIT
    for entry in _conversation_files(packed.infolist()):
        where = shown(entry.filename)
        if entry.flag_bits & 1:
            raise Unreadable(f"{where} in the zip is locked with a password.")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unreadable(f"{where} is packed in a way that is not read here.")  # others unpack without a limit
        with packed.open(entry) as file:
            content = file.read(remaining + 1)
        remaining -= len(content)
        if remaining < 0:
            raise Unreadable(f"The files in the zip are larger than {LIMIT // 2**20} MB.")
        files.append((where, content))
    if not files:
        raise Unreadable("There is no .json or .jsonl file in the zip.")
    return files


def _conversation_files(entries: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """ChatGPT's zip holds much besides its conversations; of any other, each JSON file is one to read."""
    by_name = [(entry.filename.rpartition("/")[2], entry) for entry in entries if "__MACOSX/" not in entry.filename]
    chats = [entry for name, entry in by_name if _CHATGPT.fullmatch(name)]
    return chats or [entry for name, entry in by_name if name.endswith((".json", ".jsonl")) and name[0] != "."]


def text_of(content: bytes) -> str:
    """The text of a file. Raises Unreadable."""
    try:
        return decoded(content)
    except UnicodeDecodeError:
        raise Unreadable("The file is not text in UTF-8.") from None


# ---- JSON ----------------------------------------------------------------------------------------------


def parsed(text: str) -> Iterator[tuple[str, JSON]]:
    """The JSON values of a text and their places: one, or one in each line (JSON Lines)."""
    _check_brackets(text)
    try:
        yield "", _value(text)
        return
    except json.JSONDecodeError as error:
        if error.msg != "Extra data":
            raise Unreadable(f"The file is not JSON (line {error.lineno}, column {error.colno}).") from None
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            with named(f"Line {number}"):
                value = _line(line)
            yield f"Line {number}", value


def _line(line: str) -> JSON:
    try:
        return _value(line)
    except json.JSONDecodeError:
        raise Unreadable("This is not JSON.") from None


def _value(text: str) -> JSON:
    try:
        value: JSON = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_real,
            parse_constant=_constant,
        )
        return value
    except RecursionError:
        raise Unreadable("The file is nested too deeply.") from None


def _check_brackets(text: str) -> None:
    """Refuse depth and number before a parser meets them."""
    if text.count('"') > STRINGS:
        raise Unreadable("The file has too many strings.")
    bare = without_strings(text)
    if bare.count("[") + bare.count("{") > PARTS:
        raise Unreadable(f"The file has more than {PARTS:,} lists and objects.")
    if deeper_than(bare, NESTED):
        raise Unreadable(f"The file is nested more than {NESTED} levels deep.")


def _object(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    item = dict(pairs)
    if len(item) < len(pairs):
        names: set[str] = set()
        duplicate = next(name for name, _ in pairs if name in names or names.add(name))  # type: ignore[func-returns-value]
        raise Unreadable(f"One object says {shown(duplicate)} twice.")
    return item


def _integer(digits: str) -> int:
    if len(digits) > DIGITS:
        raise Unreadable(f"A number has more than {DIGITS} digits.")
    return int(digits)


def _real(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise Unreadable(f"A number is too large: {shown(digits)}.")
    return number


def _constant(word: str) -> float:
    raise Unreadable(f"{word} is not a number in JSON.")
