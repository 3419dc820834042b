"""Runs tools where they can be killed: in child processes, one call at a time each, killed when a call takes
too long.

    running = tool_runner().start(call)      # returns at once; several run side by side
    outcome = running.wait(0.1)           # None as long as it runs
    running.stop()

A thread cannot be killed in Python, and a regular expression or a large power holds the GIL: a tool that hangs in
this process would hang every page. A child imports only the functions of its module, has no secrets in its
environment, and ends when this process does (backend/child_process.py). It does NOT confine what those functions
may do.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace

from backend.child_process import ROOT, ChildProcess, ParentProcess, environment, limit_memory
from backend.shutdown import at_shutdown
from backend.tools import calls
from backend.tools.calls import CallOutcome
from backend.types import ToolCall
from backend.untrusted import Object, integer, number, string

AT_ONCE = 8  # children, for all visitors
IDLE = 2  # idle children that are kept, about 40 MB each
START_LIMIT = 60.0  # seconds; a busy machine is not an error
MEMORY = 1 << 30  # bytes of a child's memory, where the system can limit it
_LINE = 10 * calls.RESULT_LIMIT  # bytes of an outcome: JSON may escape one byte as six
_GONE = CallOutcome("Error: the tool's process ended in the middle of the call.", ok=False)
_BUSY = CallOutcome("Error: too many tools are running here; call again in a moment.", ok=False)
_STOPPED = CallOutcome("Error: the user stopped the tool before it had answered.", ok=False)


class Child:
    """A child process, seen from its parent. `ready` comes before the first call, so that the start does not
    count against a call.
    """

    def __init__(self, module: str) -> None:
        self._process = ChildProcess(["-m", "backend.tools.runner", module], _environment())

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.alive

    def ready(self) -> bool:
        """Wait until it can take a call; False if it has ended instead."""
        return self._process.read() is not None

    def ask(self, call: ToolCall, seconds: float) -> CallOutcome | None:
        """The outcome of a call; None if the process ended instead of answering."""
        with contextlib.suppress(OSError, ValueError, TypeError):
            self._process.write({"call": asdict(replace(call, extra={})), "seconds": seconds})
            if (message := self._process.read(_LINE)) is not None:
                return _outcome(message)
        return None

    def kill(self) -> None:
        """Kill it, from any thread."""
        self._process.kill()

    def close(self) -> None:
        """Kill it and close its pipes: on the thread that reads from it."""
        self._process.close()


def _outcome(message: Object) -> CallOutcome:
    """The outcome that a child wrote. Its code ran with what a model chose: every field is checked."""
    return CallOutcome(
        string(message.get("content")),
        message.get("ok") is True,
        number(message.get("seconds")) or 0.0,
        integer(message.get("cut")),
    )


def _environment() -> dict[str, str]:
    """The environment: only the module path. Windows starts nothing without its own variables."""
    modules = {"PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])}
    return {**environment(), **modules} if sys.platform == "win32" else {**modules, "LC_ALL": "C.UTF-8"}


class Running:
    """A running call. `outcome` is None until it has ended, which it always does."""

    def __init__(self, tool_runner: ToolRunner, call: ToolCall, seconds: float) -> None:
        self.call = call
        self.outcome: CallOutcome | None = None
        self._runner, self._seconds = tool_runner, seconds
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._done = threading.Event()
        try:
            threading.Thread(target=self._run, name="tool", daemon=True).start()
        except RuntimeError:  # the system has no thread left
            self._end(CallOutcome("Error: the machine is too busy to start the tool.", ok=False))

    @property
    def ended(self) -> bool:
        return self._done.is_set()

    def wait(self, timeout: float | None = None) -> CallOutcome | None:
        self._done.wait(timeout)
        return self.outcome

    def stop(self) -> None:
        """Kill it now; what it had done so far is discarded."""
        self._end(_STOPPED)

    def _end(self, why: CallOutcome) -> None:
        """Set the outcome; the first one counts: a call that has ended is not stopped, a stopped one brings no
        result.
        """
        with self._lock:
            if self._done.is_set():
                return
            self.outcome = replace(why, seconds=why.seconds or time.monotonic() - self._began)
            self._done.set()
            if self._child is not None:
                self._child.kill()

    def _run(self) -> None:
        outcome = _GONE
        try:
            outcome = self._runner.work(self)
        except OSError as fault:
            outcome = CallOutcome(f"Error: no process for the tool could be started ({fault.strerror}).", ok=False)
        finally:
            self._end(outcome)

    def ask(self, child: Child) -> CallOutcome | None:
        """Send the call to a ready child and wait up to its limit; None if the child died of it."""
        with self._lock:
            if self._done.is_set():
                return self.outcome
            self._child = child
        clock = _Clock(self._seconds, lambda: self._end(calls.timed_out(self._seconds)))
        outcome = child.ask(self.call, self._seconds)
        clock.cancel()
        with self._lock:
            self._child = None
        return self.outcome or outcome


class _Clock(threading.Timer):
    """A timer that starts at once and keeps no process alive."""

    def __init__(self, seconds: float, then: Callable[[], None]) -> None:
        super().__init__(seconds, then)
        self.daemon = True
        self.start()


class ToolRunner:
    """The children, and the assignment of calls. Thread-safe; starts none before the first call.

    `module` contains the FUNCTIONS that can be called, by name, and may contain those that are ONLINE.
    """

    def __init__(self, module: str = "backend.tools.builtin", seconds: float = calls.SECONDS) -> None:
        self._module, self._seconds = module, seconds
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._idle: list[Child] = []
        self._closed = False

    def start(self, call: ToolCall, seconds: float | None = None) -> Running:
        """Begin a call. The caller has validated the arguments (calls.problems); the function validates them
        again.
        """
        return Running(self, call, self._seconds if seconds is None else seconds)

    def run(self, call: ToolCall, seconds: float | None = None) -> CallOutcome:
        """Run a call from beginning to end."""
        return self.start(call, seconds).wait() or _GONE

    def close(self) -> None:
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for child in idle:
            child.close()

    # ---- for Running, on its thread ----------------------------------------------------------------------

    def work(self, running: Running) -> CallOutcome:
        """Find a child for a call and run it; an idle one may have died meanwhile, and is replaced."""
        if not self._places.acquire(timeout=self._seconds):
            return _BUSY
        try:
            idle = self._idle_child()
            outcome = self._done_by(idle, running) if idle else None
            return outcome or self._done_by(self._start_child(), running) or _GONE
        finally:
            self._places.release()

    def _done_by(self, child: Child | None, running: Running) -> CallOutcome | None:
        if child is None:
            return CallOutcome("Error: the tool's process did not start.", ok=False)
        outcome = running.ask(child)
        if outcome is None or running.ended:
            child.close()
        else:
            self._keep(child)
        return outcome

    def _idle_child(self) -> Child | None:
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.alive:
                    return child
                child.close()
        return None

    def _keep(self, child: Child) -> None:
        with self._lock:
            if len(self._idle) < IDLE and not self._closed:
                self._idle.append(child)
                return
        child.close()

    def _start_child(self) -> Child | None:
        child = Child(self._module)
        clock = _Clock(START_LIMIT, child.kill)
        ready = child.ready()
        clock.cancel()
        if not ready:
            child.close()
        return child if ready else None


_shared_lock = threading.Lock()
_shared: ToolRunner | None = None


def tool_runner() -> ToolRunner:
    """This process's tool runner. Creating it starts nothing."""
    global _shared
    with _shared_lock:
        if _shared is None:
            _shared = ToolRunner()
            at_shutdown(_shared.close)
        return _shared


# ---- in the child ---------------------------------------------------------------------------------------


def main(module: str) -> None:
    parent = ParentProcess()
    limit_memory(MEMORY)
    tools = importlib.import_module(module)
    functions: Mapping[str, calls.Function] = {**tools.FUNCTIONS, **getattr(tools, "ONLINE", {})}
    parent.write({"ready": True})
    for message in parent.messages():
        _die_in(message["seconds"] + 5)
        outcome = calls.outcome(ToolCall(**message["call"]), functions)
        _die_in(0)
        written = asdict(outcome)
        del written["parts"]  # built-in functions return text only
        parent.write(written)


def _die_in(seconds: float) -> None:
    """Have the system kill this process after this time (0: never), even in a loop in native code: its parent
    may have ended.
    """
    if hasattr(signal, "setitimer"):  # not on Windows
        signal.setitimer(signal.ITIMER_REAL, seconds)


if __name__ == "__main__":
    main(sys.argv[1])
