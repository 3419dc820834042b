"""A backup of Cherry Studio (data.json, or its zip) -> conversations; its settings hold keys: only titles are read.

A message is a list of blocks that are stored separately. Answers of several models to one question are branches;
older backups have the text in the message.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from backend.conversation.tree import Conversation, Node
from backend.formats.archive import Record
from backend.formats.imports import openai
from backend.formats.imports.opening import short_quote
from backend.formats.imports.reading import ImportReader, when
from backend.types import JSON, Message
from backend.untrusted import Object, fields, items, objects, text

_TEXTS = ("main_text", "code", "translation", "error")
_SILENT = ("citation", "tool", "unknown", "compact")
_Blocks = dict[str, Object]  # by id; a message removes its block, so that no file can repeat one endlessly


def is_backup(item: Object) -> bool:
    """Whether this is a backup with conversations in it."""
    return bool(objects(fields(item.get("indexedDB")).get("topics"), 1))


def records(item: Object, here: ImportReader) -> Iterator[Record]:
    """Each topic."""
    stored = fields(item.get("indexedDB"))
    blocks = {text(block.get("id")): block for block in objects(stored.get("message_blocks"))}
    topics = _topics(fields(item.get("localStorage")))
    for topic in objects(stored.get("topics")):
        entries = objects(topic.get("messages"))
        about = topics.get(text(topic.get("id")), {})
        times = [moment for entry in entries if (moment := when(entry.get("createdAt")))]
        conversation = _conversation(entries, blocks, here)
        models = [node.message.model for node in conversation.nodes() if node.message.model]
        yield Record(
            conversation,
            title=text(about.get("name")),
            settings={"model": models[-1] if models else None, "system_prompt": about.get("prompt")},
            created=when(about.get("createdAt")) or min(times, default=0.0),
            updated=max(times, default=0.0),
            pinned=about.get("pinned") is True,
        )


def _topics(storage: Object) -> dict[str, Object]:
    """The metadata of each topic, by its id: JSON in JSON."""
    assistants = fields(_json(fields(_json(storage.get("persist:cherry-studio"))).get("assistants")))
    return {
        text(topic.get("id")): {"prompt": assistant.get("prompt"), **topic}
        for assistant in objects(assistants.get("assistants"))
        for topic in objects(assistant.get("topics"))
    }


def _json(written: JSON) -> JSON:
    try:
        value: JSON = json.loads(text(written))
    except (ValueError, RecursionError):
        return None
    return value


def _conversation(entries: Sequence[Object], blocks: _Blocks, here: ImportReader) -> Conversation:
    """Answers that name the same question are branches; what follows is attached to the chosen one."""
    nodes: list[Node] = []
    view: dict[int | None, int | None] = {}
    parent: int | None = None
    place, asked = parent, ""
    for number, entry in enumerate(entries, 1):
        message = _message(entry, number, blocks, here)
        if message is None:
            continue
        question = text(entry.get("askId")) if message.role == "assistant" else ""
        if not question or question != asked:
            place, asked = parent, question
        nodes.append(Node(len(nodes) + 1, place, message))
        if parent == place or entry.get("foldSelected") is True:
            view[place] = parent = len(nodes)
    return Conversation.of(nodes, view)


def _message(entry: Object, place: int, blocks: _Blocks, here: ImportReader) -> Message | None:
    own = [blocks.pop(id_) for id_ in map(text, items(entry.get("blocks"))) if id_ in blocks]
    model = fields(entry.get("model"))
    parts: list[JSON] = [part for block in own if (part := _part(block, place, here))]
    value: JSON = {
        "role": entry.get("role"),
        "content": parts or entry.get("content"),
        "reasoning_content": entry.get("reasoning_content"),
        "model": text(model.get("id")) or text(entry.get("modelId")),
    }
    return openai.message(value, place, here)


def _part(block: Object, place: int, here: ImportReader) -> JSON:
    """A block as a part in OpenAI's form; files are stored elsewhere."""
    kind, file = text(block.get("type")), fields(block.get("file"))
    if kind == "thinking":
        return {"type": "thinking", "thinking": block.get("content")}
    if kind == "image":
        return {"type": "image_url", "image_url": {"url": block.get("url") or ""}}
    if kind == "file":
        return {"type": "file", "file": {"filename": file.get("origin_name") or file.get("name")}}
    if kind not in (*_TEXTS, *_SILENT):
        here.note(f"Message {place} has a part that is not known here: {short_quote(kind)}.")
    return {"type": "text", "text": block.get("content")} if kind in _TEXTS and block.get("content") else None
