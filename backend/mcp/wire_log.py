"""The last JSON-RPC messages between this app and a tool server, with their times.

Bounded, and without the secrets of the connection. It does NOT make the messages safe: they are untrusted.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass

from backend.keys.redaction import NO_KEY, Redactor
from backend.text import clean

KEPT = 200  # messages
TEXT_LIMIT = 20_000  # characters of one message that are kept


@dataclass(frozen=True)
class Frame:
    """One message. `at`: seconds since the connection began; `size`: its bytes."""

    at: float
    outward: bool
    what: str  # the method, or that of its request
    size: int
    text: str
    seconds: float | None = None  # of a reply: seconds after its request


class Wire:
    """The record of one connection. May be read while it grows."""

    def __init__(self, redactor: Redactor = NO_KEY) -> None:
        self.redactor = redactor
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self._frames: deque[Frame] = deque(maxlen=KEPT)
        self._asked: dict[tuple[bool, str], tuple[float, str]] = {}  # (outward, id) of requests without a reply
        self.count = 0
        self.bytes = 0

    @property
    def frames(self) -> list[Frame]:
        """The last messages, in order."""
        with self._lock:
            return list(self._frames)

    def add(self, text: str, *, outward: bool, method: str = "", id_: str = "", size: int | None = None) -> None:
        """Record one message as sent. A request has a method and an id, a reply an id, a notification a method."""
        shown = self.redactor.redact_raw(clean(text[:TEXT_LIMIT]))
        with self._lock:
            at = time.monotonic() - self._began
            what, seconds = self._method_and_time(method, id_, at, outward=outward)
            length = len(text.encode("utf-8", "replace")) if size is None else size
            self._frames.append(Frame(at, outward, what, length, shown, seconds))
            self.count += 1
            self.bytes += length

    def _method_and_time(self, method: str, id_: str, at: float, *, outward: bool) -> tuple[str, float | None]:
        if method:
            if id_ and len(self._asked) < KEPT:
                self._asked[outward, id_] = (at, method[:80])
            return method[:80], None
        asked = self._asked.pop((not outward, id_), None)
        return (asked[1], at - asked[0]) if asked else ("", None)
