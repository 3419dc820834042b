"""Parses a reply by its content, not by the requested model: the documented formats differ widely.
Any JSON in, a Reply out; nothing is fetched here, and nothing in it is trusted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from backend.studio import findings, metadata, ocr_boxes, transcripts
from backend.studio.families import Family
from backend.studio.file_sources import FILES, FileSource, sources
from backend.transport import bills
from backend.types import JSON
from backend.untrusted import Object, fields, integer, items, numeral, object_list, objects, string, text

State = Literal["done", "waiting", "failed"]
PAGES = 1_000
VERDICTS = 1_000
_PENDING = frozenset({"queued", "generating", "waiting", "active", "processing", "in_progress", "pending",
                      "", "running", "submitted", "created", "preparing", "starting", "rendering"})  # fmt: skip
_DONE = frozenset({"completed", "succeeded", "succeed", "success", "done", "finished", "complete", "ready"})
_FAILED = frozenset({"error", "failed", "fail", "failure", "cancelled", "canceled", "expired", "rejected",
                     "timeout", "timed_out", "aborted"})  # fmt: skip
# Keys of envelopes with a status and an id: gateways wrap the reply of their upstream in their own.
_ENVELOPES = ("data", "task", "output", "result")
_STATUS = ("status", "task_status", "state")
_IDS = ("id", "generation_id", "task_id")
_LONG = 4_000  # characters of a text that is shown
_PREFIX = re.compile(r"\A(?:task|job|video)[_.](?:(?:status|state)_)?")


@dataclass(frozen=True)
class Reply:
    """`word` is the server's status; `known`: this app knows that status."""

    state: State
    id: str = ""
    word: str = ""
    known: bool = True
    files: tuple[FileSource, ...] = ()
    result: JSON = None  # a result other than a file: a transcript, vectors, verdicts
    error: str = ""
    usd: float | None = None
    notes: Mapping[str, JSON] = field(default_factory=dict)  # seed, blocked, other metadata
    so_far: Mapping[str, JSON] = field(default_factory=dict)  # what is needed to continue, besides the id


def read(body: JSON, family: Family, *, aimlapi: bool) -> Reply:
    """The reply in a JSON body."""
    whole: Object = {"data": body} if isinstance(body, list) else fields(body)
    word = _status(whole)
    normalised = _PREFIX.sub("", re.sub(r"[\s-]", "_", word))
    complete = (normalised in _DONE or not family.own.poll) and not whole.get("error")
    cost = next(bills.in_reply(whole, aimlapi=aimlapi), None)
    files = tuple(sources(whole, complete=complete))[:FILES] if family.gives == "files" else ()
    reply = Reply(
        "waiting",
        next(filter(None, (_id(place.get(name)) for place in _levels(whole) for name in _IDS)), ""),
        word,
        normalised in _PENDING | _DONE | _FAILED,
        files,
        _result(whole, family),
        usd=cost.usd if cost else None,
        notes=_notes(whole),
    )
    if normalised in _FAILED:
        return replace(reply, state="failed", error=failure(whole) or f"The server says: {word}.")
    if files or reply.result is not None:
        return replace(reply, state="done")
    reason = failure(whole)
    if normalised in _DONE or not family.own.poll or (reason and not (reply.id or word)):
        return replace(reply, state="failed", error=reason or _EMPTY[family.gives])
    return reply


def _levels(whole: Object) -> Iterator[Object]:
    """A reply, and the replies wrapped in it."""
    yield whole
    yield from (packed for name in _ENVELOPES if (packed := fields(whole.get(name))))


def _status(whole: Object) -> str:
    """The server's status. The one of the innermost reply is the most specific."""
    words = (string(level.get(name)).strip() for level in reversed([*_levels(whole)]) for name in _STATUS)
    return next(filter(None, words), "").lower()[:100]


def _id(value: JSON) -> str:
    """The id of a job: some servers send digits as text, some numbers."""
    return str(number) if (number := integer(value)) is not None and abs(number) < 10**100 else text(value, 500)


_EMPTY = {
    "files": "The server answered, and no file came with it.",
    "transcript": "The server answered, and no text came with it.",
    "vectors": "The server answered, and no vectors came with it.",
    "verdicts": "The server answered, and no verdict came with it.",
    "pages": "The server answered, and no page came with it.",
    "findings": "The server answered, and no words came with it.",
}


def failure(body: Object) -> str:
    """The server's reason for the failure of a job; "" if there is none."""
    error = body.get("error")
    inside = fields(error)
    first = next(iter(objects(inside.get("detail"))), {})
    candidates = (inside.get("message"), first.get("msg"), error, body.get("message"), inside.get("name"))
    return next((text(words, _LONG).strip() for words in candidates if string(words).strip()), "")


def _notes(body: Object) -> dict[str, JSON]:
    """Other values worth keeping. A seed may be larger than a float can hold: it is kept as text."""
    notes: dict[str, JSON] = {}
    if isinstance(seed := body.get("seed"), int | str) and not isinstance(seed, bool):
        notes["seed"] = str(seed)[:60]
    violations = [row.get("content_violation") for row in object_list(body.get("data"))]
    if any(flag is True for flag in (*items(body.get("has_nsfw_concepts")), *violations)):
        notes["blocked"] = True
    if extra := metadata.read(body):
        notes["beside"] = extra
    return notes


# ---- other than files ---------------------------------------------------------------------------------------


def _result(body: Object, family: Family) -> JSON:
    readers: Mapping[str, Callable[[Object], JSON]] = {
        "transcript": _transcript,
        "vectors": _vectors,
        "verdicts": _verdicts,
        "pages": _pages,
        "findings": findings.of_completion,
    }
    return readers[family.gives](body) if family.gives in readers else None


def _transcript(body: Object) -> JSON:
    """Two envelopes, three formats of the result; its content is read by backend/studio/transcripts.py."""
    for name in ("result", "output"):
        if isinstance(body.get(name), dict | str) and body[name]:
            return body[name]
    return dict(body) if transcripts.is_transcript(body) else None


def _vectors(body: Object) -> JSON:
    """Vectors in OpenAI's format, as plain lists, and with the names of Ollama and Cohere."""
    rows = sorted(objects(body.get("data")), key=lambda row: numeral(row.get("index")) or 0.0)
    vectors: list[JSON] = [row["embedding"] for row in rows if isinstance(row.get("embedding"), list | str)]
    given = body.get("embeddings", body.get("data"))
    bare: list[JSON] = [row for row in items(fields(given).get("float", given)) if isinstance(row, list | str)]
    one = body.get("embedding")
    single: list[JSON] = [one] if isinstance(one, list) and one else []
    return vectors or bare or single or None


def _pages(body: Object) -> JSON:
    """The pages after OCR: the Markdown of each, and its pictures by name."""
    pages = sorted(objects(body.get("pages"), PAGES), key=lambda page: numeral(page.get("index")) or 0.0)
    read_: list[JSON] = [
        {
            "number": numeral(page.get("index")),
            "markdown": text(page.get("markdown")),
            "pictures": {
                text(row.get("id"), 100): string(row.get("image_base64"))
                for row in objects(page.get("images"), 100)
            },
            **ocr_boxes.of_page(page),
        }
        for page in pages
    ]
    return read_ or None


def _verdicts(body: Object) -> JSON:
    if rows := object_list(body.get("results"), VERDICTS):
        return list(map(dict, rows))
    for choice in objects(body.get("choices")):
        content = fields(choice.get("message")).get("content")
        if isinstance(content, str):
            return content
    return None
