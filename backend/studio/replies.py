"""What a server answered, read by what is in it and not by the model that was asked: shapes differ on every page of
the documents. Any JSON in, a Reply out; nothing is fetched here, and nothing in it is trusted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from backend.studio import beside, boxes, findings
from backend.studio.families import Family
from backend.transport import bills
from backend.types import JSON
from backend.untrusted import Object, fields, integer, items, listed, numeral, objects, string, text

State = Literal["done", "waiting", "failed"]
FILES = 20  # of one answer
PAGES = 1_000
VERDICTS = 1_000
_PENDING = frozenset({"queued", "generating", "waiting", "active", "processing", "in_progress", "pending", ""})
_DONE = frozenset({"completed", "succeeded", "success", "done", "finished", "complete"})
_FAILED = frozenset({"error", "failed", "failure", "cancelled", "canceled", "expired", "rejected"})
_LONG = 4_000  # characters of words that are shown
# Where files are, in the order in which they are looked for.
_FILES = ("data", "images", "video", "videos", "audio", "audio_file", "model_mesh", "segmented_mesh")
_PART = re.compile(r"mask_\d_mesh")
_LINK = re.compile(r"(?:https?:|data:)", re.IGNORECASE)


@dataclass(frozen=True)
class FileSource:
    """Where a file is to be had: a link, or the file itself in Base64."""

    url: str = ""
    base64: str = ""
    about: str = ""  # the prompt that was really used, where the model rewrote it


@dataclass(frozen=True)
class Reply:
    """`word` is the status as the server says it; `known`: it is one of those that this app knows."""

    state: State
    id: str = ""
    word: str = ""
    known: bool = True
    files: tuple[FileSource, ...] = ()
    result: JSON = None  # of what is no file: a transcript, vectors, verdicts
    error: str = ""
    usd: float | None = None
    notes: Mapping[str, JSON] = field(default_factory=dict)  # seed, blocked, what was said beside
    so_far: Mapping[str, JSON] = field(default_factory=dict)  # what has to be known to go on, besides the id


def read(body: JSON, family: Family, *, aimlapi: bool) -> Reply:
    """A body of JSON."""
    whole = fields(body)
    word = string(whole.get("status")).strip().lower()[:100]
    cost = next(bills.in_reply(whole, aimlapi=aimlapi), None)
    files = tuple(_sources(whole))[:FILES] if family.gives == "files" else ()
    reply = Reply(
        "waiting",
        _id(whole.get("id") or whole.get("generation_id")),
        word,
        word in _PENDING | _DONE | _FAILED,
        files,
        _result(whole, family),
        usd=cost.usd if cost else None,
        notes=_notes(whole),
    )
    if word in _FAILED:
        return replace(reply, state="failed", error=failure(whole) or f"The server says: {word}.")
    if files or reply.result is not None:
        return replace(reply, state="done")
    said = failure(whole)
    if word in _DONE or not family.own.poll or (said and not (reply.id or word)):
        return replace(reply, state="failed", error=said or _EMPTY[family.gives])
    return reply


def _id(value: JSON) -> str:
    """Of a job: some servers have texts of digits, some numbers."""
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
    """Why a job failed, in the server's own words; "" where it says nothing."""
    error = body.get("error")
    inside = fields(error)
    first = next(iter(objects(inside.get("detail"))), {})
    said = (inside.get("message"), first.get("msg"), error, body.get("message"), inside.get("name"))
    return next((text(words, _LONG).strip() for words in said if string(words).strip()), "")


def _sources(body: Object) -> Iterator[FileSource]:
    """The files of an answer: of several places that hold the same, the first."""
    for name in _FILES:
        found = [source for source in _in(body.get(name)) if source.url or source.base64]
        if found:
            used = text(body.get("prompt"), _LONG)  # of all of them: older models say it once
            yield from (replace(source, about=source.about or used) for source in found)
            if name == "segmented_mesh":  # its parts come with it
                yield from (part for key in sorted(body) if _PART.fullmatch(key) for part in _in(body[key]))
            return


def _in(value: JSON) -> Iterator[FileSource]:
    """One file, a list of them, as an object or a plain link; the object may hold the list."""
    if isinstance(value, str):
        yield _source(value)
    elif isinstance(value, list):
        for item in value[:FILES]:
            yield from _in(item)
    elif isinstance(value, dict):
        said = text(value.get("revised_prompt") or value.get("prompt"), _LONG)
        url, inline = string(value.get("url")), string(value.get("b64_json"))
        if url or inline:
            source = _source(url) if url else FileSource(base64=inline)
            yield FileSource(source.url, source.base64, said)


def _source(value: str) -> FileSource:
    if value.lower().startswith("data:"):
        return FileSource(base64=value)
    return FileSource(url=value[:8_000]) if _LINK.match(value) else FileSource()


def _notes(body: Object) -> dict[str, JSON]:
    """What else is worth keeping. A seed may be larger than a float holds: it is kept as text."""
    notes: dict[str, JSON] = {}
    if isinstance(seed := body.get("seed"), int | str) and not isinstance(seed, bool):
        notes["seed"] = str(seed)[:60]
    violations = [row.get("content_violation") for row in listed(body.get("data"))]
    if any(flag is True for flag in (*items(body.get("has_nsfw_concepts")), *violations)):
        notes["blocked"] = True
    if said := beside.read(body):
        notes["beside"] = said
    return notes


# ---- what is no file ----------------------------------------------------------------------------------------


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
    """Two envelopes, three shapes of result; what is in them is read by backend/studio/transcripts.py."""
    for name in ("result", "output"):
        if isinstance(body.get(name), dict | str) and body[name]:
            return body[name]
    return dict(body) if isinstance(body.get("text"), str) else None


def _vectors(body: Object) -> JSON:
    rows = sorted(objects(body.get("data")), key=lambda row: numeral(row.get("index")) or 0.0)
    vectors: list[JSON] = [row["embedding"] for row in rows if isinstance(row.get("embedding"), list | str)]
    return vectors or None


def _pages(body: Object) -> JSON:
    """Of a document that was read: the Markdown of each page, and its pictures by name."""
    pages = sorted(objects(body.get("pages"), PAGES), key=lambda page: numeral(page.get("index")) or 0.0)
    read_: list[JSON] = [
        {
            "number": numeral(page.get("index")),
            "markdown": text(page.get("markdown")),
            "pictures": {
                text(row.get("id"), 100): string(row.get("image_base64"))
                for row in objects(page.get("images"), 100)
            },
            **boxes.of_page(page),
        }
        for page in pages
    ]
    return read_ or None


def _verdicts(body: Object) -> JSON:
    if rows := objects(body.get("results"), VERDICTS):
        return list(map(dict, rows))
    for choice in objects(body.get("choices")):
        content = fields(choice.get("message")).get("content")
        if isinstance(content, str):
            return content
    return None
