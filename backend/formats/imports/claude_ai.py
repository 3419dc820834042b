"""Claude.ai's data export (conversations.json) -> conversations. It is not published: read as it was in 2026.

A conversation is `chat_messages`, each with `content` in Anthropic's blocks; newer ones name the message before.
The text of attached files is in the export (`extracted_content`), pictures are not.
"""

from __future__ import annotations

import json
from dataclasses import replace

from backend.formats.archive import Record
from backend.formats.imports import openai
from backend.formats.imports.reading import ImportReader, when
from backend.formats.imports.tree import linked
from backend.types import JSON, Media, Message, ToolCall
from backend.untrusted import Object, objects, text

_BLOCKS = ("text", "thinking", "image", "document", "refusal")
_UNSEEN = ("token_budget", "flag", "voice_note")


def record(item: Object, here: ImportReader) -> Record:
    """One conversation of the export."""
    entries = objects(item.get("chat_messages"))
    read = [_message(entry, place, here) for place, entry in enumerate(entries, 1)]
    ids = [text(entry.get("uuid")) or f"#{place}" for place, entry in enumerate(entries)]
    return Record(
        linked(
            ids,
            [entry.get("parent_message_uuid") for entry in entries],
            read,
            item.get("current_leaf_message_uuid"),
        ),
        title=text(item.get("name")),
        settings={"model": item.get("model")},
        created=when(item.get("created_at")),
        updated=when(item.get("updated_at")),
        pinned=item.get("is_starred") is True,
    )


def _message(entry: Object, place: int, here: ImportReader) -> Message | None:
    blocks = [block for block in objects(entry.get("content")) if block.get("type") not in _UNSEEN]
    plain: list[JSON] = [dict(block) for block in blocks if block.get("type") in _BLOCKS]
    words: JSON = plain if any(text(block.get("text")) for block in blocks) else [*plain, text(entry.get("text"))]
    message = openai.message({"role": entry.get("sender"), "content": words}, place, here)
    if message is None:
        return None
    calls = [block for block in blocks if block.get("type") == "tool_use"]
    for block in blocks:
        if block.get("type") not in (*_BLOCKS, "tool_use", "tool_result"):
            here.note(f"Message {place} has a part that is not known here: {text(block.get('type'), 40)}.")
    results = [_result(block) for block in blocks if block.get("type") == "tool_result"]
    message = replace(
        message,
        content="\n\n".join(filter(None, (message.content, *_call_texts(calls, results)))),
        media=(*message.media, *map(_file, objects(entry.get("attachments"))), *map(_picture, _pictures(entry))),
    )
    return None if message.empty and not message.reasoning and not message.media else message


def _call_texts(calls: list[Object], results: list[str]) -> list[str]:
    """Calls and results as text: they are inside one answer, where they cannot be sent as calls again."""
    tool_calls = [
        ToolCall(text(call.get("id")), text(call.get("name")), json.dumps(call.get("input"))) for call in calls
    ]
    return [*(f"[Called {call.name or 'a tool'}: {call.arguments}]" for call in tool_calls), *results]


def _result(block: Object) -> str:
    content = block.get("content")
    words = content if isinstance(content, str) else "\n".join(text(part.get("text")) for part in objects(content))
    return f"[Result: {text(words)}]" if words else ""


def _file(file: Object) -> Media:
    return Media("file", "", text(file.get("extracted_content")), text(file.get("file_name")))


def _pictures(entry: Object) -> list[Object]:
    """Files that are only named. An attachment with a text is in both lists."""
    extracted = {text(file.get("file_name")) for file in objects(entry.get("attachments"))}
    files = [*objects(entry.get("files")), *objects(entry.get("files_v2"))]
    named = {text(file.get("file_name")): file for file in files}
    return [file for name, file in named.items() if name and name not in extracted]


def _picture(file: Object) -> Media:
    name = text(file.get("file_name"))
    picture = file.get("file_kind") == "image" or name.lower().endswith((".png", ".jpg", ".jpeg", ".gif", ".webp"))
    return Media("image" if picture else "file", "", name=name)
