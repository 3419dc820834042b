"""The work of a suite's job (backend/jobs): asks a lane, and checks its answers as they arrive.

    works = {str(place): LaneWork(place, name, asked, plan, kept) for place, ... in lanes}

A lane that cannot continue pauses without affecting the others. An answer is stored before it is graded, and
each grade as it arrives: after a crash, or while a grader is unavailable, nothing is paid for twice.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace

from backend.answer import cost
from backend.compare.suite import checks, grading, job, results
from backend.compare.suite.check import Answered, Check
from backend.compare.suite.results import Cell, CheckResult
from backend.compare.suite.suite import Case, Plan
from backend.formats import archive
from backend.jobs.endpoints import Endpoints
from backend.jobs.job import Again, Halt, Hands, Later, StepOutcome, Work
from backend.protocol import wire
from backend.types import JSON
from backend.untrusted import fields, number

_MESSAGE = 2_000  # characters of JSON of an answer that is stored twice, in its cell and for the inspector
NO_GRADER = "nobody is there to grade it"
NOT_GRADED = "it could not be graded. {why}"
CUT_SHORT = "the grading was cut short"


@dataclass(frozen=True)
class Grader:
    """The grader: `asked` does a task {"question": ...}; `endpoints` are shared with the jobs that it runs
    among.
    """

    asked: Work
    endpoints: Endpoints

    def grade(self, question: str, hands: Hands, endpoint: str) -> StepOutcome:
        """Ask the grader from within a step that holds a slot at `endpoint`. Raises Again, Later, Halt."""
        if self.asked.endpoint == endpoint:
            return self.asked({"question": question}, hands)
        stopped = threading.Event()
        hands.when_stopped(stopped.set)
        if not self.endpoints.enter(self.asked.endpoint, self.asked.at_once, lambda: not stopped.is_set()):
            raise Later(0.0)
        try:
            return self.asked({"question": question}, _HandsElsewhere(hands, self))
        except Again as again:
            again.endpoint = self.asked.endpoint
            raise
        finally:
            self.endpoints.leave(self.asked.endpoint)


class _HandsElsewhere:
    """The hands of a step, for a request to another endpoint than its own."""

    def __init__(self, hands: Hands, grader: Grader) -> None:
        self.handle = hands.handle
        self.keep_handle = hands.keep_handle
        self.when_stopped = hands.when_stopped
        self._grader = grader

    def hold(self, seconds: float) -> None:
        self._grader.endpoints.hold(self._grader.asked.endpoint, seconds)


@dataclass(frozen=True)
class LaneWork:
    """A backend.jobs.job.Work: the cells of one lane. `kept` is the plan of the job."""

    place: int
    name: str
    asked: Work
    plan: Plan
    kept: Mapping[str, JSON]
    grader: Grader | None = None

    @property
    def endpoint(self) -> str:
        return self.asked.endpoint

    @property
    def at_once(self) -> int:
        return self.asked.at_once

    def __call__(self, task: Mapping[str, JSON], hands: Hands) -> StepOutcome:
        case = self.plan.cases[job.place_of(task)[0]]
        try:
            outcome = _earlier(hands.handle) or self._answer_outcome(case, task, hands)
            return self._check_answer(case, task, outcome, hands) if outcome.state == "done" else outcome
        except Halt as halt:
            raise Halt(f"{self.name}: {halt}") from None

    def _answer_outcome(self, case: Case, task: Mapping[str, JSON], hands: Hands) -> StepOutcome:
        """The answer, or the cell of a question without one."""
        try:
            outcome = self.asked(task, hands)
        except Again as again:
            if again.outcome:
                again.outcome = self._with_unanswered_cell(case, again.outcome)
            raise
        return outcome if outcome.state == "done" else self._with_unanswered_cell(case, outcome)

    def _with_unanswered_cell(self, case: Case, outcome: StepOutcome) -> StepOutcome:
        cell = job.unanswered_cell(outcome, case.key, self.place)
        return replace(outcome, result={**results.step_result(cell), **_to_inspect(outcome)})

    def _check_answer(
        self, case: Case, task: Mapping[str, JSON], outcome: StepOutcome, hands: Hands
    ) -> StepOutcome:
        answered = Answered(archive.message(outcome.result.get("message")), self.plan.tools)
        graded = [place for place, check in enumerate(case.checks) if check.kind == "graded"]
        grades = _grades(hands.handle)
        if graded and not hands.handle:
            _keep(hands, outcome, grades)
        try:
            for place in graded:
                if place not in grades:
                    grades[place] = self._grade(case.checks[place], answered, hands)
                    if place != graded[-1]:
                        _keep(hands, outcome, grades)
        except Again as again:
            if again.outcome:
                verdicts = self._verdicts(case, answered, grades, str(again))
                again.outcome = replace(self._cell(case, task, outcome, verdicts), state="failed")
            raise
        return self._cell(case, task, outcome, self._verdicts(case, answered, grades))

    def _verdicts(
        self, case: Case, answered: Answered, grades: Mapping[int, CheckResult], why: str = ""
    ) -> tuple[CheckResult, ...]:
        """The verdicts of all checks in order; `why` is the reason for a missing grade."""
        return tuple(
            grades[place] if place in grades else _ungraded_result(check, answered, why)
            for place, check in enumerate(case.checks)
        )

    def _cell(
        self, case: Case, task: Mapping[str, JSON], outcome: StepOutcome, verdicts: tuple[CheckResult, ...]
    ) -> StepOutcome:
        message = archive.message(outcome.result.get("message"))
        cell = Cell(
            case.key,
            self.place,
            "passed" if all(one.passed for one in verdicts) else "failed",
            verdicts,
            wire.thinking(message)[1],
            tuple((call.name, call.arguments) for call in message.tool_calls),
            cost=cost.usd(message),
            seconds=message.timing.total,
            asked=job.request_digest(self.plan, case, job.body_of(self.kept, task)),
        )
        dollars = [outcome.usd, *(one.cost for one in verdicts if one.cost is not None)]
        known = [usd for usd in dollars if usd is not None]
        result = {**results.step_result(cell), **_to_inspect(outcome)}
        return StepOutcome("done", result, sum(known) if outcome.usd is not None else None)

    def _grade(self, check: Check, answered: Answered, hands: Hands) -> CheckResult:
        description = checks.words(check)
        if self.grader is None:
            return CheckResult(description, False, NO_GRADER)
        stopped = threading.Event()
        hands.when_stopped(stopped.set)
        question = grading.question(self.plan.grading, answered.text, str(check.value))
        outcome = self.grader.grade(question, hands, self.endpoint)
        message = archive.message(outcome.result.get("message"))
        if outcome.state != "done":
            if stopped.is_set():
                raise Later(0.0)  # the answer is stored, and is graded when the run resumes
            failure = message.failure
            why = NOT_GRADED.format(why=failure.title if failure else CUT_SHORT)
            return CheckResult(description, False, why, cost.usd(message))
        grade = grading.read(wire.thinking(message)[1], check.threshold)
        return CheckResult(description, grade.passed, grade.reason, cost.usd(message))


def _ungraded_result(check: Check, answered: Answered, why: str) -> CheckResult:
    """The verdict without a grader; `why` it was not graded."""
    if check.kind == "graded":
        return CheckResult(checks.words(check), False, NOT_GRADED.format(why=why))
    missed = checks.missed(check, answered)
    return CheckResult(checks.words(check), not missed, missed)


def _to_inspect(outcome: StepOutcome) -> dict[str, JSON]:
    """What the inspector shows of an answer: the exchange, if it was recorded, and a short message."""
    exchange, message = outcome.result.get("exchange"), outcome.result.get("message")
    if not exchange:
        return {}
    short = len(json.dumps(message)) <= _MESSAGE
    return {"message": message, "exchange": exchange} if short else {"exchange": exchange}


def _keep(hands: Hands, outcome: StepOutcome, grades: Mapping[int, CheckResult]) -> None:
    """Store an answer with its grades so far, by the indexes of their checks."""
    kept = {place: results.kept_verdict(grade) for place, grade in grades.items()}
    hands.keep_handle(json.dumps({"usd": outcome.usd, **outcome.result, "grades": kept}))


def _grades(handle: str) -> dict[int, CheckResult]:
    """The stored grades."""
    kept = fields(fields(json.loads(handle)).get("grades")) if handle else {}
    return {int(place): results.read_verdict(fields(grade)) for place, grade in kept.items()}


def _earlier(handle: str) -> StepOutcome | None:
    """The answer that was stored before it was graded."""
    if not handle:
        return None
    stored = fields(json.loads(handle))
    kept = {name: stored[name] for name in ("message", "exchange") if name in stored}
    return StepOutcome("done", kept, number(stored.get("usd")))
