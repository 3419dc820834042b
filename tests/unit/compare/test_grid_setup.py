"""The set-up of a grid: as a link carries it, and out of a grid that was asked."""

from __future__ import annotations

import json

import pytest

from backend.compare import experiment, grid_setup, job_files
from backend.compare.experiment import About
from backend.compare.grid import BadGrid
from backend.compare.grid_setup import SetUp
from backend.formats import links, share
from backend.formats.share import Shared
from backend.jobs.job import Draft, Job
from backend.types import JSON, ChatRequest, Message

ANIMALS = SetUp("Name an animal.", (("temperature", "0, 0.7, 1.5"), ("top_p", "0.5..1 step 0.25")), 3, 60, 1.5)


def drafted(setup: SetUp, **shared: JSON) -> Draft:
    """The job of a set-up, whose requests have `shared` besides."""

    def request(cell: dict[str, JSON]) -> ChatRequest:
        body = {**shared, **{name: value for name, value in cell.items() if value is not None}}
        return ChatRequest("m", (Message("user", setup.prompt),), body)

    about = About(setup.prompt, model="m")
    return experiment.draft(setup.grid, lambda cell: request(dict(cell)), about, cap=setup.cap)


def asked(setup: SetUp, **shared: JSON) -> Job:
    draft = drafted(setup, **shared)
    return Job("", draft.kind, "", "done", "", draft.cap, 0, "", 0, "", 0, 0, plan=draft.plan)


def test_a_set_up_goes_through_a_link_and_comes_back() -> None:
    shared = Shared("m", parameters={"seed": 7}, experiment=ANIMALS.as_json())
    back = share.decode(share.encode(shared))
    assert back == shared and grid_setup.read(back.experiment) == ANIMALS
    assert "experiment" not in share.payload(Shared("m"))


@pytest.mark.parametrize(
    "setup",
    [
        ANIMALS,
        SetUp("Hi"),
        SetUp("Hi", (("temperature", "0.1234567, unset"),)),
        SetUp("Hi", (("max_tokens", "5, 10"), ("reasoning_effort", "low, high"))),
        SetUp("Hi", (("stop", "a, b\n\\n"),)),
        SetUp("Hi", (("logit_bias", '{"5": -100}\n7: 1.5'),), 2),
    ],
)
def test_the_set_up_of_a_grid_that_was_asked_is_the_same_grid(setup: SetUp) -> None:
    found = grid_setup.of_job(asked(setup, **({} if setup.longest is None else {"max_tokens": setup.longest})))
    assert found.grid == setup.grid
    assert (found.prompt, found.longest, found.cap) == (setup.prompt, setup.longest, setup.cap)


def test_the_common_settings_of_a_grid_are_known_without_its_axes() -> None:
    job = asked(SetUp("Hi", (("temperature", "0"),)), max_tokens=60, seed=7)
    assert grid_setup.parameters_of(job) == {"seed": 7}


def test_the_file_of_a_grid_that_was_not_begun_asks_the_very_same() -> None:
    draft = drafted(ANIMALS, seed=7)
    back = experiment.read(json.loads(job_files.planned_job_file(draft)), 400)
    assert (back.plan, [one.task for one in back.tasks]) == (draft.plan, [one.task for one in draft.tasks])


@pytest.mark.parametrize(
    "changed",
    [
        {"runs": 10**9},
        {"runs": 0},
        {"runs": True},
        {"runs": None},
        {"longest": -1},
        {"longest": 10**30},
        {"cap": -1.0},
        {"cap": 1e300},
        {"prompt": "x" * 60_000},
        {"axes": [{"name": "temperature", "values": "0"}] * 2},
        {"axes": [{"name": "temperature", "values": "0"}] * 3},
        {"axes": [{"name": "api_key", "values": "0"}]},
        {"axes": [{"name": "temperature", "values": "hot"}]},
        {"axes": [{"name": "temperature", "values": "0," * 200_000}]},
        {"axes": [{"name": "seed", "values": "1..100 step 1"}, {"name": "top_p", "values": "0..1 step 0.01"}]},
        {"axes": [7]},
    ],
)
def test_a_link_with_what_no_grid_has_is_refused_in_words(changed: dict[str, JSON]) -> None:
    text = links.pack({"experiment": {**ANIMALS.as_json(), **changed}})
    with pytest.raises(BadGrid, match=r"\w{3}"):
        grid_setup.read(share.decode(text).experiment)
