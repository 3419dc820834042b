"""Answers as servers write them that keep to nobody's shape: parts of every kind, fields in other places, whole
messages behind their pieces. What they say is shown and kept; what cannot be read is told."""

from __future__ import annotations

from typing import Any

import pytest
from drafts import draft_of

from backend.protocol.wire import payload, thinking
from backend.protocol.wire.known_fields import REASONING_FIELDS
from backend.types import ChatRequest, Media, Message, ToolCall

PNG = "data:image/png;base64,AA=="


def heard(*chunks: Any) -> Message:
    return draft_of(*chunks).message()


def choice(**fields: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, **fields}]}


def delta(**fields: Any) -> dict[str, Any]:
    return choice(delta=fields)


TEXTS: list[Any] = [
    delta(content="Hi"),
    delta(content=[{"type": "text", "text": "Hi"}]),
    delta(content=[{"type": "output_text", "text": "Hi"}]),
    delta(content=[{"text": {"value": "Hi"}}]),
    delta(content=[{"type": "text", "content": "Hi"}]),
    delta(content=["H", None, {"type": "text", "text": "i"}]),
    delta(content={"type": "text", "text": "Hi"}),
    choice(message={"content": ["H", "i"]}),
    choice(delta="Hi"),
    choice(message="Hi"),
    choice(content="Hi"),
    choice(text="Hi", delta=None),
    {"code": 0, "data": choice(delta={"content": "Hi"})},
    {"output": choice(message={"content": "Hi"})},
    {"event": delta(content="Hi")},
    {"response": "Hi", "p": "abc"},
    {"result": {"response": "Hi"}, "success": True, "errors": []},
]


@pytest.mark.parametrize("chunk", TEXTS)
def test_a_text_is_read_wherever_it_is(chunk: Any) -> None:
    message = heard(chunk)
    assert (message.content, message.unreadable) == ("Hi", 0)


@pytest.mark.parametrize(
    ("content", "text"), [({"answer": 4}, '{"answer": 4}'), (4, "4"), (False, "false"), ([], ""), ({}, "")]
)
def test_json_that_was_asked_for_and_is_no_text_is_written_as_one(content: Any, text: str) -> None:
    assert heard(choice(message={"content": content})).content == text


THOUGHTS: list[dict[str, Any]] = [
    *({name: "t"} for name in REASONING_FIELDS),
    {"reasoning": {"content": "t"}},
    {"reasoning": [{"text": "t"}]},
    {"reasoning": "t", "reasoning_content": "t"},
    {"content": [{"type": "thinking", "thinking": "t"}]},
    {"content": [{"type": "thinking", "thinking": [{"text": "t"}]}]},
    {"content": [{"type": "reasoning", "reasoning": "t"}]},
    {"content": [{"type": "reasoning", "text": "t"}]},
    {"content": [{"type": "text", "text": "t", "thought": True}]},
]  # fmt: skip


@pytest.mark.parametrize("fields", THOUGHTS)
def test_a_thought_is_read_wherever_it_is_and_no_part_of_the_text(fields: dict[str, Any]) -> None:
    assert thinking(heard(delta(**fields), delta(content="Hi"))) == ("t", "Hi")


def test_a_thought_in_the_choice_is_read_too() -> None:
    assert thinking(heard(choice(reasoning="t", delta={"content": "Hi"}))) == ("t", "Hi")


PICTURES: list[dict[str, Any]] = [
    {"content": [{"type": "image_url", "image_url": {"url": PNG}}]},
    {"content": [{"type": "image", "image": {"url": PNG}}]},
    {"content": [{"type": "output_image", "image_url": PNG}]},
    {"content": [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA=="}}]},
    {"content": [{"inline_data": {"mime_type": "image/png", "data": "AA=="}}]},
    {"images": [{"b64_json": "AA=="}]},
    {"images": PNG},
    {"image": {"url": PNG}},
    {"images": [{"type": "image_url", "image_url": {"url": PNG}}]},
]


@pytest.mark.parametrize("fields", PICTURES)
def test_a_picture_is_read_in_every_shape(fields: dict[str, Any]) -> None:
    assert heard(delta(**fields)).media == (Media("image", PNG),)


def test_sounds_refusals_and_calls_among_parts_are_read_as_such() -> None:
    sound = heard(delta(content=[{"type": "audio", "audio": {"data": "AA==", "format": "mp3"}}]))
    assert sound.media == (Media("audio", "data:audio/mp3;base64,AA=="),)
    assert heard(delta(content=[{"type": "refusal", "refusal": "no"}])).refusal == "no"
    (call,) = heard(delta(content=[{"type": "tool_use", "id": "a", "name": "f", "input": {"x": 1}}])).tool_calls
    assert (call.id, call.name, call.arguments) == ("a", "f", '{"x": 1}')


def test_a_part_that_cannot_be_read_is_told_and_one_that_says_nothing_is_not() -> None:
    assert heard(delta(content=[{"type": "video_url", "video_url": {"url": "https://v"}}])).unreadable == 1
    silent = [{"type": "reference", "reference_ids": [1]}, {"type": "text", "text": ""}, {"type": "x"}, {}, None, 3]
    assert heard(delta(content=silent)).unreadable == 0


CALLS: list[dict[str, Any]] = [
    {"id": "a", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}},
    {"id": "a", "function": {"name": "f", "arguments": {"x": 1}}},
    {"id": "a", "function": {"name": "f", "parameters": {"x": 1}}},
    {"id": "a", "name": "f", "arguments": '{"x": 1}'},
    {"id": "a", "type": "tool_use", "name": "f", "input": {"x": 1}},
    {"id": "a", "function": "f", "arguments": {"x": 1}},
    {"call_id": "a", "type": "custom", "custom": {"name": "f", "input": '{"x": 1}'}},
]


@pytest.mark.parametrize("call", CALLS)
def test_a_call_is_read_in_every_shape_and_sent_back_in_ours(call: dict[str, Any]) -> None:
    for message in (heard(delta(tool_calls=[call])), heard(choice(delta={}, tool_calls=[call]))):
        assert message.tool_calls == (ToolCall("a", "f", '{"x": 1}'),)


def test_a_call_without_arguments_goes_back_as_json() -> None:
    message = Message("assistant", tool_calls=(ToolCall("a", "f", " "),))
    body: Any = payload(ChatRequest("m", (Message("user", "Hi"), message)))
    assert body["messages"][1]["tool_calls"][0]["function"]["arguments"] == "{}"


WHOLE = {"role": "assistant", "content": "Hi you", "reasoning": "t", "tool_calls": [CALLS[0]]}
PIECES = (
    delta(reasoning="t"), delta(content="Hi"), delta(content=" you"), delta(tool_calls=[CALLS[0]]),
)  # fmt: skip


@pytest.mark.parametrize(
    "last", [choice(message=WHOLE), choice(message=WHOLE, delta={}), choice(message=WHOLE, delta=None)]
)
def test_a_stream_that_ends_with_the_whole_message_says_it_once(last: Any) -> None:
    message = heard(*PIECES, last)
    assert (message.content, message.reasoning, len(message.tool_calls)) == ("Hi you", "t", 1)


def test_fields_only_in_the_final_whole_message_are_kept() -> None:
    message = heard(delta(content="Hi"), choice(message={"content": "Hi", "refusal": "no", "images": [PNG]}))
    assert (message.content, message.refusal, len(message.media)) == ("Hi", "no", 1)


@pytest.mark.parametrize(
    "last",
    [
        choice(delta={}, finish_reason="stop"),
        choice(delta={}, stop_reason="stop"),
        choice(delta={"finish_reason": "stop"}),
        {"choices": [], "finish_reason": "stop"},
        choice(delta={}, finish_reason="stop", stop_reason="\n\n"),
    ],
)
def test_the_end_is_heard_wherever_it_is_told(last: Any) -> None:
    assert heard(delta(content="Hi"), last).finish_reason == "stop"


USAGE = {"prompt_tokens": 20, "completion_tokens": 7, "reasoning_tokens": 3}


@pytest.mark.parametrize(
    "last",
    [
        {"choices": [], "usage": USAGE},
        choice(delta={}, usage=USAGE),
        choice(delta={"usage": USAGE}),
        {"choices": [], "x_groq": {"usage": USAGE}},
        {"choices": [], "usage": {"promptTokens": "20", "completionTokens": 7.0, "reasoning_tokens": 3}},
    ],
)
def test_usage_is_read_wherever_it_is(last: Any) -> None:
    message = heard(delta(content="Hi"), last)
    assert message.usage and (message.usage.prompt_tokens, message.usage.completion_tokens) == (20, 7)
    assert message.usage.reasoning_tokens == 3 and not message.extra


def test_nesting_without_end_is_read_at_no_cost() -> None:
    deep: Any = "x"
    for _ in range(90):
        deep = {"image_url": [deep], "url": deep, "text": [deep], "content": deep}
    assert heard(delta(content=[deep], images=[deep], reasoning=deep)).content == ""


def test_a_picture_that_comes_in_every_chunk_is_one() -> None:
    images = [{"image_url": {"url": PNG}}]
    other = [{"image_url": {"url": PNG.replace("AA", "BB")}}]
    message = heard(delta(images=images), delta(images=images + other), choice(message={"images": images}))
    assert [media.url for media in message.media] == [PNG, PNG.replace("AA", "BB")]
