"""The web page of llama.cpp's server: its export -> conversations.

A conversation is `{"conv": ..., "messages": [...]}`; in older files header and messages are one object.
"""

from __future__ import annotations

import json
from dataclasses import replace

from backend.formats.archive import Record
from backend.formats.imports import openai
from backend.formats.imports.reading import ImportReader, when
from backend.formats.imports.tree import Branch, conversation_of
from backend.types import JSON, Media, Message
from backend.untrusted import Object, fields, items, objects, text


def is_conversation(item: Object) -> bool:
    """Whether this is a conversation; the ids of the older form begin with `conv-`."""
    old = text(item.get("id")).startswith("conv-") and "lastModified" in item
    return isinstance(item.get("messages"), list) and ("conv" in item or old)


def record(item: Object, here: ImportReader) -> Record:
    """One conversation."""
    head = fields(item.get("conv")) or item
    entries = [entry for entry in objects(item.get("messages")) if entry.get("type") != "root"]
    known = {_id(entry) for entry in entries}
    linked = any(_text(entry.get("parent")) in known for entry in entries)
    branches: dict[str, Branch] = {}
    before: JSON = None
    for place, entry in enumerate(entries, 1):
        children = tuple(map(_text, items(entry.get("children"))))
        parent = _text(entry.get("parent")) if linked else before
        branches[_id(entry)] = Branch(parent, _message(entry, place, here), children)
        before = _id(entry)
    times = [when(entry.get("timestamp")) for entry in entries]
    models = [name for entry in reversed(entries) if (name := text(entry.get("model")))]
    return Record(
        conversation_of(branches, _text(head.get("currNode")) or before),
        title=text(head.get("name")),
        settings={"model": models[0] if models else None},
        created=min(filter(None, times), default=0.0),
        updated=when(head.get("lastModified")),
        pinned=head.get("pinned") is True,
    )


def _text(value: JSON) -> str:
    """An id as text; those of older files are numbers."""
    return str(value) if isinstance(value, int) else text(value)


def _id(entry: Object) -> str:
    return _text(entry.get("id"))


def _message(entry: Object, place: int, here: ImportReader) -> Message | None:
    plain = {name: entry.get(name) for name in ("role", "content", "model")}
    calls = _calls(entry.get("toolCalls"))
    if calls:
        plain["tool_calls"] = calls
    plain["tool_call_id"] = entry.get("toolCallId")
    message = openai.message(plain, place, here)
    if message is None:
        return None
    media = tuple(_file(extra) for extra in objects(entry.get("extra")))
    thoughts = text(entry.get("reasoningContent")) or text(entry.get("thinking"))
    reasoning = thoughts if message.role == "assistant" else ""
    return replace(message, media=(*message.media, *media), reasoning=message.reasoning or reasoning)


def _calls(written: JSON) -> JSON:
    try:
        calls: JSON = json.loads(written) if isinstance(written, str) and written else written
    except (ValueError, RecursionError):
        return None
    return calls if isinstance(calls, list) else None


def _file(extra: Object) -> Media:
    kind, name = text(extra.get("type")), text(extra.get("name"))
    if kind.lower() in ("imagefile", "image"):
        return Media("image", text(extra.get("base64Url")), name=name)
    if kind.lower() in ("audiofile", "audio"):
        data, mime = text(extra.get("base64Data")), text(extra.get("mimeType")) or "audio/wav"
        return Media("audio", f"data:{mime};base64,{data}" if data else "", name=name)
    return Media("file", "", text(extra.get("content")), name)
