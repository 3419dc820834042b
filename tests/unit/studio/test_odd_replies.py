"""Answers of other shapes than the documented ones, as servers that call themselves compatible give them."""

from __future__ import annotations

import base64
import io
import json
import wave
from pathlib import Path
from typing import Any

import pytest
from fake_api import Reply, Request, events, reply
from studio import StudioAPI, files, making, worked_off

from backend.studio import replies, transcripts, vectors, verdicts
from backend.studio.families import FAMILIES
from backend.studio.task import Task

RED = base64.b64encode(files()["red.png"]).decode()
TONE = base64.b64encode(files()["tone.wav"]).decode()
LINK = "https://files.invalid/red.png"
CLIP = "https://files.invalid/clip.mp4"
IMAGE = Task("image", "m", "images/generations", body={"model": "m", "prompt": "A fox"})
SPEECH = Task("speech", "m", "audio/speech", body={"model": "m", "input": "Hello"})
HEARD = Task("transcription", "m", "audio/transcriptions", body={"model": "m"})


def read(family: Any, body: Any) -> replies.Reply:
    return replies.read(body, FAMILIES[family], aimlapi=False)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"data": [{"b64_json": None, "url": LINK}]}, LINK),
        ({"data": [{"b64_json": RED, "url": ""}]}, RED),
        ({"data": [{"url": f"data:image/png;base64,{RED}"}]}, f"data:image/png;base64,{RED}"),
        ({"images": [RED]}, RED),
        ([{"url": LINK}], LINK),
        ({"data": {"url": LINK}}, LINK),
        ({"output": [LINK]}, LINK),
        ({"output": {"results": [{"url": LINK}]}}, LINK),
        ({"artifacts": [{"base64": RED, "finishReason": "SUCCESS"}]}, RED),
        ({"result": {"image": RED}, "success": True}, RED),
        ({"data": [{"image_url": {"url": LINK}}]}, LINK),
        ({"predictions": [{"bytesBase64Encoded": RED, "mimeType": "image/png"}]}, RED),
    ],
)
def test_a_picture_is_found_wherever_a_server_puts_it(body: Any, found: str) -> None:
    reply_ = read("image", body)
    assert reply_.state == "done" and [source.url or source.base64 for source in reply_.files] == [found]


@pytest.mark.parametrize(
    "body",
    [
        {"data": [], "url": "status"},
        {"images": ["not a picture, but long enough to be one if nobody looked at what it begins with"]},
        {"error": {"message": "See the page"}, "url": "https://example.com/docs"},
        {"data": [{"b64_json": "", "url": "file:///etc/passwd"}]},
    ],
)
def test_a_value_that_is_no_file_is_not_taken_for_one(body: Any) -> None:
    assert (read("image", body).state, read("image", body).files) == ("failed", ())


@pytest.mark.parametrize(
    ("body", "state", "known"),
    [
        ({"id": "a", "status": "COMPLETED", "video": {"url": CLIP}}, "done", True),
        ({"data": {"task_id": "a", "task_status": "succeed", "task_result": {"videos": [{"url": CLIP}]}}},
         "done", True),
        ({"id": "a", "status": "succeeded", "output": [CLIP]}, "done", True),
        ({"id": "a", "status": "completed", "url": CLIP}, "done", True),
        ({"id": "a", "task": {"status": "succeeded", "content": {"url": CLIP}}}, "done", True),
        ({"task_id": "a", "output": {"task_status": "SUCCEEDED", "video_url": CLIP}}, "done", True),
        ({"id": "a", "status": "success", "data": {"status": "processing"}}, "waiting", True),
        ({"id": "a", "status": "queued", "image_url": LINK}, "waiting", True),
        ({"id": "a", "status": "in-progress", "progress": "40%"}, "waiting", True),
        ({"id": "a", "status": "TASK_STATUS_RUNNING"}, "waiting", True),
        ({"id": "a", "status": "Fail", "message": "No"}, "failed", True),
        ({"id": "a", "status": "job.failed"}, "failed", True),
        ({"id": "a", "status": "completed"}, "failed", True),
        ({"id": "a", "status": "dreaming"}, "waiting", False),
    ],
)  # fmt: skip
def test_how_far_a_job_is_is_read_wherever_it_is_said(body: Any, state: str, known: bool) -> None:
    found = read("video", body)
    assert (found.state, found.id, found.known) == (state, "a" if state != "done" or found.id else found.id, known)
    assert [source.url for source in found.files] == ([CLIP] if state == "done" else [])


def test_a_link_without_a_server_in_it_is_one_of_the_server_itself(tmp_path: Path) -> None:
    def near(request: Request) -> Reply:
        return reply(files()["red.png"]) if request.method == "GET" else reply({"data": [{"url": "/media/1.png"}]})

    with StudioAPI(near) as api, making(api, tmp_path) as work:
        outcome, _ = worked_off(work, IMAGE)
    assert api.requests[-1].path == "/media/1.png"
    assert outcome.result["files"][0]["type"] == "image/png"  # type: ignore[index,call-overload]


def test_a_picture_that_is_streamed_is_kept_when_it_is_complete(tmp_path: Path) -> None:
    partial = {"type": "image_generation.partial_image", "b64_json": TONE, "partial_image_index": 0}
    whole = {"type": "image_generation.completed", "b64_json": RED, "usage": {"total_tokens": 9}}
    with StudioAPI(events(partial, whole)) as api, making(api, tmp_path) as work:
        outcome, _ = worked_off(work, IMAGE)
    assert [file["type"] for file in outcome.result["files"]] == ["image/png"]  # type: ignore[union-attr,index,call-overload]


# ---- sounds ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        reply({"audio": TONE, "format": "wav"}),
        reply({"audio": {"data": TONE}}),
        reply({"audioContent": TONE}),
        reply({"data": [{"b64_json": TONE}]}),
        events(
            *({"type": "speech.audio.delta", "audio": base64.b64encode(files()["tone.wav"][at : at + 100]).decode()}
              for at in range(0, len(files()["tone.wav"]), 100)),
            {"type": "speech.audio.done", "usage": {}},
        ),
    ],
    ids=["Base64", "in an object", "Google's name", "as a picture", "streamed"],
)  # fmt: skip
def test_speech_may_come_as_base64(answer: Reply, tmp_path: Path) -> None:
    with StudioAPI(answer) as api, making(api, tmp_path) as work:
        outcome, _ = worked_off(work, SPEECH)
        (file,) = outcome.result["files"]  # type: ignore[misc]
        kept = work.shelf.find(file["id"])  # type: ignore[index,call-overload,arg-type]
    assert kept and kept.path.read_bytes() == files()["tone.wav"]


@pytest.mark.parametrize(("kind", "rate"), [("audio/pcm", 24_000), ("audio/L16; rate=16000; channels=1", 16_000)])
def test_samples_without_a_header_get_one_and_can_be_played(kind: str, rate: int, tmp_path: Path) -> None:
    samples = bytes(range(1, 201)) * 24
    with StudioAPI(reply(samples, headers={"Content-Type": kind})) as api, making(api, tmp_path) as work:
        outcome, _ = worked_off(work, SPEECH)
        (file,) = outcome.result["files"]  # type: ignore[misc]
        kept = work.shelf.find(file["id"])  # type: ignore[index,call-overload,arg-type]
    assert kept and kept.type.name == "audio/wav"
    with wave.open(io.BytesIO(kept.path.read_bytes())) as sound:
        assert (sound.getframerate(), sound.readframes(9_999)) == (rate, samples)


# ---- what was said --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (reply(b'"Hello\\n\\nWorld"', headers={"Content-Type": "application/json"}), "Hello\n\nWorld"),
        (reply(b"42", headers={"Content-Type": "text/plain; charset=utf-8"}), "42"),
        (reply(b"[Music]", headers={"Content-Type": "text/plain"}), "[Music]"),
        (reply(b"true", headers={"Content-Type": "text/plain"}), "true"),
        (reply(b'{"text": "Hi"}', headers={"Content-Type": "text/plain"}), "Hi"),
        (reply(b"WEBVTT\n\n00:00.000 --> 00:01.000\nHi", headers={"Content-Type": "text/vtt"}),
         "WEBVTT\n\n00:00.000 --> 00:01.000\nHi"),
        (events({"type": "transcript.text.delta", "delta": "H"}, {"type": "transcript.text.done", "text": "Hi"}),
         "Hi"),
        (reply({"text": "", "duration": 3}), ""),
        (reply({"segments": [{"start": 0, "end": 1, "text": " Hi"}, {"start": 1, "end": 2, "text": " you"}]}),
         "Hi you"),
        (reply({"transcript": "Hi"}), "Hi"),
    ],
)  # fmt: skip
def test_a_transcript_may_come_as_words_alone(answer: Reply, text: str, tmp_path: Path) -> None:
    with StudioAPI(answer) as api, making(api, tmp_path) as work:
        outcome, _ = worked_off(work, HEARD)
    assert outcome.state == "done", outcome.result
    assert transcripts.read(outcome.result["result"]).text == text


@pytest.mark.parametrize(
    ("body", "words"),
    [
        # seconds, and nothing that says so (ElevenLabs, Groq)
        ({"text": "Hi you", "words": [{"text": "Hi", "start": 0.099, "end": 0.3, "speaker_id": "s0"},
                                      {"text": " ", "start": 0.3, "end": 0.4, "type": "spacing"},
                                      {"text": "you", "start": 0.4, "end": 0.9, "speaker_id": "s1"}]},
         [("Hi", 0.099, "s0"), ("you", 0.4, "s1")]),
        # whole milliseconds (AssemblyAI)
        ({"text": "Hi", "words": [{"text": "Hi", "start": 99, "end": 300, "speaker": "A"}]}, [("Hi", 0.099, "A")]),
        # words inside of segments, and those in an object of their own (WhisperX)
        ({"text": "Hi", "segments": {"segments": [{"start": 0.4, "end": 1.1, "speaker": "S1",
                                                   "words": [{"word": "Hi", "start": 0.4, "end": 0.7}]}]}},
         [("Hi", 0.4, "S1")]),
        # pairs (Transformers)
        ({"text": " Hi", "chunks": [{"timestamp": [0, 2], "text": " Hi"}, {"timestamp": [2, None], "text": " x"}]},
         [("Hi", 0.0, "")]),
        # figures that an aligner leaves without a time
        ({"text": "A 1. b", "task": "transcribe", "words": [{"word": "A", "start": 0.5, "end": 0.8}, {"word": "1."},
                                                            {"word": "b", "start": 2, "end": 3}]},
         [("A 1.", 0.5, ""), ("b", 2.0, "")]),
    ],
)  # fmt: skip
def test_times_are_read_in_whatever_shape_they_come(body: Any, words: list[tuple[str, float, str]]) -> None:
    found = transcripts.read(body).words
    assert [(word.text, pytest.approx(word.start), word.speaker) for word in found] == words


# ---- numbers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {"data": [{"index": 1, "embedding": [3, 4]}, {"index": 0, "embedding": [1, 2]}]},
        {"data": [{"index": 0, "embedding": [1, 2]}, {"index": 0, "embedding": [3, 4]}]},
        {"embeddings": [[1, 2], [3, 4]]},
        {"embeddings": {"float": [[1, 2], [3, 4]]}},
        [[1, 2], [3, 4]],
        [{"index": 0, "embedding": [[1, 2]]}, {"index": 1, "embedding": [[3, 4]]}],
    ],
)
def test_vectors_are_found_by_any_of_their_names_and_in_their_order(body: Any) -> None:
    assert vectors.read(read("embeddings", body).result) == [(1.0, 2.0), (3.0, 4.0)]


def test_one_vector_may_come_without_a_list_around_it() -> None:
    assert vectors.read(read("embeddings", {"embedding": [1, 2]}).result) == [(1.0, 2.0)]


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ({"categories": {"hate": True, "pii": False}, "category_scores": {"hate": 0.9}}, "unsafe"),
        ({"categories": {"hate": False, "pii": False}}, "safe"),
        ({"flagged": True, "categories": None}, "unsafe"),
        ({"categories": {}}, "none"),
        ({"category_scores": {"hate": 0.9}}, "none"),
    ],
)
def test_a_verdict_may_be_said_by_its_categories_alone(row: Any, state: str) -> None:
    assert verdicts.of_row(row).state == state
    (kept,) = read("moderation", {"results": row}).result  # type: ignore[misc,union-attr]
    assert json.loads(json.dumps(kept)) == row
