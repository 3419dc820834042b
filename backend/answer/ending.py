"""The end of an answer, as an event: wait for it, or add a callback, which runs on the answer's own thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from backend import logs

log = logging.getLogger(__name__)


class Ending(threading.Event):
    """An event that is set when the answer has ended; `then` registers callbacks that run last on the answer's
    thread.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._next: list[Callable[[], None]] | None = []  # None: the thread has finished

    def then(self, do: Callable[[], None]) -> None:
        """Run this on the answer's thread when it has ended; at once if it already has."""
        with self._lock:
            if self._next is not None:
                self._next.append(do)
                return
        do()

    def after(self, run: Callable[[], None]) -> Callable[[], None]:
        """The target of an answer's thread: `run`, then every callback. An exception in a callback is logged."""

        def whole() -> None:
            run()
            with self._lock:
                waiting, self._next = self._next or [], None
            for do in waiting:
                try:
                    do()
                except Exception as fault:  # noqa: BLE001  (an answer stays as it is, whatever comes after it)
                    logs.fault(log, "fault", fault)

        return whole
