"""Answers that are odd, half or in the wrong place: what was paid for is not lost, and nothing is believed that
cannot be true."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from fake_api import CUT, Reply, reply
from studio import StepHands, StudioAPI, files, making, worked_off

from backend.catalog.pricing import UnitPrice
from backend.jobs import row_conversion
from backend.jobs.job import Halt, JobStep
from backend.studio import batch_results, batches, fetching, prices, sidecar, transcripts
from backend.studio import task as tasks
from backend.studio.batching import Batching
from backend.studio.families import FAMILIES
from backend.studio.fetching import NoFile
from backend.studio.models import StudioModel
from backend.studio.shelf import MB, NoRoom, Quota, Shelf
from backend.studio.task import Task
from backend.studio.work import REFUSALS

GUEST_BYTES = 8 * MB  # of one run (components/session/studio_runs.py)
IMAGE = Task("image", "m", "/v1/images/generations", body={"model": "m", "prompt": "A fox"})
SPEECH = Task("speech", "m", "/v1/tts", body={"model": "m", "text": "Hello"})
VIDEO = Task("video", "m", "/v2/video/generations", "/v2/video/generations?generation_id={id}", body={"model": "m"})
TEXTS = Task("embeddings", "m", "/v1/embeddings", body={"model": "m", "input": ["a", "b", "c"]})
DONE = {"status": "completed", "video": [{"url": "https://files.invalid/clip.mp4"}]}
RED = base64.b64encode(files()["red.png"]).decode()
GONE = reply({"message": "Not found"}, 404)


@pytest.mark.parametrize(
    "odd",
    [
        Reply([b'{"id": "a", "vid', CUT], 200, {"Content-Type": "application/json"}, "chunked"),
        reply({}),
        reply({"status": None, "video": None}),
        GONE,
    ],
    ids=["cut off", "empty", "nothing said", "not known yet"],
)
def test_a_look_that_says_nothing_does_not_end_a_job_that_is_paid(odd: Reply, tmp_path: Path) -> None:
    begun = reply({"id": "a", "status": "queued"})
    with StudioAPI([begun, odd, reply(DONE)]) as api, making(api, tmp_path) as work:
        outcome, waited = worked_off(work, VIDEO)
    assert (outcome.state, waited) == ("done", 2)


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (GONE, "does not have this result"),
        (reply({"message": "This id is being moved"}, 400), "being moved"),
        (reply({"message": "Try elsewhere"}, 422), "elsewhere"),
    ],
)
def test_a_server_that_says_no_more_is_asked_a_few_times_and_then_kept_for_a_person(
    answer: Reply, word: str, tmp_path: Path
) -> None:
    """What it made is paid: the job is parked, and a look by hand still finds it."""
    seen: Any = [reply({"id": "a", "status": "queued"}), *[reply({"id": "a", "status": "queued"})] * 5]
    spent: Any = _Spent()
    with StudioAPI([*seen, *[answer] * 5, reply(DONE)]) as api, making(api, tmp_path, budget=spent) as work:
        hands = StepHands()
        with pytest.raises(Halt, match=word):
            worked_off(work, VIDEO, hands)
        assert len(api.requests) == len(seen) + REFUSALS + 1
        handle = tasks.read_handle(hands.handle)
        assert handle and (handle.refused, handle.budget) == (REFUSALS, "b")
        with pytest.raises(Halt, match="look again later"):  # by hand: one look, and no wait
            work(VIDEO.as_json(), hands)
        assert worked_off(work, VIDEO, hands)[0].state == "done"


def test_an_id_may_be_a_number(tmp_path: Path) -> None:
    with StudioAPI([reply({"id": 1284, "status": "queued"}), reply(DONE)]) as api, making(api, tmp_path) as work:
        outcome, _ = worked_off(work, VIDEO)
    assert outcome.state == "done" and api.requests[1].path.endswith("=1284")


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "application/octet-stream"}])
def test_json_that_does_not_say_what_it_is_is_read(headers: dict[str, str], tmp_path: Path) -> None:
    body = json.dumps({"data": [{"b64_json": RED}]}).encode()
    with StudioAPI(Reply([body], 200, headers, "chunked")) as api, making(api, tmp_path) as work:
        outcome, _ = worked_off(work, IMAGE)
    assert outcome.state == "done" and work.shelf.used_bytes == len(files()["red.png"])


def test_base64_may_come_in_lines_and_what_is_none_is_not_kept(tmp_path: Path) -> None:
    shelf, content = Shelf(tmp_path, "anna"), files()["clip.mp4"] + bytes(2_000_000)
    kept = fetching.decode(base64.encodebytes(content).decode(), shelf)
    assert kept.path.read_bytes() == content
    for wrong in ("data:text/html,<script>alert(1)</script>", "data:image/svg+xml;base64,PHN2Zz4=", "A", "äöü"):
        with pytest.raises(NoFile):
            fetching.decode(wrong, shelf)
    assert shelf.used_bytes == len(content)


@pytest.mark.parametrize(
    "rows",
    [
        [{"index": 0, "embedding": [1, 0]}, {"index": 2, "embedding": [0, 1]}],
        [{"index": at, "embedding": [1, at]} for at in range(9)],
    ],
)
def test_vectors_for_other_texts_than_were_sent_are_shown_beside_none(rows: Any, tmp_path: Path) -> None:
    with StudioAPI(reply({"data": rows})) as api, making(api, tmp_path) as work:
        outcome, _ = worked_off(work, TEXTS)
    assert f"{len(rows)} vectors for 3 texts" in str(outcome.result["error"]) and "vectors" not in outcome.result


class _Spent:
    """A budget that remembers what was paid, in the place of a guest's."""

    id = "b"

    def __init__(self) -> None:
        self.paid: list[float | None] = []

    def pay(self, usd: float | None) -> None:
        self.paid.append(usd)


def test_an_answer_that_finds_no_room_is_paid_and_one_that_can_be_fetched_again_waits(tmp_path: Path) -> None:
    spent: Any = _Spent()
    sound = Reply([files()["tone.wav"]], 200, {"Content-Type": "audio/wav"}, "chunked")
    with StudioAPI(sound) as api, making(api, tmp_path, budget=spent) as work:
        work.shelf.quota = Quota(20)
        outcome, _ = worked_off(work, SPEECH)
    assert outcome.state == "unknown" and "no room" in str(outcome.result["error"]) and spent.paid == [None]
    rows = [{"index": at, "embedding": [1, at]} for at in range(3)]
    with StudioAPI(reply({"data": rows})) as api, making(api, tmp_path) as work:
        work.shelf.quota = Quota(20)
        outcome, _ = worked_off(work, TEXTS)
    assert outcome.state == "failed" and "no room" in str(outcome.result["error"])
    answers = [reply({"id": "b"}), reply('{"custom_id": "a"}')]
    batch = Task("batch", "m", "/v1/batches", "/v1/batches?batch_id={id}", body={"requests": []})
    with (
        StudioAPI(answers) as api,
        making(api, tmp_path, kind=Batching) as work,
    ):
        work.shelf.quota = Quota(1)
        with pytest.raises(Halt, match="no room"):
            worked_off(work, batch)


def test_a_disk_that_gets_full_in_mid_file_is_no_room_and_leaves_nothing(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with pytest.raises(NoRoom, match="could not be written"), Shelf(tmp_path, "anna").new() as file:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, before[1]))
        try:
            file.write(bytes(5_000))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_lines_of_a_batch_end_where_json_lines_end() -> None:
    """Python takes more letters for the end of a line than JSON Lines has."""
    said = "one\u2028two\x85three"
    content = [{"type": "text", "text": said}]
    row = {"custom_id": "a", "result": {"type": "succeeded", "message": {"content": content}}}
    lines = "\ufeff\r\n" + json.dumps(row, ensure_ascii=False) + "\r\n\r\n"
    pieces = [lines.encode()[at : at + 7] for at in range(0, len(lines.encode()), 7)]
    (line,) = batch_results.lines_of(pieces)
    assert batch_results.is_results(line)
    (outcome,) = batch_results.results([line], [{"custom_id": "a"}])
    assert outcome.state == "succeeded" and outcome.answer == said
    table = '{"prompt": "one\u2028two"}\n{"prompt": "b"}'
    assert [row["prompt"] for row in batches.read(table)] == ["one\u2028two", "b"]


def test_a_time_that_no_recording_has_is_none() -> None:
    words = [{"word": "a", "start": 1e308, "end": 1e308}, {"word": "b", "start": 1, "end": 2}]
    channels = [{"alternatives": [{"transcript": "a b", "words": words}]}]
    found = transcripts.read({"results": {"channels": channels}})
    assert [word.text for word in found.words] == ["b"]
    assert transcripts.subtitles(found.words).startswith("1\n00:00:01")


def test_a_transcript_is_kept_as_far_as_there_is_room_for_it_and_says_so() -> None:
    assert transcripts.MOST < GUEST_BYTES
    words = [{"text": "\U0001f600" * 30, "start": at, "end": at + 1, "confidence": 0.9} for at in range(1_200)]
    given: Any = {"text": "\U0001f600" * 40_000, "words": words, "task": "transcribe"}
    kept = transcripts.stored_form(given, 60_000)
    assert 30_000 < len(row_conversion.dump({"result": kept})) < 61_000
    found = transcripts.read(kept)
    assert found.cut == (40_000, 1_200) and found.words[9].start == 9.0 and len(found.text) == 2_499
    assert transcripts.stored_form({"text": "Hi", "words": []}) == {"text": "Hi", "words": []}


@pytest.mark.parametrize(
    ("body", "usd"),
    [({"num_images": "9"}, 0.9), ({"n": 4.0}, 0.4), ({"n": -3}, 0.1), ({"n": "many"}, 0.1), ({"n": True}, 0.1)],
)
def test_a_count_counts_however_it_is_written(body: dict[str, Any], usd: float) -> None:
    about, model = FAMILIES["image"], StudioModel("m", "image")
    found = prices.estimate([UnitPrice("image", 0.1, {})], model, about, about.own, body)
    assert found and found.high == pytest.approx(usd)


@pytest.mark.parametrize(("duration", "usd"), [("3600", 360.0), (-5, 1.0), ("auto", 1.0)])
def test_seconds_count_however_they_are_written(duration: Any, usd: float) -> None:
    model = StudioModel("m", "video", fields={"duration": {"type": "string", "enum": ["5", "10"]}})
    about = FAMILIES["video"]
    found = prices.estimate([UnitPrice("second", 0.1, {})], model, about, about.own, {"duration": duration})
    assert found and found.high == pytest.approx(usd)


def test_the_kept_request_of_a_result_is_json_of_any_length() -> None:
    task = Task("embeddings", "m", "embeddings", body={"input": ["x" * 900] * 100})
    made = json.loads(sidecar.sidecar_json(task, JobStep(0, {}, usd=0.5, result={"seed": "7"}), 0.0))
    assert made["request"] == task.body and (made["model"], made["seed"], made["usd"]) == ("m", "7", 0.5)
