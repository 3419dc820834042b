"""Shared parts of programs with an SDK: the key, the address's query, headers, and the arguments of a call."""

from __future__ import annotations

from collections.abc import Set
from urllib.parse import parse_qsl

from backend.snippets.literals import PYTHON, literal
from backend.snippets.python_requests import further_headers
from backend.snippets.snippet_request import SnippetRequest
from backend.types import JSON


def key(asked: SnippetRequest) -> str:
    """The key argument. An SDK does not start without a key; servers that need none ignore it."""
    if asked.key_needed:
        return f'os.environ["{asked.variable}"]'
    return f'os.environ.get("{asked.variable}") or "none"'


def query(asked: SnippetRequest) -> str:
    """The query of the address, as an argument of the client."""
    parameters = dict(parse_qsl(asked.base_url.partition("?")[2], keep_blank_values=True))
    return f"    default_query={literal({**parameters}, PYTHON)},\n" if parameters else ""


def headers(asked: SnippetRequest, *more: str) -> str:
    """The format's headers (an SDK sets a version itself), the visitor's, and `more` items of the same dict: an
    argument of the client.
    """
    items = ", ".join(filter(None, (*more, further_headers(asked))))
    return f"    default_headers={{{items}}},\n" if items else ""


def arguments(body: dict[str, JSON], keywords: Set[str]) -> str:
    """A body as arguments of a call: what is no keyword argument goes through `extra_body`."""
    known = {name: value for name, value in body.items() if name in keywords}
    extra = {name: value for name, value in body.items() if name not in keywords}
    if extra:
        known["extra_body"] = extra
    lines = (f"{name}={literal(value, PYTHON, '    ', len(name) + 1)}" for name, value in known.items())
    return "".join(f"    {line},\n" for line in lines)
