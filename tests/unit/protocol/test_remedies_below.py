"""Of a refusal that lies in the conversation: what is taken out of its messages, in each format, and what never."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backend import errors
from backend.protocol import dialects, wire
from backend.protocol.learned import Learned
from backend.protocol.remedies import remedies
from backend.types import ChatRequest, Failure, Media, Message

QUESTION = {"role": "user", "content": "Hi"}
PRO = dialects.choose("gpt-5-pro", "https://api.openai.com/v1")
CLAUDE = dialects.choose("claude-sonnet-4-5", "https://api.anthropic.com/v1")
CALL = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}, "extra_content": {"google": 1}}
PART = {"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral"}}
ANSWER = {
    "role": "assistant",
    "content": [PART],
    "tool_calls": [CALL],
    "reasoning_content": "Hm",
    "thinking_blocks": [],
}


def refusal(reply: Any, status: int = 400) -> Failure:
    return errors.from_response(status, reply, {}).failure()


def asked(dialect: Any, *messages: Message, **fields: Any) -> dict[str, Any]:
    history = messages or (Message("system", "Be brief."), Message("user", "Hi"))
    return dict(wire.payload(ChatRequest("m", history, dialect=dialect, **fields)))


def test_no_remedy_takes_the_conversation_or_the_prompt_out_of_a_response() -> None:
    sent = asked(PRO, parameters={"temperature": 1, "max_tokens": 99})
    (bare,) = remedies(refusal({"error": {"message": "No."}}), sent)
    assert bare.learned == Learned(frozenset({"store", "include", "temperature", "max_output_tokens"}))
    assert {"input", "instructions"} <= set(bare.learned.apply(sent))


@pytest.mark.parametrize("param", ["input[0].content[0]", "input", "input[0]", "input[0].role", "input.0.content"])
def test_settings_are_not_to_blame_for_the_items_of_a_response(param: str) -> None:
    failure = refusal({"error": {"message": "No.", "param": param}})
    assert remedies(failure, asked(PRO, parameters={"temperature": 1})) == []


def test_pictures_are_left_out_of_a_response() -> None:
    sent = asked(PRO, Message("user", "Look", media=(Media("image", "data:,"),)))
    failure = refusal({"error": {"message": "This model does not support image inputs."}})
    assert [remedy.kind for remedy in remedies(failure, sent)] == ["no_images"]


@pytest.mark.parametrize("name", ["instructions", "system"])
def test_a_prompt_beside_the_conversation_is_folded_into_it(name: str) -> None:
    place = "input" if name == "instructions" else "messages"
    sent: dict[str, Any] = {"model": "m", place: [QUESTION], name: "Be brief."}
    for reply in ({"error": {"message": "No.", "param": name}}, {"error": {"message": f"Unknown field: '{name}'"}}):
        assert remedies(refusal(reply), sent)[0].learned == Learned(fold_system=True)


@pytest.mark.parametrize(
    "message",
    ["No.", "Unsupported parameter: 'max_tokens'", "max_tokens: 9 > 8", "top_k: Extra inputs are not permitted"],
)
def test_required_fields_of_a_format_are_never_left_out(message: str) -> None:
    sent = asked(CLAUDE, parameters={"top_k": 1})
    found = remedies(refusal({"error": {"message": message}}), sent, CLAUDE.required)
    assert all("max_tokens" not in remedy.learned.without for remedy in found)
    assert "max_tokens" in asked(CLAUDE, learned=Learned(frozenset({"max_tokens", "top_k"})))


@pytest.mark.parametrize(
    ("reply", "name"),
    [
        ({"detail": [{"loc": ["body", "messages", 1, "assistant", "tool_calls", 0, "extra_content"]}]}, ""),
        ({"error": {"message": "No.", "param": "messages[1].tool_calls[0].extra_content"}}, "extra_content"),
        ({"error": {"message": "messages.1.content.0.cache_control: Extra inputs..."}}, "cache_control"),
        (
            {
                "error": {
                    "message": "'messages.1' : for 'role:assistant' the following must be satisfied[('messages.1'"
                    " : property 'reasoning_content' is unsupported, did you mean 'role'?)]"
                }
            },
            "reasoning_content",
        ),
        (
            {"error": {"message": "messages.1.thinking_blocks: Extra inputs are not permitted"}},
            "thinking_blocks",
        ),
        (
            {"error": {"message": "Unrecognized request argument supplied: reasoning_content"}},
            "reasoning_content",
        ),
    ],
)
def test_a_field_below_a_message_is_taken_out(reply: Any, name: str) -> None:
    name = name or "extra_content"
    for place in ("messages", "input"):
        sent = {"model": "m", place: [QUESTION, ANSWER], "seed": 1, "top_k": 2}
        failure = refusal(json.loads(json.dumps(reply).replace("messages", place)))
        first = remedies(failure, sent)[0]
        assert first.learned == Learned(frozenset({f"{place}.**.{name}"}))
        assert f'"{name}"' not in json.dumps(first.learned.apply(sent))


@pytest.mark.parametrize(
    "path",
    [
        *("messages[1].tool_calls[0].function.name", "messages[1].tool_calls[0].id", "messages[1].tool_calls"),
        *("messages[1].content[0].type", "messages[1].content[0].text", "messages[1].tool_calls[0].type"),
    ],
)
def test_essential_parts_of_a_message_are_never_taken_out(path: str) -> None:
    failure = refusal({"error": {"message": "No.", "param": path}})
    assert remedies(failure, {"model": "m", "messages": [QUESTION, ANSWER], "seed": 1}) == []


@pytest.mark.parametrize(
    "error",
    [
        {"message": "thinking is enabled but reasoning_content is missing in assistant message at index 2"},
        {"message": "preserved thinking requires reasoning_content on every assistant message, but index 6 has no"},
        {"message": "Param Incorrect", "param": "The reasoning_content in the thinking mode must be passed back."},
        {"message": "Provider returned error", "metadata": {"raw": "Missing `reasoning_content` field at index 3"}},
    ],
)
def test_thoughts_that_a_server_misses_go_back_and_no_setting_is_to_blame(error: dict[str, Any]) -> None:
    calls = {"role": "assistant", "tool_calls": [CALL]}
    thought = {"role": "assistant", "content": "Ho", "reasoning_content": "Hm"}
    sent = {"model": "m", "temperature": 1, "messages": [QUESTION, calls, thought, QUESTION]}
    (remedy,) = remedies(refusal({"error": error}), sent)
    changed = remedy.learned.apply(sent)
    assert changed == {**sent, "messages": [QUESTION, {**calls, "reasoning_content": " "}, thought, QUESTION]}
    assert remedies(refusal({"error": error}), changed) == []
    answer = Message("assistant", "Ho", reasoning="Hm", reasoning_field="reasoning_content", model="m")
    dialect = dialects.choose("m", "http://localhost/v1", None, remedy.learned)
    assert asked(dialect, answer, Message("user", "Hi"))["messages"][0] == thought


@pytest.mark.parametrize(
    "message",
    [
        "This model does not support assistant message prefill. The conversation must end with a user message.",
        "Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant",
        "Last message must have role `user` or `tool`",
        "Assistant response prefill is incompatible with enable_thinking.",
    ],
)
def test_a_model_that_goes_on_with_no_answer_is_asked_to_continue(message: str) -> None:
    begun = {"role": "assistant", "content": "Teal and ", "prefix": True}
    failure = refusal({"error": {"message": message}})
    for place in ("messages", "input"):
        sent = {"model": "m", "temperature": 1, place: [QUESTION, begun]}
        (remedy,) = remedies(failure, sent)
        changed = remedy.learned.apply(sent)
        plain = {"role": "assistant", "content": "Teal and "}
        assert changed == {**sent, place: [QUESTION, plain, {"role": "user", "content": wire.CONTINUE.content}]}
        assert remedies(failure, changed) == []
