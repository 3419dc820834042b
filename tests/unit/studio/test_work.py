"""Runs against a server that behaves badly: nothing is lost, nothing is fetched from where it should not be."""

from __future__ import annotations

import json
import os
import time
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_api import CUT, Reply, Request, html, reply
from studio import StepHands, StudioAPI, files, making, worked_off

from backend.jobs.job import Again, Halt, Later
from backend.studio import media_types
from backend.studio import task as tasks
from backend.studio.shelf import GUEST, MB, NoRoom, Quota, Shelf, forget_guests_files
from backend.studio.task import Given, Task

IMAGE = Task("image", "m", "/v1/images/generations", body={"model": "m", "prompt": "A fox"})
VIDEO = Task("video", "m", "/v2/video/generations", "/v2/video/generations?generation_id={id}", body={"model": "m"})
QUEUED = {"id": "a/b:c", "status": "queued", "meta": {"usage": {"credits_used": 2_000_000}}}


def picture(link: str) -> Reply:
    return reply({"data": [{"url": link}]})


def first_file(result: Any) -> dict[str, Any]:
    (file,) = result["files"]
    assert isinstance(file, dict)
    return file


@pytest.mark.parametrize(
    "link",
    [
        *("https://127.0.0.1/a.png", "https://10.0.0.1/a.png", "https://169.254.169.254/latest/meta-data"),
        *("https://localhost/a.png", "https://[::1]/a.png", "https://intranet/a.png", "https://0x7f.1/a.png"),
        *("file:///etc/passwd", "ftp://files.example.com/a.png"),
    ],
)
def test_a_link_into_a_private_network_is_not_fetched(link: str, tmp_path: Path) -> None:
    with StudioAPI(picture(link)) as api, making(api, tmp_path) as work:
        outcome, _ = worked_off(work, IMAGE)
    assert not list(work.shelf._files())
    if link.startswith("https"):
        assert "not open here" in first_file(outcome.result)["problem"]
    else:
        assert outcome.state == "failed" and "no file came" in str(outcome.result["error"])


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (html("Sign in"), "web page"),
        (reply(b"<svg onload=alert(1)>"), "web page"),
        (reply("link expired"), "text"),
        (reply(b""), "empty"),
        (reply("gone", 404), ""),
    ],
)
def test_a_link_that_leads_to_no_file_is_said_and_not_kept(answer: Reply, word: str, tmp_path: Path) -> None:
    link = picture("https://files.invalid/red.png")
    with StudioAPI(link) as api, making(api, tmp_path, answer) as work:
        outcome, _ = worked_off(work, IMAGE)
    kept = first_file(outcome.result)
    assert outcome.state == "done", "it is paid for"
    assert word in kept["problem"] and kept["link"] == "https://files.invalid/red.png"
    assert work.shelf.used_bytes == 0


def test_a_file_larger_than_the_room_is_not_kept_and_leaves_nothing(tmp_path: Path) -> None:
    big = Reply(bytes(100_000) for _ in range(30))
    with (
        StudioAPI(picture("https://files.invalid/x.mp4")) as api,
        making(api, tmp_path, lambda _: big) as work,
    ):
        small = Shelf(tmp_path, "somebody", Quota(1 * MB))
        outcome, _ = worked_off(type(work)(work.client, small, "here", adapter=work.adapter), IMAGE)
    assert "no room" in first_file(outcome.result)["problem"].lower()
    assert small.used_bytes == 0 and not [name for _, _, names in os.walk(tmp_path) for name in names]


def test_a_large_file_never_lies_in_memory(tmp_path: Path) -> None:
    piece = files()["clip.mp4"].ljust(1_000_000, b"\0")
    large = Reply(piece for _ in range(100))
    link = picture("https://files.invalid/clip.mp4")
    with StudioAPI(link) as api, making(api, tmp_path, lambda _: large) as work:
        tracemalloc.start()
        try:
            outcome, _ = worked_off(work, IMAGE)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert first_file(outcome.result)["bytes"] == 100_000_000 and peak < 12_000_000


def test_a_word_that_nobody_knows_is_told_and_waited_for(tmp_path: Path) -> None:
    words = [
        reply(QUEUED),
        reply({"id": "a/b:c", "status": "marinating"}),
        reply({"id": "a/b:c", "status": "completed", "video": ["https://files.invalid/clip.mp4"]}),
    ]
    with StudioAPI(words) as api, making(api, tmp_path) as work:
        hands = StepHands()
        outcome, waited = worked_off(work, VIDEO, hands)
    handle = tasks.read_handle(hands.kept[-1])
    assert handle is not None and (handle.word, handle.known) == ("marinating", False)
    assert (outcome.state, outcome.usd, waited) == ("done", 1.0, 2)
    assert api.requests[1].path.endswith("?generation_id=a%2Fb%3Ac")


def test_a_run_that_was_begun_is_never_begun_again(tmp_path: Path) -> None:
    """kill -9 after the id was written down: what is left is to look."""
    done = reply({"id": "a/b:c", "status": "succeeded", "video": {"url": "https://files.invalid/clip.mp4"}})
    with StudioAPI([reply(QUEUED), done]) as api, making(api, tmp_path) as work:
        hands = StepHands()
        with pytest.raises(Later):
            work(VIDEO.as_json(), hands)
        outcome, _ = worked_off(work, VIDEO, StepHands(hands.kept[-1]))
    assert [request.method for request in api.requests] == ["POST", "GET"]
    assert (outcome.state, outcome.usd) == ("done", 1.0)
    assert work.shelf.find(first_file(outcome.result)["id"]) is not None


def test_a_job_that_takes_too_long_is_parked_and_can_be_looked_at_again(tmp_path: Path) -> None:
    with (
        StudioAPI([reply(QUEUED), reply(QUEUED)]) as api,
        making(api, tmp_path, patience=-1.0) as work,
    ):
        hands = StepHands()
        with pytest.raises(Later):
            work(VIDEO.as_json(), hands)
        with pytest.raises(Halt, match="Nothing is lost"):
            work(VIDEO.as_json(), hands)
    assert tasks.read_handle(hands.handle) is not None


@pytest.mark.parametrize("trouble", [reply("Too many", 429), reply("Down", 503), html("Bad gateway", 502), html()])
def test_trouble_while_one_waits_does_not_end_the_job(trouble: Reply, tmp_path: Path) -> None:
    done = reply({"id": "a/b:c", "status": "completed", "video": {"url": "https://files.invalid/clip.mp4"}})
    with StudioAPI([reply(QUEUED), trouble, done]) as api, making(api, tmp_path) as work:
        outcome, waited = worked_off(work, VIDEO)
    assert (outcome.state, waited) == ("done", 2)


def test_too_many_requests_are_tried_again_and_nothing_else_is(tmp_path: Path) -> None:
    """A picture whose answer was cut off may be charged: it is not asked for twice by itself."""
    busy = reply({"error": {"message": "Slow down"}}, 429, {"Retry-After": "3"})
    with StudioAPI([busy, Reply([b'{"data"', CUT])]) as api, making(api, tmp_path) as work:
        with pytest.raises(Again):
            work(IMAGE.as_json(), StepHands())
        outcome, _ = worked_off(work, IMAGE)
    assert (outcome.state, outcome.usd) == ("unknown", None)
    assert "may be charged" in str(outcome.result["hint"])


def test_the_key_is_in_nothing_that_is_kept(tmp_path: Path) -> None:
    answer = reply({"status": "error", "error": {"message": "The key sk-example is wrong"}})
    with StudioAPI(answer) as api, making(api, tmp_path) as work:
        outcome, _ = worked_off(work, IMAGE)
    assert "sk-example" not in json.dumps(outcome.result)


def test_a_picture_that_was_blocked_is_said_and_its_seed_keeps_every_digit(tmp_path: Path) -> None:
    image = {"url": "https://files.invalid/red.png"}
    answer = reply({"images": [image], "seed": 6199662706750842123, "has_nsfw_concepts": [True]})
    with StudioAPI(answer) as api, making(api, tmp_path) as work:
        outcome, _ = worked_off(work, IMAGE)
    assert (outcome.result["seed"], outcome.result["blocked"]) == ("6199662706750842123", True)


@pytest.mark.parametrize(
    ("more", "said"),
    [({"prompt": "A red fox"}, "A red fox"), ({"prompt": "A fox"}, ""), ({}, ""), ({"prompt": {"odd": 1}}, "")],
)
def test_a_rewritten_prompt_is_kept_wherever_it_is_found(more: dict[str, Any], said: str, tmp_path: Path) -> None:
    url = {"url": "https://files.invalid/red.png"}
    for answer in ({"images": [url], **more}, {"data": [{**url, **more}]}):
        with StudioAPI(reply(answer)) as api, making(api, tmp_path) as work:
            assert first_file(worked_off(work, IMAGE)[0].result)["about"] == said


def test_a_server_near_by_may_link_to_itself(tmp_path: Path) -> None:
    def near(request: Request) -> Reply:
        if request.method == "GET":
            return reply(files()["red.png"])
        return picture(f"{api.origin}/generated/1.png")

    with StudioAPI(near) as api, making(api, tmp_path) as work:
        outcome, _ = worked_off(work, IMAGE)
    assert first_file(outcome.result)["type"] == "image/png"


# ---- what leaves -------------------------------------------------------------------------------------------


def uploaded(shelf: Shelf, content: bytes) -> Given:
    with shelf.new() as file:
        file.write(content)
        return Given(file.keep().id, "../../evil name\r\n.wav")


def test_a_sound_leaves_as_a_form_with_its_other_fields(tmp_path: Path) -> None:
    with StudioAPI(reply({"text": "The tide turns."})) as api, making(api, tmp_path) as work:
        given = uploaded(work.shelf, files()["tone.wav"])
        task = Task("transcription", "m", "audio/transcriptions", form="file", files={"file": (given,)},
                    body={"model": "m", "temperature": 0})  # fmt: skip
        outcome, _ = worked_off(work, task)
    request = api.requests[0]
    assert request.path == "/v1/audio/transcriptions"
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert files()["tone.wav"] in request.raw and b'name="temperature"\r\n\r\n0\r\n' in request.raw
    assert b"evil" not in request.raw and b'filename="upload.wav"' in request.raw
    assert outcome.result["result"] == {"text": "The tide turns."}


def test_pictures_leave_as_data_uris_after_the_links_that_were_typed(tmp_path: Path) -> None:
    with StudioAPI(picture("https://files.invalid/red.png")) as api, making(api, tmp_path) as work:
        given = uploaded(work.shelf, files()["red.png"])
        task = Task("image", "m", "/v1/images/generations", files={"image_urls": (given,), "image_url": (given,)},
                    lists=("image_urls",), body={"image_urls": ["https://example.com/a.png"]})  # fmt: skip
        worked_off(work, task)
        gone, _ = worked_off(work, Task("image", "m", "/v1/x", files={"image_url": (Given("0" * 32, ""),)}))
    body = api.requests[0].body
    assert body["image_urls"][0] == "https://example.com/a.png"
    assert body["image_urls"][1] == body["image_url"] and body["image_url"].startswith(
        "data:image/png;base64,iVBOR"
    )
    assert (gone.state, gone.usd) == ("failed", 0.0)


def test_a_document_leaves_in_the_shape_that_its_model_takes(tmp_path: Path) -> None:
    with StudioAPI(reply({"pages": [{"index": 0, "markdown": "# Hi"}]})) as api, making(api, tmp_path) as work:
        for name, shape in (("page.pdf", "typed"), ("red.png", "typed"), ("page.pdf", "bare")):
            given = {"document": (uploaded(work.shelf, files()[name]),)}
            outcome, _ = worked_off(
                work, replace(Task("ocr", "m", "/v1/ocr", files=given), **{shape: ("document",)})
            )
            assert outcome.state == "done" and work.shelf.find(outcome.result["pages"]["id"])  # type: ignore
    pdf, picture_, bare = (request.body["document"] for request in api.requests)
    assert pdf["type"] == "document_url" and pdf["document_url"].startswith("data:application/pdf;base64,JVBER")
    assert picture_["type"] == "image_url" and picture_["image_url"].startswith("data:image/png;base64,iVBOR")
    assert bare.startswith("JVBER")


# ---- the shelf ---------------------------------------------------------------------------------------------


def test_a_shelf_knows_its_own_files_only(tmp_path: Path) -> None:
    mine, other = Shelf(tmp_path, "anna"), Shelf(tmp_path, "ben")
    given = uploaded(mine, files()["red.png"])
    assert mine.find(given.id) is not None
    assert other.find(given.id) is None
    for id_ in ("", "..", "../../etc/passwd", given.id.upper(), given.id + "\n", "*"):
        assert mine.find(id_) is None or id_ == given.id


def test_unreferenced_and_old_files_are_deleted(tmp_path: Path) -> None:
    now = [1_000_000.0]
    shelf = Shelf(tmp_path, "guest", Quota(MB, 7.0), clock=lambda: now[0])
    kept, left = (uploaded(shelf, files()["red.png"]).id for _ in range(2))
    for path in tmp_path.rglob("*.png"):
        os.utime(path, (now[0], now[0]))
    shelf.sweep({kept})
    assert shelf.find(left) is not None, "its result may be on its way"
    now[0] += 7_200
    shelf.sweep({kept})
    assert shelf.find(left) is None and shelf.find(kept) is not None
    now[0] += 8 * 86_400
    shelf.sweep({kept})
    assert shelf.find(kept) is None


def test_files_of_guests_are_deleted_and_the_owners_stay(tmp_path: Path) -> None:
    guest, owner = Shelf(tmp_path, "guest-1", GUEST), Shelf(tmp_path, "local")
    left, kept = uploaded(guest, files()["red.png"]), uploaded(owner, files()["red.png"])
    forget_guests_files(tmp_path)
    assert guest.find(left.id) is not None
    forget_guests_files(tmp_path, lambda: time.time() + 8 * 86_400)
    assert guest.find(left.id) is None and owner.find(kept.id) is not None
    assert len(list(tmp_path.iterdir())) == 1


def test_a_full_shelf_says_so_before_anything_is_asked(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, "guest", Quota(10))
    with pytest.raises(NoRoom), shelf.new() as file:
        file.write(bytes(11))
    with shelf.new() as file:
        file.write(bytes(10))
        file.keep()
    with pytest.raises(NoRoom):
        shelf.new()


@pytest.mark.parametrize(("name", "ending"), [(name, name.rpartition(".")[2]) for name in files()])
def test_the_content_says_what_a_file_is(name: str, ending: str) -> None:
    assert media_types.of(files()[name]).ending == ending


@pytest.mark.parametrize(
    ("there", "words"),
    [("http://127.0.0.1:1/secret.png", "not open here"), ("https://[inside/secret.png", "no address")],
)
def test_a_redirect_is_checked_like_the_first_address(there: str, words: str, tmp_path: Path) -> None:
    moved = Reply([], 302, {"Location": there}, "length")
    link = picture("https://files.invalid/red.png")
    with StudioAPI(link) as api, making(api, tmp_path, moved) as work:
        outcome, _ = worked_off(work, IMAGE)
    assert words in first_file(outcome.result)["problem"]
