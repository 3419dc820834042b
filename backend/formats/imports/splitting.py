"""A JSON file of any size -> its values one at a time, each within limits, without a parser.

A list yields its items, JSON Lines its lines, any other file itself. Only brackets and strings are scanned, in
linear time: an item that is damaged, too large or too deep is refused by itself, and the next one is found.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from backend.untrusted import Unreadable

CHUNK = 2**18  # bytes read at once
NESTED = 800  # levels; a chat of LibreChat has two for each message
PARTS = 2_000_000  # lists and objects of one value: a small one has 7 bytes in the file and 232 in memory
HOPELESS = 10_000_000  # brackets of one value, after which the rest of the file is not read
# Up to the next bracket, or to a string that does not end in this chunk. Possessive: linear for any input.
_PLAIN = re.compile(rb'(?:[^"\[\]{}]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+', re.DOTALL)
_STRING = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_OPENING, _LIST, _QUOTE, _NEWLINE = frozenset(b"[{"), ord("["), ord('"'), b"\n"
_BETWEEN = b" \t\r\n,"
_MARKS = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True)
class Piece:
    """One value as text, or why it cannot be read.

    `place` counts from 1: list items, or lines. `listed` is the number of that list, 0 outside a list.
    """

    place: int
    listed: int
    written: bytes | Unreadable


class Readable(Protocol):
    """A binary file, as far as it is needed here."""

    def read(self, size: int, /) -> bytes: ...


def pieces(file: Readable, largest: int, in_lines: bool = False) -> Iterator[Piece]:
    """The values of a file, each of at most `largest` bytes."""
    chunks = _utf8(file)
    splitter = _Splitter(largest)
    for chunk in () if in_lines else chunks:
        yield from splitter.feed(chunk)
        if splitter.in_lines or splitter.hopeless:
            break
    if splitter.hopeless:
        return
    if in_lines or splitter.in_lines:
        yield from _lines(chunks, splitter.rest, splitter.lines, largest)
    else:
        yield from splitter.finish()


def _utf8(file: Readable) -> Iterator[bytes]:
    """The file in chunks of UTF-8, without its byte order mark. A UTF-16 file declares itself in its first two
    bytes.
    """
    first = file.read(CHUNK)
    encoding = next((encoding for mark, encoding in _MARKS if first.startswith(mark)), "")
    chunk = first[2:] if encoding else first.removeprefix(codecs.BOM_UTF8)
    decoder = codecs.getincrementaldecoder(encoding or "utf-8")("replace")
    while chunk:
        yield decoder.decode(chunk).encode() if encoding else chunk
        chunk = file.read(CHUNK)


def _lines(chunks: Iterator[bytes], rest: bytes, number: int, largest: int) -> Iterator[Piece]:
    line, too_long = bytearray(), False
    for chunk in _and_then(rest, chunks):
        *ended, begun = chunk.split(_NEWLINE)
        for part in ended:
            number += 1
            yield from _line(bytes(line) + part, number, largest, too_long)
            line.clear()
            too_long = False
        line += begun
        if len(line) > largest:
            line.clear()
            too_long = True
    yield from _line(bytes(line), number + 1, largest, too_long)


def _and_then(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _line(line: bytes, number: int, largest: int, too_long: bool) -> Iterator[Piece]:
    """A line is split as a file is, for the limits; a list in it stays whole."""
    if too_long or len(line) > largest:
        yield Piece(number, 0, Unreadable(_too_large(largest)))
    elif line.strip(_BETWEEN):
        splitter = _Splitter(largest, lists=False)
        found = [*splitter.feed(line), *splitter.finish()]
        broken = next((piece.written for piece in found if isinstance(piece.written, Unreadable)), None)
        yield Piece(number, 0, broken or line)


def _too_large(largest: int) -> str:
    return f"It is larger than {largest // 2**20} MB."


class _Splitter:
    """The state between two chunks."""

    def __init__(self, largest: int, lists: bool = True) -> None:
        self.rest = b""  # the unscanned rest when lines began
        self.lines = 0  # line ends before `rest`, and before the current value
        self.in_lines = False
        self.hopeless = False
        self._largest, self._lists = largest, lists
        self._depth = self._top = 0  # `_top`: the depth at which values begin, 1 in a list of the file
        self._in_string = False
        self._skip = 0  # bytes of the next chunk that a backslash escapes
        self._value = bytearray()
        self._trouble = ""
        self._parts = self._place = self._list = 0
        self._told = False  # whether there is something between values
        self._one_line = False  # the first value is complete and had no line end in it

    def feed(self, chunk: bytes) -> Iterator[Piece]:
        at, kept = self._skip, 0
        self._skip = 0
        while at < len(chunk) and not self.hopeless:
            if self._in_string:
                at = self._string(chunk, at)
                continue
            end = _end(_PLAIN, chunk, at)
            if self._depth == self._top:
                if self._begins_lines(chunk, at, end):
                    return
                yield from self._gap(chunk[at:end])
                kept = end
            if end == len(chunk):
                break
            at = end + 1
            if self._bracket(chunk[end]):
                yield self._close(chunk[kept:at])
                kept = at
            elif self._depth == self._top:
                kept = at  # the bracket of a list of the file
        if self._depth > self._top:
            self._keep(chunk[kept:])

    def finish(self) -> Iterator[Piece]:
        if self._depth:
            self._give_up("The file ends in the middle of it: it may have been cut off.")
            yield self._piece()

    def _string(self, chunk: bytes, at: int) -> int:
        end = _end(_STRING, chunk, at)
        if end < len(chunk) and chunk[end] == _QUOTE:
            self._in_string = False
            return end + 1
        self._skip = 1 if end < len(chunk) else 0  # a backslash is the last byte
        return len(chunk)

    def _bracket(self, sign: int) -> bool:
        """Process a bracket, or the quote of a string that ends in a later chunk. True if a value has ended."""
        if sign == _QUOTE:
            self._in_string = True
            return False
        if sign in _OPENING:
            if not self._depth and sign == _LIST and self._lists:
                self._top, self._place = 1, 0
                self._list += 1
            self._depth += 1
            self._count()
            return False
        self._depth = max(0, self._depth - 1)
        if self._depth < self._top:
            self._top, self._one_line = 0, not self.lines
            return False
        return self._depth == self._top

    def _count(self) -> None:
        self._parts += 1
        self.hopeless = self._parts > HOPELESS
        if self._depth - self._top > NESTED:
            self._give_up(f"It is nested more than {NESTED} levels deep.")
        elif self._parts > PARTS:
            self._give_up(f"It has more than {PARTS:,} lists and objects.")

    def _give_up(self, why: str) -> None:
        self._trouble = self._trouble or why
        self._value.clear()

    def _keep(self, part: bytes) -> None:
        if len(self._value) + len(part) > self._largest:
            self._give_up(_too_large(self._largest))
        elif not self._trouble:
            self._value += part

    def _close(self, part: bytes) -> Piece:
        self._keep(part)
        return self._piece()

    def _piece(self) -> Piece:
        written = Unreadable(self._trouble) if self._trouble else bytes(self._value)
        self._place += 1
        place = self._place if self._top else self.lines + 1
        newlines = self._value.count(_NEWLINE)
        self._one_line = not self._top and not self.lines and not newlines
        self.lines += newlines
        self._value.clear()
        self._trouble, self._parts, self._told = "", 0, False
        return Piece(place, self._list if self._top else 0, written)

    def _gap(self, between: bytes) -> Iterator[Piece]:
        """Process the text between values: punctuation of the list. Anything else is an invalid value of its
        own.
        """
        other = between.strip(_BETWEEN)
        if other and not self._told:
            self._told, self.hopeless = True, not self._top  # a file of another format is not read to its end
            line = self.lines + between[: between.index(other)].count(_NEWLINE) + 1
            yield Piece(self._place + 1 if self._top else line, self._list if self._top else 0, other[:200])
        self.lines += between.count(_NEWLINE)

    def _begins_lines(self, chunk: bytes, start: int, end: int) -> bool:
        """The line of the first value has ended together with the value: each line is a value."""
        newline = -1 if self._top or not self._one_line else chunk.find(_NEWLINE, start, end)
        if newline >= 0:
            self.in_lines, self.rest = True, chunk[newline + 1 :]
            self.lines += 1
        return self.in_lines


def _end(pattern: re.Pattern[bytes], chunk: bytes, at: int) -> int:
    match = pattern.match(chunk, at)
    return match.end() if match else at
