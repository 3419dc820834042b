"""The citations of an answer: a web page, a file of the provider, a passage of an attached document.

Every provider has its own format (OpenAI's `url_citation` and `file_citation`, Anthropic's locations,
Cohere's sources, Azure's context, Perplexity's plain addresses). Without an address, the name is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from backend.text import clean
from backend.types import JSON, Citation
from backend.untrusted import Object, fields, integer, line, numbered, object_list, string

_ADDRESSES = ("url", "uri", "link")
_NAMES = (
    *("title", "document_title", "name", "filename", "file_name", "filepath", "source"),
    *("file_id", "document_id", "doc_id", "id", "cited_text", "quote", "snippet", "text", "content"),
)
# Fields that contain web pages, at any depth. Beside the choices: Zhipu, Volcengine, DashScope and Hunyuan, Venice,
# Vertex through LiteLLM, Open WebUI. In a message: Groq's compound systems, Perplexity's steps, Claude's search
# through LiteLLM.
_BESIDE = (
    *("web_search", "references", "search_info", "venice_parameters", "sources"),
    *("vertex_ai_grounding_metadata", "grounding_metadata"),
)
_IN_MESSAGE = ("executed_tools", "reasoning_steps", "search_info", "provider_specific_fields")
_DEEPEST = 7
_MOST = 200  # pages of one chunk
_WITHIN = ("url_citation", "file_citation", "web", "document", "file")  # fields with the source of a citation
_NAME = 300  # characters


def in_chunk(chunk: Object) -> Iterator[Citation]:
    """The citations beside the choices. An answer refers to `citations` by number ([1]): an unreadable one has its
    number as its name. Perplexity sends the same pages with their titles in `search_results`.
    """
    for place, item in numbered(chunk.get("citations")):
        yield citation(item) or Citation("", f"[{place + 1}]")
    for page in object_list(chunk.get("search_results")):
        yield from _all(page)
    yield from _pages(chunk, _BESIDE)


def in_message(message: Object) -> Iterator[Citation]:
    """The citations of a message, or of a piece of it."""
    for annotation in object_list(message.get("annotations")):
        yield from _all(annotation)
    cohere, azure = message.get("citations"), fields(message.get("context")).get("citations")
    for _, item in [*numbered(cohere), *numbered(azure)] if cohere or azure else ():
        yield from _all(item)
    yield from _pages(message, _IN_MESSAGE)


def _pages(item: Object, names: tuple[str, ...]) -> Iterator[Citation]:
    """The web pages at any depth of these fields, at most _MOST."""
    pages = (page for name in names if (value := item.get(name)) for page in _objects_with_address(value, _DEEPEST))
    yield from filter(None, map(citation, islice(pages, _MOST)))


def _objects_with_address(value: JSON, depth: int) -> Iterator[Object]:
    """The objects in a value that have a web address."""
    if isinstance(value, dict) and any(_is_address(string(value.get(name))) for name in _ADDRESSES):
        yield value
    elif depth and isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _objects_with_address(inner, depth - 1)


def _all(item: object) -> Iterator[Citation]:
    """The citations in an item: its `sources`, or the item itself."""
    several: list[object] = [*object_list(fields(item).get("sources"))]
    yield from filter(None, map(citation, several or [item]))


def citation(item: object) -> Citation | None:
    """One citation; None for an item without an address and without a name."""
    if text := _text(item):
        return _of(text, "") if _is_address(text) else _of("", text)
    inner = next(filter(None, (fields(fields(item).get(name)) for name in _WITHIN)), {})
    place = {**fields(item), **inner}
    names = [text for name in _NAMES if (text := _text(place.get(name)))]
    addresses = [string(place.get(name)) for name in _ADDRESSES]
    address = next(filter(None, [*addresses, *filter(_is_address, names)]), "")
    return _of(address, next((name for name in names if name != address), ""))


def _of(address: str, name: str) -> Citation | None:
    address, name = clean(address), line(name, _NAME)
    return Citation(address, name) if address or name else None


def _text(value: object) -> str:
    """A text, or an id that is a number."""
    return string(value) or ("" if integer(value) is None else str(value))


def _is_address(text: str) -> bool:
    return text.startswith(("https://", "http://"))
