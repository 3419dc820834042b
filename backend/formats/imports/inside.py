"""Finds request bodies inside other JSON: a log line, a HAR file, a Postman collection, a line of a batch.

A body may be an object or a string of JSON, at any depth. Nothing around it is read: addresses, headers and keys
are dropped.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from backend.formats.archive import Record
from backend.formats.imports import openai, opening, request, talks
from backend.formats.imports.reading import ImportReader
from backend.types import JSON
from backend.untrusted import Object, Unreadable, items, objects

DEEPEST, MOST = 12, 200_000  # levels and values that are searched
REQUESTS = 1_000  # of one value
_OTHERS = {"openapi", "$schema", "choices"}  # documents with examples in them, and replies


def holds_requests(item: Object) -> bool:
    return not _OTHERS & set(item) and next(_bodies(item), None) is not None


def records(item: Object, here: ImportReader) -> Iterator[Record]:
    """One conversation for each request."""
    for count, body in enumerate(_bodies(item)):
        if count == REQUESTS:
            here.note(f"Of its requests the first {REQUESTS:,} came in.")
            return
        yield openai.record(body, here) if request.is_request(body) else talks.responses(body, here)


def _bodies(item: Object) -> Iterator[Object]:
    """The request bodies, breadth first; a body is not searched itself."""
    waiting: deque[tuple[int, JSON]] = deque((1, value) for value in item.values())
    for _ in range(MOST):
        if not waiting:
            return
        level, value = waiting.popleft()
        if isinstance(value, str):
            value = _embedded_json(value)
        if isinstance(value, dict) and _is_body(value):
            yield value
        elif level < DEEPEST:
            waiting.extend((level + 1, inner) for inner in _within(value))


def _within(value: JSON) -> Iterable[JSON]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _embedded_json(text: str) -> JSON:
    """The JSON object in a string; None for any other string."""
    if not text.lstrip().startswith("{") or '"model"' not in text:
        return None
    try:
        return opening.value(text.encode())
    except (Unreadable, UnicodeEncodeError):
        return None


def _is_body(item: Object) -> bool:
    if request.is_request(item):
        return bool(items(item.get("messages")))
    asked = objects(item.get("input"), 1)  # of the Responses API; that of embeddings is text
    return isinstance(item.get("model"), str) and bool(asked) and "role" in asked[0] and "output" not in item
