"""A transport that replays: the recorded bytes at their times, in place of a network, for the real client.

    client = replaying(answer, pace)
    for event in client.chat(request): ...

Everything above the socket is the real code: the client, its reader, the parsers. It opens no connection.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import requests
import urllib3
from requests.adapters import HTTPAdapter

from backend.demos.pace import Pace
from backend.demos.recording import Answer
from backend.keys.endpoint import Endpoint
from backend.transport.call import Call
from backend.transport.client import ChatClient
from backend.transport.deadlines import Deadlines
from backend.transport.session import current_call

ADDRESS = "https://recording.invalid/v1"  # RFC 2606: a name that never resolves
_LONG = 6 * 3_600.0  # seconds: a play may be paused for an afternoon
_DEADLINES = Deadlines(headers=_LONG, blocking=_LONG, first_data=_LONG, idle=_LONG, tail=_LONG, total=_LONG)
_STOP = b"stop"


def replaying(answer: Answer, pace: Pace, ahead: float = 0.0) -> ChatClient:
    """A client that gets this answer to any request; what had arrived within `ahead` seconds arrives at once."""
    return ChatClient(Endpoint(ADDRESS), _DEADLINES, _Replay(answer, pace, ahead))


class _Replay(HTTPAdapter):
    """Answers the tries of one request in order; further tries get the last reply again."""

    def __init__(self, answer: Answer, pace: Pace, ahead: float) -> None:
        super().__init__()
        self._answer = answer
        self._pace = pace
        self._ahead = ahead
        self._tries = 0
        self._began: float | None = None

    def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
        call = current_call() or Call()
        now = self._pace.now()
        began = self._began = now if self._began is None else self._began
        reply = self._answer.replies[min(self._tries, len(self._answer.replies) - 1)]
        self._tries += 1
        call.exchanges[-1].sent = now
        call.has_left()
        self._pace.skip(self._ahead)
        self._ahead = 0.0
        self._pace.wait(began + reply.at, call)
        if reply.status is None:
            raise requests.exceptions.ConnectionError("It broke when this was recorded.")
        pieces = self._pieces(began) if 200 <= reply.status < 300 else iter(())
        headers = {"Content-Type": "text/event-stream" if self._answer.streamed else "application/json"}
        raw = urllib3.HTTPResponse(
            _Body(pieces, self._pace, call), headers=headers, status=reply.status, preload_content=False
        )
        return self.build_response(request, raw)

    def _pieces(self, began: float) -> Iterator[tuple[float, bytes]]:
        """(when, what) on the clock of the playback."""
        answer, at = self._answer, 0.0
        for chunk in answer.chunks:
            at = chunk.at
            text = _event(chunk.text) if answer.streamed else chunk.text
            yield began + at, text.encode("utf-8", "replace")
        if answer.ending == "stopped":
            yield began + at, _STOP


def _event(data: str) -> str:
    """An event of a stream with this data."""
    lines = "".join(f"data: {line}\n" for line in data.split("\n"))
    return f"{lines}\n"


class _Body(io.BufferedIOBase):
    """A body whose bytes arrive at their times; at _STOP the call ends as it did when the visitor pressed Stop."""

    def __init__(self, pieces: Iterator[tuple[float, bytes]], pace: Pace, call: Call) -> None:
        self._pieces = pieces
        self._pace = pace
        self._call = call
        self._rest = b""
        self._begun = False

    def readable(self) -> bool:
        return True

    def read1(self, size: int | None = -1) -> bytes:
        """The bytes that are due next, b"" at the end."""
        if not self._begun:  # the head was recorded on the clock of this computer
            self._begun, self._call.exchanges[-1].replied = True, self._pace.now()
        if not self._rest:
            at, self._rest = next(self._pieces, (0.0, b""))
            self._pace.wait(at, self._call)
            if self._rest is _STOP:
                self._call.stop()
                self._call.check()
        most = len(self._rest) if size is None or size < 0 else size
        piece, self._rest = self._rest[:most], self._rest[most:]
        return piece

    def read(self, size: int | None = -1) -> bytes:
        return self.read1(size)
