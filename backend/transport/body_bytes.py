"""The bytes of a reply's body: as they arrive, as a whole, or only the beginning."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

import requests
import urllib3
from urllib3.response import BaseHTTPResponse

from backend import errors
from backend.transport.call import Call

CROWD = 10  # parallel answers that are read token by token
REST = 0.1  # seconds between two reads of one answer when there are more
WAITED = 0.002  # seconds of a read that found nothing there yet


def read_chunks(response: requests.Response, call: Call) -> Iterator[bytes]:
    """The body in pieces, each as soon as it arrives: requests' own iterator waits to fill its buffer on unchunked
    replies.

    Under load a reader that had to wait for bytes pauses, so that the next ones arrive together: waking up for each
    of
    2,500 tokens a second left no time to draw pages (measured, bench/people.py).
    """
    raw: BaseHTTPResponse = response.raw
    with _OpenBody() as body:
        while True:
            began = time.monotonic()
            try:
                chunk = raw.read1(65536, decode_content=True)
            except Exception:
                call.check()  # a socket shut by Stop or a deadline fails in many ways; the cause is one
                raise
            waited = time.monotonic() - began
            if not chunk:
                return
            yield chunk
            if body.crowded and waited > WAITED:
                call.rest(REST)


class _OpenBody:
    """Counts the bodies that are being read in this process."""

    _open = 0
    _lock = threading.Lock()

    def __enter__(self) -> _OpenBody:
        with self._lock:
            _OpenBody._open += 1
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            _OpenBody._open -= 1

    @property
    def crowded(self) -> bool:
        return _OpenBody._open > CROWD


def read_whole(chunks: Iterator[bytes], limit: int) -> bytes:
    """A whole body up to `limit` bytes; past it raises AnswerTooLarge."""
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > limit:
            raise errors.AnswerTooLarge()
    return bytes(body)


def read_beginning(chunks: Iterator[bytes], limit: int) -> str:
    """Up to `limit` bytes of a body as text, or what came before the connection broke."""
    body = bytearray()
    with contextlib.suppress(urllib3.exceptions.HTTPError, OSError):
        for chunk in chunks:
            body += chunk
            if len(body) > limit:
                break
    return bytes(body[:limit]).decode("utf-8", "replace")
