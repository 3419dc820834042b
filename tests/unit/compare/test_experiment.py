"""A grid as a job, from a script: exact requests, an estimate before, and one file that asks the same again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from basics import KEY, QUICK
from fake_api import FakeAPI, Reply, Request, stream
from stores import open_store

from backend.answer.cost import Price
from backend.compare import cell_statistics, experiment, job_files, kept_requests
from backend.compare.experiment import About
from backend.compare.grid import BadGrid, Grid, axis
from backend.formats.imports import EXPERIMENT
from backend.jobs.asking import Asked
from backend.jobs.job import Draft
from backend.jobs.workers import Jobs
from backend.protocol import wire
from backend.transport.client import ChatClient, Endpoint
from backend.types import JSON, ChatRequest, Dialect, Message, Tool

GRID = Grid((axis("temperature", "0, 1"), axis("max_tokens", "unset, 50")), runs=2)
ABOUT = About("Say a word.", "Be brief.", "m", "abc")


def request_of(cell: Mapping[str, JSON]) -> ChatRequest:
    parameters = {name: value for name, value in cell.items() if value is not None}
    names = {"max_tokens": "max_completion_tokens"}
    messages = (Message("system", ABOUT.system_prompt), Message("user", ABOUT.prompt))
    return ChatRequest("m", messages, parameters, dialect=Dialect(names=names))


def draft(price: Price | None = Price(1.0, 2.0)) -> Draft:
    return experiment.draft(GRID, request_of, ABOUT, price, cap=1.0)


def test_each_request_is_kept_exactly_as_it_would_be_sent() -> None:
    made = draft()
    assert len(made.tasks) == 8 and [task.task["cell"] for task in made.tasks] == [0, 1, 2, 3] * 2
    for task in made.tasks:
        cell = list(GRID.cells())[int(str(task.task["cell"]))]
        assert wire.payload(kept_requests.request(made.plan, task.task)) == wire.payload(request_of(cell))
    assert "messages" not in json.dumps([task.task for task in made.tasks]), "what all share is kept once"


def test_an_estimate_says_what_is_known_and_whether_it_may_be_more() -> None:
    found = experiment.estimate(draft())
    into = 8 * 14
    assert found.requests == 8 and found.open
    assert found.usd == pytest.approx((into * 1.0 + (4 * kept_requests.USUAL + 4 * 50) * 2.0) / 1e6, rel=0.05)
    assert experiment.estimate(draft(None)).usd is None
    assert experiment.estimate(draft(Price(0.0, 0.0))).usd == 0
    tools = (Tool("colour", "word " * 500, {}),)
    asked = experiment.draft(GRID, lambda cell: replace(request_of(cell), tools=tools), ABOUT, Price(1.0, 2.0))
    assert (experiment.estimate(asked).usd or 0) > (found.usd or 0) + 8 * 450 / 1e6, (
        "tools go out with every request"
    )


def test_a_grid_runs_from_a_script_and_its_file_asks_the_very_same_again(tmp_path: Path) -> None:
    def script(request: Request) -> Reply:
        return stream("cold" if request.body["temperature"] == 0 else f"hot {len(api.asked)}")

    jobs = Jobs(open_store(f"sqlite:///{tmp_path / 'kept.db'}"))
    with FakeAPI(script) as api:
        client, bodies = ChatClient(Endpoint(api.url, KEY), QUICK), []
        made = draft()
        for _ in range(2):
            work = Asked(client, lambda task, plan=made.plan: kept_requests.request(plan, task), api.origin)
            id_ = jobs.submit("local", made, work)
            job, steps = jobs.join(id_, 30).saved_jobs("local").job(id_), jobs.saved_jobs("local").steps(id_)
            assert job and job.state == "done"
            file = job_files.export(job, steps)
            made = experiment.read(json.loads(file), 400)
            bodies.append(sorted(request.raw for request in api.asked[-8:]))
    assert bodies[0] == bodies[1] and KEY not in file and api.url not in file
    cold = cell_statistics.figures([step for step in steps if step.task["cell"] == 0])
    assert cold.distinct == 1 and cold.agreement == 1.0 and cold.asked == 2
    assert json.loads(file)["steps"][1]["request"]["max_completion_tokens"] == 50


@pytest.mark.parametrize("broken", ["steps", "plan", "format", "runs", "request", "model"])
def test_a_file_that_is_no_whole_experiment_is_refused(broken: str, tmp_path: Path) -> None:
    made = draft()
    file = json.loads(
        json.dumps({"format": EXPERIMENT, "plan": made.plan, "steps": [{"task": t.task} for t in made.tasks]})
    )
    assert experiment.read(file, 400).tasks == [replace(task, most=None) for task in made.tasks]
    if broken == "runs":
        file["plan"]["runs"] = 10**12
    elif broken == "model":
        file["steps"][3]["task"]["request"]["model"] = "another"
    elif broken == "request":
        del file["steps"][3]["task"]["request"]
    else:
        del file[broken]
    with pytest.raises(BadGrid):
        experiment.read(file, 400)


def test_the_schema_of_the_answers_is_found_in_the_request() -> None:
    shape = {"type": "object"}
    chat = {"response_format": {"type": "json_schema", "json_schema": {"schema": shape}}}
    responses = {"text": {"format": {"type": "json_schema", "schema": shape}}}
    assert [experiment.schema({"request": body}) for body in (chat, responses, {})] == [shape, shape, None]
