"""A running call of a tool server (backend/tools/steps.py: RunningCall)."""

from __future__ import annotations

import threading
import time
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, replace

from backend.tools.calls import CallOutcome
from backend.types import ToolCall
from backend.untrusted import line, number

_STOPPED = CallOutcome("Error: the user stopped the tool before it had answered.", ok=False)
_PAUSE = 0.2  # seconds between two displayed reports


@dataclass(frozen=True)
class Progress:
    """A progress report of the server. `part` is between 0 and 1, None if the total is unknown."""

    part: float | None = None
    words: str = ""


class ServerCall:
    """A call; `outcome` is None until it has ended, which it always does."""

    def __init__(self, call: ToolCall) -> None:
        self.call = call
        self.outcome: CallOutcome | None = None
        self.progress = Progress()
        self._began = time.monotonic()
        self._reported = 0.0
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._future: Future[CallOutcome] | None = None

    @property
    def ended(self) -> bool:
        return self._done.is_set()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def wait(self, timeout: float | None = None) -> CallOutcome | None:
        self._done.wait(timeout)
        return self.outcome

    def begin(self, future: Future[CallOutcome]) -> None:
        """Set the future of the call."""
        self._future = future
        future.add_done_callback(self._take)

    def report(self, done: float, total: float | None, words: str) -> None:
        """Record progress; of many reports in a moment the first and the last are shown."""
        now, whole = time.monotonic(), number(total)
        part = None if not whole or whole <= 0 else min(1.0, max(0.0, (number(done) or 0.0) / whole))
        if now - self._reported >= _PAUSE or part == 1.0:
            self._reported, self.progress = now, Progress(part, line(words, 200))

    def stop(self) -> None:
        """End it now. The server is told; what it had done so far is discarded."""
        self.end(_STOPPED)
        if self._future is not None:
            self._future.cancel()

    def end(self, outcome: CallOutcome) -> None:
        """Set the outcome; the first one counts."""
        with self._lock:
            if not self._done.is_set():
                self.outcome = replace(outcome, seconds=self.seconds)
                self._done.set()

    def _take(self, future: Future[CallOutcome]) -> None:
        try:
            self.end(future.result())
        except CancelledError:
            self.end(_STOPPED)
        except BaseException as fault:  # noqa: BLE001 - a defect of this program: the call ends all the same
            self.end(CallOutcome(f"Error: {type(fault).__name__} in the call.", ok=False))
