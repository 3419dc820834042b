"""Open WebUI's export -> conversations.

A chat is `history.messages`: messages by id, with parentId and childrenIds; `currentId` is the last one in view.
"""

from __future__ import annotations

import html
import re
from dataclasses import replace

from backend.formats.archive import Record
from backend.formats.imports import openai
from backend.formats.imports.reading import ImportReader, when
from backend.formats.imports.tree import Branch, conversation_of
from backend.types import JSON, Citation, Failure, Media, Message, State
from backend.untrusted import Object, fields, items, objects, text

# Reasoning is part of the content, quoted, as Open WebUI shows it.
_REASONING = re.compile(
    r'\s*<details type="reasoning"[^>]*>\s*(?:<summary>[^<]*</summary>)?(.*?)</details>\s*', re.DOTALL
)
_QUOTE = re.compile(r"^> ?", re.MULTILINE)


def record(item: Object, here: ImportReader) -> Record:
    """One chat, as an entry of the export or by itself."""
    chat = fields(item.get("chat")) or item
    history, params = fields(chat.get("history")), fields(chat.get("params"))
    messages = fields(history.get("messages"))
    if messages:
        conversation = conversation_of(
            _branches(messages, here), history.get("currentId") or history.get("current_id")
        )
    else:
        entries = enumerate(items(chat.get("messages")), 1)
        read = (_message(value, place, here) for place, value in entries)
        conversation = openai.chain([message for message in read if message])
    models = items(chat.get("models"))
    return Record(
        conversation,
        title=text(item.get("title")) or text(chat.get("title")),
        settings={
            "model": models[0] if models else None,
            "system_prompt": text(params.get("system")) or text(chat.get("system")),
            "parameters": dict(params),
        },
        tags=_tags(item, chat),
        created=when(item.get("created_at")) or when(chat.get("timestamp")),
        updated=when(item.get("updated_at")),
        pinned=item.get("pinned") is True,
    )


def _branches(messages: Object, here: ImportReader) -> dict[str, Branch]:
    return {
        id_: Branch(
            fields(value).get("parentId"),
            _message(value, place, here),
            tuple(child for child in items(fields(value).get("childrenIds")) if isinstance(child, str)),
        )
        for place, (id_, value) in enumerate(messages.items(), 1)
    }


def _message(value: JSON, place: int, here: ImportReader) -> Message | None:
    message, entry = openai.message(value, place, here), fields(value)
    if message is None:
        return None
    message = replace(message, media=(*message.media, *map(_file, objects(entry.get("files")))))
    if message.role != "assistant":
        return message
    reasoning, content = _thinking(message.content)
    failure = _failure(entry.get("error"))
    state: State = "interrupted" if entry.get("done") is False else "done"
    return replace(
        message,
        extra={},  # fields of Open WebUI, not of a provider
        content=content,
        reasoning=message.reasoning or reasoning,
        citations=(*message.citations, *_citations(entry)),
        failure=failure,
        state="failed" if failure else state,
    )


def _thinking(content: str) -> tuple[str, str]:
    match = _REASONING.match(content)
    if not match:
        return "", content
    return _QUOTE.sub("", html.unescape(match[1]).strip()), content[match.end() :]


def _failure(error: JSON) -> Failure | None:
    if not error:
        return None
    return Failure(
        "This answer had failed before it was imported.", detail=text(fields(error).get("content") or error)
    )


def _file(file: Object) -> Media:
    inner = fields(file.get("file"))
    if file.get("type") == "image":
        return Media("image", text(file.get("url")), name=text(file.get("name")))
    content = text(fields(inner.get("data")).get("content"))
    return Media("file", "", content, text(file.get("name")) or text(inner.get("filename")))


def _citations(entry: Object) -> tuple[Citation, ...]:
    """Sources: web pages, or documents without an address."""
    sources = [fields(source.get("source")) for source in objects(entry.get("sources"))]
    return tuple(Citation(url, text(source.get("name"))) for source in sources if (url := text(source.get("url"))))


def _tags(item: Object, chat: Object) -> tuple[str, ...]:
    tags = items(fields(item.get("meta")).get("tags")) or items(chat.get("tags"))
    return tuple(filter(None, (text(tag) or text(fields(tag).get("name")) for tag in tags)))
