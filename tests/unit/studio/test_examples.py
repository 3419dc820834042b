"""The provider's documented exchanges, replayed through the real backend: every answer ends as it is meant."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from studio import (
    Example,
    StepHands,
    StudioAPI,
    answers_by_path,
    examples,
    files,
    lines,
    making,
    of_family,
    task_of,
    worked_off,
)

from backend.errors import APIError
from backend.jobs.job import Halt
from backend.studio import fields, task
from backend.studio.families import FAMILIES
from backend.studio.task import Given, Task
from backend.transport.client import ChatClient, Endpoint
from backend.types import ChatRequest, Dialect, WireFormat

# What ends otherwise than with a result: a word of what the visitor reads.
FAILS = {
    "a value out of range": "1440",
    "retired model": "retired",
    "fails: no face; error in the upstream form": "Could not detect face",
    "fails in the form of the schema": "refused by the safety system",
    "fails": "copyrighted",
    "text too long": "600 character",
    "fails: the link cannot be read": "could not be fetched",
    "retired: what a call gives today is not stated": "retired",
    "an extra field is refused by schema": "Unrecognized key",
    "no picture": "image_url",
    "too many pages": "1001 pages",
    "no key": "key",
    "no money": "credit",
    "upstream took too long": "may be charged",
}
PARKED = "result asked for after an hour"  # it is paid: a person may look again


@pytest.mark.parametrize("example", examples(), ids=str)
def test_a_documented_exchange_ends_as_it_is_meant(example: Example, tmp_path: Path) -> None:
    with StudioAPI(example.replies()) as api, making(api, tmp_path) as work:
        hands = StepHands()
        if example.scenario == PARKED:
            with pytest.raises(Halt, match="any more"):
                worked_off(work, task_of(example), hands)
            return
        outcome, waited = worked_off(work, task_of(example), hands)
    assert len(api.requests) == waited + 1
    told = json.dumps(outcome.result, ensure_ascii=False).lower()
    if (word := FAILS.get(example.scenario)) is not None:
        assert outcome.state in ("failed", "unknown") and word.lower() in told
        return
    assert outcome.state == "done", told
    if waited:
        assert task.read_handle(hands.handle) is not None
    gives = FAMILIES[example.family].gives
    if gives == "files":
        kept = outcome.result["files"]
        assert isinstance(kept, list) and kept
        for file in kept:
            assert isinstance(file, dict) and "problem" not in file
            found = work.shelf.find(str(file["id"]))
            assert found is not None and found.path.read_bytes() in files().values()
    else:
        assert outcome.result.get({"vectors": "vectors", "pages": "pages"}.get(gives, "result"))


def test_the_price_is_the_one_of_the_beginning(tmp_path: Path) -> None:
    """Video polls carry none."""
    (example,) = [one for one in examples() if one.scenario == "whole run, cost on create only"]
    with StudioAPI(example.replies()) as api, making(api, tmp_path) as work:
        outcome, waited = worked_off(work, task_of(example))
    assert (outcome.usd, waited) == (pytest.approx(0.7875), 4)
    assert {request.path for request in api.requests[1:]} == {
        "/v2/video/generations?generation_id=exWanT2V00000000000a1"
    }


def of_a_form() -> list[Example]:
    """Requests that the server takes, of models in the list."""
    refused = {"no picture", "a value out of range", "text too long", "an extra field is refused by schema"}
    return [
        one for one in examples() if one.documented and one.scenario not in refused and one.family != "moderation"
    ]


@pytest.mark.parametrize("example", of_a_form(), ids=str)
def test_a_documented_request_can_be_typed_into_the_form_and_leaves_the_same(example: Example) -> None:
    model = example.documented
    assert model is not None
    form = {field.name: field for field in fields.form(model)}
    assert set(model.required) <= set(example.body)
    for name, value in example.body.items():
        if name == "model" or name not in form:
            assert name in ("model", "first_frame_image", "voice")
            continue
        field = form[name]
        typed = json.dumps(value) if field.kind == "json" else value
        if name == "pages" and isinstance(value, list):
            continue  # the form takes it as "0-1"
        if field.kind not in ("picture", "sound", "clip", "document"):
            sent = field.parse(typed)
            assert sent == value or sent == [value]


def test_a_recording_of_the_documents_leaves_as_a_form_and_its_words_come(tmp_path: Path) -> None:
    (row,) = [one for one in lines()[1:] if one["scenario"] == "file uploaded as multipart"]
    way = FAMILIES["transcription"].own
    with StudioAPI(answers_by_path([row])) as api, making(api, tmp_path) as work:
        with work.shelf.new() as file:
            file.write(files()["tone.wav"])
            given = {"audio": (Given(file.keep().id, "tone.wav"),)}
        form = Task("transcription", row["model"], way.path, way.poll, "audio", {"model": row["model"]}, given)
        outcome, _ = worked_off(work, form)
    assert files()["tone.wav"] in api.requests[0].raw
    assert outcome.result["result"] == row["responses"][-1]["body"]["result"]


@pytest.mark.parametrize(
    "row", [*of_family("messages"), *of_family("responses")], ids=lambda row: f"{row['family']}: {row['scenario']}"
)
def test_a_documented_exchange_of_chat_ends_as_it_is_meant(row: Any) -> None:
    format_: WireFormat = row["family"]
    body = row["request"]["body"]
    asked = ChatRequest(row["model"], (), stream="stream" in body, raw=body, dialect=Dialect(format=format_))
    with StudioAPI(answers_by_path([row])) as api, closing(ChatClient(Endpoint(api.url, "sk-example"))) as client:
        if "error" in row["scenario"]:
            with pytest.raises(APIError) as error:
                client.complete(asked)
            assert "at least one message" in error.value.detail
            return
        answer = client.complete(asked)
    assert api.requests[0].body == body
    assert (answer.content, answer.finish_reason) == ("Teal.", "length" if "cut" in row["scenario"] else "stop")
