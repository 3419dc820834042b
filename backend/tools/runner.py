"""Where tools run so that they can be ended: child processes, one call at a time each, killed when a call takes
too long.

    running = tool_runner().start(call)      # returns at once; several run side by side
    outcome = running.wait(0.1)           # None as long as it runs
    running.stop()

A thread cannot be ended in Python, and a regular expression or a large power holds its lock: a tool that hangs in
this process would hang every page. A child knows only the functions of its module, hears and says lines of JSON,
has no secrets in its environment, and ends when this process does. It does NOT confine what those functions may
do.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, cast

from backend.tools import calls
from backend.tools.calls import Outcome
from backend.types import ToolCall

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 8  # children, for all visitors
IDLE = 2  # children that are kept for the next call, some 40 MB each
START_LIMIT = 60.0  # seconds; a busy machine is not a fault
MEMORY = 1 << 30  # bytes a child may ask for, where the system can limit it
_LINE = 10 * calls.RESULT_LIMIT  # characters of an answer: JSON may spell one byte with six
_GONE = Outcome("Error: the tool's process ended in the middle of the call.", ok=False)
_BUSY = Outcome("Error: too many tools are running here; call again in a moment.", ok=False)
_STOPPED = Outcome("Error: the user stopped the tool before it had answered.", ok=False)


class Child:
    """A child process, seen from here. `ready` comes before the first call, so that starting costs no call its
    time.
    """

    def __init__(self, module: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own words only
            [sys.executable, "-m", "backend.tools.runner", module],
            cwd=ROOT,
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ready(self) -> bool:
        return bool(self._hear())

    def ask(self, call: ToolCall, seconds: float) -> Outcome | None:
        """What a call came to; None when the process ended instead of answering."""
        with contextlib.suppress(OSError, ValueError, TypeError):
            stdin = cast("IO[bytes]", self._process.stdin)
            stdin.write(json.dumps({"call": asdict(call), "seconds": seconds}).encode() + b"\n")
            stdin.flush()
            return Outcome(**json.loads(self._hear()))
        return None

    def _hear(self) -> bytes:
        return cast("IO[bytes]", self._process.stdout).readline(_LINE)

    def end(self) -> None:
        self._process.kill()

    def bury(self) -> None:
        """After `end`, on the thread that listens: nobody else may close what it reads."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                cast("IO[bytes]", pipe).close()


def _environment() -> dict[str, str] | None:
    """Only where modules are: a tool needs no key. Windows starts nothing without its own variables."""
    if sys.platform == "win32":
        return None
    return {"PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)]), "LC_ALL": "C.UTF-8"}


class Running:
    """A call on its way. `outcome` is None until it has ended, in whichever way; it always does."""

    def __init__(self, tool_runner: ToolRunner, call: ToolCall, seconds: float) -> None:
        self.call = call
        self.outcome: Outcome | None = None
        self._workshop, self._seconds = tool_runner, seconds
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._done = threading.Event()
        threading.Thread(target=self._run, name="tool", daemon=True).start()

    @property
    def ended(self) -> bool:
        return self._done.is_set()

    def wait(self, timeout: float | None = None) -> Outcome | None:
        self._done.wait(timeout)
        return self.outcome

    def stop(self) -> None:
        """End it now; what it had done so far counts for nothing."""
        self._end(_STOPPED)

    def _end(self, why: Outcome) -> None:
        """The first word stands: a call that has ended is not stopped, one that was stopped brings no result."""
        with self._lock:
            if self._done.is_set():
                return
            self.outcome = replace(why, seconds=why.seconds or time.monotonic() - self._began)
            self._done.set()
            if self._child is not None:
                self._child.end()

    def _run(self) -> None:
        found = _GONE
        try:
            found = self._workshop.work(self)
        except OSError as fault:
            found = Outcome(f"Error: no process for the tool could be started ({fault.strerror}).", ok=False)
        finally:
            self._end(found)

    def ask(self, child: Child) -> Outcome | None:
        """Put the call to a child that is ready, for as long as it may take; None when the child died of it."""
        with self._lock:
            if self._done.is_set():
                return self.outcome
            self._child = child
        clock = _Clock(self._seconds, lambda: self._end(calls.timed_out(self._seconds)))
        found = child.ask(self.call, self._seconds)
        clock.cancel()
        with self._lock:
            self._child = None
        return self.outcome or found


class _Clock(threading.Timer):
    """A timer that runs from the start and keeps no process alive."""

    def __init__(self, seconds: float, then: Callable[[], None]) -> None:
        super().__init__(seconds, then)
        self.daemon = True
        self.start()


class ToolRunner:
    """The children and who may have one. Safe to use from several threads; starts nothing before the first call.

    `module` holds the FUNCTIONS that can be called, by name, and may hold those that are ONLINE.
    """

    def __init__(self, module: str = "backend.tools.builtin", seconds: float = calls.SECONDS) -> None:
        self._module, self._seconds = module, seconds
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._idle: list[Child] = []
        self._closed = False

    def start(self, call: ToolCall, seconds: float | None = None) -> Running:
        """Begin a call. The caller has checked the arguments (tools.problems); the function checks them again."""
        return Running(self, call, self._seconds if seconds is None else seconds)

    def run(self, call: ToolCall, seconds: float | None = None) -> Outcome:
        """A call from beginning to end."""
        return self.start(call, seconds).wait() or _GONE

    def close(self) -> None:
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for child in idle:
            child.bury()

    # ---- for Running, on its thread ----------------------------------------------------------------------

    def work(self, running: Running) -> Outcome:
        """Find a child for a call and have it done; a kept one may have died meanwhile, and then a new one does."""
        if not self._places.acquire(timeout=self._seconds):
            return _BUSY
        try:
            kept = self._kept()
            found = self._done_by(kept, running) if kept else None
            return found or self._done_by(self._started(), running) or _GONE
        finally:
            self._places.release()

    def _done_by(self, child: Child | None, running: Running) -> Outcome | None:
        if child is None:
            return Outcome("Error: the tool's process did not start.", ok=False)
        found = running.ask(child)
        if found is None or running.ended:
            child.bury()
        else:
            self._keep(child)
        return found

    def _kept(self) -> Child | None:
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.alive:
                    return child
                child.bury()
        return None

    def _keep(self, child: Child) -> None:
        with self._lock:
            if len(self._idle) < IDLE and not self._closed:
                self._idle.append(child)
                return
        child.bury()

    def _started(self) -> Child | None:
        child = Child(self._module)
        clock = _Clock(START_LIMIT, child.end)
        ready = child.ready()
        clock.cancel()
        if not ready:
            child.bury()
        return child if ready else None


_shared_lock = threading.Lock()
_shared: ToolRunner | None = None


def tool_runner() -> ToolRunner:
    """This process's tool runner. Making it starts nothing."""
    global _shared
    with _shared_lock:
        if _shared is None:
            _shared = ToolRunner()
            atexit.register(_shared.close)
        return _shared


# ---- in the child ---------------------------------------------------------------------------------------


def main(module: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the app; we end when it does
    reply = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a tool prints must not stand where the answer is read
    _limit_memory()
    known = importlib.import_module(module)
    functions: Mapping[str, calls.Function] = {**known.FUNCTIONS, **getattr(known, "ONLINE", {})}
    print("ready", file=reply, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        _die_in(asked["seconds"] + 5)
        found = calls.outcome(ToolCall(**asked["call"]), functions)
        _die_in(0)
        print(json.dumps(asdict(found)), file=reply, flush=True)


def _die_in(seconds: float) -> None:
    """The system ends this process then (0: not at all), even in a loop in native code: its parent may be gone."""
    if hasattr(signal, "setitimer"):  # not on Windows
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # absent on Windows, refused on macOS
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    main(sys.argv[1])
