"""Bytes as they arrive -> whole, bounded Server-Sent Events.

sseclient-py parses the fields of an event. It must not get a raw stream (measured on 1.9.0): it is
quadratic on large events (2 MB = 26 s of CPU), loses the first event after a byte order mark, raises on
invalid UTF-8 and dispatches a truncated tail. So this module does the framing: it splits the stream into complete
blocks with a size limit and passes it one block at a time.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html, section 9.2.6.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sseclient import SSEClient

EVENT_LIMIT = 8 * 1024 * 1024  # bytes in one event; a picture in one delta is 1-3 MB
_WORK_LIMIT = 1_000_000_000  # bytes x lines of one event: sseclient copies the block once a line
logging.getLogger("sseclient").setLevel(logging.WARNING)  # it logs unknown lines, which may contain a key
_BOM = b"\xef\xbb\xbf"
_FIELD = re.compile(rb"^(?:data|event|id|retry|)(?::|$)", re.M)
_ERROR = re.compile(r"\n*error: *(?=\{)")  # llama.cpp writes errors as a field of this name
_NEXT = (b"data: {", b"data:{", b"data: [DONE]")  # beginnings of an event with one object
_DATA_ALONE = re.compile(rb"data: ([^\n]*+)\n\n")


class EventTooLarge(Exception):
    """One event is larger than EVENT_LIMIT; the rest of this stream cannot be trusted."""


@dataclass(frozen=True)
class ServerSentEvent:
    """One dispatched event. `id` is the last event id seen so far, as the specification keeps it. Not `whole`:
    the stream ended within it. `bare`: no event, but lines that are no fields.
    """

    event: str
    data: str
    id: str
    whole: bool = True
    bare: bool = False


def events(chunks: Iterable[bytes], limit: int = EVENT_LIMIT, *, tail: bool = False) -> Iterator[ServerSentEvent]:
    """The events of a byte stream with arbitrary chunk boundaries. An unfinished last block is dropped, as the
    specification says; with `tail` it is returned as an event that is not whole, for a caller that can interpret
    it; so are lines that are no fields: some servers send plain text within a stream.

    Raises EventTooLarge as soon as a block exceeds `limit` bytes.
    """
    last_id = ""
    for block in blocks(chunks, limit, tail=tail):
        if line := _DATA_ALONE.fullmatch(block):  # nearly all are; sseclient takes ten times as long
            yield ServerSentEvent("message", line[1].decode("utf-8", "replace"), last_id)
            continue
        whole = block.endswith(b"\n\n")
        text = block.decode("utf-8", "replace") + ("" if whole else "\n\n")
        if tail and not _FIELD.search(block.strip(b"\n")):
            error = _ERROR.match(text)
            yield (
                ServerSentEvent("error", text[error.end() :].strip("\n"), last_id, whole)
                if error
                else ServerSentEvent("message", text.strip("\n"), last_id, whole, bare=True)
            )
            continue
        for event in SSEClient(iter([text.encode("utf-8")])).events():
            if event.id is not None and "\0" not in event.id:
                last_id = event.id
            yield ServerSentEvent(event.event, event.data, last_id, whole)


def blocks(chunks: Iterable[bytes], limit: int = EVENT_LIMIT, *, tail: bool = False) -> Iterator[bytes]:
    """Complete blocks (each ends in a blank line) with line ends normalised to "\n" and a leading BOM removed;
    with `tail` also the unfinished last one.
    """
    buffer = bytearray()
    searched = 0
    for chunk in _normalised(chunks):
        buffer += chunk
        while (end := _end(buffer, searched)) >= 0:
            block = bytes(buffer[:end]) + b"\n\n"
            del buffer[: end + 2 if buffer.startswith(b"\n", end + 1) else end + 1]
            searched = 0
            if block.strip(b"\n"):
                _check(block, limit)
                yield block
        searched = max(0, len(buffer) - max(map(len, _NEXT)) - 1)
        if len(buffer) > limit:
            raise EventTooLarge(f"an event larger than {limit} bytes")
    if tail and buffer.strip(b"\n"):
        yield bytes(buffer)


def _end(buffer: bytearray, start: int) -> int:
    """Where the first block ends: at the line break before a blank line, or before the next object; -1 if it is
    incomplete.
    """
    at = buffer.find(b"\n", start)
    while at >= 0 and not (buffer.startswith(b"\n", at + 1) or _runs_on(buffer, at)):
        at = buffer.find(b"\n", at + 1)
    return at


def _runs_on(buffer: bytearray, at: int) -> bool:
    """Whether an object on one line is followed by the next event without the blank line between them, which some
    servers omit. Without this, such an answer would be one event, shown only at its end.
    """
    alone = buffer.startswith(_NEXT[:2]) and buffer.startswith(_NEXT, at + 1)
    return alone and buffer.endswith(b"}", 0, at) and buffer.find(b"\n", 0, at) < 0


def _check(block: bytes, limit: int) -> None:
    if len(block) > limit or len(block) * block.count(b"\n") > max(_WORK_LIMIT, limit):
        raise EventTooLarge(f"an event larger than {limit} bytes")


def _normalised(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """CRLF and CR -> LF, also when a CRLF is split over two chunks; one BOM at the very start dropped."""
    start = b""
    at_start, after_cr = True, False
    for chunk in chunks:
        if at_start:
            start += chunk
            if len(start) < len(_BOM) and _BOM.startswith(start):
                continue
            chunk, at_start = start.removeprefix(_BOM), False
        if after_cr and chunk.startswith(b"\n"):
            chunk, after_cr = chunk[1:], False
        if not chunk:
            continue
        after_cr = chunk.endswith(b"\r")
        yield chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
