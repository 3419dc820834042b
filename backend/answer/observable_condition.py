"""A `threading.Condition` that also calls back, so that code in an event loop can wait for it."""

from __future__ import annotations

import threading
from collections.abc import Callable


class ObservableCondition(threading.Condition):
    """`notify_all` wakes the waiters and calls the watchers; a watcher must be fast and may be called on any
    thread.
    """

    def __init__(self) -> None:
        super().__init__()
        self._watchers: list[Callable[[], None]] = []

    def watch(self, tell: Callable[[], None]) -> None:
        """Call this on every notification, for the lifetime of the condition."""
        with self:
            self._watchers.append(tell)

    def notify_all(self) -> None:
        super().notify_all()
        for tell in self._watchers:
            tell()
