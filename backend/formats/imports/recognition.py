"""Recognises which program wrote a value: a table of marks, each with its reader, or with the name of an
unsupported format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from backend.formats import archive
from backend.formats.archive import Record
from backend.formats.imports import (
    apps,
    chatgpt,
    cherry,
    claude_ai,
    claude_code,
    deepseek,
    desktop,
    grok,
    inside,
    librechat,
    llama_cpp,
    lmstudio,
    mistral,
    openai,
    openwebui,
    talks,
    tavern,
    training,
)
from backend.formats.imports.opening import short_quote
from backend.formats.imports.reading import ImportReader
from backend.types import JSON
from backend.untrusted import Object, Unreadable, fields, objects

EXPERIMENT = "llm-playground/experiment"  # the format of a job, which is no conversation
PROGRAMS = (
    "ChatGPT, Claude, Claude Code, DeepSeek, Grok, Le Chat, LibreChat, Open WebUI, LM Studio, llama.cpp, Jan, "
    "Chatbox, Cherry Studio, TypingMind, SillyTavern, LobeChat, NextChat, HuggingChat and ShareGPT"
)
KNOWN = (
    "It reads its own exports; messages, requests and training data as JSON or JSON Lines; requests inside of "
    "logs, HAR files and curl commands; and exports of other programs: Import on History lists them."
)
_Reader = Callable[[Object, ImportReader], Record | Iterable[Record]]


def records(value: JSON, here: ImportReader) -> Iterator[Record]:
    """The conversations in a value. Raises Unreadable, naming the program if it is known."""
    item = fields(value)
    for marked, read in _READERS:
        if marked(item):
            found = read(item, here)
            yield from (found,) if isinstance(found, Record) else found
            return
    for name, marks in _NAMED:
        if any(set(mark) <= set(item) for mark in marks):
            raise Unreadable(f"This is {name}. {KNOWN}")
    if item:
        names = ", ".join(short_quote(name) for name in list(item)[:3])
        raise Unreadable(f"This is no conversation that the playground knows (it has {names}). {KNOWN}")
    raise Unreadable(f"This is no conversation that the playground knows. {KNOWN}")


def _archive(item: Object, _: ImportReader) -> Record:
    return archive.record(item)


def _thread(item: Object, here: ImportReader) -> Record:
    return talks.thread(objects(item.get("thread")), here)


def _has(name: str, kind: type = list) -> Callable[[Object], bool]:
    return lambda item: isinstance(item.get(name), kind)


def _chat_ui(item: Object) -> bool:
    return any("from" in message for message in objects(item.get("messages"), 1))


def _librechat(item: Object) -> bool:
    first = next(iter(objects(item.get("messages"), 1)), {})
    return "messagesTree" in item or ("conversationId" in item and ("messageId" in first or not first))


def _lobechat(item: Object) -> bool:
    older = "exportType" in item and isinstance(item.get("state"), dict)
    newer = "schemaHash" in item or "mode" in item
    inside = fields(item.get("state") if older else item.get("data"))
    return (older or newer) and isinstance(inside.get("messages"), list)


def _responses(item: Object) -> bool:
    return "model" in item and isinstance(item.get("input"), str | list) and "messages" not in item


def _sharegpt(item: Object) -> bool:
    turns = (
        objects(item.get("conversations"), 1)
        or objects(item.get("conversation"), 1)
        or objects(item.get("items"), 1)
    )
    return bool(turns) and ("from" in turns[0] or "role" in turns[0])


def _grok(item: Object) -> bool:
    return isinstance(item.get("conversation"), dict) and isinstance(item.get("responses"), list)


def _gemini(item: Object) -> bool:
    return isinstance(item.get("contents"), list) or isinstance(item.get("chunkedPrompt"), dict)


# The first match decides: the most general marks come last.
_READERS: tuple[tuple[Callable[[Object], bool], _Reader], ...] = (
    (lambda item: item.get("format") == archive.FORMAT, _archive),
    (deepseek.is_conversation, deepseek.record),
    (_has("mapping", dict), chatgpt.record),
    (_has("chat_messages"), claude_ai.record),
    (_has("chat-next-web-store", dict), apps.nextchat),
    (_lobechat, apps.lobechat),
    (lambda item: isinstance(item.get("chat"), dict) or isinstance(item.get("history"), dict), openwebui.record),
    (_librechat, librechat.record),
    (lmstudio.is_conversation, lmstudio.record),
    (llama_cpp.is_conversation, llama_cpp.record),
    (_chat_ui, apps.chat_ui),
    (_grok, grok.record),
    (cherry.is_backup, cherry.records),
    (desktop.is_chatbox, desktop.chatbox),
    (desktop.is_typingmind, desktop.typingmind),
    (claude_code.is_session, claude_code.record),
    (tavern.is_chat, tavern.record),
    (mistral.is_chat, mistral.record),
    (_has("thread"), _thread),
    (_has("messages"), openai.record),
    (_sharegpt, talks.sharegpt),
    (_responses, talks.responses),
    (_gemini, talks.gemini),
    (training.is_row, training.record),
    (inside.holds_requests, inside.records),
)
# Field names that are unique to a program. Each program may have several kinds of files.
_NAMED: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = (
    ("a file of LobeChat without messages", (("exportType", "state"), ("schemaHash", "data"))),
    (
        "a thread of Jan without its messages. Choose messages.jsonl beside it, or a zip of both",
        (("assistants", "id"),),
    ),
    ("a backup of Chatbox without conversations", (("chat-sessions-list",), ("__exported_items",))),
    ("a backup of Cherry Studio without conversations", (("localStorage", "indexedDB"),)),
    ("a chat of KoboldAI, which is not read here", (("gamestarted", "actions"),)),
    ("a backup of TypingMind without chats", (("data", "checksum"), ("chatMetadata",))),
    ("an export of Chatbot UI, which is not read here", (("history", "folders", "prompts"),)),
    ("Google's record of activity in Gemini, which is not read here", (("header", "title", "time"),)),
    ("a recording of a browser's network (HAR) with no request to a chat model in it", (("log",),)),
    ("a share of prompts, not of conversations", (("prompts", "format"),)),
    ("a file of tools, not of conversations", (("tools", "format"),)),
    ("an export of Claude's projects, not of conversations", (("uuid", "docs"), ("prompt_template",))),
    ("a reply of a server, not a conversation", (("choices", "object"), ("error",))),
    ("an OpenAPI or schema document", (("openapi",), ("$schema",))),
)
