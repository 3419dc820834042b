"""Metadata that a server sends with its result, under whatever names: duration, counts, confidence, model, a
summary.
Names are the server's own. Links, what is displayed elsewhere, and what only machines use are left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice

from backend.types import JSON
from backend.untrusted import Object, fields, items, line, number, string, text

MOST = 40  # entries
SHORT = 120  # characters of a short entry
LONG = 20_000  # characters of a long entry
_ALL = 60_000  # characters of all of them
_DEPTH = 7
_VISITED = 2_000  # values that are read
# Of these the first describes the whole.
_FIRST = {"channels", "alternatives"}
# Results themselves, and what is displayed with them.
_RESULTS = {
    *("data", "images", "video", "videos", "audio", "audio_file", "model_mesh", "segmented_mesh", "pages"),
    *("choices", "words", "utterances", "paragraphs", "segments", "text", "transcript", "citations", "prompt"),
    *("search_results", "related_questions", "seed", "has_nsfw_concepts", "error", "message", "meta", "cost"),
    *("categories", "category_scores", "category_applied_input_types", "flagged"),
}
# For machines.
_PLUMBING = {
    *(
        "id",
        "generation_id",
        "object",
        "created",
        "created_at",
        "status",
        "statuscode",
        "timestamp",
        "path",
        "task",
    ),
    *("request_id", "requestid", "trace_id", "transaction_key", "sha256", "content_type", "file_name", "base_resp"),
    *("models", "version", "arch", "type", "index", "remeshing_dir", "system_fingerprint", "service_tier"),
}
_ENVELOPES = {"", "result", "results", "output", "usage", "usage_info", "metadata", "extra_info", "timings"}
_MESH = re.compile(r"mask_\d+_mesh")
_LINK = re.compile(r"(?:https?:|data:)", re.IGNORECASE)


def read(body: Object) -> dict[str, JSON]:
    """Names and values as text, short ones first, in order; {} for none."""
    found: dict[str, JSON] = {}
    room = _ALL
    for name, value in islice(_walk(body, "", _DEPTH), _VISITED):
        words = _words(value)
        if words and name not in found and len(words) <= room and len(found) < MOST:
            found[name] = words
            room -= len(words)
    return found


def _walk(body: Object, inside: str, depth: int) -> Iterator[tuple[str, JSON]]:
    """Collect the entries. `inside`: the name of the object, "" for an envelope, whose name means nothing."""
    for key, value in body.items():
        name = line(key, 60)
        is_topics = name == "segments" and inside  # not those of a recording
        if not name or (name.lower() in _RESULTS | _PLUMBING and not is_topics) or _MESH.fullmatch(name):
            continue
        if name in _FIRST:
            value = next(iter(items(value)), value)  # a list in examples, an object in one schema
        if isinstance(value, dict) and depth:
            is_envelope = name in _ENVELOPES | _FIRST or name.endswith("_details")
            yield from _walk(value, "" if is_envelope else name, depth - 1)
        else:
            yield f"{inside} {name}".strip()[:80], value


def _words(value: JSON) -> str:
    """The value as text; "" for empty values and links."""
    if value is None or value is False or value == [] or value == {}:
        return ""
    if value is True:
        return "yes"
    if isinstance(value, str):
        return "" if _LINK.match(value) else text(value, LONG).strip()
    if (amount := number(value)) is not None:
        return f"{amount:,.4g}" if isinstance(value, float) else f"{value:,}"
    several = items(value, 200)
    if all(isinstance(one, str | int | float) for one in several):
        return ", ".join(filter(None, map(_words, several)))[:LONG]
    return json.dumps(value, ensure_ascii=False, indent=1)[:LONG]


def split(kept: JSON) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Split stored metadata, perhaps from an imported file, into entries that fit a line and the rest."""
    known = islice(fields(kept).items(), MOST)
    pairs = [(line(name, 80), text(value, LONG)) for name, value in known if string(value)]
    short = [(name, value) for name, value in pairs if len(value) <= SHORT and "\n" not in value]
    return short, [pair for pair in pairs if pair not in short]
