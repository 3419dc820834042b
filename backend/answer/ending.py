"""The end of an answer, as an event: wait for it, or add a callback, which runs on the answer's own thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from backend import logs

log = logging.getLogger(__name__)


class Ending(threading.Event):
    """An event that is set when the answer has ended; `then` is done when its thread has nothing else to do."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._next: list[Callable[[], None]] | None = []  # None: the thread is through

    def then(self, do: Callable[[], None]) -> None:
        """Do this on the thread of the answer when it has ended; at once where that is over."""
        with self._lock:
            if self._next is not None:
                self._next.append(do)
                return
        do()

    def after(self, run: Callable[[], None]) -> Callable[[], None]:
        """What a thread does to write an answer by `run`, with all that comes then. A fault there is logged."""

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
