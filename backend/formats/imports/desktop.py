"""Backups of Chatbox and TypingMind -> conversations. Both may contain keys, which are not read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from backend.formats.archive import Record
from backend.formats.imports import openai
from backend.formats.imports.reading import ImportReader, when
from backend.types import JSON, Message, State
from backend.untrusted import Object, fields, objects, text

_PARAMETERS = (("temperature", "temperature"), ("top_p", "topP"), ("max_tokens", "maxTokens"))

# ---- Chatbox ---------------------------------------------------------------------------------------------


def is_chatbox(item: Object) -> bool:
    """Whether the keys begin with `session:`; in older backups the conversations are one list."""
    return "chat-sessions" in item or any(name.startswith("session:") for name in item)


def chatbox(item: Object, here: ImportReader) -> Iterator[Record]:
    """Each conversation, and each of its earlier topics separately."""
    sessions = [fields(value) for name, value in item.items() if name.startswith("session:")]
    for session in (*objects(item.get("chat-sessions")), *sessions):
        for topic in objects(session.get("threads")):
            yield _session(topic, session, here)
        yield _session(session, session, here)


def _session(topic: Object, session: Object, here: ImportReader) -> Record:
    entries = objects(topic.get("messages"))
    if fields(topic.get("messageForksHash") or session.get("messageForksHash")):
        here.note("Other versions of its messages were left out.")
    read = [_of_chatbox(entry, place, here) for place, entry in enumerate(entries, 1)]
    messages = [message for message in read if message]
    prompt = messages.pop(0).content if messages and messages[0].role == "system" else ""
    settings = fields(session.get("settings"))
    times = [moment for entry in entries if (moment := when(entry.get("timestamp")))]
    return Record(
        openai.chain(messages),
        title=text(topic.get("name")) or text(session.get("name")),
        settings={
            "model": settings.get("modelId") or settings.get("model"),
            "system_prompt": prompt,
            "parameters": {name: settings.get(given) for name, given in _PARAMETERS},
        },
        created=when(topic.get("createdAt")) or min(times, default=0.0),
        updated=max(times, default=0.0),
        pinned=session.get("starred") is True,
    )


def _of_chatbox(entry: Object, place: int, here: ImportReader) -> Message | None:
    parts: list[JSON] = [_part(part) for part in objects(entry.get("contentParts"))]
    message = openai.message({"role": entry.get("role"), "content": parts or entry.get("content")}, place, here)
    if message is None or message.role != "assistant":
        return message
    thoughts = message.reasoning or text(entry.get("reasoningContent"))
    state: State = "interrupted" if entry.get("generating") is True else "done"
    return replace(message, reasoning=thoughts, model=text(entry.get("model")) or None, state=state)


def _part(part: Object) -> JSON:
    """A part in OpenAI's form; pictures are stored elsewhere."""
    kind = part.get("type")
    if kind == "image":
        return {"type": "image_url", "image_url": {"url": part.get("url") or ""}}
    if kind == "tool-call":
        return {"type": "text", "text": f"[Called {text(part.get('toolName')) or 'a tool'}]"}
    return {"type": "text", "text": part.get("text")} if kind == "info" else dict(part)


# ---- TypingMind ------------------------------------------------------------------------------------------


def is_typingmind(item: Object) -> bool:
    """Whether this is a backup, or one chat of it."""
    return "chatID" in item or isinstance(fields(item.get("data")).get("chats"), list)


def typingmind(item: Object, here: ImportReader) -> Iterator[Record]:
    """Each chat."""
    for chat in (item,) if "chatID" in item else objects(fields(item.get("data")).get("chats")):
        record = openai.record({"messages": chat.get("messages"), "title": chat.get("chatTitle")}, here)
        yield replace(
            record,
            settings={
                **record.settings,
                "model": chat.get("model"),
                "parameters": dict(fields(chat.get("chatParams"))),
            },
            created=when(chat.get("createdAt")),
            updated=when(chat.get("updatedAt")),
        )
