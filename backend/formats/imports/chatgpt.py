"""ChatGPT's data export (conversations.json) -> conversations. The format is not published: read as it was in 2026.

A conversation is `mapping`: nodes by id, each with parent, children and perhaps a message; `current_node` is the
last one in view. Left out is what ChatGPT does not show either: hidden and empty messages, and its memory.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace

from backend.formats.archive import Record
from backend.formats.imports.chatgpt_marks import plain
from backend.formats.imports.opening import short_quote
from backend.formats.imports.reading import ImportReader, when
from backend.formats.imports.tree import Branch, conversation_of
from backend.types import JSON, Citation, Media, Message, ToolCall
from backend.untrusted import Object, fields, items, objects, text

_UNSEEN = ("reasoning_recap", "user_editable_context", "model_editable_context")
_NAME = re.compile(r"[^A-Za-z0-9_-]")  # characters that a function name may not contain
_ENDS = {"max_tokens": "length"}
_UP = 8  # messages between a call and its result that are not shown


def record(item: Object, here: ImportReader) -> Record:
    """One conversation of the export."""
    mapping = fields(item.get("mapping"))
    branches = {
        id_: Branch(
            fields(node).get("parent"),
            _message(id_, mapping, place, here),
            tuple(child for child in items(fields(node).get("children")) if isinstance(child, str)),
        )
        for place, (id_, node) in enumerate(mapping.items(), 1)
    }
    return Record(
        conversation_of(branches, item.get("current_node")),
        title=text(item.get("title")),
        settings={"model": item.get("default_model_slug")},
        created=when(item.get("create_time")),
        updated=when(item.get("update_time")),
        pinned=item.get("is_starred") is True,
    )


def _message(id_: str, mapping: Object, place: int, here: ImportReader) -> Message | None:
    message = fields(fields(mapping[id_]).get("message"))
    content, metadata, author = (fields(message.get(name)) for name in ("content", "metadata", "author"))
    if not message or metadata.get("is_visually_hidden_from_conversation") is True:
        return None
    role = here.role(author.get("role"), place)
    words, media = _words(content, metadata, place, here)
    if content.get("content_type") == "thoughts":
        return Message("assistant", reasoning=_thoughts(content))
    if not words.strip() and not media:
        return None
    if role == "tool":
        call = _call_before(id_, mapping)
        return Message("tool", words, name=text(author.get("name")) or None, tool_call_id=call, media=media)
    if role == "assistant":
        return replace(_answer(id_, message, words), media=media)
    return Message(role, words, media=media)


def _answer(id_: str, message: Object, words: str) -> Message:
    """An answer; one addressed to a tool instead of the reader is a call of that tool."""
    metadata = fields(message.get("metadata"))
    tool = _recipient(message)
    kind = text(fields(metadata.get("finish_details")).get("type"))
    return Message(
        "assistant",
        "" if tool else words,
        tool_calls=(ToolCall(id_, _NAME.sub("_", tool)[:64], _arguments(words)),) if tool else (),
        citations=() if tool else _citations(metadata),
        finish_reason=_ENDS.get(kind, kind) or None,
        model=text(metadata.get("model_slug")) or None,
        state="interrupted" if message.get("status") == "in_progress" else "done",
    )


def _recipient(message: Mapping[str, JSON]) -> str:
    """The tool that a message is addressed to; "" for the reader."""
    recipient = text(message.get("recipient"))
    return "" if recipient == "all" or fields(message.get("author")).get("role") != "assistant" else recipient


def _call_before(id_: str, mapping: Object) -> str | None:
    """The id of the call that a tool's message answers."""
    here: JSON = id_
    for _ in range(_UP):
        here = fields(mapping.get(here)).get("parent") if isinstance(here, str) else None
        message = fields(fields(mapping.get(here)).get("message")) if isinstance(here, str) else {}
        if isinstance(here, str) and _recipient(message):
            return here
    return None


def _arguments(content: str) -> str:
    """The text sent to a tool, as arguments: a JSON object."""
    try:
        return (
            content if isinstance(json.loads(content), dict) else json.dumps({"input": content}, ensure_ascii=False)
        )
    except (ValueError, RecursionError):
        return json.dumps({"input": content}, ensure_ascii=False)


def _words(content: Object, metadata: Object, place: int, here: ImportReader) -> tuple[str, tuple[Media, ...]]:
    """The text and the pictures of a message, whatever its content type."""
    kind = content.get("content_type")
    if kind in _UNSEEN:
        return "", ()
    parts = [_part(part, place, here) for part in items(content.get("parts"))]
    pictures = tuple(part for part in parts if isinstance(part, Media))
    heads = [text(content.get(name)) for name in ("title", "url", "name")] if kind != "text" else []
    whole = [text(content.get("text")), text(content.get("result"))]
    drawn = {text(fields(part).get("asset_pointer")).rpartition("://")[2] for part in items(content.get("parts"))}
    files = [
        f"[File {text(file.get('name'))}: not in the imported file]"
        for file in objects(metadata.get("attachments"))
        if not (pictures and text(file.get("id")) in drawn)
    ]
    texts = (part for part in parts if isinstance(part, str))
    return plain("\n\n".join(filter(None, (*heads, *texts, *whole, *files)))), pictures


def _part(part: JSON, place: int, here: ImportReader) -> str | Media:
    if isinstance(part, str):
        return text(part)
    item = fields(part)
    kind = text(item.get("content_type"))
    if "text" in item:
        return text(item.get("text"))
    if kind.startswith("image"):
        return here.picture(text(item.get("asset_pointer"))) or "[Picture: not in the imported file]"
    if "audio" not in kind and "video" not in kind:
        here.note(f"Message {place} has a part that is not known here: {short_quote(kind)}.")
    return "[Sound: not in the imported file]" if "audio" in kind else ""


def _thoughts(content: Object) -> str:
    thoughts = objects(content.get("thoughts"))
    return "\n\n".join(
        filter(None, (text(thought.get("content")) or text(thought.get("summary")) for thought in thoughts))
    )


def _citations(metadata: Object) -> tuple[Citation, ...]:
    cited = [fields(one.get("metadata")) for one in objects(metadata.get("citations"))]
    for reference in objects(metadata.get("content_references")):
        cited += [reference, *objects(reference.get("items"))]
    by_url = {url: Citation(url, text(one.get("title"))) for one in cited if (url := text(one.get("url")))}
    return tuple(by_url.values())
