"""The code that a run is shown as: it runs, and sends what the app sends."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest
from fake_api import Reply, Request, reply
from programs import Machine
from studio import StudioAPI, files, making, worked_off

from backend.keys.endpoint import Endpoint
from backend.studio import code
from backend.studio.makers import maker
from backend.studio.task import Given, Task

HARD = "A \"fox\" 'reads' $HOME `ls` \\ \n</JSON>\nJSON\u202e {id} ${x}"


def run(language: str, task: Task, api: StudioAPI, folder: Path) -> str:
    """What the program of a task prints."""
    source = code.write(language, task, Endpoint(api.url))
    source = source.replace("sleep 10", "sleep 0").replace("sleep(10)", "sleep(0)").replace("10_000", "0")
    machine = Machine(folder)
    command = machine.command(language, source)
    environment = {**machine.environment, "API_KEY": "sk-example"}
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def served(request: Request) -> Reply:
    if request.method == "GET":
        return reply({"id": "a/b:c", "status": "completed", "video": ["https://files.invalid/clip.mp4"]})
    if "/video/" in request.path:
        return reply({"id": "a/b:c", "status": "queued"})
    return reply({"data": [], "text": "Hi"})


def picture(given: Given) -> Task:
    files_ = {"image_url": (given,), "image_urls": (given, given)}
    body = {"model": "flux/schnell", "prompt": HARD, "n": 2, "seed": 7, "raw": True, "size": None}
    return Task("image", "flux/schnell", "/v1/images/generations", body=body, files=files_, lists=("image_urls",))


@pytest.mark.parametrize("language", ["requests", "fetch"])
def test_a_request_leaves_the_same_from_the_code_and_from_the_app(language: str, tmp_path: Path) -> None:
    (tmp_path / "red.png").write_bytes(files()["red.png"])
    with StudioAPI(served) as api, making(api, tmp_path) as work:
        with work.shelf.new() as file:
            file.write(files()["red.png"])
            task = picture(Given(file.keep().id, "red.png"))
        worked_off(work, task)
        run(language, task, api, tmp_path)
    mine, its = api.requests
    assert its.body == mine.body and its.path == mine.path
    assert its.headers["authorization"] == mine.headers["authorization"] == "Bearer sk-example"


def test_curl_sends_the_same_where_no_file_goes_along(tmp_path: Path) -> None:
    task = Task("image", "m", "/v1/images/generations", body={"model": "m", "prompt": HARD, "n": 2})
    with StudioAPI(served) as api, making(api, tmp_path) as work:
        worked_off(work, task)
        run("curl", task, api, tmp_path)
    assert api.requests[0].body == api.requests[1].body


@pytest.mark.parametrize("language", ["curl", "requests", "fetch"])
def test_the_code_waits_for_a_job(language: str, tmp_path: Path) -> None:
    path = "/v2/video/generations"
    task = Task("video", "m", path, path + "?generation_id={id}", body={"model": "m", "prompt": HARD})
    with StudioAPI(served) as api:
        assert "clip.mp4" in run(language, task, api, tmp_path)
    assert [unquote(request.path) for request in api.requests] == [path, path + "?generation_id=a/b:c"]


@pytest.mark.parametrize("language", ["curl", "requests", "fetch"])
def test_the_code_sends_a_sound_as_a_form(language: str, tmp_path: Path) -> None:
    (tmp_path / "tone.wav").write_bytes(files()["tone.wav"])
    given = {"file": (Given("", "tone.wav"),)}
    task = Task("transcription", "m", "audio/transcriptions", form="file", files=given,
                body={"model": "m", "temperature": 0})  # fmt: skip
    with StudioAPI(served) as api:
        assert "Hi" in run(language, task, api, tmp_path)
    (request,) = api.requests
    assert request.path == "/v1/audio/transcriptions" and files()["tone.wav"] in request.raw
    assert b'name="temperature"\r\n\r\n0\r\n' in request.raw


@pytest.mark.parametrize(("path", "part"), [("/v1/images/edits", "image"), ("images/edits", "image[]")])
@pytest.mark.parametrize("language", ["curl", "requests", "fetch"])
def test_the_code_sends_an_edit_with_pictures_and_mask(language: str, path: str, part: str, tmp_path: Path) -> None:
    (tmp_path / "red.png").write_bytes(files()["red.png"])
    with StudioAPI(served) as api, making(api, tmp_path) as work:
        with work.shelf.new() as file:
            file.write(files()["red.png"])
            given = Given(file.keep().id, "red.png")
        uploads = {"image": (given, given), "mask": (given,)}
        task = Task("image", "m", path, form="image", files=uploads, body={"model": "m", "prompt": "@x;y"})
        worked_off(work, task)
        run(language, task, api, tmp_path)
    mine, its = api.requests
    for request in (mine, its):
        assert request.path.endswith("/images/edits") and request.headers["content-type"].startswith("multipart/")
        assert request.raw.count(files()["red.png"]) == 3 and b"\r\n\r\n@x;y\r\n" in request.raw
        assert request.raw.count(f'name="{part}"'.encode()) == 2 and request.raw.count(b'name="mask"') == 1


def test_no_code_holds_a_key_or_a_name_that_means_something(tmp_path: Path) -> None:
    task = picture(Given("", '$(rm -rf ~)"\n../x.png'))
    for language in ("curl", "requests", "fetch"):
        source = code.write(language, task, Endpoint("https://api.aimlapi.com/v1", "sk-secret"))
        assert "sk-secret" not in source and "rm -rf" not in source and "AIMLAPI_API_KEY" in source
        assert "\u202e" not in source and base64.b64encode(files()["red.png"]).decode() not in source


LINES = '{"custom_id": "a", "result": {"type": "succeeded"}}\n{"custom_id": "b", "result": {"type": "errored"}}\n'


def served_in_steps(request: Request) -> Reply:
    if request.path.endswith("/messages") and request.method == "GET":
        return reply({"data": [{"id": "msg_2", "content": "x = 1"}]})
    if "batch_id" in request.path:
        return Reply([LINES.encode()])
    if "/runs/" in request.path:
        return reply({"id": "run_1", "status": "completed"})
    return reply({"id": f"{request.path.rpartition('/')[2]}_1", "status": "queued"})


def in_steps(name: str) -> Task:
    if name == "batch":
        requests = [{"custom_id": "a", "params": {"model": "m", "messages": [{"role": "user", "content": HARD}]}}]
        body = {"model": "m", "prompt": "{{x}}", "requests": requests}
        return Task("batch", "m", "/v1/batches", "/v1/batches?batch_id={id}", body=body)
    more = {"thread_id": "t/1", "assistant_id": "asst_1"} if name == "thread" else {"instructions": HARD}
    return Task("assistants", "m", "/assistants", body={"model": "m", "message": HARD, "stream": False, **more})


@pytest.mark.parametrize(
    ("language", "name"),
    [
        *((one, name) for one in ("curl", "requests", "fetch") for name in ("assistant", "batch")),
        ("curl", "thread"),
    ],
)
def test_code_of_several_steps_asks_as_the_app_does(language: str, name: str, tmp_path: Path) -> None:
    task = in_steps(name)
    with StudioAPI(served_in_steps) as api, making(api, tmp_path, kind=maker(task.about)) as work:
        worked_off(work, task)
        mine, before = [(one.method, unquote(one.path), one.body) for one in api.requests], len(api.requests)
        printed = run(language, task, api, tmp_path)
    its = [(one.method, unquote(one.path), one.body) for one in api.requests[before:]]
    assert its == [one for one in mine if not one[1].endswith("/steps")]
    assert "x = 1" in printed or printed.strip() == LINES.strip()
