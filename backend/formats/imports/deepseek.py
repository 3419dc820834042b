"""DeepSeek's data export (conversations.json) -> conversations. It is not published: read as it was in 2026.

A conversation is a `mapping` like ChatGPT's, but a message is made of `fragments`, each with its kind. Files of
early 2025 have one text and its reasoning instead, and do not name the speaker.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from backend.formats.archive import Record
from backend.formats.imports.opening import short_quote
from backend.formats.imports.reading import ImportReader, when
from backend.formats.imports.tree import Branch, conversation_of
from backend.types import Citation, Media, Message, Role
from backend.untrusted import Object, fields, integer, items, objects, text

_THINK, _SEARCH = "THINK", ("SEARCH", "READ_LINK")
_SAID = ("REQUEST", "RESPONSE", "TEMPLATE_RESPONSE")
_CITED = re.compile(r"\[citation:(\d{1,4})\]")


def is_conversation(item: Object) -> bool:
    """Whether it consists of fragments, or has `inserted_at`: other products' mappings do not."""
    nodes = fields(item.get("mapping")).values()
    return bool(nodes) and (
        "inserted_at" in item or any("fragments" in fields(fields(node).get("message")) for node in nodes)
    )


def record(item: Object, here: ImportReader) -> Record:
    """One conversation of the export."""
    mapping = fields(item.get("mapping"))
    roles: dict[str, Role] = {}
    branches: dict[str, Branch] = {}
    for place, (id_, value) in enumerate(mapping.items(), 1):
        node = fields(value)
        parent, message = node.get("parent"), fields(node.get("message"))
        children = tuple(child for child in items(node.get("children")) if isinstance(child, str))
        if message:
            roles[id_] = _role(message, roles.get(parent) if isinstance(parent, str) else None)
        branches[id_] = Branch(parent, _message(message, roles[id_], place, here) if message else None, children)
    models = [text(fields(fields(node).get("message")).get("model")) for node in mapping.values()]
    return Record(
        conversation_of(branches, None),
        title=text(item.get("title")),
        settings={"model": next(filter(None, reversed(models)), None)},
        created=when(item.get("inserted_at")),
        updated=when(item.get("updated_at")),
    )


def _role(message: Object, before: Role | None) -> Role:
    kinds = {text(fragment.get("type")) for fragment in objects(message.get("fragments"))}
    if kinds:
        return "user" if "REQUEST" in kinds else "assistant"
    return "assistant" if before == "user" else "user"  # speakers alternate


def _message(message: Object, role: Role, place: int, here: ImportReader) -> Message | None:
    fragments = objects(message.get("fragments"))
    for fragment in fragments:
        if fragment.get("type") not in (*_SAID, *_SEARCH, _THINK):
            here.note(f"Message {place} has a part that is not known here: {short_quote(fragment.get('type'))}.")
    texts = [fragment.get("content") for fragment in fragments if fragment.get("type") not in (*_SEARCH, _THINK)]
    words = "\n\n".join(filter(None, map(text, [*texts, message.get("content")])))
    media = tuple(map(_file, objects(message.get("files"))))
    if role == "user":
        return Message("user", words, media=media) if words or media else None
    return replace(_answer(message, fragments, words), media=media)


def _answer(message: Object, fragments: Sequence[Object], words: str) -> Message:
    found: list[Object] = [one for one in fragments if one.get("type") in _SEARCH]
    found.append({"results": message.get("search_results")})
    sources, places = _sources([result for search in found for result in objects(search.get("results"))])
    thoughts = [fragment.get("content") for fragment in fragments if fragment.get("type") == _THINK]
    return Message(
        "assistant",
        _CITED.sub(lambda mark: f"[{places[int(mark[1])]}]" if int(mark[1]) in places else "", words),
        reasoning="\n\n".join(filter(None, map(text, [*thoughts, message.get("reasoning_content")]))),
        citations=tuple(sources.values()),
        model=text(message.get("model")) or None,
        state="interrupted" if message.get("status") in ("WIP", "INCOMPLETE") else "done",
    )


def _file(file: Object) -> Media:
    """A file by its name. Its extracted text is not in every export."""
    name = text(file.get("file_name")) or text(file.get("name"))
    picture = name.lower().endswith((".png", ".jpg", ".jpeg", ".gif", ".webp"))
    return Media("image" if picture else "file", "", text(file.get("content")), name)


def _sources(results: Sequence[Object]) -> tuple[dict[str, Citation], dict[int, int]]:
    """The sources by address, and the index among them of each number that the text may cite."""
    by_url: dict[str, Citation] = {}
    places: dict[int, int] = {}
    order: dict[str, int] = {}
    for number, result in enumerate(results, 1):
        if url := text(result.get("url")):
            by_url.setdefault(url, Citation(url, text(result.get("title"))))
            places[integer(result.get("cite_index")) or number] = order.setdefault(url, len(by_url))
    return by_url, places
