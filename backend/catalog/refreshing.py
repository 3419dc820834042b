"""A value published by a server, cached and refreshed in the background. Reading it never waits.

At most one refresh runs at a time, on a thread that ends with it. A failed refresh leaves the value unchanged,
and `failure` says why. Nothing is stored on disk: the bundled list already makes a cold start instant, and
one request refreshes the rest.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from backend import logs
from backend.errors import APIError
from backend.keys.endpoint import Endpoint
from backend.transport.checking import NO_LIST
from backend.transport.client import ChatClient
from backend.transport.deadlines import Deadlines
from backend.types import JSON, Failure

T = TypeVar("T")

RETRY_AFTER = 60.0  # seconds until a failed refresh is retried
ABSENT_FOR = 3_600.0  # seconds until a server without such a page is asked again
BODY_LIMIT = 20 * 1024 * 1024  # bytes of a list
_ETAG_LIMIT = 256  # characters
PATIENCE = Deadlines(connect=5, headers=20, total=30)
log = logging.getLogger(__name__)


class Refreshed(Generic[T]):
    """One page of one server as a value. `read` makes it from the page's JSON and the previous value."""

    def __init__(
        self,
        endpoint: Endpoint,
        path: str,
        first: T,
        read: Callable[[JSON, T], T],
        *,
        every: float,
        deadlines: Deadlines = PATIENCE,
    ) -> None:
        self._endpoint = endpoint
        self._path = path
        self._read = read
        self._every = every
        self._deadlines = deadlines
        self._value = first
        self._etag = ""
        self._next = 0.0  # on the monotonic clock
        self._running = False
        self._changed = threading.Condition()
        self.failure: Failure | None = None  # of the last refresh
        self.absent = False  # the server lacks this page
        self.updated: float | None = None  # when the server last confirmed it, in seconds since 1970

    def get(self) -> T:
        """The value at once; a refresh begins if one is due."""
        self.refresh(due=True)
        return self._value

    def refresh(self, *, due: bool = False) -> None:
        """Begin a refresh unless one is running (`due`: or none is due yet)."""
        with self._changed:
            if self._running or (due and time.monotonic() < self._next):
                return
            self._running = True
        try:
            threading.Thread(target=self._run, name="catalogue", daemon=True).start()
        except RuntimeError:  # no thread available: the next reader tries again
            self._finish(RETRY_AFTER)

    def wait(self, seconds: float) -> bool:
        """Wait until no refresh is running, for scripts and tests. False if the time ran out."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._running, seconds)

    def _run(self) -> None:
        pause = RETRY_AFTER
        try:
            self._fetch()
            pause, self.failure, self.absent = self._every, None, False
        except APIError as error:
            self.absent = error.status in NO_LIST
            self.failure = None if self.absent else error.failure()
            pause = ABSENT_FOR if self.absent else RETRY_AFTER
            page, kind = self._path.partition("?")[0], type(error).__name__
            logs.event(log, logging.INFO, "page not read", page=page, error=kind, status=error.status)
        finally:
            self._finish(pause)

    def _finish(self, pause: float) -> None:
        with self._changed:
            self._running = False
            self._next = time.monotonic() + pause
            self._changed.notify_all()

    def _fetch(self) -> None:
        with contextlib.closing(ChatClient(self._endpoint, self._deadlines)) as client:
            page = client.fetch(self._path, self._etag, BODY_LIMIT)
        if not page.unchanged:
            self._value = self._read(page.body, self._value)
            etag = page.etag
            self._etag = etag if etag.isascii() and etag.isprintable() and len(etag) <= _ETAG_LIMIT else ""
        self.updated = time.time()
