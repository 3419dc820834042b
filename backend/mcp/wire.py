"""What went over the wire between this app and a server of tools: the last JSON-RPC messages, with their times.

Bounded, and without the secrets of the connection. It does NOT make the messages harmless: they are a stranger's.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass

from backend.keys.redaction import NO_KEY, Redactor
from backend.text import clean

KEPT = 200  # messages
TEXT_LIMIT = 20_000  # characters of one that are kept


@dataclass(frozen=True)
class Frame:
    """One message. `at`: seconds since the connection was begun; `size`: bytes of the whole of it."""

    at: float
    outward: bool
    what: str  # the method, or what it answers
    size: int
    text: str
    seconds: float | None = None  # a reply: how long after its request


class Wire:
    """The record of one connection. Safe to read while it grows."""

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
        """The last ones, in order."""
        with self._lock:
            return list(self._frames)

    def add(self, text: str, *, outward: bool, method: str = "", id_: str = "", size: int | None = None) -> None:
        """One message as it was written. A request has a method and an id, a reply an id, a notice a method."""
        shown = self.redactor.redact_raw(clean(text[:TEXT_LIMIT]))
        with self._lock:
            at = time.monotonic() - self._began
            what, seconds = self._named(method, id_, at, outward=outward)
            length = len(text.encode("utf-8", "replace")) if size is None else size
            self._frames.append(Frame(at, outward, what, length, shown, seconds))
            self.count += 1
            self.bytes += length

    def _named(self, method: str, id_: str, at: float, *, outward: bool) -> tuple[str, float | None]:
        if method:
            if id_ and len(self._asked) < KEPT:
                self._asked[outward, id_] = (at, method[:80])
            return method[:80], None
        asked = self._asked.pop((not outward, id_), None)
        return (asked[1], at - asked[0]) if asked else ("", None)
