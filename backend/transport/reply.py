"""The body of a 2xx reply -> the events of an answer: a stream, one piece, or nothing of the kind.

    for event in ReplyReader(call, deadlines, redactor).events(response, streaming=True): ...

What a body is tells its first byte, not its headers. Whatever the server says passes the redactor.
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
from backend.transport.call import Call, Deadlines
from backend.transport.reading import read_beginning, read_chunks, read_whole
from backend.types import JSON, ChunkReceived, Event, Finished
from backend.untrusted import Object

ANSWER_LIMIT = 64 * 1024 * 1024  # bytes of one answer on the wire
CHUNK_LIMIT = 250_000  # of one answer: twice what the longest answers have, and some 40 MB in memory
ERROR_LIMIT = 256 * 1024  # bytes of an error body that are read


class ReplyReader:
    """Reads one reply, with a deadline for each wait."""

    def __init__(
        self, call: Call, deadlines: Deadlines, redactor: Redactor, bill: Callable[[Object], Iterable[Event]]
    ) -> None:
        self._bill = bill  # what a chunk says that it cost
        self._call = call
        self._deadlines = deadlines
        self._redactor = redactor

    def events(self, response: requests.Response, *, streaming: bool) -> Iterator[Event]:
        """The events in the body. Raises NotAnAnswer, CutOff, AnswerTooLarge, or the error in it."""
        call = self._call
        # In place of a stream some send blank lines until all of the answer is there.
        seconds = self._deadlines.first_data if streaming else self._deadlines.blocking
        call.arm(seconds, errors.TimedOut(title="The model did not begin to answer."))
        chunks = read_chunks(response, call)
        start = b""
        while not (head := start.removeprefix(b"\xef\xbb\xbf").lstrip()) and (chunk := next(chunks, b"")):
            start = (start + chunk)[-ERROR_LIMIT:]
        call.check()
        if not head:
            raise errors.NotAnAnswer(title="The server replied with nothing at all.")
        rest = itertools.chain([start], chunks)
        if head[:1] in (b"{", b"["):
            yield from self._whole(rest)
        elif head[:1] == b"<":
            page = self._excerpt(errors.message_in(read_beginning(rest, ERROR_LIMIT)))
            raise errors.NotAnAnswer(page, title="The server sent a web page instead of an answer.")
        else:
            redactor = self._redactor.stream()
            yield from redactor.to_the_end(self._stream(rest, head, redactor))

    def _whole(self, chunks: Iterator[bytes]) -> Iterator[Event]:
        """A completion in one piece, also when a stream was asked for."""
        text = read_whole(chunks, ANSWER_LIMIT // 2).decode("utf-8", "replace").removeprefix("\ufeff")
        try:
            body = self._redactor.redact_json(decode(text))
        except ValueError as error:
            raise errors.NotAnAnswer(
                self._excerpt(text), title="The server's answer is not readable JSON."
            ) from error
        yield ChunkReceived(self._redactor.redact_answer(text))
        if not isinstance(body, dict):
            raise errors.NotAnAnswer(self._excerpt(text), title="The server's reply holds no answer.")
        self._raise_error_in(body)
        if not any(isinstance(choice, dict) for choice in _choices(body)):
            raise errors.NotAnAnswer(self._excerpt(text), title="The server's reply holds no answer.")
        yield from wire.events(body)
        yield from self._bill(body)

    def _stream(self, chunks: Iterator[bytes], head: bytes, redactor: StreamRedactor) -> Iterator[Event]:
        """The events of an event stream. Complete means [DONE] or a finish_reason; anything else is cut off."""
        finished, done, understood, unreadable, received = False, False, 0, 0, 0
        try:
            for count, event in enumerate(sse.events(chunks)):
                received += len(event.data)
                if received > ANSWER_LIMIT or count >= CHUNK_LIMIT:
                    raise errors.AnswerTooLarge()
                if event.data.strip() == "[DONE]":
                    done = True
                    break
                try:
                    chunk = _chunk(redactor.redact_json(event.data, decode(event.data)), event.event)
                except ValueError:
                    unreadable += 1  # one broken event is skipped; the rest of the answer is not
                    yield ChunkReceived(redactor.redact(event.data))
                    continue
                items = redactor.redact_events(itertools.chain(wire.events(chunk), self._bill(chunk)))
                yield ChunkReceived(redactor.redact_chunk(event.data))
                self._raise_error_in(chunk)
                understood += isinstance(chunk.get("choices"), list)  # the first chunk often says nothing yet
                for item in items:
                    understood += 1
                    finished = finished or isinstance(item, Finished)
                    yield item
                seconds = self._deadlines.tail if finished else self._deadlines.idle
                self._call.arm(seconds, _silence(finished))
        except sse.EventTooLarge as error:
            raise errors.AnswerTooLarge(str(error)) from error
        except _TailSilent:
            return
        except (urllib3.exceptions.HTTPError, OSError):
            if not finished:  # a connection that breaks after finish_reason takes nothing away
                raise
        self._call.check_unless(_TailSilent)
        if not understood and (done or not head.startswith(b":")):  # comments alone: cut off before it began
            raise errors.NotAnAnswer(self._excerpt(head.decode("utf-8", "replace")))
        if done:
            _drain(chunks, self._call)
        elif not finished:
            raise errors.CutOff(f"{unreadable} unreadable events were skipped." if unreadable else "")

    def _raise_error_in(self, chunk: Mapping[str, JSON]) -> None:
        error = errors.error_in(chunk)
        if error is not None:
            raise errors.from_stream(error, redactor=self._redactor, request_id=errors.request_id_in(chunk))

    def _excerpt(self, text: str) -> str:
        return excerpt(text, self._redactor)


def excerpt(text: str, redactor: Redactor) -> str:
    """The beginning of what a server said, without the key. Redacted before it is cut: half a key is not found."""
    return redactor.redact(text)[:500]


class _TailSilent(Exception):
    """Silence after finish_reason: nothing is missing but, perhaps, the usage."""


def _silence(finished: bool) -> Exception:
    if finished:
        return _TailSilent()
    return errors.CutOff(title="The server fell silent in the middle of the answer.")


def _chunk(chunk: JSON, name: str) -> dict[str, JSON]:
    """One event of a stream as an object; `event: error` wraps its data. Raises ValueError on anything else."""
    if name == "error" and not (isinstance(chunk, dict) and "error" in chunk):
        return {"error": chunk}
    if not isinstance(chunk, dict):
        raise ValueError("not an object")
    return chunk


def _choices(body: Mapping[str, JSON]) -> list[JSON]:
    choices = body.get("choices")
    return choices if isinstance(choices, list) else []


def _drain(chunks: Iterator[bytes], call: Call) -> None:
    """Read the end of the body after [DONE], so that the connection can be used again; never wait for it."""
    call.arm(0.1, _TailSilent())
    with contextlib.suppress(_TailSilent, urllib3.exceptions.HTTPError, OSError):  # the answer is whole
        for _ in zip(range(8), chunks, strict=False):
            pass
