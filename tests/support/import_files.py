"""Small files in the formats that can be imported, and what is read from them: for the tests of imports."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from backend.formats import archive, imports
from backend.formats.archive import Record
from backend.formats.imports import ImportedConversation, RefusedPart, Unreadable
from backend.types import Message

PNG = "data:image/png;base64,AAAA"


def read_file(data: bytes, name: str = "") -> tuple[Record, ...]:
    """All conversations of a file. Raises Unreadable for the first part that did not come in."""
    found = list(imports.conversations(io.BytesIO(data), name))
    for part in found:
        if isinstance(part, RefusedPart):
            raise Unreadable(f"{part.where}: {part.why}" if part.where else part.why)
    return tuple(part.record for part in found if isinstance(part, ImportedConversation))


def read(value: Any) -> tuple[Record, ...]:
    return read_file(json.dumps(value).encode())


def one(value: Any) -> Record:
    (found,) = read(value)
    return found


def path(record: Record) -> list[Message]:
    return [node.message for node in record.conversation.path()]


def turns(record: Record) -> list[tuple[str, str]]:
    return [(message.role, message.content) for message in path(record)]


def chat(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"role": role, "content": content} for role, content in pairs]


def zipped(files: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return held.getvalue()


TALK = chat(("user", "Hi"), ("assistant", "Hello."))


def own(**changes: Any) -> dict[str, Any]:
    return {
        "format": archive.FORMAT,
        "version": 1,
        "messages": [{"id": 1, "role": "user", "content": "Hi"}],
        **changes,
    }


def node(parent: str | None, role: str = "", text: str = "", *children: str, **more: Any) -> dict[str, Any]:
    """A node of a mapping as ChatGPT writes it; without a role one that holds no message."""
    content = more.pop("content", {"content_type": "text", "parts": [text]})
    author = {"role": role, "name": more.pop("name", None), "metadata": {}}
    message = {
        "id": "m",
        "author": author,
        "content": content,
        "status": "finished_successfully",
        "recipient": "all",
        **more,
    }
    return {"id": "n", "parent": parent, "children": list(children), "message": message if role else None}


def chatgpt(mapping: dict[str, Any], current: str = "", **more: Any) -> list[dict[str, Any]]:
    head = {
        "id": "c",
        "conversation_id": "c",
        "title": "Trip",
        "create_time": 1700000000.5,
        "update_time": 1700000100.0,
    }
    return [{**head, "mapping": mapping, "current_node": current or list(mapping)[-1], **more}]


BRANCHED = {
    "client-created-root": node(None, "", "", "s"),
    "s": node("client-created-root", "system", "", "q", metadata={"is_visually_hidden_from_conversation": True}),
    "q": node("s", "user", "Where to?", "a1", "a2"),
    # The newest stands first in the file: the list of children tells the order.
    "a2": node("q", "assistant", "Oslo.", metadata={"model_slug": "gpt-4o", "finish_details": {"type": "stop"}}),
    "a1": node("q", "assistant", "Rome.", "q2", metadata={"model_slug": "gpt-4"}),
    "q2": node("a1", "user", "And then?", "a3"),
    "a3": node("q2", "assistant", "Naples.", status="in_progress"),
}


THOUGHT = (
    '<details type="reasoning" done="true" duration="2">\n<summary>Thought for 2 seconds</summary>\n'
    "&gt; Is &lt;x&gt; so?\n&gt; Yes.\n</details>\nBlue."
)


def webui(**changes: Any) -> dict[str, Any]:
    messages = {
        "1": {
            "id": "1",
            "parentId": None,
            "childrenIds": ["2", "3"],
            "role": "user",
            "content": "Colour?",
            "files": [
                {"type": "image", "url": PNG},
                {"type": "file", "name": "a.txt", "file": {"data": {"content": "Red"}}},
            ],
        },
        "2": {
            "id": "2",
            "parentId": "1",
            "childrenIds": [],
            "role": "assistant",
            "content": "Red.",
            "model": "a",
            "done": False,
        },
        "3": {
            "id": "3",
            "parentId": "1",
            "childrenIds": [],
            "role": "assistant",
            "content": THOUGHT,
            "model": "b",
            "done": True,
            "usage": {"prompt_tokens": 5, "completion_tokens": 2},
            "sources": [{"source": {"name": "S", "url": "https://s.example"}}],
        },
    }
    body = {
        "title": "Inner",
        "models": ["b"],
        "params": {"system": "Be brief.", "temperature": 0.3, "stream_response": True},
        "history": {"messages": messages, "currentId": "3"},
        "messages": [],
        "tags": ["x"],
        "timestamp": 1700000000000,
        **changes,
    }
    return {
        "id": "i",
        "user_id": "u",
        "title": "Colours",
        "chat": body,
        "updated_at": 1700000200,
        "pinned": True,
        "meta": {"tags": ["t"]},
    }
