"""LM Studio's <name>.conversation.json -> a conversation. Each position has one or more versions; one is in
view.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from backend.conversation.tree import Conversation, Node
from backend.formats.archive import Record
from backend.formats.imports import openai
from backend.formats.imports.reading import ImportReader, when
from backend.types import JSON, Message
from backend.untrusted import Object, fields, integer, items, objects, text


def is_conversation(item: Object) -> bool:
    """Whether its messages have versions, which no other product's do."""
    return any("versions" in message for message in objects(item.get("messages"), 1))


def record(item: Object, here: ImportReader) -> Record:
    """The conversation of a file."""
    created = when(item.get("createdAt"))
    answered = next(
        (node.model for node in map(_answer, objects(item.get("messages"))) if node and node.model), None
    )
    model = fields(item.get("lastUsedModel")).get("identifier") or answered
    return Record(
        _conversation(item, here),
        title=text(item.get("name")),
        settings={"model": model, "system_prompt": _prompt(item)},
        created=created,
        updated=when(item.get("userLastMessagedAt")) or when(item.get("assistantLastMessagedAt")) or created,
        pinned=item.get("pinned") is True,
    )


def _prompt(item: Object) -> str:
    """The system prompt; in newer files it is a field of the chat's own settings."""
    settings = objects(fields(item.get("perChatPredictionConfig")).get("fields"))
    own = (text(one.get("value")) for one in settings if one.get("key") == "llm.prediction.systemPrompt")
    return next(filter(None, own), "") or text(item.get("systemPrompt"))


def _conversation(item: Object, here: ImportReader) -> Conversation:
    """The versions at a position are branches; what follows is attached to the one in view."""
    nodes: list[Node] = []
    view: dict[int | None, int | None] = {}
    parent: int | None = None
    for place, entry in enumerate(objects(item.get("messages")), 1):
        versions = objects(entry.get("versions"))
        chosen = integer(entry.get("currentlySelected")) or 0
        following = parent
        for number, version in enumerate(versions):
            message = _message(version, place, here)
            nodes.append(Node(len(nodes) + 1, parent, message))
            if number == min(chosen, len(versions) - 1):
                following = len(nodes)
        if following != parent:
            view[parent] = following
        parent = following
    return Conversation.of(nodes, view)


def _message(version: Object, place: int, here: ImportReader) -> Message:
    blocks = list(_blocks(version))
    words: list[JSON] = [dict(part) for block in blocks if not _is_thinking(block) for part in _content(block)]
    message = openai.message({"role": version.get("role"), "content": words}, place, here) or Message("user")
    if message.role != "assistant":
        return message
    thoughts = [text(part.get("text")) for block in blocks if _is_thinking(block) for part in _content(block)]
    answer = _answer({"versions": [dict(version)]})
    return replace(message, reasoning="\n\n".join(filter(None, thoughts)), model=answer.model if answer else None)


def _answer(entry: Object) -> Message | None:
    """A message without text, with the model that answered."""
    for version in objects(entry.get("versions")):
        for step in objects(version.get("steps")):
            made = fields(step.get("genInfo"))
            if model := text(made.get("identifier")) or text(made.get("indexedModelIdentifier")):
                return Message("assistant", model=model)
        if name := text(fields(version.get("senderInfo")).get("senderName")):
            return Message("assistant", model=name)
    return None


def _blocks(version: Object) -> Iterator[Object]:
    """The text in one or several steps; steps of other kinds (status lines) have none."""
    if version.get("type") != "multiStep":
        yield version
    else:
        yield from (step for step in objects(version.get("steps")) if items(step.get("content")))


def _is_thinking(block: Object) -> bool:
    return fields(block.get("style")).get("type") == "thinking"


def _content(block: Object) -> list[Object]:
    """The parts of a block; files of LM Studio are stored elsewhere."""
    return [_file(part) if part.get("type") == "file" else part for part in objects(block.get("content"))]


def _file(part: Object) -> Object:
    name = text(part.get("fileName")) or text(part.get("fileIdentifier"))
    return {"type": "file", "file": {"filename": name}}
