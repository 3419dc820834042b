"""Files of other programs: ChatGPT's and Open WebUI's exports become conversations."""

from __future__ import annotations

import json
from typing import Any

import pytest
from import_files import BRANCHED, PNG, TALK, chatgpt, node, one, path, read, read_file, turns, webui, zipped

from backend.protocol import wire
from backend.types import Citation, Media, ToolCall
from backend.untrusted import Unreadable

# ---- ChatGPT -------------------------------------------------------------------------------------------------


def test_a_conversation_of_chatgpt_keeps_its_branches_and_shows_the_one_that_was_in_view() -> None:
    record = one(chatgpt(BRANCHED, "a3", default_model_slug="gpt-4o"))
    assert (record.title, record.created, record.updated) == ("Trip", 1700000000.5, 1700000100.0)
    assert record.settings == {"model": "gpt-4o"}
    assert turns(record) == [
        ("user", "Where to?"),
        ("assistant", "Rome."),
        ("user", "And then?"),
        ("assistant", "Naples."),
    ]
    conversation = record.conversation
    answers = [conversation[id_].message for id_ in conversation.siblings(conversation.path()[1].id)]
    assert [(answer.content, answer.model) for answer in answers] == [("Rome.", "gpt-4"), ("Oslo.", "gpt-4o")]
    assert answers[1].finish_reason == "stop"
    assert path(record)[-1].state == "interrupted"
    assert [found.id for found in conversation.nodes()] == [1, 2, 3, 4, 5]
    assert turns(one(chatgpt(BRANCHED, "a2"))) == [("user", "Where to?"), ("assistant", "Oslo.")]
    assert turns(one(chatgpt(BRANCHED, "a1"))) == [("user", "Where to?"), ("assistant", "Rome.")]


def test_thoughts_calls_and_results_of_chatgpt_are_read() -> None:
    mapping = {
        "q": node(None, "user", "Sum?", "t"),
        "t": node(
            "q",
            "assistant",
            "",
            "c",
            content={"content_type": "thoughts", "thoughts": [{"summary": "S", "content": "Add."}]},
        ),
        "c": node(
            "t", "assistant", "", "r", content={"content_type": "code", "text": "1+1"}, recipient="python.run"
        ),
        "r": node("c", "tool", "", "k", content={"content_type": "execution_output", "text": "2"}, name="python"),
        "k": node(
            "r", "assistant", "", "a", content={"content_type": "reasoning_recap", "content": "Thought for 4s"}
        ),
        "a": node(
            "k",
            "assistant",
            "It is 2\ue200cite\ue202turn0\ue201.",
            metadata={
                "citations": [{"metadata": {"type": "webpage", "title": "A", "url": "https://a.example"}}],
                "content_references": [
                    {"type": "grouped_webpages", "items": [{"title": "B", "url": "https://b.example"}]}
                ],
            },
        ),
    }
    question, call, result, answer = path(one(chatgpt(mapping)))
    assert question.content == "Sum?"
    assert call.reasoning == "Add."
    assert call.tool_calls == (ToolCall("c", "python_run", '{"input": "1+1"}'),)
    assert (result.role, result.name, result.content, result.tool_call_id) == ("tool", "python", "2", "c")
    assert answer.content == "It is 2."
    assert answer.citations == (Citation("https://a.example", "A"), Citation("https://b.example", "B"))
    assert [message.role for message in wire.sendable((question, call, result, answer))] == [
        "user",
        "assistant",
        "tool",
        "assistant",
    ]


def test_pictures_and_files_that_chatgpt_keeps_elsewhere_are_named() -> None:
    pointer = {"content_type": "image_asset_pointer", "asset_pointer": "sediment://file_1"}
    spoken = {"content_type": "audio_transcription", "text": "Hello"}
    mapping = {
        "q": node(
            None,
            "user",
            content={"content_type": "multimodal_text", "parts": [pointer, spoken, "Look"]},
            metadata={"attachments": [{"name": "notes.pdf"}]},
        )
    }
    assert turns(one(chatgpt(mapping))) == [
        (
            "user",
            "[Picture: not in the imported file]\n\nHello\n\nLook\n\n[File notes.pdf: not in the imported file]",
        )
    ]


def test_the_zip_of_chatgpt_is_read_for_its_conversations_alone() -> None:
    files: dict[str, bytes | str] = {
        "user.json": '{"email": "x"}',
        "message_feedback.json": "[]",
        "chat.html": b"\0" * 11 * 2**20,
        "conversations.json": json.dumps(chatgpt(BRANCHED, "a3")),
    }
    (record,) = read_file(zipped(files))
    assert record.title == "Trip"
    numbered = {"export/conversations-000.json": json.dumps(chatgpt(BRANCHED)), "export/user.json": "{}"}
    assert len(read_file(zipped({**numbered, "export/conversations-001.json": json.dumps(chatgpt(BRANCHED))}))) == 2


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        (
            {"a": node("b", "user", "x"), "b": node("a", "user", "y")},
            "Conversation 1: Its messages follow each other in a circle",
        ),
        ({"a": node("a", "user", "x")}, "circle"),
        ({"a": node(None)}, "no message"),
    ],
)
def test_a_damaged_tree_is_refused(mapping: dict[str, Any], words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        read(chatgpt(mapping))


def test_a_message_whose_parent_is_missing_is_seen_and_not_lost() -> None:
    assert turns(one(chatgpt({"a": node("gone", "user", "x")}))) == [("user", "x")]


# ---- Open WebUI ----------------------------------------------------------------------------------------------


def test_a_chat_of_open_webui_keeps_its_branches_and_what_is_known_about_it() -> None:
    record = one([webui()])
    assert (record.title, record.tags, record.pinned) == ("Colours", ("t",), True)
    assert (record.created, record.updated) == (1700000000.0, 1700000200.0)
    assert record.settings == {"model": "b", "system_prompt": "Be brief.", "parameters": {"temperature": 0.3}}
    question, answer = path(record)
    assert question.media == (Media("image", PNG), Media("file", "", "Red", "a.txt"))
    assert (answer.content, answer.reasoning, answer.model) == ("Blue.", "Is <x> so?\nYes.", "b")
    assert answer.usage is not None and answer.usage.completion_tokens == 2
    assert answer.citations == (Citation("https://s.example", "S"),)
    first = record.conversation[record.conversation.siblings(2)[0]].message
    assert (first.content, first.state) == ("Red.", "interrupted")


def test_a_chat_of_open_webui_by_itself_or_without_a_history_is_read() -> None:
    alone = webui()["chat"]
    assert one(alone).title == "Inner" and one(alone).tags == ("x",)
    listed = webui(history={}, messages=[*TALK, {"role": "assistant", "content": "", "error": {"content": "boom"}}])
    found = path(one([listed]))
    assert [message.content for message in found] == ["Hi", "Hello.", ""]
    assert found[2].state == "failed" and found[2].failure is not None and found[2].failure.detail == "boom"
