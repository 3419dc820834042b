"""Turns the content of a form into the requests of its family."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from backend.studio import assistant_steps, batches, queries, vectors
from backend.studio.batching import REQUESTS
from backend.studio.families import Way
from backend.studio.media_types import MediaType
from backend.studio.shelf import Shelf
from backend.studio.task import Given, Task
from backend.types import JSON
from backend.untrusted import fields, items, string

TABLE, TEMPLATE = "table", "prompt"
_OF_A_FORM = (TABLE, TEMPLATE, REQUESTS, "model")


class TooManyTexts(ValueError):
    """There are too many texts; `str()` says how many there are, and the limit."""


def tasks_of(task: Task, way: Way) -> list[Task]:
    """The tasks of one form: usually one request. Raises TooManyTexts, BadRows, NoSite."""
    texts = items(task.body.get(way.text))
    if task.about.several and len(texts) > vectors.TEXTS:
        raise TooManyTexts(f"{len(texts)} texts: {vectors.TEXTS} go at once.")
    if task.about.gives == "rows":
        return [_batch(task)]
    if not way.path.endswith("chat/completions"):
        return [task]
    # A guard model judges one text at a time, as a chat.
    query: JSON = queries.narrowed(string(task.body.get(way.text)), task.body)
    questions = texts if task.about.several else [query]
    rest = {name: value for name, value in task.body.items() if name not in (way.text, *queries.FIELDS)}
    return [replace(task, body={**rest, "messages": [{"role": "user", "content": one}]}) for one in questions]


def _batch(task: Task) -> Task:
    rows = [fields(row) for row in items(task.body.get(TABLE))]
    rest: Mapping[str, JSON] = {name: value for name, value in task.body.items() if name not in _OF_A_FORM}
    parameters = {"model": task.model, "max_tokens": batches.MAX_TOKENS, **rest}
    requests: JSON = batches.requests(rows, string(task.body.get(TEMPLATE)), parameters)
    unused = all("params" in row or "body" in row for row in rows)  # each row brings a request of its own
    kept = {name: value for name, value in task.body.items() if name != TABLE and not (unused and name == TEMPLATE)}
    return replace(task, body={**kept, REQUESTS: requests})


def storable(task: Task, shelf: Shelf) -> Task:
    """A task for the database: large data is stored in a file until it is sent. Raises NoRoom."""
    if REQUESTS not in task.body:
        return task
    with shelf.new() as file:
        file.write(json.dumps(task.body[REQUESTS], ensure_ascii=False).encode("utf-8", "replace"))
        given = Given(file.keep(MediaType("application/json", "json")).id, "requests.json")
    body = {name: value for name, value in task.body.items() if name != REQUESTS}
    return replace(task, body=body, files={REQUESTS: (given,)})


def display_body(task: Task) -> JSON:
    """What is sent for a task, for display: a body, or all requests of a way with several."""
    if task.about.gives == "thread":
        return [step.display_json() for step in assistant_steps.plan(task)]
    return {REQUESTS: task.body[REQUESTS]} if REQUESTS in task.body else dict(task.body)
