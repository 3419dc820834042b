"""LibreChat's JSON export -> a conversation. Messages are a flat list, or nested under the message they follow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from backend.formats.archive import Record
from backend.formats.imports import openai
from backend.formats.imports.reading import ImportReader, when
from backend.formats.imports.tree import Branch, conversation_of
from backend.types import JSON, Message
from backend.untrusted import Object, fields, items, objects, text


def record(item: Object, here: ImportReader) -> Record:
    """The conversation of a file."""
    tree = items(item.get("messagesTree")) or items(item.get("messages"))
    entries = list(_flat(tree))
    options = fields(item.get("options"))
    branches = {
        text(entry.get("messageId")) or f"#{place}": Branch(parent, _message(entry, place, here))
        for place, (parent, entry) in enumerate(entries, 1)
    }
    current = entries[-1][1].get("messageId") if entries else None
    prompt = text(options.get("promptPrefix")) or text(options.get("system"))
    times = [moment for _, entry in entries if (moment := when(entry.get("createdAt")))]
    return Record(
        conversation_of(branches, current),
        title=text(item.get("title")),
        settings={"model": options.get("model"), "system_prompt": prompt, "parameters": dict(options)},
        created=min(times, default=0.0),
        updated=max(times, default=0.0),
    )


def _flat(tree: list[JSON]) -> Iterator[tuple[JSON, Object]]:
    """Each message with the id of its parent, in file order."""
    waiting: list[tuple[JSON, Object]] = [(None, entry) for entry in reversed(objects(tree))]
    while waiting:
        parent, entry = waiting.pop()
        yield entry.get("parentMessageId") or parent, entry
        waiting += [(entry.get("messageId"), child) for child in reversed(objects(entry.get("children")))]


def _message(entry: Object, place: int, here: ImportReader) -> Message | None:
    parts = objects(entry.get("content"))
    calls = [fields(part.get("tool_call")) for part in parts if part.get("type") == "tool_call"]
    plain: list[JSON] = [_part(part) for part in parts if part.get("type") not in ("think", "tool_call")]
    words: JSON = plain if plain else text(entry.get("text"))
    by_user = entry.get("isCreatedByUser")
    role: JSON = entry.get("role") or {True: "user", False: "assistant"}.get(by_user is True, "user")
    message = openai.message({"role": role, "content": words}, place, here)
    if message is None:
        return None
    called = (
        f"[Called {text(call.get('name'))}: {text(call.get('args'))}]\n\n[Result: {text(call.get('output'))}]"
        for call in calls
    )
    if message.role != "assistant":
        return message
    thoughts = [text(part.get("think")) for part in parts if part.get("type") == "think"]
    return replace(
        message,
        content="\n\n".join(filter(None, (*called, message.content))),
        reasoning=message.reasoning or "\n\n".join(filter(None, thoughts)),
        model=text(entry.get("model")) or None,
        finish_reason=text(entry.get("finish_reason")) or None,
        state="interrupted" if entry.get("unfinished") is True else "done",
    )


def _part(part: Object) -> JSON:
    """`text` is a text, or an object with its value."""
    inner = fields(part.get("text"))
    return {**part, "text": text(inner.get("value"))} if inner else dict(part)
