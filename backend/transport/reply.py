"""The body of a 2xx reply -> the events of an answer: a stream, a single completion, or neither.

    for event in ReplyReader(call, deadlines, redactor).events(response, streaming=True): ...

The first byte of a body tells its format; headers do not. Everything from the server passes the redactor.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping

import requests
import urllib3

from backend import errors
from backend.keys.redaction import Redactor, StreamRedactor
from backend.protocol import wire
from backend.protocol.body import decode
from backend.transport import sse
from backend.transport.body_bytes import read_beginning, read_chunks, read_whole
from backend.transport.call import Call
from backend.transport.deadlines import Deadlines
from backend.transport.endings import Endings
from backend.transport.pieces import DONE, Pieces, lines_of, pieces, unquoted
from backend.types import JSON, ChunkReceived, CostReported, Event, Finished, PieceUnreadable, UsageReported
from backend.untrusted import Object, fields, object_list

ANSWER_LIMIT = 64 * 1024 * 1024  # bytes of one answer on the wire
CHUNK_LIMIT = 250_000  # events of one answer: twice as many as the longest answers have, and about 40 MB in memory
_BEHIND = 8  # events after [DONE] that are read
ERROR_LIMIT = 256 * 1024  # bytes of an error body that are read
_PACKED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd")  # gzip (RFC 1952) and Zstandard (RFC 8878) without a Content-Encoding
_NOT_UNPACKED = ("br", "zstd", "compress")
_IS_PACKED = "The server's answer is compressed in a way that nobody asked for."
_NOT_ASKED = "Compression has to be turned off at the server, or at a proxy in front of it."


class ReplyReader:
    """Reads one reply, with a deadline for each wait; whatever the server sends counts as activity, and restarts
    it.

    `choices` is the number requested (n); `reader` parses the requested format; `bill` returns the cost that a
    chunk reports.
    """

    def __init__(
        self,
        call: Call,
        deadlines: Deadlines,
        redactor: Redactor,
        choices: int = 1,
        reader: wire.Reader | None = None,
        bill: Callable[[Object], Iterable[Event]] = lambda chunk: (),
    ) -> None:
        self._bill = bill
        self._call = call
        self._reader = reader or wire.reader("chat")
        self._deadlines = deadlines
        self._redactor = redactor
        self._endings = Endings(choices)
        self._familiar = wire.Familiar()
        self._not_begun = errors.TimedOut(title="The model did not begin to answer.")
        self._silent = errors.CutOff(title="The server fell silent in the middle of the answer.")
        self._understood = self._unreadable = 0
        self._aside = ""  # the server's last text outside of events
        self._wait: tuple[float, Exception] | None = None  # the current deadline, if activity restarts it

    def events(self, response: requests.Response, *, streaming: bool) -> Iterator[Event]:
        """The events in the body. Raises NotAnAnswer, CutOff, AnswerTooLarge, or the error in it."""
        call = self._call
        # Instead of a stream, some servers send blank lines until the answer is complete.
        seconds = self._deadlines.first_data if streaming else self._deadlines.blocking
        self._await(seconds, self._not_begun)
        chunks = self._alive(read_chunks(response, call))
        start = b""
        while not (head := start.removeprefix(b"\xef\xbb\xbf").lstrip()) and (chunk := next(chunks, b"")):
            start = (start + chunk)[-ERROR_LIMIT:]
        call.check()
        if not head:
            raise errors.NotAnAnswer(title="The server replied with nothing at all.")
        rest = itertools.chain([start], chunks)
        if _is_packed(head, response.headers.get("Content-Encoding", "")):
            raise errors.NotAnAnswer(title=_IS_PACKED, hint=_NOT_ASKED)
        if head[:1] in (b"{", b"[") or head[:2] == b'"{':
            yield from self._whole(rest)
        elif head[:1] == b"<":
            page = self._excerpt(errors.message_in(read_beginning(rest, ERROR_LIMIT)))
            raise errors.NotAnAnswer.page(page)
        else:
            redactor = self._redactor.stream()
            yield from redactor.to_the_end(self._stream(rest, head, redactor))

    def _await(self, seconds: float, error: Exception, *, renewed: bool = True) -> None:
        """From now on, end the call with `error` after `seconds` without activity."""
        self._wait = (seconds, error) if renewed else None
        self._call.arm(seconds, error)

    def _alive(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            if self._wait:
                self._call.arm(*self._wait)
            yield chunk

    def _whole(self, chunks: Iterator[bytes]) -> Iterator[Event]:
        """A completion in one piece, even if a stream was requested."""
        text = read_whole(chunks, ANSWER_LIMIT // 2).decode("utf-8", "replace").removeprefix("\ufeff")
        if lines := lines_of(text):
            redactor, said = self._redactor.stream(), "".join(f"data: {line}\n\n" for line in lines).encode()
            yield from redactor.to_the_end(self._stream([said], said[:1], redactor))
            return
        try:
            body = self._redactor.redact_json(unquoted(decode(text)))
        except ValueError as error:
            raise errors.NotAnAnswer(
                self._excerpt(text), title="The server's answer is not readable JSON."
            ) from error
        yield ChunkReceived(self._redactor.redact_raw(text))
        for item in object_list(body) if isinstance(body, list) else ():  # Google's errors
            self._raise_error_in(item)
        if not isinstance(body, dict):
            raise errors.NotAnAnswer(self._excerpt(text), title="The server's reply holds no answer.")
        answer = self._reader.chunk(body)
        items = _before_error(answer, list(wire.events(answer)))
        yield from items
        yield from self._bill(body)
        self._raise_error_in(answer)
        if not object_list(answer.get("choices")):
            raise errors.NotAnAnswer(self._excerpt(text), title="The server's reply holds no answer.")
        self._endings.note(items)
        self._raise_broken_off()

    def _stream(self, chunks: Iterable[bytes], head: bytes, redactor: StreamRedactor) -> Iterator[Event]:
        """The events of an event stream. It is complete with [DONE] or a finish_reason of every choice;
        otherwise it was cut off.
        """
        done, received, whole = False, 0, True
        try:
            for count, event in enumerate(said := sse.events(chunks, tail=True)):
                received += len(event.data)
                whole = event.whole or event.bare or not event.data.startswith("{")
                if received > ANSWER_LIMIT or count >= CHUNK_LIMIT:
                    raise errors.AnswerTooLarge()
                if not event.whole and event.data.strip() in DONE[:-1]:
                    break  # cut off within the end mark
                if done := event.bare and event.data.strip() == DONE:
                    break
                if event.bare and not event.data.lstrip().startswith("{"):
                    if " " in event.data:  # not a keep-alive word, nor half a field name
                        self._aside = event.data[:ERROR_LIMIT]
                    continue
                found = _redacted(pieces(event.data, event.event), event.data, redactor)
                if found.objects or not found.done:
                    yield from self._event_content(found, event.data, redactor)
                if done := found.done:
                    break
                self._await_more()
        except sse.EventTooLarge as error:
            raise errors.AnswerTooLarge(str(error)) from error
        except (_TailSilent, urllib3.exceptions.HTTPError, OSError):
            if not self._endings.complete:  # nothing is lost if the connection breaks after finish_reason
                raise
        self._call.check_unless(_TailSilent)
        begun = head.startswith(b":") or not whole  # only comments, or not even one event: cut off
        if not self._understood and (done or not begun):
            raise errors.NotAnAnswer(self._excerpt(head.decode("utf-8", "replace")))
        self._raise_broken_off()
        if done:
            yield from self._behind(said, redactor)
            self._drain(iter(chunks))
        elif not self._endings.complete:
            skipped = f"{self._unreadable} unreadable events were skipped." if self._unreadable else ""
            aside = self._excerpt(errors.message_in(self._aside))
            raise errors.CutOff("\n".join(filter(None, (aside, skipped))))

    def _event_content(self, found: Pieces, raw: str, redactor: StreamRedactor) -> Iterator[Event]:
        """The content of one event of the stream. Raises the error in it, after all other content."""
        alone = len(found.objects) == 1 and not found.unreadable
        if alone and (event := self._familiar.event(found.objects[0])):
            items = redactor.redact_events([event])
            self._endings.note(items)
            yield ChunkReceived(redactor.redact_chunk(raw))
            yield from items
        else:
            yield from self._told_anew(found, raw, redactor)

    def _told_anew(self, found: Pieces, raw: str, redactor: StreamRedactor) -> Iterator[Event]:
        """The same for an event that is not like the previous one."""
        chunks = [self._reader.chunk(value) for value in found.objects]
        said: list[Event] = [item for chunk in chunks for item in wire.events(chunk)]
        said += [bill for value in found.objects for bill in self._bill(value)]
        items = redactor.redact_events(said)
        yield ChunkReceived(redactor.redact_chunk(raw))
        yield from [PieceUnreadable()] * found.unreadable
        over = self._endings.over
        faulty = [chunk for chunk in chunks if not over and errors.error_in(chunk) is not None]
        for chunk in faulty:
            items = _before_error(chunk, items)
        self._endings.note(items)
        self._unreadable += found.unreadable
        # The first chunk is often empty.
        self._understood += len(items) + sum(isinstance(chunk.get("choices"), list | dict) for chunk in chunks)
        yield from items
        for chunk in faulty:
            self._raise_error_in(chunk)
        if len(chunks) == 1 and not faulty:
            self._familiar.learn(found.objects[0], said)

    def _await_more(self) -> None:
        """Set the deadline for the next event."""
        if self._endings.final:
            self._await(self._deadlines.tail, _TailSilent(), renewed=False)
        elif self._endings.complete:  # as it declares
            seconds = self._deadlines.idle if self._endings.has_begun else self._deadlines.first_data
            self._await(seconds, _TailSilent())
        elif self._endings.has_begun:
            thinks, deadlines = self._endings.thinks, self._deadlines
            self._await(max(deadlines.idle, deadlines.first_data) if thinks else deadlines.idle, self._silent)
        else:  # a role alone is no output
            self._await(self._deadlines.first_data, self._not_begun)

    def _behind(self, said: Iterator[sse.ServerSentEvent], redactor: StreamRedactor) -> Iterator[Event]:
        """The usage and the cost, if a server sends them after [DONE]; they are not waited for."""
        self._await(0.1, _TailSilent(), renewed=False)
        with contextlib.suppress(_TailSilent, sse.EventTooLarge, urllib3.exceptions.HTTPError, OSError):
            for event in itertools.islice(said, _BEHIND):
                found = _redacted(pieces(event.data, event.event), event.data, redactor)
                told = [
                    item for item in self._chunk_events(found) if isinstance(item, UsageReported | CostReported)
                ]
                if told:
                    yield ChunkReceived(redactor.redact_chunk(event.data))
                    yield from told

    def _chunk_events(self, found: Pieces) -> Iterator[Event]:
        for value in found.objects:
            yield from wire.events(self._reader.chunk(value))
            yield from self._bill(value)

    def _drain(self, chunks: Iterator[bytes]) -> None:
        """Read the end of the body after [DONE], so that the connection can be reused; never wait for it."""
        self._await(0.1, _TailSilent(), renewed=False)
        with contextlib.suppress(_TailSilent, urllib3.exceptions.HTTPError, OSError):  # the answer is complete
            for _ in zip(range(8), chunks, strict=False):
                pass

    def _raise_error_in(self, chunk: Mapping[str, JSON]) -> None:
        error = errors.error_in(chunk)
        if error is not None:
            raise errors.from_stream(error, redactor=self._redactor, request_id=errors.request_id_in(chunk))

    def _raise_broken_off(self) -> None:
        if reason := self._endings.broken_off:
            detail = f'Its finish_reason is "{self._redactor.redact(reason)}".'
            title = "The provider broke the answer off with an error."
            raise errors.ServerTrouble(detail, title=title, retryable=False)

    def _excerpt(self, text: str) -> str:
        return excerpt(text, self._redactor)


def _is_packed(head: bytes, encoding: str) -> bool:
    """Whether a body is compressed in a way that urllib3 did not decode."""
    named = encoding.lower() in _NOT_UNPACKED and any(byte < 9 or byte > 126 for byte in head[:20])
    return named or head.startswith(_PACKED)


def _before_error(chunk: Mapping[str, JSON], events: list[Event]) -> list[Event]:
    """The content of a chunk with an error, except that it is finished."""
    if errors.error_in(chunk) is None:
        return events
    return [event for event in events if not isinstance(event, Finished)]


def _redacted(found: Pieces, raw: str, redactor: StreamRedactor) -> Pieces:
    """Pieces without the key, searched only if they may contain it, as this runs for every chunk. What is nested
    too deeply for that counts as unreadable.
    """
    if redactor.is_bare(raw):
        return found
    objects, unreadable = list[dict[str, JSON]](), found.unreadable
    for value in found.objects:
        try:
            objects.append(dict(fields(redactor.redact_json(raw, value))))
        except ValueError:
            unreadable += 1
    return Pieces(tuple(objects), unreadable, found.done)


def excerpt(text: str, redactor: Redactor) -> str:
    """The beginning of a server's text, without the key. Redacted before it is cut: half a key would not be
    found.
    """
    return redactor.redact(text)[:500]


class _TailSilent(Exception):
    """Silence after finish_reason: nothing is missing except, perhaps, the usage."""
