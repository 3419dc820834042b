"""A run of a suite: every row asked of every lane, a few at a time, checked as the answers come.

    run = Run(plan(suite), lanes, grader).start()
    while run.running: show(run.results)
    run.stop()

Each server has a gate of its own (gate.py). A cell that fails disturbs no other one.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from backend import logs
from backend.answer.turn import Turn
from backend.compare.suite import checks, filling, grading
from backend.compare.suite.check import Answered, Check, usd_of
from backend.compare.suite.gate import AT_ONCE, Gate
from backend.compare.suite.results import KEPT, Cell, Results, Verdict, done_before
from backend.compare.suite.suite import Case, Plan
from backend.errors import InternalFault
from backend.protocol import wire
from backend.types import JSON, ChatRequest, Message, Retrying, Tool

log = logging.getLogger(__name__)
NOT_ASKED = "It was not asked: the server wants to be left alone for longer than a run waits."
NO_GRADER = "nobody is there to grade it"


@dataclass(frozen=True)
class AskingLane:
    """How one lane asks: `request` makes the request of a question, `turn` the answer to it, to be started.
    `server` tells which lanes share one."""

    name: str
    server: str
    request: Callable[[str, tuple[Tool, ...]], ChatRequest]
    turn: Callable[[ChatRequest], Turn]


class Run:
    """One run. With `before` and `only_failed`, what passed then is not asked again where request and checks are
    the same."""

    def __init__(
        self,
        plan: Plan,
        lanes: tuple[AskingLane, ...],
        grader: AskingLane | None = None,
        before: Results | None = None,
        *,
        only_failed: bool = False,
        at_once: int = AT_ONCE,
    ) -> None:
        self.plan = plan
        self.before = before
        self._lanes = lanes
        self._grader = grader
        self._at_once = at_once
        names = _apart([lane.name for lane in lanes])
        rows = tuple((case.key, case.name) for case in plan.cases)
        empty = Results(plan.name, rows, names, {})
        self._cells: dict[tuple[str, int], Cell] = {}
        self._empty = empty
        self._earlier = done_before(before, empty) if before and only_failed else {}
        self._size = 0
        self.began: float | None = None  # on the monotonic clock
        self._wanted: Callable[[], bool] = lambda: True
        self._grace = 0.0
        self._turns: set[Turn] = set()
        self._stopped = False
        self._lock = threading.Lock()
        self._gates: dict[str, Gate] = {}
        self._waiting: dict[str, deque[tuple[Case, int]]] = {}
        for case in plan.cases:
            for place, lane in enumerate(lanes):
                self._waiting.setdefault(lane.server, deque()).append((case, place))
        self._threads = [
            threading.Thread(target=self._work, args=(server,), name="suite", daemon=True)
            for server, cells in self._waiting.items()
            for _ in range(min(at_once, len(cells)))
        ]

    def start(self) -> Run:
        self.began = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def while_wanted(self, wanted: Callable[[], bool], grace: float) -> Run:
        """Stop when nobody wants it for `grace` seconds: its tab is closed."""
        self._wanted, self._grace = wanted, grace
        return self

    def join(self, timeout: float | None = None) -> Run:
        for thread in self._threads:
            thread.join(timeout)
        return self

    def stop(self) -> None:
        """Ask nothing more, and end what is on its way. What has been checked stays."""
        with self._lock:
            self._stopped = True
            turns, gates = list(self._turns), list(self._gates.values())
        for gate in gates:
            gate.shut()
        for turn in turns:
            turn.stop()

    @property
    def running(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    @property
    def stopped(self) -> bool:
        return self._stopped

    @property
    def results(self) -> Results:
        """As far as it has come."""
        with self._lock:
            return replace(self._empty, cells=dict(self._cells))

    # ---- on the threads of the run ----------------------------------------------------------------------

    def _work(self, server: str) -> None:
        waiting = self._waiting[server]
        while not self._stopped:
            if not self._still_wanted():
                self.stop()
                return
            try:
                case, place = waiting.popleft()
            except IndexError:
                return
            try:
                cell = self._cell(case, place)
            except Exception as fault:  # noqa: BLE001  (a fault of ours in one cell must not end the run)
                logs.fault(log, "fault", fault)
                cell = Cell(case.key, place, "error", failure=InternalFault.title)
            if cell is not None:
                self._keep(cell)

    def _still_wanted(self) -> bool:
        """A browser may be away for a moment."""
        since = time.monotonic()
        while not self._wanted():
            if self._stopped or time.monotonic() - since >= self._grace:
                return False
            time.sleep(min(0.5, self._grace))
        return True

    def _keep(self, cell: Cell) -> None:
        with self._lock:
            self._size += cell.size
            self._cells[cell.row, cell.lane] = cell if self._size <= KEPT else cell.shortened

    def _cell(self, case: Case, place: int) -> Cell | None:
        """None where the run was stopped before this one was done."""
        lane = self._lanes[place]
        request = _filled(lane.request(case.question, self.plan.tools), case.values)
        body = wire.payload(request)
        cell = Cell(case.key, place, request=body, asked=self._digest(body, case))
        earlier = self._earlier.get((case.key, place))
        if earlier and earlier.asked == cell.asked:
            return earlier
        message = self._ask(lane, request)
        if message is None:
            return None if self._stopped else replace(cell, state="error", failure=NOT_ASKED)
        cell = replace(
            cell,
            answer=wire.thinking(message)[1],
            calls=tuple((call.name, call.arguments) for call in message.tool_calls),
            cost=usd_of(message),
            seconds=message.timing.total,
        )
        if message.state == "stopped":
            return None if self._stopped else replace(cell, state="error", failure="It was stopped.")
        if message.state != "done":
            failure = message.failure
            return replace(
                cell, state="error", failure=f"{failure.title} {failure.detail}".strip() if failure else ""
            )
        verdicts = tuple(self._verdict(check, message) for check in case.checks)
        if self._stopped and any(check.kind == "graded" for check in case.checks):
            return None  # a grade may be missing
        return replace(cell, state="passed" if all(one.passed for one in verdicts) else "failed", verdicts=verdicts)

    def _digest(self, body: Mapping[str, JSON], case: Case) -> str:
        """Of all that a verdict depends on: what passed under other checks has not passed these."""
        graded = self.plan.grading if any(check.kind == "graded" for check in case.checks) else None
        whole = f"{json.dumps(body, sort_keys=True)} {case.checks!r} {graded!r}"
        return hashlib.sha256(whole.encode(errors="replace")).hexdigest()[:32]

    def _verdict(self, check: Check, message: Message) -> Verdict:
        answered = Answered(message, self.plan.tools)
        if check.kind == "graded":
            return self._graded(check, answered)
        why = checks.missed(check, answered)
        return Verdict(checks.words(check), not why, why)

    def _graded(self, check: Check, answered: Answered) -> Verdict:
        if self._grader is None:
            return Verdict(checks.words(check), False, NO_GRADER)
        question = grading.question(self.plan.grading, answered.text, str(check.value))
        message = self._ask(self._grader, self._grader.request(question, ()))
        if message is None or message.state != "done":
            failure = message.failure if message else None
            return Verdict(
                checks.words(check), False, f"it could not be graded. {failure.title if failure else ''}".strip()
            )
        grade = grading.read(wire.thinking(message)[1], check.threshold)
        return Verdict(checks.words(check), grade.passed, grade.reason, usd_of(message))

    def _ask(self, lane: AskingLane, request: ChatRequest) -> Message | None:
        """The answer; None where the gate is shut. Where the server names a time to wait, it is asked once more
        after that."""
        gate = self._gate(lane.server)
        message = None
        for last in (False, True):
            if not gate.enter():
                return message
            try:
                turn = self._begin(lane, request)
                if turn is None:
                    return None
                for timed in turn.follow():
                    if isinstance(timed.event, Retrying):
                        gate.pause(timed.event.after)
                self._turns.discard(turn)
                message = turn.join().message
            finally:
                gate.leave()
            wait = turn.error.retry_after if turn.error and turn.error.retryable else None
            if not wait:
                return message
            gate.pause(wait)
            if last:
                break
        return message

    def _begin(self, lane: AskingLane, request: ChatRequest) -> Turn | None:
        turn = lane.turn(request)
        with self._lock:
            if self._stopped:
                return None
            self._turns.add(turn)
        return turn.start()

    def _gate(self, server: str) -> Gate:
        with self._lock:
            if server not in self._gates:
                self._gates[server] = Gate(self._at_once)
                if self._stopped:
                    self._gates[server].shut()
            return self._gates[server]


def _filled(request: ChatRequest, values: Mapping[str, str]) -> ChatRequest:
    """The system prompt has variables too; the question is filled in already, and not looked at again."""
    messages = (
        replace(message, content=filling.fill(message.content, values)) if message.role == "system" else message
        for message in request.messages
    )
    return replace(request, messages=tuple(messages))


def _apart(names: list[str]) -> tuple[str, ...]:
    """Names of which no two are the same: "model", "model (2)"."""
    told: list[str] = []
    for name in names:
        same = names[: len(told)].count(name)
        told.append(f"{name} ({same + 1})" if same else name)
    return tuple(told)
