"""What tests of the studio share: the provider's documented exchanges (tests/data/family_examples.jsonl), a server
for the files that they link to, and a step of a job worked off without a database."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import requests
from fake_api import FakeAPI, Reply, Request, reply

from backend.jobs.job import Later, StepOutcome
from backend.keys.endpoint import Endpoint
from backend.studio.families import FAMILIES, Name
from backend.studio.models import StudioModel, find
from backend.studio.shelf import Shelf
from backend.studio.task import Task
from backend.studio.work import Making
from backend.transport import public_web
from backend.transport.client import ChatClient
from backend.transport.session import TrustingAdapter

_DATA = Path(__file__).parents[1] / "data" / "family_examples.jsonl"
_NAMES: dict[str, Name] = {"tts": "speech", "stt": "transcription", "embedding": "embeddings", "errors": "image"}
PATHS = {"/v1/images/generations", "/v1/tts", "/v1/stt/create", "/v1/embeddings", "/v1/chat/completions",
         "/v2/video/generations", "/v2/generate/audio", "/v1/ocr",
         "/v2/generate/video/minimax/generation"}  # fmt: skip


@dataclass(frozen=True)
class Example:
    """A request of the documents and what was answered to it and to the polls after it."""

    family: Name
    model: str
    scenario: str
    body: Mapping[str, Any]
    responses: tuple[Mapping[str, Any], ...]

    def __str__(self) -> str:
        return f"{self.family}: {self.scenario}"

    @property
    def documented(self) -> StudioModel | None:
        return find(str(self.body["model"])) or find(self.model)

    def replies(self) -> list[Reply]:
        return [_reply(response) for response in self.responses]


@cache
def lines() -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(line) for line in _DATA.read_text("utf-8").splitlines())


def examples() -> list[Example]:
    """All that go by one request of JSON to a path that is asked here."""
    return [
        Example(
            _NAMES.get(row["family"], row["family"]),
            row["model"],
            row["scenario"],
            row["request"]["body"],
            tuple(row["responses"]),
        )
        for row in lines()[1:]
        if row["request"].get("body") and row["request"]["path"] in PATHS and row["family"] != "search"
    ]


def of_family(family: str) -> list[dict[str, Any]]:
    """The rows of a family as they are."""
    return [row for row in lines()[1:] if row["family"] == family]


def answers_by_path(rows: Sequence[Mapping[str, Any]]) -> Callable[[Request], Reply]:
    """A script that answers each request by its method and path: of several answers one after the other, the last
    one again and again; 404 where the documents show none."""
    queues: dict[tuple[str, str], list[Reply]] = {}
    for row in rows:
        for response in row["responses"]:
            asked = response.get("request", row["request"])
            queues.setdefault((asked["method"], asked["path"]), []).append(_reply(response))

    def answer(request: Request) -> Reply:
        queue = queues.get((request.method, request.path), [reply({"message": "Not found"}, 404)])
        return queue.pop(0) if len(queue) > 1 else queue[0]

    return answer


def files() -> dict[str, bytes]:
    return {name: base64.b64decode(file["base64"]) for name, file in lines()[0]["files"].items()}


def _reply(response: Mapping[str, Any]) -> Reply:
    headers = {name: value for name, value in response["headers"].items() if name != "transfer-encoding"}
    if "body" in response:
        content = json.dumps(response["body"]).encode()
    elif "body_text" in response:
        content = response["body_text"].encode()
    else:
        content = base64.b64decode(response["body_base64"])
    return Reply([content], response["status"], headers, "chunked")


class StudioAPI(FakeAPI):
    """A server whose script answers whatever path is asked."""

    def _reply_to(self, request: Request) -> Reply:
        script = self._script
        if callable(script):
            return script(request)
        replies = [script] if isinstance(script, Reply) else script
        self._position += 1
        return replies[min(self._position, len(replies)) - 1]


class _Files(TrustingAdapter):
    """Takes what is asked of https://files.invalid to a server of the test, anything else through the gate."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        if not (request.url or "").startswith("https://files.invalid"):
            return public_web.adapter().send(request, *args, **kwargs)
        request.url = (request.url or "").replace("https://files.invalid", self.url)
        return super().send(request, *args, **kwargs)


def _file(request: Request) -> Reply:
    content = files().get(request.path.partition("?")[0].rpartition("/")[2])
    return reply(content, headers={"Content-Type": "application/octet-stream"}) if content else reply("no", 404)


@dataclass
class StepHands:
    """backend.jobs.job.Hands without a job. `kept` are the handles, as they were written down."""

    handle: str = ""
    kept: list[str] = field(default_factory=list)

    def keep_handle(self, handle: str) -> None:
        self.handle = handle
        self.kept.append(handle)

    def hold(self, seconds: float) -> None: ...

    def when_stopped(self, do: Any) -> None: ...


@contextmanager
def making(
    api: FakeAPI,
    folder: Path,
    files_script: Any = _file,
    kind: type[Making] = Making,
    key: str = "sk-example",
    **more: Any,
) -> Iterator[Making]:
    """The work of a run against a scripted provider; `kind`: of another family."""
    client = ChatClient(Endpoint(f"{api.url}", key))
    with StudioAPI(files_script) as links:
        address = links.url.removesuffix("/v1")
        shelf = Shelf(folder, "somebody")
        yield kind(client, shelf, "here", pauses=(0.0,), adapter=lambda: _Files(address), **more)
    client.close()


def worked_off(work: Making, task: Task, hands: StepHands | None = None) -> tuple[StepOutcome, int]:
    """What came of a run, and how often it was waited for."""
    hands, waited = hands or StepHands(), 0
    while True:
        try:
            return work(task.as_json(), hands), waited
        except Later:
            waited += 1
            assert waited < 50


def task_of(example: Example) -> Task:
    way = FAMILIES[example.family].own
    return Task(example.family, example.model, way.path, way.poll, way.form, example.body)
