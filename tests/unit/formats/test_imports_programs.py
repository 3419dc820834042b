"""Exports of other programs, in small samples of their real shapes: titles, times, models and prompts are kept."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from import_files import PNG, chatgpt, node, one, path, read_file, turns, zipped

from backend.formats import imports
from backend.formats.imports import ImportedConversation, RefusedPart
from backend.types import Media

TWO = [("user", "Hi"), ("assistant", "Yo")]
NO_PARENT = "00000000-0000-0000-0000-000000000000"
CLAUDE: dict[str, Any] = {
    "uuid": "u",
    "name": "Title",
    "created_at": "2025-01-02T03:04:05.5Z",
    "updated_at": "2025-01-02T03:05:05Z",
    "account": {"uuid": "a"},
    "chat_messages": [
        {
            "uuid": "m1",
            "text": "Hi",
            "content": [{"type": "text", "text": "Hi", "start_timestamp": "2025-01-02T03:04:05Z"}],
            "sender": "human",
            "attachments": [],
            "files": [],
        },
        {"uuid": "m2", "text": "Yo", "content": [], "sender": "assistant", "attachments": [], "files": []},
    ],
}
LIBRECHAT: dict[str, Any] = {
    "conversationId": "c",
    "endpoint": "openAI",
    "title": "Title",
    "exportAt": "10:00:00 GMT+0000",
    "branches": True,
    "recursive": True,
    "options": {"model": "m", "temperature": 0.5, "promptPrefix": "Be brief."},
    "messages": [
        {
            "messageId": "1",
            "parentMessageId": NO_PARENT,
            "sender": "User",
            "text": "Hi",
            "isCreatedByUser": True,
            "createdAt": "2025-01-02T03:04:05.500Z",
            "children": [
                {
                    "messageId": "2",
                    "parentMessageId": "1",
                    "sender": "GPT-4o",
                    "model": "m",
                    "text": "",
                    "content": [{"type": "think", "think": "Hm"}, {"type": "text", "text": {"value": "Yo"}}],
                    "isCreatedByUser": False,
                    "children": [],
                }
            ],
        }
    ],
}
LM_STUDIO: dict[str, Any] = {
    "name": "Title",
    "pinned": False,
    "createdAt": 1735787045500,
    "systemPrompt": "",
    "messages": [
        {
            "versions": [{"type": "singleStep", "role": "user", "content": [{"type": "text", "text": "Hi"}]}],
            "currentlySelected": 0,
        },
        {
            "versions": [
                {
                    "type": "multiStep",
                    "role": "assistant",
                    "senderInfo": {"senderName": "m"},
                    "steps": [
                        {
                            "type": "contentBlock",
                            "content": [{"type": "text", "text": "Hm"}],
                            "style": {"type": "thinking", "ended": True},
                        },
                        {
                            "type": "contentBlock",
                            "content": [{"type": "text", "text": "Yo"}],
                            "genInfo": {"identifier": "m"},
                        },
                        {"type": "debugInfoBlock", "debugInfo": "x"},
                    ],
                },
                {
                    "type": "multiStep",
                    "role": "assistant",
                    "steps": [{"type": "contentBlock", "content": [{"type": "text", "text": "Other"}]}],
                },
            ],
            "currentlySelected": 0,
        },
    ],
    "perChatPredictionConfig": {"fields": [{"key": "llm.prediction.systemPrompt", "value": "Be brief."}]},
}
LLAMA: dict[str, Any] = {
    "conv": {"id": "x", "name": "Title", "lastModified": 1735787105000, "currNode": "3"},
    "messages": [
        {
            "id": "r",
            "convId": "x",
            "type": "root",
            "role": "system",
            "content": "",
            "parent": None,
            "children": ["1"],
        },
        {
            "id": "1",
            "role": "user",
            "content": "Hi",
            "parent": "r",
            "children": ["2", "3"],
            "timestamp": 1735787045500,
        },
        {"id": "2", "role": "assistant", "content": "Other", "parent": "1", "children": []},
        {"id": "3", "role": "assistant", "content": "Yo", "parent": "1", "model": "m", "thinking": "Hm"},
    ],
}
LOBE: dict[str, Any] = {
    "exportType": "all",
    "version": 7,
    "state": {
        "sessions": [{"id": "s", "meta": {"title": "Helper"}, "config": {"model": "m", "systemRole": "Be brief."}}],
        "topics": [{"id": "t", "title": "Title", "sessionId": "s"}],
        "messages": [
            {"role": "assistant", "content": "Yo", "sessionId": "s", "topicId": "t", "createdAt": 1735787105000},
            {"role": "user", "content": "Hi", "sessionId": "s", "topicId": "t", "createdAt": 1735787045500},
        ],
    },
}
NEXT: dict[str, Any] = {
    "chat-next-web-store": {
        "sessions": [
            {
                "id": "1",
                "topic": "Title",
                "messages": [
                    {"id": "a", "role": "user", "content": "Hi"},
                    {"role": "assistant", "content": "Yo", "model": "m"},
                ],
                "lastUpdate": 1735787105000,
                "mask": {
                    "context": [{"role": "system", "content": "Be brief."}],
                    "modelConfig": {"model": "m", "temperature": 0.5},
                },
            }
        ]
    },
    "access-control": {"openaiApiKey": "sk-secret", "accessCode": "secret"},
}
HUGGING: dict[str, Any] = {
    "_id": {"$oid": "1"},
    "title": "Title",
    "model": "m",
    "preprompt": "Be brief.",
    "createdAt": {"$date": "2025-01-02T03:04:05.5Z"},
    "messages": [
        {"id": "s", "from": "system", "content": "Be brief.", "ancestors": [], "children": ["u"]},
        {"id": "u", "from": "user", "content": "Hi", "ancestors": ["s"], "children": ["a"]},
        {"id": "a", "from": "assistant", "content": "Yo", "ancestors": ["s", "u"], "children": []},
    ],
}
SHARE_GPT: dict[str, Any] = {
    "id": "1",
    "conversations": [
        {"from": "system", "value": "Be brief."},
        {"from": "human", "value": "Hi"},
        {"from": "gpt", "value": "Yo"},
    ],
}
STUDIO: dict[str, Any] = {
    "runSettings": {"model": "models/m", "temperature": 1.0},
    "systemInstruction": {"parts": [{"text": "Be brief."}]},
    "chunkedPrompt": {
        "chunks": [
            {"text": "Hi", "role": "user"},
            {"text": "Hm", "role": "model", "isThought": True},
            {"text": "Yo", "role": "model"},
        ]
    },
}
RESPONSES: dict[str, Any] = {
    "model": "m",
    "instructions": "Be brief.",
    "input": [
        {"role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
        {"role": "assistant", "content": [{"type": "output_text", "text": "Yo"}]},
    ],
    "max_output_tokens": 50,
}
ANTHROPIC: dict[str, Any] = {
    "model": "m",
    "system": "Be brief.",
    "max_tokens": 50,
    "messages": [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": [{"type": "text", "text": "Yo"}]},
    ],
}
SAMPLES = {
    "Claude": CLAUDE,
    "LibreChat": LIBRECHAT,
    "LM Studio": LM_STUDIO,
    "llama.cpp": LLAMA,
    "LobeChat": LOBE,
    "NextChat": NEXT,
    "HuggingChat": HUGGING,
    "ShareGPT": SHARE_GPT,
    "AI Studio": STUDIO,
    "Responses": RESPONSES,
    "Anthropic": ANTHROPIC,
}
UNTITLED = {"ShareGPT", "AI Studio", "Responses", "Anthropic"}


@pytest.mark.parametrize("name", SAMPLES)
def test_messages_are_read_with_title_model_and_prompt(name: str) -> None:
    for value in (SAMPLES[name], [SAMPLES[name]]):
        record = one(value)
        assert turns(record) == TWO
        assert record.title == ("" if name in UNTITLED else "Title")
        assert record.settings.get("model") == (None if name in ("Claude", "ShareGPT") else "m")
        assert record.settings.get("system_prompt") == (None if name in ("Claude", "llama.cpp") else "Be brief.")
        assert "secret" not in str(record)


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - UNTITLED - {"NextChat"}))
def test_times_are_kept(name: str) -> None:
    assert one(SAMPLES[name]).created == 1735787045.5


@pytest.mark.parametrize("name", ["LibreChat", "LM Studio", "llama.cpp", "AI Studio"])
def test_reasoning_stays_with_its_answer(name: str) -> None:
    assert path(one(SAMPLES[name]))[-1].reasoning == "Hm"


@pytest.mark.parametrize("name", ["LM Studio", "llama.cpp"])
def test_other_versions_of_an_answer_are_branches(name: str) -> None:
    conversation = one(SAMPLES[name]).conversation
    assert {"Yo", "Other"} == {conversation[id_].message.content for id_ in conversation.siblings(3)}


def test_a_long_chat_of_librechat_whose_messages_lie_in_each_other_is_read() -> None:
    tree: list[Any] = []
    for place in reversed(range(300)):
        tree = [{"messageId": f"{place}", "text": f"{place}", "isCreatedByUser": place % 2 == 0, "children": tree}]
    record = one({"conversationId": "c", "title": "T", "messages": tree})
    assert [message.content for message in path(record)] == [f"{place}" for place in range(300)]


def test_tools_and_files_of_claude_are_kept_as_text() -> None:
    first = {**CLAUDE["chat_messages"][0]}
    first["attachments"] = [{"file_name": "notes.txt", "file_type": "txt", "extracted_content": "Green"}]
    first["files"] = [{"file_name": "notes.txt"}, {"file_name": "cat.png"}]
    blocks = [
        {"type": "thinking", "thinking": "Hm"},
        {"type": "tool_use", "name": "web_search", "input": {"query": "tea"}},
        {"type": "tool_result", "content": [{"type": "text", "text": "Found"}]},
        {"type": "text", "text": "Yo"},
    ]
    second = {**CLAUDE["chat_messages"][1], "content": blocks}
    question, answer = path(one({**CLAUDE, "chat_messages": [first, second]}))
    assert question.content == "Hi\n\n[Picture cat.png: not in the imported file]"
    assert question.media == (Media("file", "", "Green", "notes.txt"),)
    assert answer.reasoning == "Hm"
    assert answer.content == 'Yo\n\n[Called web_search: {"query": "tea"}]\n\n[Result: Found]'


def line(thread: str, role: str, words: str, at: int) -> str:
    content = [{"type": "text", "text": {"value": words, "annotations": []}}]
    head = {"object": "thread.message", "thread_id": thread, "created_at": at, "metadata": {"modelId": "m"}}
    return json.dumps({"id": words, **head, "role": role, "content": content})


def test_messages_of_jan_become_a_conversation_for_each_thread() -> None:
    lines = [line("t", "assistant", "Yo", 1735787046500), line("t", "user", "Hi", 1735787045500)]
    lines += [line("u", "user", "Else", 1735787045500)]
    first, second = read_file("\n".join(lines).encode(), "messages.jsonl")
    assert turns(first) == TWO and first.settings == {"model": "m"} and first.created == 1735787045.5
    assert turns(second) == [("user", "Else")]


PIXEL = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


@pytest.mark.parametrize("pointer", ["file-service://file-Ab12", "sediment://file_00ab"])
def test_a_picture_in_the_zip_of_chatgpt_comes_with_its_message(pointer: str) -> None:
    content = {
        "content_type": "multimodal_text",
        "parts": [{"content_type": "image_asset_pointer", "asset_pointer": pointer}, "Look"],
    }
    chats = json.dumps(chatgpt({"q": node(None, "user", content=content)}))
    id_ = pointer.rpartition("/")[2]
    files: dict[str, bytes | str] = {"conversations-000.json": chats, f"user-1/{id_}-cat.png": PIXEL}
    (record,) = read_file(zipped(files))
    (message,) = path(record)
    assert message.content == "Look"
    assert message.media == (Media("image", f"data:image/png;base64,{base64.b64encode(PIXEL).decode()}"),)
    (record,) = read_file(zipped({**files, f"user-1/{id_}-cat.png": b"<svg onload=alert(1)>"}))
    assert path(record)[0].media == ()


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ({"exportType": "settings", "state": {"settings": {}}, "version": 7}, "LobeChat"),
        ({"id": "t", "object": "thread", "title": "x", "assistants": []}, "Jan"),
        ([{"header": "Gemini Apps", "title": "Prompted x", "time": "t"}], "Gemini"),
        ({"chat-sessions-list": []}, "Chatbox"),
        ({"data": {}, "checksum": ""}, "TypingMind"),
        ({"object": "chat.completion", "choices": []}, "reply of a server"),
        ({"some": 1, "thing": 2}, "it has “some”, “thing”"),
    ],
)
def test_parts_that_are_not_read_are_named(value: dict[str, Any], name: str) -> None:
    (refused,) = imports.conversations(io.BytesIO(json.dumps(value).encode()))
    assert isinstance(refused, RefusedPart) and name in refused.why and "None" not in refused.why


def test_parts_a_request_cannot_bring_are_listed() -> None:
    body = {**ANTHROPIC, "mcp_servers": [{"url": "https://a.test"}], "tools": [{"type": "mcp"}]}
    (found,) = imports.conversations(io.BytesIO(json.dumps(body).encode()))
    assert isinstance(found, ImportedConversation)
    (note,) = found.notes
    assert note.startswith("Left out") and note.endswith(": mcp_servers, tools: mcp.")


@pytest.mark.parametrize("picture", [PNG, ""])
def test_attachments_of_llama_cpp_come_in(picture: str) -> None:
    extra = [
        {"type": "IMAGE", "name": "p.png", "base64Url": picture},
        {"type": "TEXT", "name": "a", "content": "Red"},
    ]
    value = {**LLAMA, "messages": [{"id": "1", "role": "user", "content": "Hi", "parent": None, "extra": extra}]}
    (message,) = path(one(value))
    text = Media("file", "", "Red", "a")
    assert message.media == ((Media("image", PNG, name="p.png"), text) if picture else (text,))
