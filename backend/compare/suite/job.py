"""A suite as a job: the exact request of every cell, their total cost, and the grid of results.

    draft = job.draft(suite, plan(suite), lanes)               # backend/jobs keeps it before the first request
    id_ = jobs.submit(owner, draft, running.works(...))
    results = job.results(jobs.saved(owner).job(id_), jobs.saved(owner).steps(id_))

The plan of the job is the suite in its file format, with its lanes; a task is a row and a lane. Cells that
passed in an earlier run can be carried over: they are not asked again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from backend.answer import cost
from backend.answer.cost import Price
from backend.compare.kept_requests import (
    USUAL,
    Body,
    JobEstimate,
    length,
    most,
    own_fields,
    request,
    shared_fields,
    whole_body,
)
from backend.compare.race import MOST as LANES
from backend.compare.suite import file, filling, grading, results
from backend.compare.suite.results import Cell, Results, done_before
from backend.compare.suite.suite import ROWS, Case, Plan, Suite, plan
from backend.errors import InternalFault
from backend.formats import archive
from backend.jobs.job import Bounds, Draft, Job, JobStep, JobTask, StepOutcome
from backend.protocol import wire
from backend.types import JSON, ChatRequest, Message, Tool
from backend.untrusted import Unreadable, fields, integer, items, line

KIND = "suite"
UNTITLED = "Suite"
BOUNDS = Bounds().with_steps(ROWS * LANES)
NOT_KEPT = "There was no room to keep the answer."
IN_FLIGHT = "It was on its way when the run was ended, and may have been charged."
_SAMPLE = 200  # cells that are sampled for an estimate


@dataclass(frozen=True)
class AskingLane:
    """The settings of one lane: `request` makes the request for a question, at `price`. `connection` is a name."""

    name: str
    request: Callable[[str, tuple[Tool, ...]], ChatRequest]
    price: Price | None = None
    connection: str = ""


def draft(
    suite: Suite,
    made: Plan,
    lanes: Sequence[AskingLane],
    grader: AskingLane | None = None,
    before: Results | None = None,
    *,
    only_failed: bool = False,
    cap: float | None = None,
) -> Draft:
    """The job of a suite. With `before` and `only_failed`, cells that passed then are carried over if request and
    checks are unchanged.
    """
    names = _apart([lane.name for lane in lanes])
    earlier = done_before(before, empty(made, names)) if before and only_failed else {}
    stored_lanes: list[JSON] = []
    tasks: list[JobTask] = []
    for place, lane in enumerate(lanes):
        requests = [_request(lane, made, case) for case in made.cases]
        bodies = [dict(wire.payload(one)) for one in requests]
        shared = shared_fields(bodies)
        stored_lanes.append(_lane(names[place], lane.connection, requests[0], shared))
        for row, (case, one, body) in enumerate(zip(made.cases, requests, bodies, strict=True)):
            known = earlier.get((case.key, place))
            if known and known.asked == request_digest(made, case, body):
                outcome, dear = StepOutcome("done", results.step_result(known), 0.0), None
            else:
                outcome, dear = None, _most(made, case, one, body, lane, grader)
            task: dict[str, JSON] = {"row": row, "lane": place, "request": own_fields(body, shared)}
            tasks.append(JobTask(task, dear, str(place), outcome))
    whole: dict[str, JSON] = {"prompt": suite.prompt, "suite": file.as_value(suite), "lanes": stored_lanes}
    return Draft(KIND, suite.name or UNTITLED, whole, tasks, cap)


def _request(lane: AskingLane, made: Plan, case: Case) -> ChatRequest:
    """Make the request of a cell. The system prompt has variables too; the question is filled in already and not
    searched again.
    """
    asks = lane.request(case.question, made.tools)
    messages = (
        replace(message, content=filling.fill(message.content, case.values))
        if message.role == "system"
        else message
        for message in asks.messages
    )
    return replace(asks, messages=tuple(messages))


def _lane(name: str, connection: str, first: ChatRequest, shared: Body) -> dict[str, JSON]:
    return {
        "name": name,
        "connection": connection,
        "model": first.model,
        "server": first.server,
        "format": first.dialect.format,
        "stream": first.stream,
        "request": dict(shared),
    }


def _apart(names: list[str]) -> tuple[str, ...]:
    """Distinct names: "model", "model (2)"."""
    distinct: list[str] = []
    for name in names:
        same = names[: len(distinct)].count(name)
        distinct.append(f"{name} ({same + 1})" if same else name)
    return tuple(distinct)


def request_digest(made: Plan, case: Case, body: Body) -> str:
    """A digest of everything that a verdict depends on: a pass under other checks is not a pass."""
    graded = made.grading if any(check.kind == "graded" for check in case.checks) else None
    whole = f"{json.dumps(body, sort_keys=True)} {case.checks!r} {graded!r}"
    return hashlib.sha256(whole.encode(errors="replace")).hexdigest()[:32]


# ---- what it costs ------------------------------------------------------------------------------------------


def estimate(made: Plan, lanes: Sequence[AskingLane], grader: AskingLane | None = None) -> JobEstimate:
    """The cost of a whole run, grading included; of many rows a sample is used."""
    step = max(1, len(made.cases) * len(lanes) // _SAMPLE)
    sample = made.cases[::step]
    graded = sum(check.kind == "graded" for case in made.cases for check in case.checks)
    usd, unlimited = 0.0, bool(graded)
    for lane in lanes:
        requests = [_request(lane, made, case) for case in sample]
        bodies = [wire.payload(one) for one in requests]
        unlimited = unlimited or any(length(body) is None for body in bodies)
        for case, one, body in zip(sample, requests, bodies, strict=True):
            dear = _most(made, case, one, body, lane, grader)
            if dear is None:
                return JobEstimate(len(made.cases) * len(lanes) + graded * len(lanes), None, unlimited)
            usd += dear
    share = len(made.cases) / max(1, len(sample))
    return JobEstimate((len(made.cases) + graded) * len(lanes), usd * share, unlimited)


def _most(
    made: Plan, case: Case, one: ChatRequest, body: Body, lane: AskingLane, grader: AskingLane | None
) -> float | None:
    costs = [most(one, body, lane.price)]
    for asks in grading_requests(made, case, length(body), grader):
        costs.append(most(asks, wire.payload(asks), grader.price if grader else None))
    known = [usd for usd in costs if usd is not None]
    return sum(known) if len(known) == len(costs) else None


def grading_requests(
    made: Plan, case: Case, tokens: int | None, grader: AskingLane | None
) -> Iterator[ChatRequest]:
    """The requests to a grader for the checks of a case, about answers of at most this many tokens."""
    output = "word " * (USUAL if tokens is None else tokens)
    for check in case.checks:
        if check.kind == "graded" and grader:
            yield grader.request(grading.question(made.grading, output, str(check.value)), ())


# ---- what is kept -------------------------------------------------------------------------------------------


def of_plan(kept: Body) -> tuple[Suite, Plan]:
    """The suite that a job runs. Raises Unreadable."""
    suite = file.of_value(kept.get("suite"))
    return suite, plan(suite)


def lanes_of(kept: Body) -> list[Mapping[str, JSON]]:
    """The lanes in the plan of a job."""
    return [fields(lane) for lane in items(kept.get("lanes"), LANES)]


def request_of(kept: Body, made: Plan, task: Body) -> ChatRequest:
    """The exact request of a task."""
    row, lane = place_of(task)
    return request({**lanes_of(kept)[lane], "prompt": made.cases[row].question}, task)


def body_of(kept: Body, task: Body) -> dict[str, JSON]:
    """The body of the exact request of a task."""
    return whole_body(lanes_of(kept)[place_of(task)[1]], task)


def place_of(task: Body) -> tuple[int, int]:
    """The row and the lane of a task."""
    return integer(task.get("row")) or 0, integer(task.get("lane")) or 0


def read(value: Mapping[str, JSON]) -> Draft:
    """The run in a file, with the same requests. Raises Unreadable.

    Its requests go to the server of whoever runs it: show them first.
    """
    kept = dict(fields(value.get("plan")))
    _, made = of_plan(kept)
    lanes = lanes_of(kept)
    tasks = [fields(fields(entry).get("task")) for entry in items(value.get("steps"))]
    places = [(lane, row) for lane in range(len(lanes)) for row in range(len(made.cases))]
    if not lanes or [place_of(task)[::-1] for task in tasks] != places:
        raise Unreadable("The file does not hold every request of its suite.")
    for task, (lane, _) in zip(tasks, places, strict=True):
        asks_it = body_of(kept, task).get("model") == lanes[lane].get("model")
        if not isinstance(task.get("request"), dict) or not asks_it:
            raise Unreadable("The file does not hold every request of its suite.")
    return Draft(KIND, made.name or UNTITLED, kept, [JobTask(task, queue=str(place_of(task)[1])) for task in tasks])


# ---- what came of it ----------------------------------------------------------------------------------------


def empty(made: Plan, names: Iterable[str]) -> Results:
    """A grid in which every cell is waiting."""
    return Results(made.name, tuple((case.key, case.name) for case in made.cases), tuple(names), {})


def grid(job: Job) -> Results:
    """The empty grid of a job. Raises Unreadable."""
    return empty(of_plan(job.plan)[1], [line(lane.get("name"), 200) for lane in lanes_of(job.plan)])


def with_steps(found: Results, steps: Iterable[JobStep], kept: Body | None = None) -> Results:
    """The grid with the results of these steps; given the plan of the job, every cell has its request."""
    cells = dict(found.cells)
    for step in steps:
        row, lane = place_of(step.task)
        if row >= len(found.rows) or lane >= len(found.lanes):
            continue
        cell = _cell(step, found.rows[row][0], lane)
        if cell is None:
            cells.pop((found.rows[row][0], lane), None)
        else:
            cells[cell.row, lane] = replace(cell, request=body_of(kept, step.task)) if kept else cell
    return replace(found, cells=cells)


def whole(job: Job, steps: Iterable[JobStep]) -> Results:
    """All results of a job, with every request. Raises Unreadable."""
    return with_steps(grid(job), steps, job.plan)


def _cell(step: JobStep, row: str, lane: int) -> Cell | None:
    if step.state in ("waiting", "running", "cancelled"):
        return None
    if step.result.get("cell"):
        return replace(results.read_cell(step.result), row=row, lane=lane)
    fault = InternalFault.title if step.result.get("error") else ""
    why = fault or (NOT_KEPT if step.state == "done" else IN_FLIGHT)
    return Cell(row, lane, "error", failure=why, cost=step.usd)


def unanswered_cell(outcome: StepOutcome, row: str, lane: int) -> Cell:
    """The cell of a question without an answer."""
    reason = outcome.result.get("message")
    message = archive.message(reason) if reason else Message("assistant")
    failure = message.failure
    why = f"{failure.title} {failure.detail}".strip() if failure else IN_FLIGHT
    answer = wire.thinking(message)[1]
    paid, took = cost.usd(message), message.timing.total
    return Cell(row, lane, "error", answer=answer, failure=why, cost=paid, seconds=took)
