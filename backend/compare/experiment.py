"""A grid as a job: the exact request of every cell, what it will cost, and the file that holds all of it.

    draft = experiment.draft(grid, request_of, about)         # backend/jobs keeps it before the first request
    id_ = jobs.submit(owner, draft, experiment.work(draft.plan, source, ...))

A plan holds what the bodies of all requests share once, and a task what its request has of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from backend.answer.cost import Price
from backend.compare import grid as grids
from backend.compare.grid import BadGrid, Grid
from backend.compare.kept_requests import JobEstimate, length, most, own_fields, request, shared_fields, whole_body
from backend.formats.imports import EXPERIMENT
from backend.jobs.job import Draft, JobStep, JobTask
from backend.protocol import wire
from backend.types import JSON, ChatRequest
from backend.untrusted import fields, integer, items, string

KIND = "grid"


@dataclass(frozen=True)
class About:
    """Metadata of a grid: never a key or an address. `server` is a digest of the address."""

    prompt: str
    system_prompt: str = ""
    model: str = ""
    server: str = ""


def draft(
    grid: Grid,
    request_of: Callable[[Mapping[str, JSON]], ChatRequest],
    about: About,
    price: Price | None = None,
    cap: float | None = None,
) -> Draft:
    """The job of a grid. `request_of` makes the request of a cell from its values."""
    cells = list(grid.cells())
    requests = [request_of(cell) for cell in cells]
    bodies = [dict(wire.payload(request)) for request in requests]
    shared = shared_fields(bodies)
    own = [own_fields(body, shared) for body in bodies]
    dear = [most(request, body, price) for request, body in zip(requests, bodies, strict=True)]
    plan: dict[str, JSON] = {
        **grids.as_json(grid),
        "prompt": about.prompt,
        "system_prompt": about.system_prompt,
        "model": about.model,
        "server": about.server,
        "format": requests[0].dialect.format,
        "stream": requests[0].stream,
        "request": shared,
    }
    tasks = [
        JobTask({"cell": place, "run": run, "request": own[place]}, dear[place])
        for run in range(grid.runs)  # one run of each cell first, so that the whole map fills early
        for place in range(len(cells))
    ]
    return Draft(KIND, " ".join(about.prompt.split()), plan, tasks, cap)


# ---- what it costs ------------------------------------------------------------------------------------------


def estimate(draft: Draft) -> JobEstimate:
    """The estimated cost of a whole grid, by its tokens and the model's price."""
    known = [task.most for task in draft.tasks if task.most is not None]
    limited = all(length(whole_body(draft.plan, task.task)) is not None for task in draft.tasks)
    return JobEstimate(len(draft.tasks), sum(known) if len(known) == len(draft.tasks) else None, not limited)


# ---- progress ------------------------------------------------------------------------------------------------


def seconds_left(steps: Sequence[JobStep], at_once: int) -> float | None:
    """Seconds until everything is done at the rate so far; None before the first answer."""
    took = [step.ended - step.began for step in steps if step.state == "done" and step.began and step.ended]
    left = sum(step.state in ("waiting", "running") for step in steps)
    return sum(took) / len(took) * left / max(1, min(at_once, left)) if took and left else None


# ---- its answers --------------------------------------------------------------------------------------------


def schema(plan: Mapping[str, JSON]) -> dict[str, JSON] | None:
    """The JSON schema that all answers have to match; None if there is none."""
    body = fields(plan.get("request"))
    shape = fields(fields(body.get("response_format")).get("json_schema")).get("schema")
    if shape is None:  # of the Responses format
        shape = fields(fields(body.get("text")).get("format")).get("schema")
    return dict(shape) if isinstance(shape, dict) else None


# ---- the file -----------------------------------------------------------------------------------------------


def read(
    value: JSON, bound: int, price: Callable[[str], Price] = lambda model: Price(), cap: float | None = None
) -> Draft:
    """The experiment in a file, as a draft with the same requests, at most `bound`. Raises BadGrid.

    `price` returns the price of a model by its id. The requests of an untrusted file go to the server of
    whoever runs it: show them first.
    """
    found = fields(value)
    if found.get("format") != EXPERIMENT:
        raise BadGrid("This file holds no experiment.")
    plan = dict(fields(found.get("plan")))
    grid = grids.read(plan)
    grid.check(bound)
    entries = [fields(entry) for entry in items(found.get("steps"))]
    tasks = [fields(entry.get("task")) for entry in entries]
    cells = len(list(grid.cells()))
    places = [(integer(task.get("run")), integer(task.get("cell"))) for task in tasks]
    if places != [(run, cell) for run in range(grid.runs) for cell in range(cells)] or not plan.get("prompt"):
        raise BadGrid("The file does not hold every request of its grid.")
    if not all(isinstance(task.get("request"), dict) for task in tasks) or not fields(plan.get("request")):
        raise BadGrid("The file does not hold every request of its grid.")
    asked = [request(plan, task) for task in tasks]
    model = string(plan.get("model"))
    if any(fields(one.raw).get("model") != model for one in asked):
        raise BadGrid("The file asks several models: an experiment asks one.")
    dear = [most(one, one.raw or {}, price(model)) for one in asked]
    priced = [JobTask(task, dollars) for task, dollars in zip(tasks, dear, strict=True)]
    return Draft(KIND, string(found.get("title")), plan, priced, cap)
