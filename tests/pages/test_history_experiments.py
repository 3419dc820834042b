"""Experiments on the page History: found like conversations, and brought back from their files."""

from __future__ import annotations

from dataclasses import replace

import pytest
from basics import KEY
from chats import LONG
from fake_api import FakeAPI, completion
from streamlit.testing.v1 import AppTest
from visiting import Open, cards, everything, say, well

from backend.compare import experiment, job_files, kept_requests
from backend.compare.experiment import About
from backend.compare.grid import Grid, axis
from backend.jobs.asking import Asked
from backend.jobs.job import Job
from backend.transport.client import ChatClient, Endpoint
from backend.types import ChatRequest, Message
from components.session import services

HISTORY = "pages/4_History.py"


@pytest.fixture
def ended(visit: Open, api: FakeAPI) -> tuple[AppTest, Job]:
    """The page, and an experiment that has ended."""
    api.play(completion("A word."))
    say(visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url), "A question of the chat")
    asks = ChatRequest("m", (Message("user", "Say a word."),))
    grid = Grid((axis("temperature", "0, 1"),), runs=1)
    draft = experiment.draft(grid, lambda cell: replace(asks, parameters=cell), About("Say a word.", "", "m"))
    client = ChatClient(Endpoint(api.url, KEY))
    work = Asked(client, lambda task: kept_requests.request(draft.plan, task), api.origin)
    jobs = services.jobs()
    jobs.join(jobs.submit("local", draft, work), LONG)
    at = visit(HISTORY, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)
    (kept,) = services.jobs().saved_jobs("local").all()
    return at, kept


def links(at: AppTest) -> list[str]:
    return [link.proto.label.replace("\\", "") for link in at.get("page_link") if "=" in link.proto.query_string]


def test_an_experiment_is_listed_and_found_by_its_prompt(ended: tuple[AppTest, Job]) -> None:
    at, _ = ended
    assert links(at) == ["Say a word.", "A question of the chat"]
    assert "Experiment" in everything(at) and "2 of 2 answers" in everything(at)
    well(at.text_input(key="history.search").set_value("say WORD").run())
    assert links(at) == ["Say a word."] and cards(at) == []
    assert not links(well(at.text_input(key="history.search").set_value("nothing such").run()))


def test_the_file_of_a_deleted_experiment_brings_it_back(ended: tuple[AppTest, Job]) -> None:
    at, job = ended
    saved = services.jobs().saved_jobs("local")
    whole = saved.job(job.id)
    assert whole
    file, steps = job_files.packed(saved, [job.id]), saved.steps(job.id)
    saved.delete(job.id)
    for told in ("1 experiment imported", "1 already here"):
        key = next(uploader.key for uploader in at.file_uploader)
        well(at.file_uploader(key=key).set_value(("experiments.zip", file, "application/zip")).run())
        assert told in " ".join(element.value for element in (*at.success, *at.warning))
    again = saved.job(job.id)
    assert again and (again.plan, again.title, again.state) == (whole.plan, whole.title, "done")
    assert [(step.task, step.result) for step in saved.steps(job.id)] == [(s.task, s.result) for s in steps]
    assert links(at)[0] == "Say a word."
