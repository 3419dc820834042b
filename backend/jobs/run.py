"""One job while this process works on it: a thread for the heartbeat, and one thread for each step in flight."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping

from backend import logs
from backend.jobs.endpoints import Endpoints
from backend.jobs.job import AT_ONCE, Again, Bounds, Budget, Halt, JobState, JobStep, Later, StepOutcome, Work
from backend.jobs.job_rows import TakenAway
from backend.jobs.saved_jobs import SavedJobs
from backend.store import Unavailable

BEAT = 5.0  # seconds between two heartbeats
TRIES = 5  # rejected attempts of one step
REFUSED = (TRIES - 1) * AT_ONCE  # rejected attempts in a row: the cause is not this one step
IN_A_ROW = 10  # failed steps in a row after which a job pauses
_SOON = 0.2  # seconds until the budget is checked again
_PAUSES = (0.5, 1.0, 2.0, 4.0, *(8.0 for _ in range(60)))  # seconds between attempts to store a paid result
NO_THREAD = "The machine of the playground is too busy for it: resume it later."
log = logging.getLogger(__name__)


class JobRun:
    """A running job, see Jobs. It ends when nothing is left to do, when each of its works has been halted, or
    when it is stopped. `works`: what does the steps of each queue.
    """

    def __init__(
        self,
        id_: str,
        saved: SavedJobs,
        worker: str,
        works: Mapping[str, Work],
        bounds: Bounds,
        budget: Budget | None,
        endpoints: Endpoints,
    ) -> None:
        self.id = id_
        self._saved, self._worker, self._bounds = saved, worker, bounds
        self._budget, self._endpoints = budget, endpoints
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._ends: tuple[JobState, str] = ("done", "")
        self._stoppers: set[Callable[[], None]] = set()
        self._queues = [_Queue(name, work) for name, work in works.items()]
        self._busy = 0  # threads for steps
        self._idle = threading.Event()
        self._thread = threading.Thread(target=self._whole, name="job", daemon=True)

    def start(self) -> None:
        """Begin to work; paused at once if the system has no thread left."""
        try:
            self._thread.start()
        except RuntimeError as fault:
            logs.fault(log, "job", fault)
            self._end("paused", NO_THREAD)
            self._finish()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    @property
    def wait_seconds(self) -> float:
        """Seconds for which all of its endpoints are paused."""
        return min(self._endpoints.wait_seconds(queue.work.endpoint) for queue in self._queues)

    def join(self, timeout: float | None = None) -> None:
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def stop(self) -> None:
        """Cancel: what is in flight ends now."""
        self._end("cancelled", "", at_once=True)

    def pause(self, why: str) -> None:
        """The process is ending: what is in flight ends now, and a person may resume the rest."""
        self._end("paused", why, at_once=True)

    def _end(self, state: JobState, why: str, *, at_once: bool = False) -> None:
        with self._lock:
            if not self._stopped.is_set():
                self._ends = (state, why)
            self._stopped.set()
            stoppers = list(self._stoppers) if at_once else []
        for stop in stoppers:
            stop()

    # ---- its threads --------------------------------------------------------------------------------------

    def _whole(self) -> None:
        self._busy = sum(queue.work.at_once for queue in self._queues)
        for queue in self._queues:
            for place in range(queue.work.at_once):
                self._start_steps(queue, alone=not place)
        while not self._idle.wait(BEAT):
            self._keeping(lambda: self._saved.beat(self.id, self._worker))
        self._finish()

    def _start_steps(self, queue: _Queue, *, alone: bool) -> None:
        """Start a thread for the steps of a queue. Where the system has none left, those before it do them."""
        try:
            threading.Thread(target=self._steps_and_word, args=(queue,), name="job-step", daemon=True).start()
        except RuntimeError as fault:
            logs.fault(log, "job", fault)
            if alone:
                queue.pause(NO_THREAD)
            self._end_thread()

    def _finish(self) -> None:
        if self._budget:
            self._budget.release()
        self._persist(lambda: self._saved.end(self.id, self._worker, *self._final_state()))

    def _final_state(self) -> tuple[JobState, str]:
        """Set the final state of the job: paused if one of its queues was."""
        reasons = dict.fromkeys(queue.why for queue in self._queues if queue.why)
        return ("paused", " ".join(reasons)) if reasons and not self._stopped.is_set() else self._ends

    def _steps_and_word(self, queue: _Queue) -> None:
        self._steps(queue)
        self._end_thread()

    def _end_thread(self) -> None:
        with self._lock:
            self._busy -= 1
            if not self._busy:
                self._idle.set()

    def _steps(self, queue: _Queue) -> None:
        """Do the steps of a queue one after the other, until none is left."""
        work = queue.work

        def wanted() -> bool:
            return not (self._stopped.is_set() or queue.why)

        try:
            while self._endpoints.enter(work.endpoint, work.at_once, wanted):
                try:
                    taken = self._saved.take(self.id, self._worker, queue.name)
                    if isinstance(taken, JobStep):
                        pause = self._do(queue, taken)
                    elif taken == "wait":
                        pause = _SOON
                    else:
                        queue.pause(taken)
                        return
                finally:
                    self._endpoints.leave(work.endpoint)
                self._stopped.wait(pause)
        except TakenAway:
            self._end("cancelled", "", at_once=True)
        except Unavailable as error:
            self._end("paused", str(error))
        except Exception as fault:  # noqa: BLE001  (a fault of ours must not leave a job running for ever)
            logs.fault(log, "job", fault)
            self._end("paused", "The playground itself failed on this. Its log says where it happened.")

    def _do(self, queue: _Queue, step: JobStep) -> float:
        """Do one step; returns the seconds for which this thread waits afterwards."""
        hands = _Hands(self, queue.work.endpoint, step)
        try:
            outcome = queue.work(step.task, hands)
        except Halt as halt:
            self._put_back(step)
            queue.pause(str(halt))
            return 0.0
        except Later as later:
            self._put_back(step, tried=0)
            return later.seconds
        except Again as again:
            self._endpoints.trouble(again.endpoint or queue.work.endpoint, again.seconds)
            given_up = self._given_up(queue, step, again)
            if given_up is None:
                self._put_back(step)
                return 0.0
            outcome = given_up
        except Exception as fault:  # noqa: BLE001  (one step of many)
            logs.fault(log, "job step", fault)
            outcome = StepOutcome("unknown", {"error": type(fault).__name__})
        finally:
            with self._lock:
                self._stoppers -= hands.stoppers
        self._write(queue, step, outcome)
        return 0.0

    def _given_up(self, queue: _Queue, step: JobStep, again: Again) -> StepOutcome | None:
        """The outcome of a step after too many attempts; None: it is tried again, perhaps after a pause."""
        tried = step.tries + 1 >= TRIES
        with self._lock:
            queue.refused += 1
            hopeless = tried or queue.refused >= REFUSED
        if tried and again.outcome:
            return again.outcome
        if hopeless:
            queue.pause(str(again))
        return None

    def _put_back(self, step: JobStep, tried: int = 1) -> None:
        self._persist(lambda: self._saved.put_back(self.id, self._worker, step.place, step.tries + tried))

    def _write(self, queue: _Queue, step: JobStep, outcome: StepOutcome) -> None:
        fits = [True]

        def write() -> None:
            fits[0] = self._saved.end_step(self.id, step.place, outcome, self._bounds)

        self._persist(write)
        if not fits[0]:
            self._end("paused", f"There is room for {self._bounds.bytes:,} bytes; the last answer was not kept.")
        with self._lock:
            queue.failed = 0 if outcome.state == "done" else queue.failed + 1
            queue.refused = 0 if outcome.state == "done" else queue.refused
            hopeless = queue.failed >= IN_A_ROW and not self._stopped.is_set()
        if outcome.state == "done":
            self._endpoints.well(queue.work.endpoint)
        elif hopeless:
            queue.pause(f"{IN_A_ROW} requests in a row failed: look at one before you go on.")

    # ---- a database that may be in trouble ------------------------------------------------------------------

    def _persist(self, write: Callable[[], None]) -> None:
        """Write, and retry for some minutes."""
        for pause in _PAUSES:
            if self._keeping(write):
                return
            threading.Event().wait(pause)
        logs.event(log, logging.WARNING, "job not written")
        self._end("paused", Unavailable.words)

    def _keeping(self, write: Callable[[], None]) -> bool:
        """Write; False if that failed. A job that was taken over is stopped."""
        try:
            write()
        except Unavailable:
            return False
        except TakenAway:
            self._end("cancelled", "", at_once=True)
        return True

    # ---- for the hands of a step ------------------------------------------------------------------------------

    def keep_handle(self, place: int, handle: str) -> None:
        self._persist(lambda: self._saved.keep_handle(self.id, self._worker, place, handle))

    def hold(self, endpoint: str, seconds: float) -> None:
        self._endpoints.hold(endpoint, seconds)

    def when_stopped(self, do: Callable[[], None]) -> bool:
        """Register a callback; False if the step has been stopped already."""
        with self._lock:
            self._stoppers.add(do)
            return not (self._stopped.is_set() and self._ends[0] == "cancelled")


class _Queue:
    """The steps of one work. `why`: the reason of its pause, "" if it is not paused; `failed`: steps in a row;
    `refused`: rejected attempts in a row.
    """

    def __init__(self, name: str, work: Work) -> None:
        self.name, self.work = name, work
        self.why = ""
        self.failed = self.refused = 0

    def pause(self, why: str) -> None:
        """Begin no more of its steps; the first reason is kept."""
        self.why = self.why or why


class _Hands:
    """The services for one step (backend.jobs.job.Hands)."""

    def __init__(self, run: JobRun, endpoint: str, step: JobStep) -> None:
        self._run, self._endpoint, self._step = run, endpoint, step
        self.handle = step.handle
        self.stoppers: set[Callable[[], None]] = set()

    def keep_handle(self, handle: str) -> None:
        self.handle = handle
        self._run.keep_handle(self._step.place, handle)

    def hold(self, seconds: float) -> None:
        self._run.hold(self._endpoint, seconds)

    def when_stopped(self, do: Callable[[], None]) -> None:
        self.stoppers.add(do)
        if not self._run.when_stopped(do):
            do()
