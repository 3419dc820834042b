"""Exports of chat services and desktop apps, and rows of training data, in small samples of their real shapes."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from import_files import chatgpt, node, one, path, read, read_file, turns

from backend.formats import imports
from backend.formats.imports import ImportedConversation
from backend.types import Citation

TWO = [("user", "Hi"), ("assistant", "Yo")]


def fragment(kind: str, content: str = "", **more: Any) -> dict[str, Any]:
    return {"type": kind, "content": content, **more}


def deepseek(**messages: dict[str, Any]) -> dict[str, Any]:
    """A question `a`, and answers that all follow it."""
    nodes = {id_: {"parent": "a", "children": [], "message": message} for id_, message in messages.items()}
    nodes["a"] |= {"parent": "root", "children": [id_ for id_ in messages if id_ != "a"]}
    times = {"inserted_at": "2025-01-02T11:04:05.500000+08:00", "updated_at": "2025-01-02T11:05:05+08:00"}
    root = {"parent": None, "children": ["a"], "message": None}
    return {"id": "x", "title": "Title", **times, "mapping": {"root": root, **nodes}}


FOUND = fragment(
    "SEARCH", results=[{"url": f"https://{n}.example", "cite_index": i} for n, i in (("a", 2), ("b", 3))]
)
CITED = fragment("RESPONSE", "Yo[citation:3][citation:2][citation:9]")
SEARCH = fragment("SEARCH", results=[{"url": "https://a.example", "title": "A", "cite_index": 1}])
DEEPSEEK = deepseek(
    a={"fragments": [fragment("REQUEST", "Hi")], "files": []},
    c={"model": "m", "fragments": [fragment("RESPONSE", "Other")]},
    b={"model": "m", "fragments": [SEARCH, fragment("THINK", "Hm"), fragment("RESPONSE", "Yo")]},
)
DEEPSEEK_OLDER = deepseek(a={"content": "Hi"}, b={"model": "m", "content": "Yo", "reasoning_content": "Hm"})
CARD = '<grok:render card_id="1" type="x"><argument name="y">1</argument></grok:render>'
GROK: dict[str, Any] = {
    "conversation": {
        "id": "c",
        "title": "Title",
        "create_time": "2025-01-02T03:04:05.500000Z",
        "modify_time": "2025-01-02T03:05:05Z",
    },
    "responses": [
        {
            "response": {
                "_id": id_,
                "sender": sender,
                "message": words,
                "parent_response_id": parent,
                "create_time": {"$date": {"$numberLong": at}},
                **more,
            }
        }
        for id_, parent, sender, words, at, more in (
            ("b", "a", "ASSISTANT", "Other", "1735787046500", {"model": "m"}),
            ("a", None, "human", "Hi", "1735787045500", {}),
            (
                *("c", "a", "assistant", "Yo" + CARD, "1735787047500"),
                {
                    "model": "m",
                    "thinking_trace": "Hm",
                    "card_attachments_json": ['{"id": "1", "url": "https://a.example", "title": "A"}', "{"],
                },
            ),
        )
    ],
}
CHATBOX: dict[str, Any] = {
    "__exported_items": ["conversations"],
    "settings": {"providers": {"openai": {"apiKey": "sk-secret"}}},
    "chat-sessions-list": [{"id": "1", "name": "Title"}],
    "session:1": {
        "name": "Title",
        "settings": {"provider": "openai", "modelId": "m", "temperature": 0.5},
        "messages": [
            {"role": "system", "contentParts": [{"type": "text", "text": "Be brief."}], "timestamp": 1735787045500},
            {"role": "user", "contentParts": [{"type": "text", "text": "Hi"}], "timestamp": 1735787046500},
            {
                "role": "assistant",
                "contentParts": [{"type": "reasoning", "text": "Hm"}, {"type": "text", "text": "Yo"}],
                "model": "m",
            },
        ],
    },
}
TYPING_MIND: dict[str, Any] = {
    "checksum": "x",
    "data": {
        "apiKey": "sk-secret",
        "chats": [
            {
                "chatID": "1",
                "chatTitle": "Title",
                "model": "m",
                "createdAt": "2025-01-02T03:04:05.500Z",
                "messages": [
                    {"role": "system", "content": "Be brief."},
                    {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
                    {"role": "assistant", "content": "Yo"},
                ],
            }
        ],
    },
}
LE_CHAT = [
    {
        "chatId": "c",
        "content": words,
        "contentChunks": chunks,
        "role": role,
        "createdAt": at,
        "files": files,
        "canvas": [],
    }
    for role, words, chunks, at, files in (
        (
            *("assistant", "Yo", [{"type": "tool_call", "name": "web_search", "publicArguments": "{}"}]),
            *("2025-01-02T03:05:05Z", []),
        ),
        ("user", "Hi", None, "2025-01-02T03:04:05.5Z", [{"type": "image", "name": "cat.png"}]),
    )
]
CHERRY: dict[str, Any] = {
    "version": 5,
    "localStorage": {
        "persist:cherry-studio": json.dumps(
            {
                "llm": '{"providers": [{"apiKey": "sk-secret"}]}',
                "assistants": json.dumps({"assistants": [{"topics": [{"id": "t", "name": "Title"}]}]}),
            }
        )
    },
    "indexedDB": {
        "topics": [
            {
                "id": "t",
                "messages": [
                    {"id": "1", "role": "user", "blocks": ["a"], "createdAt": "2025-01-02T03:04:05.5Z"},
                    {"id": "2", "role": "assistant", "askId": "1", "blocks": ["b"], "model": {"id": "other"}},
                    {
                        "id": "3",
                        "role": "assistant",
                        "askId": "1",
                        "blocks": ["c", "d"],
                        "model": {"id": "m"},
                        "foldSelected": True,
                    },
                ],
            }
        ],
        "message_blocks": [
            {"id": "a", "type": "main_text", "content": "Hi"},
            {"id": "b", "type": "main_text", "content": "Other"},
            {"id": "c", "type": "thinking", "content": "Hm"},
            {"id": "d", "type": "main_text", "content": "Yo"},
        ],
    },
}
SAMPLES: dict[str, Any] = {
    "Cherry Studio": CHERRY,
    "DeepSeek": DEEPSEEK,
    "DeepSeek of 2025": DEEPSEEK_OLDER,
    "Grok": GROK,
    "Chatbox": CHATBOX,
    "TypingMind": TYPING_MIND,
}
TAVERN: list[dict[str, Any]] = [
    {"user_name": "Me", "character_name": "Title", "create_date": "2025-1-2@3h4m5s", "chat_metadata": {}},
    {"name": "Me", "is_user": True, "is_system": False, "mes": "Hi", "send_date": "January 2, 2025 3:04am"},
    {
        "name": "Title",
        "is_user": False,
        "mes": "Yo",
        "send_date": "2025-01-02T03:05:05.000Z",
        "swipes": ["Other", "Yo"],
        "swipe_id": 1,
        "extra": {"reasoning": "Hm", "model": "m"},
    },
    {"name": "Me", "is_user": True, "mes": "More"},
    {"name": "Note", "is_user": False, "is_system": True, "mes": "Hidden"},
]


@pytest.mark.parametrize("name", SAMPLES)
def test_messages_are_read_with_title_model_and_time(name: str) -> None:
    for value in (SAMPLES[name], [SAMPLES[name]], {"conversations": [SAMPLES[name]]}):
        record = one(value)
        assert turns(record) == TWO
        assert (record.title, record.settings.get("model"), record.created) == ("Title", "m", 1735787045.5)
        assert "secret" not in str(record)


@pytest.mark.parametrize("name", ["DeepSeek", "DeepSeek of 2025", "Grok", "Chatbox", "Cherry Studio"])
def test_reasoning_stays_apart_from_the_text(name: str) -> None:
    assert path(one(SAMPLES[name]))[-1].reasoning == "Hm"


@pytest.mark.parametrize("name", ["DeepSeek", "Grok", "Cherry Studio"])
def test_another_answer_is_a_branch_and_sources_stand_beside_it(name: str) -> None:
    conversation = one(SAMPLES[name]).conversation
    answers = [conversation[id_].message for id_ in conversation.siblings(conversation.path()[-1].id)]
    assert [answer.content for answer in answers] == ["Other", "Yo"]
    sources = () if name == "Cherry Studio" else (Citation("https://a.example", "A"),)
    assert [answer.citations for answer in answers] == [(), sources]


def test_a_block_that_messages_share_comes_once() -> None:
    topic = {
        "id": "t",
        "messages": [{"role": "user", "blocks": ["a", "a"]}, {"role": "assistant", "blocks": ["a"]}],
    }
    stored = {"topics": [topic], "message_blocks": [{"id": "a", "type": "main_text", "content": "Hi"}]}
    assert turns(one({"indexedDB": stored})) == [("user", "Hi"), ("assistant", "")]


def test_marks_of_deepseeks_sources_are_plain_numbers_and_files_and_unknown_parts_are_told() -> None:
    value = deepseek(
        a={"fragments": [fragment("REQUEST", "Hi")], "files": [{"file_name": "a.pdf"}]},
        b={"fragments": [SEARCH, FOUND, fragment("NEW", "x"), CITED], "status": "WIP"},
    )
    (found,) = imports.conversations(io.BytesIO(json.dumps(value).encode()))
    assert isinstance(found, ImportedConversation)
    question, answer = path(found.record)
    assert question.content == "Hi\n\n[File a.pdf: not in the imported file]"
    assert (answer.content, answer.state) == ("x\n\nYo[2][1]", "interrupted")
    assert found.notes == ("Message 3 has a part that is not known here: “NEW”.",)


def test_lines_of_sillytavern_are_one_chat_with_every_swipe_of_an_answer() -> None:
    lines = "\n".join(map(json.dumps, TAVERN)).encode()
    (found,) = imports.conversations(io.BytesIO(lines), "chat.jsonl")
    assert isinstance(found, ImportedConversation)
    record, conversation = found.record, found.record.conversation
    assert turns(record) == [*TWO, ("user", "More")]
    assert (record.title, record.created, record.updated) == ("Title", 1735787045.0, 1735787105.0)
    assert [conversation[id_].message.content for id_ in conversation.siblings(3)] == ["Other", "Yo"]
    assert (path(record)[1].reasoning, path(record)[1].model) == ("Hm", "m")
    assert found.notes == ("Messages that the model did not see either were left out: 1.",)


CODE: list[dict[str, Any]] = [
    {"type": "file-history-snapshot", "messageId": "x", "snapshot": {}},
    {"type": "user", "uuid": "1", "parentUuid": None, "message": {"role": "user", "content": "Hi"}},
    {
        "type": "assistant",
        "uuid": "2",
        "parentUuid": "1",
        "message": {"role": "assistant", "model": "m", "content": [{"type": "thinking", "thinking": "Hm"}]},
    },
    {
        "type": "assistant",
        "uuid": "3",
        "parentUuid": "2",
        "message": {
            "role": "assistant",
            "model": "m",
            "content": [{"type": "tool_use", "id": f"t{n}", "name": "Read", "input": {"n": n}} for n in (1, 2)],
        },
    },
    {
        "type": "user",
        "uuid": "4",
        "parentUuid": "3",
        "message": {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": f"t{n}", "content": f"R{n}"} for n in (1, 2)],
        },
    },
    {"type": "system", "uuid": "5", "parentUuid": "4", "content": "Compacted", "subtype": "compact_boundary"},
    {
        "type": "assistant",
        "uuid": "6",
        "parentUuid": "5",
        "message": {"role": "assistant", "model": "m", "content": [{"type": "text", "text": "Yo"}]},
    },
    {
        "type": "user",
        "uuid": "7",
        "parentUuid": "1",
        "isSidechain": True,
        "message": {"role": "user", "content": "S"},
    },
    {"type": "user", "uuid": "8", "parentUuid": "6", "isMeta": True, "message": {"role": "user", "content": "M"}},
    {"type": "summary", "summary": "Title", "leafUuid": "6"},
]


def test_a_session_of_claude_code_is_one_conversation_with_its_calls_and_results() -> None:
    lines = "\n".join(
        json.dumps({**line, "timestamp": "2025-01-02T03:04:05.5Z", "sessionId": "s"}) for line in CODE
    )
    (found,) = imports.conversations(io.BytesIO(lines.encode()), "session.jsonl")
    assert isinstance(found, ImportedConversation)
    record = found.record
    assert (record.title, record.settings, record.created) == ("Title", {"model": "m"}, 1735787045.5)
    question, call, *results, answer = path(record)
    assert (question.content, answer.content, call.reasoning) == ("Hi", "Yo", "Hm")
    assert [one.arguments for one in call.tool_calls] == ['{"n": 1}', '{"n": 2}']
    assert [(one.tool_call_id, one.content) for one in results] == [("t1", "R1"), ("t2", "R2")]
    assert len(record.conversation) == 5
    assert found.notes == ("Messages of other agents and of the program were left out: 2.",)


def test_a_chat_of_mistral_is_put_in_the_order_of_its_times() -> None:
    record = one(LE_CHAT)
    assert turns(record) == [
        ("user", "Hi\n\n[Picture cat.png: not in the imported file]"),
        ("assistant", "Yo\n\n[Called web_search: {}]"),
    ]
    assert (record.created, record.updated) == (1735787045.5, 1735787105.0)


def test_earlier_topics_of_a_chatbox_session_are_conversations_of_their_own() -> None:
    topic = {"name": "Old", "createdAt": 1735787045500, "messages": [{"role": "user", "content": "Then"}]}
    records = read({**CHATBOX, "session:1": {**CHATBOX["session:1"], "threads": [topic]}})
    assert [(record.title, turns(record)) for record in records] == [("Old", [("user", "Then")]), ("Title", TWO)]
    assert records[1].settings["parameters"] == {"temperature": 0.5}


@pytest.mark.parametrize(
    ("row", "other"),
    [
        ({"instruction": "Hi", "input": "", "output": "Yo"}, []),
        ({"prompt": "Hi", "completion": "Yo"}, []),
        ({"prompt": "Hi", "chosen": "Yo", "rejected": "No"}, ["No"]),
        (
            {
                "input": {"messages": [{"role": "user", "content": "Hi"}]},
                "preferred_output": [{"role": "assistant", "content": "Yo"}],
                "non_preferred_output": [{"role": "assistant", "content": "No"}],
            },
            ["No"],
        ),
    ],
)
def test_rows_of_training_data_are_a_question_with_its_answers(row: dict[str, Any], other: list[str]) -> None:
    lines = "\n".join(json.dumps(row) for _ in range(2)).encode()
    for record in read_file(lines, "rows.jsonl"):
        assert turns(record) == TWO
        answers = record.conversation.siblings(2)
        assert [record.conversation[id_].message.content for id_ in answers] == ["Yo", *other]


def _changed(value: Any, odd: Any) -> Iterator[Any]:
    """The value with `odd` in the place of each of its parts, one at a time."""
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        copied = value.copy()
        for part in (odd, *_changed(value[key], odd)):
            copied[key] = part
            yield copied


@pytest.mark.parametrize("odd", [None, "", "x", [], [{}], {}, -1], ids=repr)
def test_a_part_of_any_other_type_is_read_or_refused(odd: Any) -> None:
    for sample in (*SAMPLES.values(), LE_CHAT, {"messages": TAVERN}, {"messages": CODE}):
        for value in _changed(sample, odd):
            assert list(imports.conversations(io.BytesIO(json.dumps(value).encode())))


@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "user", "text": "Hi"}, {"role": "assistant", "text": "Yo"}],
        [{"role": "Prompt", "say": "Hi"}, {"role": "Response", "say": "Yo"}],
        [{"sender": "human", "message": "Hi"}, {"sender": "bot", "message": "Yo"}],
        [{"author": "user", "content": "Hi"}, {"author": {"role": "assistant"}, "content": "Yo"}],
        [{"type": "user", "content": "Hi"}, {"type": "gemini", "content": "Yo"}],
    ],
)
def test_role_and_text_are_found_under_other_names(messages: list[dict[str, Any]]) -> None:
    (found,) = imports.conversations(io.BytesIO(json.dumps({"messages": messages}).encode()))
    assert isinstance(found, ImportedConversation) and not found.notes
    assert turns(found.record) == TWO
    assert not path(found.record)[1].extra


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ('By \ue200entity\ue202["people", "Ada Lovelace", 0]\ue201.', "By Ada Lovelace."),
        ("So\ue200cite\ue202turn0search3\ue202turn0search8\ue201.", "So."),
        ("See \ue200url\ue202Docs\ue202https://a.example\ue201", "See [Docs](https://a.example)"),
        ("See \ue200link_title\ue202Docs\ue202turn0search1\ue201", "See Docs"),
        ("\ue203It is so.\ue204\ue200cite\ue202turn0search3\ue201", "It is so."),
        ("\ue200entity\ue202[[[\ue201x\ue200", "x"),
        (':::writing{variant="email" id="1"}\nDear\n\nall\n:::\nSent?\n:::', "Dear\n\nall\nSent?\n:::"),
    ],
)
def test_words_of_chatgpt_that_its_page_draws_are_not_lost(written: str, read_as: str) -> None:
    assert path(one(chatgpt({"a": node(None, "assistant", written)})))[0].content == read_as
