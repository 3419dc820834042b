"""What a server says beside its result: shown whatever it calls it, and nothing of it believed or unbounded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fake_api import reply
from studio import StudioAPI, examples, making, task_of, worked_off

from backend.studio import metadata


def said(family: str) -> dict[str, Any]:
    """Of all documented answers of a family."""
    bodies = [answer.get("body") for one in examples() if one.family == family for answer in one.responses]
    return {name: value for body in bodies if isinstance(body, dict) for name, value in metadata.read(body).items()}


@pytest.mark.parametrize(
    ("family", "names"),
    [
        ("music", {"music_duration", "music_sample_rate"}),
        ("speech", {"duration", "sample_rate"}),
        ("transcription", {"duration", "confidence", "language_code", "total_tokens", "audio_duration"}),
        ("3d", {"generation", "best_mask_index", "iou_scores"}),
        ("ocr", {"model", "pages_processed", "doc_size_bytes"}),
        ("embeddings", {"model", "total_tokens"}),
        ("image", set()),
    ],
)
def test_useful_fields_of_documented_answers_are_shown(family: str, names: set[str]) -> None:
    found = said(family)
    assert names <= set(found) and not {"id", "data", "words", "url", "request_id", "sha256"} & set(found)


def test_names_that_no_document_lists_are_shown_and_what_is_long_apart() -> None:
    topics = {"segments": [{"topics": [{"topic": "tides"}]}]}
    body: Any = {
        "status": "completed",
        "result": {"results": {"summary": {"short": "It is about tides."}, "topics": topics, "segments": [{}] * 9}},
        "document_annotation": json.dumps({"total": 12}),
        "picture": "https://files.invalid/a.png",
        "nothing": None,
    }
    short, long = metadata.split(metadata.read(body))
    assert dict(short) == {"summary short": "It is about tides.", "document_annotation": '{"total": 12}'}
    assert [name for name, _ in long] == ["topics segments"] and "tides" in long[0][1]


def test_an_endless_answer_is_bounded() -> None:
    deep: Any = {"a": "b"}
    for at in range(50):
        deep = {f"level {at}": deep}
    body: Any = {**{f"n{at}": "x" * 10_000 for at in range(10_000)}, "deep": deep, "odd\n\u202e**": float("nan")}
    found = metadata.read(body)
    assert len(found) <= metadata.MOST and sum(map(len, map(str, found.values()))) <= 60_000


def test_the_parts_of_a_mesh_are_shown(tmp_path: Path) -> None:
    (example,) = [one for one in examples() if one.family == "3d" and "segmented_mesh" in str(one.responses)]
    with StudioAPI(example.replies()) as api, making(api, tmp_path) as work:
        outcome, _ = worked_off(work, task_of(example))
    assert len(outcome.result["files"]) == 4 and outcome.result["beside"]["iou_scores"]  # type: ignore
    with (
        StudioAPI(reply({"segmented_mesh": {"url": 7}, "mask_1_mesh": {"url": 7}})) as api,
        making(api, tmp_path) as work,
    ):
        assert worked_off(work, task_of(example))[0].state == "failed"
