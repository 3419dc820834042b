"""What has to be done before this process ends: programs ended, what has arrived written down.

`atexit` alone is not enough: a server that is told to end by SIGTERM (`docker stop`, systemd) ends by that signal,
and Python does nothing then.
"""

from __future__ import annotations

import atexit
import logging
from collections.abc import Callable

from backend import logs

_todo: list[Callable[[], object]] = []
log = logging.getLogger(__name__)


def at_shutdown(do: Callable[[], object]) -> None:
    """Do this when the process ends, what was named last first."""
    _todo.append(do)


@atexit.register
def shut_down() -> None:
    """Do it now; what fails keeps nothing else from being done."""
    while _todo:
        try:
            _todo.pop()()
        except Exception as fault:  # noqa: BLE001  (see above)
            logs.fault(log, "fault", fault)
