"""A chat of Mistral's Le Chat (chat-<id>.json, or the zip of them) -> a conversation.

A file is the list of its messages, in any order. `content` is the text; `contentChunks` contain the tool
calls as well.
"""

from __future__ import annotations

from dataclasses import replace

from backend.formats.archive import Record
from backend.formats.imports import openai
from backend.formats.imports.reading import ImportReader, when
from backend.types import Media, Message
from backend.untrusted import Object, objects, text


def is_chat(item: Object) -> bool:
    """Whether its messages name their chat in Mistral's way."""
    return any("chatId" in message and "contentChunks" in message for message in objects(item.get("messages"), 1))


def record(item: Object, here: ImportReader) -> Record:
    """The chat of a file; it has no title."""
    entries = sorted(objects(item.get("messages")), key=lambda entry: when(entry.get("createdAt")))
    read = [_message(entry, place, here) for place, entry in enumerate(entries, 1)]
    return Record(
        openai.chain([message for message in read if message]),
        created=when(entries[0].get("createdAt")),
        updated=when(entries[-1].get("createdAt")),
    )


def _message(entry: Object, place: int, here: ImportReader) -> Message | None:
    chunks = objects(entry.get("contentChunks"))
    content = text(entry.get("content")) or "".join(text(chunk.get("text")) for chunk in chunks if _is_text(chunk))
    message = openai.message({"role": entry.get("role"), "content": content}, place, here)
    if message is None:
        return None
    if objects(entry.get("canvas")):
        here.note(f"Message {place} has a canvas: it was left out.")
    called = [_call_text(chunk) for chunk in chunks if chunk.get("type") == "tool_call"]
    media = tuple(
        Media("image" if file.get("type") == "image" else "file", "", name=text(file.get("name")))
        for file in objects(entry.get("files"))
    )
    return replace(message, content="\n\n".join(filter(None, (message.content, *called))), media=media)


def _is_text(chunk: Object) -> bool:
    return chunk.get("type") == "text"


def _call_text(chunk: Object) -> str:
    return f"[Called {text(chunk.get('name')) or 'a tool'}: {text(chunk.get('publicArguments'))}]"
