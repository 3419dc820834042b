"""A `threading.Condition` that also calls back, so that code in an event loop can wait for it."""

from __future__ import annotations

import threading
from collections.abc import Callable


class ObservableCondition(threading.Condition):
    """`notify_all` wakes who waits and calls who watches; a watcher is quick and may be called from any thread."""

    def __init__(self) -> None:
        super().__init__()
        self._watchers: list[Callable[[], None]] = []

    def watch(self, tell: Callable[[], None]) -> None:
        """Call this whenever there is news, as long as the condition lives."""
        with self:
            self._watchers.append(tell)

    def notify_all(self) -> None:
        super().notify_all()
        for tell in self._watchers:
            tell()
