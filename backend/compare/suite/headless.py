"""Runs a suite from a script: one client, one model per lane, what the model accepts from the bundled list."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from backend.answer.cost import Price
from backend.catalog.snapshot import snapshot
from backend.compare.lane_settings import LaneSettings, Overrides
from backend.compare.suite import job
from backend.compare.suite.grading import Grading
from backend.compare.suite.job import AskingLane
from backend.compare.suite.lane_work import Grader, LaneWork
from backend.compare.suite.results import Results
from backend.compare.suite.suite import Suite
from backend.jobs.asking import Asked
from backend.jobs.endpoints import Endpoints
from backend.jobs.job import AT_ONCE, Draft, Job, Work
from backend.jobs.job_rows import NoSuchJob
from backend.jobs.workers import Jobs
from backend.parameters import fit
from backend.protocol import dialects
from backend.store.store import in_memory
from backend.transport.client import ChatClient
from backend.types import JSON, ChatRequest, Message, Tool

_OWNER = "local"
_GLANCE = 0.2  # seconds between two progress reports of a run


def asking_lanes(suite: Suite, client: ChatClient, model: str) -> tuple[AskingLane, ...]:
    """The lanes of a suite, all of one server; a suite without lanes gets one with the default model."""
    settings = (lane.over(LaneSettings(model=model)) for lane in suite.lanes or (Overrides(),))
    return tuple(_lane(own.model, own.parameters, own.system_prompt, client) for own in settings)


def grading_lane(grading: Grading, client: ChatClient, model: str) -> AskingLane:
    return _lane(grading.model or model, {}, "", client)


def run(
    draft: Draft,
    lanes: tuple[AskingLane, ...],
    grader: AskingLane | None,
    client: ChatClient,
    told: Callable[[Job], None] = lambda job: None,
    at_once: int = AT_ONCE,
) -> tuple[Results, str]:
    """Run a suite's job to its end with occasional progress calls: its results, and why it stopped early. Ctrl+C
    stops it. Nothing is stored. Raises TooMuch.
    """
    jobs = Jobs(in_memory())
    work = works(draft, lanes, grader, client, jobs.endpoints, at_once)
    id_ = jobs.submit(_OWNER, draft, work, job.BOUNDS)
    saved = jobs.saved_jobs(_OWNER)
    try:
        while (kept := saved.job(id_)) and kept.state == "running":
            jobs.join(id_, _GLANCE)
            told(kept)
    except KeyboardInterrupt:
        jobs.cancel(_OWNER, id_)
        jobs.join(id_)
    ended = saved.job(id_)
    if ended is None:  # it is in memory, and is never deleted
        raise NoSuchJob
    return job.whole(ended, saved.steps(id_)), ended.why


def works(
    draft: Draft,
    lanes: tuple[AskingLane, ...],
    grader: AskingLane | None,
    client: ChatClient,
    endpoints: Endpoints,
    at_once: int = AT_ONCE,
) -> Mapping[str, Work]:
    """The works that do the steps of a suite's job, all for one server."""
    server = client.endpoint.base_url

    def asked(request_of: Callable[[Mapping[str, JSON]], ChatRequest], lane: AskingLane) -> Asked:
        return Asked(client, request_of, server, lane.price, at_once)

    made = job.of_plan(draft.plan)[1]

    def of_task(task: Mapping[str, JSON]) -> ChatRequest:
        return job.request_of(draft.plan, made, task)

    grades = Grader(asked(grading_request(grader), grader), endpoints) if grader else None
    names = [str(lane["name"]) for lane in job.lanes_of(draft.plan)]
    return {
        str(place): LaneWork(place, names[place], asked(of_task, lane), made, draft.plan, grades)
        for place, lane in enumerate(lanes)
    }


def grading_request(grader: AskingLane) -> Callable[[Mapping[str, JSON]], ChatRequest]:
    """The request of a task of a Grader."""
    return lambda task: grader.request(str(task.get("question")), ())


def _lane(model: str, parameters: Mapping[str, JSON], system_prompt: str, client: ChatClient) -> AskingLane:
    endpoint = client.endpoint
    info = snapshot().find(model) if endpoint.is_aimlapi else None
    dialect = dialects.choose(model, endpoint.base_url, info)
    body = fit(parameters, info, dialect=dialect).body
    system = (Message("system", system_prompt),) if system_prompt.strip() else ()

    def request(question: str, tools: tuple[Tool, ...]) -> ChatRequest:
        messages = (*system, Message("user", question))
        return ChatRequest(model, messages, body, tools, dialect=dialect, server=endpoint.digest)

    name = f"{model} · {_short(parameters)}" if parameters else model
    return AskingLane(name, request, Price(info.price_in, info.price_out) if info else None)


def _short(parameters: Mapping[str, JSON]) -> str:
    return ", ".join(f"{name} {value}" for name, value in parameters.items())[:80]
