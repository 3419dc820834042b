"""Callbacks to run before this process ends: end programs, write what has arrived.

`atexit` alone is not sufficient: a server that gets SIGTERM (`docker stop`, systemd) ends by that signal,
and Python runs nothing then.
"""

from __future__ import annotations

import atexit
import logging
from collections.abc import Callable

from backend import logs

_todo: list[Callable[[], object]] = []
log = logging.getLogger(__name__)


def at_shutdown(do: Callable[[], object]) -> None:
    """Register a callback; the last one registered runs first."""
    _todo.append(do)


@atexit.register
def shut_down() -> None:
    """Run all callbacks now; one that fails does not prevent the others."""
    while _todo:
        try:
            _todo.pop()()
        except Exception as fault:  # noqa: BLE001  (see above)
            logs.fault(log, "fault", fault)
