"""A Turn is one running answer, owned by a thread of its own.

The page that shows it may be left and reopened, rerun or closed: the answer continues, bounded by the
call's total deadline, until it is done, fails, or is stopped. `stop()` takes effect at once, even when the
server is silent: what has arrived is kept, and nothing is added to it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Protocol

from backend import logs
from backend.answer import cost
from backend.answer.cost import Price
from backend.answer.ending import Ending
from backend.answer.event_log import EventLog, TimedEvent
from backend.answer.log_line import log_answer
from backend.answer.observable_condition import ObservableCondition
from backend.errors import APIError, InternalFault
from backend.protocol.accumulator import Accumulator
from backend.transport.call import Call, Stopped
from backend.types import (
    ChatRequest,
    ChunkReceived,
    CostReported,
    Event,
    Message,
    Preparing,
    ReasoningDelta,
    RefusalDelta,
    Retrying,
    State,
    TextDelta,
    Timing,
    ToolCallDelta,
)

log = logging.getLogger(__name__)


class Source(Protocol):
    """Something that can answer: ChatClient, or the model on this machine (backend/local)."""

    def chat(self, request: ChatRequest, call: Call | None = None) -> Iterator[Event]: ...


class Turn:
    """One answer, while it arrives and afterwards. It continues the answer `before`, if given.
    With a `price` its cost is estimated when it has ended. `clock` returns seconds and times its events."""

    def __init__(
        self,
        source: Source,
        request: ChatRequest,
        before: Message | None = None,
        price: Price | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.request = request
        self.clock = clock
        self.call = Call()
        self.state: State = "running"
        self.error: APIError | None = None
        self._source = source
        self._accumulator = Accumulator(
            request.model, before, request.server, (tool.name for tool in request.tools)
        )
        self._price = price
        self._estimate: float | None = None
        self.awaits_bill = False  # its cost is being looked up
        self.received = EventLog()
        self._readers: list[tuple[Callable[[], bool], float]] = []  # each with its seconds of grace
        self._first_token: float | None = None
        self._total: float | None = None
        self.began = clock()  # the zero of its event times
        self.news = ObservableCondition()
        self._over = Ending()
        self._thread = threading.Thread(target=self._over.after(self._run), name="turn", daemon=True)

    def start(self) -> Turn:
        """Send the request. Anything else that needs a thread starts after it, so that the request leaves first."""
        self.began = self.clock()
        try:
            self._thread.start()
            if self._readers:
                _watch_readers(self, self._readers[0][1])
        # the system has no thread left: an answer without a thread must not look as if it ran
        except RuntimeError as fault:
            logs.fault(log, "fault", fault)
            self._end("failed", InternalFault())
            self.call.stop()
            if self._thread.ident is None:
                self._over.after(lambda: None)()
        return self

    def read_by(self, reader: Callable[[], bool], grace: float) -> Turn:
        """Stop the answer when every reader has been gone for `grace` seconds: it costs money and nobody reads it.

        `reader` says whether it is still there; it may be called on any thread.
        """
        self._readers.append((reader, grace))
        if len(self._readers) == 1 and self._thread.ident is not None:
            _watch_readers(self, grace)
        return self

    def when_ended(self, do: Callable[[], None]) -> None:
        """Call this after the answer has ended, on the turn's own thread; at once if it already has."""
        self._over.then(do)

    @property
    def has_reader(self) -> bool:
        """Whether it has a reader."""
        return any(reader() for reader, _ in list(self._readers))

    @property
    def running(self) -> bool:
        return self.state == "running"

    @property
    def elapsed(self) -> float:
        """Seconds since the turn began; does not grow after its end."""
        return self._total if self._total is not None else self.clock() - self.began

    def stop(self) -> None:
        """End the answer and keep what has arrived. Does nothing if it has already ended."""
        if self._end("stopped"):
            self.call.stop()

    def join(self, timeout: float | None = None) -> Turn:
        """Wait for the end of the answer (not of the thread, which may still be closing its socket)."""
        self._over.wait(timeout)  # not on `news`, which wakes with every token
        return self

    def wait(self, seen: int, timeout: float = 0.05) -> int:
        """Wait until there are more than `seen` events or the turn has ended; returns their number."""
        with self.news:
            self.news.wait_for(lambda: len(self.received) > seen or not self.running, timeout)
            return len(self.received)

    def follow(self, after: int = 0) -> Iterator[TimedEvent]:
        """The events from position `after` on; waits for new ones until the turn has ended."""
        while True:
            with self.news:
                while len(self.received) == after and self.running:
                    self.news.wait()
                batch = self.received.after(after)
            if not batch:
                return
            after += len(batch)
            yield from batch

    @property
    def message(self) -> Message:
        """The answer so far."""
        with self.news:
            return replace(
                self._accumulator.message(),
                state=self.state,
                failure=self.error.failure() if self.error else None,
                timing=Timing(self._first_token, self._total),
                request_id=self._accumulator.request_id or self.call.request_id,
                estimate=self._estimate,
                by_hand=self.request.raw is not None and not self.request.again,
            )

    @property
    def alternatives(self) -> list[Message]:
        """The other choices of an answer that was requested several times (n > 1), without the bill."""
        with self.news:
            others = self._accumulator.choices[1:]
            messages = [self._accumulator.message(choice) for choice in others]
            return [replace(message, state=self.state, usage=None, cost=None) for message in messages]

    def bill(self, usd: float) -> None:
        """The cost, known only after its end."""
        with self.news:
            self._accumulator.apply(CostReported(usd))

    @property
    def pending(self) -> bool:
        """Whether it has ended and its cost is still being looked up."""
        return self.awaits_bill and self.was_accepted and not self.running and self.message.cost is None

    @property
    def was_accepted(self) -> bool:
        """Whether the server accepted the request and began to answer: a refused request costs nothing."""
        return any(exchange.status is not None and exchange.status < 300 for exchange in self.call.exchanges)

    @property
    def notice(self) -> Preparing | Retrying | None:
        """What the visitor is waiting for now, if it is not the model's next token."""
        with self.news:
            last = self.received.last
        return last if isinstance(last, Preparing | Retrying) else None

    @property
    def since_last(self) -> float:
        """Seconds since the last event."""
        with self.news:
            return self.elapsed - self.received.last_at

    @property
    def events(self) -> list[TimedEvent]:
        with self.news:
            return self.received.after()

    # ---- on the turn's own thread -----------------------------------------------------------------------

    def _run(self) -> None:
        try:
            for event in self._source.chat(self.request, self.call):
                if not self._take(event):
                    return
            self._end("done")
        except Stopped:
            self._end("stopped")
        except APIError as error:
            self._end("failed", error)
        except Exception as fault:  # noqa: BLE001  (a fault of ours must not leave a turn running for ever)
            # Its text may contain anything, so it is not logged.
            logs.fault(log, "fault", fault)
            self._end("failed", InternalFault())

    def _take(self, event: Event) -> bool:
        with self.news:
            if not self.running:
                return False
            at = self.clock() - self.began
            if self._first_token is None and isinstance(
                event, TextDelta | ReasoningDelta | RefusalDelta | ToolCallDelta
            ):
                self._first_token = at
            self._accumulator.apply(self.received.add(at, event))
            if not isinstance(event, ChunkReceived):  # its details follow at once
                self.news.notify_all()
            return True

    def _end(self, state: State, error: APIError | None = None) -> bool:
        with self.news:
            if not self.running:
                return False
            self.state, self.error = state, error
            self._total = self.clock() - self.began
            choices = self._accumulator.choices or [0]
            ended = [replace(self._accumulator.message(choice), state=state) for choice in choices]
            free = _costs_nothing(self.call, ended[0])
            self._estimate = 0.0 if free else cost.estimate(self._price, self.request, *ended)
            self._over.set()
            self.news.notify_all()
        log_answer(log, self.request.model, self.call, self.message, self.error, self.received.events)
        return True


def _costs_nothing(call: Call, answer: Message) -> bool:
    """Whether it was stopped before its request was sent, or after the server had refused it."""
    refused = bool(call.exchanges) and (call.exchanges[-1].status or 0) >= 400
    return answer.state == "stopped" and answer.empty and (refused or not call.wait_until_left(0))


def _watch_readers(turn: Turn, grace: float) -> None:
    """Stop a turn that has had no reader for `grace` seconds. Runs on a thread of its own until the turn ends."""

    def watch() -> None:
        missed_since: float | None = None
        while turn.join(min(5.0, grace / 2)).running:
            now = time.monotonic()
            missed_since = None if turn.has_reader else missed_since or now
            if missed_since is not None and now - missed_since >= grace:
                turn.stop()

    threading.Thread(target=watch, name="turn-readers", daemon=True).start()
