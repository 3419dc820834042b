"""One HTTP call that can be ended from outside: by Stop, or by a deadline.

requests' own timeout is the longest pause between two bytes, so a server that sends a byte or a comment
every few seconds never times out (measured). A Call watches the clock itself and shuts the socket down, which
wakes a blocked read in the other thread at once.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
import uuid
from types import TracebackType

from backend import errors
from backend.transport.deadlines import Deadlines
from backend.transport.exchange import Exchange


class Stopped(Exception):
    """The visitor stopped the call."""


class Call:
    """One call in progress: a context manager for the thread that runs it; `stop` is for every other thread."""

    def __init__(self, total: float | None = None, request_id: str = "") -> None:
        # Sent as X-Client-Request-Id: AI/ML API accepts 1-128 of A-Za-z0-9._:- and drops anything else.
        self.request_id = request_id or f"pg-{uuid.uuid4().hex}"
        self.error: Exception | None = None
        self.exchanges: list[Exchange] = []  # a retry is an exchange of its own
        self._total_is_given = total is not None
        self._set_total(Deadlines.total if total is None else total)
        self._socket: socket.socket | None = None
        self._left = threading.Event()
        self._changed = threading.Condition()
        self._watcher: threading.Thread | None = None
        self._wakes = 0.0  # when the watcher next checks the deadline
        self._depth = 0

    def _set_total(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._total_error = errors.TimedOut(title=f"The answer took longer than {seconds:g} seconds.")
        self._due = self._ends
        self._due_error: Exception = self._total_error

    def limit(self, total: float) -> None:
        """Set the seconds that the whole call may take from now, unless they were given when it was created."""
        with self._changed:
            if not self._total_is_given:
                self._total_is_given = True
                self._set_total(total)
                self._changed.notify_all()

    def stop(self) -> None:
        """End the call now. Its thread gets Stopped."""
        self.abort(Stopped())

    def abort(self, error: Exception) -> None:
        with self._changed:
            if self.error is not None:
                return
            self.error = error
            self._changed.notify_all()
            self._shut()

    def _shut(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError, ValueError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def arm(self, seconds: float, error: Exception) -> None:
        """End the call with `error` in `seconds` from now; replaces the previous deadline."""
        with self._changed:
            due = time.monotonic() + seconds
            self._due, self._due_error = (due, error) if due < self._ends else (self._ends, self._total_error)
            # Every chunk sets a later deadline: the watcher sees it when it wakes for the previous one.
            if self._due < self._wakes:
                self._changed.notify_all()

    def check(self) -> None:
        """Raise what ended the call, if anything did."""
        if self.error is not None:
            raise self.error

    def check_unless(self, harmless: type[Exception]) -> None:
        if self.error is not None and not isinstance(self.error, harmless):
            raise self.error

    def sleep(self, seconds: float) -> None:
        """Wait between two attempts. Raises at once when the call is ended meanwhile."""
        self.arm(self._ends - time.monotonic(), self._total_error)
        self.rest(seconds)
        self.check()

    def rest(self, seconds: float) -> None:
        """Wait, unless the call has ended."""
        with self._changed:
            self._changed.wait_for(lambda: self.error is not None, seconds)

    def attach(self, sock: socket.socket | None) -> None:
        """Set the socket this call reads from; shut at once if the call is already over."""
        with self._changed:
            self._socket = sock
            if self.error is not None:
                self._shut()

    def has_left(self) -> None:
        """Note that the request has been sent, and an answer is awaited."""
        self._left.set()

    def wait_until_left(self, seconds: float) -> bool:
        """Wait until the request has been sent, at most this long. True if it has."""
        return self._left.wait(seconds)

    def __enter__(self) -> Call:
        with self._changed:
            self._depth += 1
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, name="call-deadline", daemon=True)
                self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._depth -= 1
            if self._depth == 0:
                self._socket = self._watcher = None
                self._changed.notify_all()

    def _watch(self) -> None:
        with self._changed:
            while self._depth and self.error is None:
                left = self._due - time.monotonic()
                if left > 0:
                    self._wakes = self._due
                    self._changed.wait(left)
                    continue
                self.error = self._due_error
                self._changed.notify_all()
                self._shut()
