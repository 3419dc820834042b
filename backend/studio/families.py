"""The model families as a table: the endpoint of each, the form of its result, and what its price depends on.

A Way is AI/ML API's own, with paths from the root of its server, or that of any OpenAI-compatible server, with
paths under its base URL. A family without the latter exists at AI/ML API only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from backend.keys.endpoint import Endpoint

Name = Literal[
    "image", "speech", "transcription", "embeddings", "moderation", "video", "music", "3d", "ocr", "search",
    "assistants", "batch",
]  # fmt: skip
KIND = "studio"  # the kind of the jobs
# The kind of a result; backend/studio/replies.py reads it.
Gives = Literal["files", "transcript", "vectors", "verdicts", "pages", "findings", "thread", "rows"]


@dataclass(frozen=True)
class Way:
    """How a family is requested. `text`: the field of the typed text; `poll` has a placeholder for the job id;
    `form`: the field of a file that is sent as a form, "" for none; `edits`: the path for that, if it differs.
    """

    path: str
    text: str
    poll: str = ""
    form: str = ""
    edits: str = ""

    def poll_path(self, id_: str) -> str:
        """The path for polling. Ids contain slashes, colons and more: they are percent-encoded."""
        return self.poll.format(id=quote(id_, safe=""))


@dataclass(frozen=True)
class Family:
    """One kind of models. `counts`: the parameters whose values multiply the price of one."""

    name: Name
    gives: Gives
    own: Way
    open: Way | None = None
    counts: tuple[str, ...] = ()
    several: bool = False  # its text is a list, one item per line
    usual: str = ""  # the default model

    def way(self, endpoint: Endpoint) -> Way | None:
        """The way to request it at a server; None if the server does not offer it."""
        return self.own if endpoint.is_aimlapi else self.open


FAMILIES: Mapping[Name, Family] = {
    family.name: family
    for family in (
        Family(
            "image",
            "files",
            Way("/v1/images/generations", "prompt", form="image", edits="/v1/images/edits"),
            Way("images/generations", "prompt", form="image", edits="images/edits"),
            counts=("num_images", "n"),
            usual="flux/schnell",
        ),
        Family(
            "speech", "files", Way("/v1/tts", "text"), Way("audio/speech", "input"), usual="openai/gpt-4o-mini-tts"
        ),
        Family(
            "transcription",
            "transcript",
            Way("/v1/stt/create", "", "/v1/stt/{id}", form="audio"),
            Way("audio/transcriptions", "", form="file"),
            usual="nova-3",
        ),
        Family(
            "embeddings",
            "vectors",
            Way("/v1/embeddings", "input"),
            Way("embeddings", "input"),
            several=True,
            usual="text-embedding-3-small",
        ),
        Family(
            "moderation",
            "verdicts",
            Way("/v1/chat/completions", "input"),
            Way("moderations", "input"),
            several=True,
        ),
        Family(
            "video",
            "files",
            Way("/v2/video/generations", "prompt", "/v2/video/generations?generation_id={id}"),
            usual="alibaba/wan-2-6-t2v",
        ),
        Family(
            "music",
            "files",
            Way("/v2/generate/audio", "prompt", "/v2/generate/audio?generation_id={id}"),
            usual="minimax/music-2.6",
        ),
        Family("3d", "files", Way("/v1/images/generations", ""), usual="triposr"),
        Family("ocr", "pages", Way("/v1/ocr", ""), usual="mistral/mistral-ocr-latest"),
        Family(
            "search",
            "findings",
            Way("/v1/chat/completions", "query"),
            Way("chat/completions", "query"),
            usual="perplexity/sonar",
        ),
        Family(
            "assistants",
            "thread",
            Way("/assistants", "message"),
            Way("assistants", "message"),
            usual="gpt-4o",
        ),
        Family(
            "batch",
            "rows",
            Way("/v1/batches", "", "/v1/batches?batch_id={id}"),
            usual="claude-sonnet-4-5-20250929",
        ),
    )
}


def address(endpoint: Endpoint, path: str) -> str:
    """The URL of a way's path on a server."""
    if not path.startswith("/"):
        return endpoint.url(path)
    return f"{endpoint.origin}{path}"
