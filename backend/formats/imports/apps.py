"""Backups of LobeChat and NextChat, and conversations of HuggingFace chat-ui -> conversations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from backend.formats.archive import Record
from backend.formats.imports import openai
from backend.formats.imports.reading import ImportReader, when
from backend.formats.imports.tree import Branch, conversation_of
from backend.types import JSON, Media, Message
from backend.untrusted import Object, fields, items, objects, text

# ---- LobeChat --------------------------------------------------------------------------------------------


def lobechat(item: Object, here: ImportReader) -> Iterator[Record]:
    """Messages are in one list and name their topic and session. `state` is the older form, `data` the newer."""
    state = fields(item.get("state")) or fields(item.get("data"))
    by_talk: dict[tuple[str, str], list[Object]] = {}
    for message in objects(state.get("messages")):
        talk = (text(message.get("sessionId")), text(message.get("topicId")))
        by_talk.setdefault(talk, []).append(message)
    sessions = {text(one.get("id")): one for one in objects(state.get("sessions"))}
    topics = {text(one.get("id")): one for one in objects(state.get("topics"))}
    for (session, topic), entries in by_talk.items():
        yield _talk(sessions.get(session, {}), topics.get(topic, {}), entries, here)


def _talk(session: Object, topic: Object, entries: list[Object], here: ImportReader) -> Record:
    entries = sorted(entries, key=lambda entry: when(entry.get("createdAt")))
    config = fields(session.get("config"))
    read = [_of_lobechat(entry, place, here) for place, entry in enumerate(entries, 1)]
    messages = [message for message in read if message]
    model = text(config.get("model")) or next((one.model for one in reversed(messages) if one.model), None)
    params = fields(config.get("params"))
    return Record(
        openai.chain(messages),
        title=text(topic.get("title"))
        or text(fields(session.get("meta")).get("title"))
        or text(session.get("title")),
        settings={"model": model, "system_prompt": text(config.get("systemRole")), "parameters": dict(params)},
        created=when(entries[0].get("createdAt")),
        updated=when(entries[-1].get("updatedAt")) or when(entries[-1].get("createdAt")),
        pinned=topic.get("favorite") in (True, 1),
    )


def _of_lobechat(entry: Object, place: int, here: ImportReader) -> Message | None:
    message = openai.message({"role": entry.get("role"), "content": entry.get("content")}, place, here)
    if message is None or message.role != "assistant":
        return message
    extra = fields(entry.get("extra"))
    thoughts = text(fields(entry.get("reasoning")).get("content"))
    return replace(
        message, reasoning=thoughts, model=text(extra.get("fromModel")) or text(entry.get("model")) or None
    )


# ---- NextChat --------------------------------------------------------------------------------------------


def nextchat(item: Object, here: ImportReader) -> Iterator[Record]:
    """Its sessions, and nothing else: the backup contains keys."""
    for session in objects(fields(item.get("chat-next-web-store")).get("sessions")):
        yield _session(session, here)


def _session(session: Object, here: ImportReader) -> Record:
    mask = fields(session.get("mask"))
    config = fields(mask.get("modelConfig"))
    entries = [*objects(mask.get("context")), *objects(session.get("messages"))]
    messages = openai.read([_of_nextchat(entry) for entry in entries], here)
    prompt = ""
    if messages and messages[0].role == "system":
        prompt = messages.pop(0).content
    return Record(
        openai.chain(messages),
        title=text(session.get("topic")),
        settings={"model": config.get("model"), "system_prompt": prompt, "parameters": dict(config)},
        updated=when(session.get("lastUpdate")),
    )


def _of_nextchat(entry: Object) -> JSON:
    model = {"model": entry.get("model")} if entry.get("role") == "assistant" else {}
    return {"role": entry.get("role"), "content": entry.get("content"), **model}


# ---- HuggingFace chat-ui -----------------------------------------------------------------------------------


def chat_ui(item: Object, here: ImportReader) -> Record:
    """A conversation as HuggingChat stores it: a tree, older ones a list. The speaker is in `from`."""
    entries = objects(item.get("messages"))
    linked = any(items(entry.get("ancestors")) for entry in entries)
    branches: dict[str, Branch] = {}
    before: JSON = None
    for place, entry in enumerate(entries, 1):
        id_ = text(entry.get("id")) or f"#{place}"
        ancestors = items(entry.get("ancestors"))
        parent = (ancestors[-1] if ancestors else None) if linked else before
        children = tuple(child for child in items(entry.get("children")) if isinstance(child, str))
        branches[id_] = Branch(parent, _of_chat_ui(entry, place, here), children)
        before = id_
    return Record(
        conversation_of(branches, before),
        title=text(item.get("title")),
        settings={"model": item.get("model"), "system_prompt": text(item.get("preprompt"))},
        created=when(item.get("createdAt")),
        updated=when(item.get("updatedAt")),
    )


def _of_chat_ui(entry: Object, place: int, here: ImportReader) -> Message | None:
    if entry.get("from") == "system":
        return None  # a copy of the preprompt
    message = openai.message({"role": entry.get("from"), "content": entry.get("content")}, place, here)
    if message is None:
        return None
    thoughts = text(entry.get("reasoning")) if message.role == "assistant" else ""
    media = tuple(_chat_ui_file(file) for file in objects(entry.get("files")))
    return replace(message, reasoning=thoughts, media=(*message.media, *media))


def _chat_ui_file(file: Object) -> Media:
    mime, data = text(file.get("mime")), text(file.get("value"))
    url = f"data:{mime};base64,{data}" if file.get("type") == "base64" and data else ""
    return Media("image" if mime.startswith("image/") else "file", url, name=text(file.get("name")))
