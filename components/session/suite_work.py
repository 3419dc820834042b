"""The Work of a suite's job: a way for each lane, and one for the grading model."""

from __future__ import annotations

from collections.abc import Mapping

from backend.compare.kept_requests import length
from backend.compare.suite import job
from backend.compare.suite.headless import grading_request
from backend.compare.suite.job import AskingLane
from backend.compare.suite.lane_work import Grader, LaneWork
from backend.compare.suite.suite import ROWS
from backend.guests.ledger import Amount
from backend.jobs.asking import room
from backend.jobs.job import Bounds, Budget, Work
from backend.jobs.workers import Works
from backend.types import JSON, ChatRequest, Message, Tool
from backend.untrusted import line
from components.session import services
from components.session.job_sources import Ways, reserved_budget
from components.session.ports import AskingTab
from components.session.services import configured
from components.session.setup import Setup

GUEST_ROWS = ROWS // 10
_PLACE = "suite"


def bounds_of_suites() -> Bounds:
    """The visitor's limits for suites."""
    return job.BOUNDS.tenth() if configured().shared else job.BOUNDS


def most_rows() -> int:
    """The maximum of rows in a suite."""
    return GUEST_ROWS if configured().shared else ROWS


def works(ways: Ways, kept: Mapping[str, JSON], session: AskingTab) -> tuple[Works, Budget | None]:
    """The Work for the steps of a suite's job, and the budget. Raises OtherServer, Unreadable."""
    suite, made = job.of_plan(kept)
    lanes = job.lanes_of(kept)
    bytes_each = room(bounds_of_suites(), len(made.cases) * len(lanes))
    of_lanes = [ways.to(lane, f"{_PLACE}.{place}") for place, lane in enumerate(lanes)]
    setup = grading_setup(session, suite.grading.model) if made.needs_grader else None
    grades = ways.by(setup) if setup else None
    grader = grading_lane(setup) if setup else None

    def request_of(task: Mapping[str, JSON]) -> ChatRequest:
        return job.request_of(kept, made, task)

    def most(task: Mapping[str, JSON]) -> Amount:
        row, lane = job.place_of(task)
        asks = request_of(task)
        whole = of_lanes[lane].most(asks)
        if grades:
            for grading in job.grading_requests(made, made.cases[row], length(asks.raw or {}), grader):
                whole += grades.most(grading)
        return whole

    budget = reserved_budget([*of_lanes, *([grades] if grades else [])], most)
    graded = None
    if grades and grader:
        graded = Grader(grades.asking_work(grading_request(grader), budget, 0), services.jobs().endpoints)
    done_by: dict[str, Work] = {
        str(place): LaneWork(
            place, line(lane.get("name"), 200), way.asking_work(request_of, budget, bytes_each), made, kept, graded
        )
        for place, (lane, way) in enumerate(zip(lanes, of_lanes, strict=True))
    }
    return done_by, budget


def grading_setup(session: AskingTab, model: str) -> Setup:
    """The setup of the grading model, on the sidebar's connection, without a system prompt and parameters."""
    used = session.setup
    values = session.settings.values
    return session.setup_with(f"{_PLACE}.grader", used.connection, model or used.model, values)


def grading_lane(setup: Setup) -> AskingLane:
    """The grader's lane. Without parameters, whatever the sidebar says."""

    def request(question: str, tools: tuple[Tool, ...]) -> ChatRequest:
        return ChatRequest(
            setup.model, (Message("user", question),), dialect=setup.dialect, server=setup.endpoint.digest
        )

    return AskingLane(setup.model, request, setup.price(setup.model), setup.connection.id)
