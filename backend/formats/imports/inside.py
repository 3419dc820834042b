"""Requests inside of something else: a line of a log, a recording of a browser's network (HAR), a collection of
Postman, a line of a batch. Wherever in it a request's body stands, as JSON or as a text that is JSON.

Of what is around it nothing is read: addresses and headers, keys among them, stay outside.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from backend.formats.archive import Record
from backend.formats.imports import openai, opening, request, talks
from backend.formats.imports.reading import ImportReader
from backend.types import JSON
from backend.untrusted import Object, Unreadable, items, objects

DEEPEST, MOST = 12, 200_000  # levels, and values, that are looked at
REQUESTS = 1_000  # of one value
_OTHERS = {"openapi", "$schema", "choices"}  # documents with examples in them, and replies


def holds_requests(item: Object) -> bool:
    return not _OTHERS & set(item) and next(_bodies(item), None) is not None


def records(item: Object, here: ImportReader) -> Iterator[Record]:
    """A conversation for each request."""
    for count, body in enumerate(_bodies(item)):
        if count == REQUESTS:
            here.note(f"Of its requests the first {REQUESTS:,} came in.")
            return
        yield openai.record(body, here) if request.is_request(body) else talks.responses(body, here)


def _bodies(item: Object) -> Iterator[Object]:
    """The bodies in the order of the file; one is not looked into."""
    waiting: deque[tuple[int, JSON]] = deque((1, value) for value in item.values())
    for _ in range(MOST):
        if not waiting:
            return
        level, value = waiting.popleft()
        if isinstance(value, str):
            value = _written(value)
        if isinstance(value, dict) and _is_body(value):
            yield value
        elif level < DEEPEST:
            waiting.extend((level + 1, inner) for inner in _within(value))


def _within(value: JSON) -> Iterable[JSON]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _written(text: str) -> JSON:
    """The object that a text is; None for any other text."""
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
