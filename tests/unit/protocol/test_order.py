"""Thoughts, words and calls that take turns in one answer go back in the order in which they came."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from basics import ask
from drafts import draft_of

from backend.formats import archive
from backend.protocol import dialects, wire
from backend.protocol.accumulator import Accumulator
from backend.protocol.order import LIMIT
from backend.types import ChatRequest, Message, ReasoningDetail, TextDelta, Tool, ToolCallDelta

TOOL = Tool("weather", "The weather in a city", {"type": "object"})
ADDRESS = {"messages": "https://api.anthropic.com/v1", "responses": "https://api.openai.com/v1/responses"}
BLOCKS: list[Any] = [
    {"type": "thinking", "thinking": "First.", "signature": "SIG 1"},
    {"type": "text", "text": "I look. "},
    {"type": "redacted_thinking", "data": "DATA"},
    {"type": "tool_use", "id": "t1", "name": "weather", "input": {"city": "Rome"}},
    {"type": "thinking", "thinking": "Second.", "signature": "SIG 2"},
    {"type": "text", "text": "And there. "},
    {"type": "tool_use", "id": "t2", "name": "weather", "input": {"city": "Oslo"}},
]
ITEMS: list[Any] = [
    {"type": "reasoning", "id": "r1", "summary": [{"text": "First."}], "encrypted_content": "SIG 1"},
    {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "I look. "}]},
    {"type": "reasoning", "id": "r2", "summary": [], "encrypted_content": "SIG 2"},
    {"type": "function_call", "call_id": "t1", "name": "weather", "arguments": '{"city": "Rome"}'},
    {"type": "reasoning", "id": "r3", "summary": [{"text": "Second."}], "encrypted_content": "SIG 3"},
    {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "And there. "}]},
    {"type": "function_call", "call_id": "t2", "name": "weather", "arguments": '{"city": "Oslo"}'},
]


def claude_events() -> list[Any]:
    found: list[Any] = []
    for place, block in enumerate(BLOCKS):
        begun = {**block, "thinking": "", "signature": "", "text": "", "input": {}}
        begun = {name: begun[name] for name in block}
        found.append({"type": "content_block_start", "index": place, "content_block": begun})
        deltas = {
            "thinking": {"type": "thinking_delta", "thinking": block.get("thinking")},
            "signature": {"type": "signature_delta", "signature": block.get("signature")},
            "text": {"type": "text_delta", "text": block.get("text")},
            "input": {"type": "input_json_delta", "partial_json": json.dumps(block.get("input"))},
        }
        found += [
            {"type": "content_block_delta", "index": place, "delta": deltas[name]}
            for name in block
            if name in deltas
        ]
        found.append({"type": "content_block_stop", "index": place})
    return [*found, {"type": "message_delta", "delta": {"stop_reason": "tool_use"}}]


def responses_events(*, encrypted_at_the_end: bool = False) -> list[Any]:
    found: list[Any] = []
    for place, item in enumerate(ITEMS):
        begun = {**item, "content": [], "arguments": ""} if item["type"] != "reasoning" else item
        found.append({"type": "response.output_item.added", "output_index": place, "item": begun})
        if item["type"] == "message":
            piece = {"output_index": place, "delta": item["content"][0]["text"]}
            found.append({"type": "response.output_text.delta", **piece})
        if item["type"] == "function_call":
            piece = {"output_index": place, "delta": item["arguments"]}
            found.append({"type": "response.function_call_arguments.delta", **piece})
        done = {name: value for name, value in item.items() if not encrypted_at_the_end or name[:2] != "en"}
        found.append({"type": "response.output_item.done", "output_index": place, "item": done})
    return [*found, {"type": "response.completed", "response": {"status": "completed", "output": ITEMS}}]


def received(format_: Any, chunks: list[Any], request: ChatRequest) -> Message:
    return draft_of(*chunks, format_=format_, model=request.model, server=request.server).message()


def asked(format_: str) -> ChatRequest:
    return replace(ask(), model="m-5", tools=(TOOL,), dialect=dialects.choose("m-5", ADDRESS[format_]), server="a")


def sent_back(request: ChatRequest, message: Message) -> list[Any]:
    """What of the answer is in the body of the next round."""
    results = [Message("tool", "Sunny", tool_call_id=call.id) for call in message.tool_calls]
    body: Any = wire.payload(replace(request, messages=(*request.messages, message, *results)))
    if "messages" in body:
        return list(body["messages"][1]["content"])
    return list(body["input"][1 : -len(results)])


def as_told(item: Any) -> Any:
    """An item of a response as it goes back: a message without its parts."""
    if item.get("type") != "message":
        return item
    return {"role": "assistant", "content": item["content"][0]["text"]}


CASES = {
    "a stream of Claude": ("messages", claude_events(), BLOCKS),
    "a whole message of Claude": ("messages", [{"type": "message", "content": BLOCKS}], BLOCKS),
    "a stream of a response": ("responses", responses_events(), [as_told(item) for item in ITEMS]),
    "a whole response": (
        "responses",
        [{"object": "response", "status": "completed", "output": ITEMS}],
        [as_told(item) for item in ITEMS],
    ),
}


@pytest.mark.parametrize("kept", [False, True], ids=["at once", "from the store"])
@pytest.mark.parametrize("case", CASES)
def test_an_answer_goes_back_in_the_order_in_which_it_came(case: str, kept: bool) -> None:
    format_, chunks, expected = CASES[case]
    request = asked(format_)
    message = received(format_, chunks, request)
    assert message.content == "I look. \n\nAnd there. "
    if kept:
        message = archive.load(archive.dump(message))
    assert sent_back(request, message) == expected


def test_thoughts_that_are_readable_by_the_provider_only_at_the_end_go_back_whole() -> None:
    request = asked("responses")
    message = received("responses", responses_events(encrypted_at_the_end=True), request)
    back = sent_back(request, message)
    assert [item["encrypted_content"] for item in back if "encrypted_content" in item] == [
        "SIG 1",
        "SIG 2",
        "SIG 3",
    ]


@pytest.mark.parametrize("format_", ["messages", "responses"])
def test_an_edited_text_goes_back_whole(format_: str) -> None:
    request = asked(format_)
    chunks = claude_events() if format_ == "messages" else responses_events()
    message = replace(received(format_, chunks, request), content="Quite another, longer text.")
    texts = [item for item in sent_back(request, message) if "Quite another, longer text." in json.dumps(item)]
    assert len(texts) == 1
    assert len(sent_back(request, message)) == 6  # three thoughts, one text, two calls


@pytest.mark.parametrize("format_", ["messages", "responses"])
@pytest.mark.parametrize("elsewhere", [{"server": "b"}, {"model": "other"}], ids=["server", "model"])
def test_signed_thoughts_go_back_only_to_where_they_were_made(format_: str, elsewhere: dict[str, str]) -> None:
    request = asked(format_)
    chunks = claude_events() if format_ == "messages" else responses_events()
    message = received(format_, chunks, request)
    back = sent_back(replace(request, **elsewhere), message)
    assert "SIG" not in json.dumps(back) and "DATA" not in json.dumps(back)
    assert [item.get("type", "text") for item in back if "all" in item.get("type", "") or "use" in str(item)]
    transcript = (*request.messages, message)
    assert wire.left_behind(replace(request, messages=transcript, **elsewhere)) == 1
    assert wire.left_behind(replace(request, messages=transcript)) == 0


def test_an_answer_in_the_usual_order_keeps_no_order() -> None:
    draft = Accumulator("m")
    for event in (ReasoningDetail({"type": "t"}), TextDelta("a"), TextDelta("b"), ToolCallDelta(0, "c", "f", "{}")):
        draft.apply(event)
    assert draft.message().order == ()
    assert "order" not in archive.dump(draft.message())


def test_an_order_without_end_is_not_kept() -> None:
    draft = Accumulator("m")
    for _ in range(LIMIT + 10):
        draft.apply(TextDelta("a"))
        draft.apply(ReasoningDetail({"type": "t"}))
    assert draft.message().order == ()


DAMAGED = [
    "x",
    {"a": 1},
    [["text"]],
    [["text", "x"]],
    [["text", -1]],
    [["image", 1]],
    [[["text"], 1]],
    [["text", 1]] * (LIMIT + 1),
    [["thought", 0], ["thought", 0], ["text", 2]],
    [["text", 1], ["thought", 9**9], ["call", 77], ["text", 1]],
]


@pytest.mark.parametrize("order", DAMAGED, ids=range(len(DAMAGED)))
def test_an_order_in_a_strangers_file_loses_and_repeats_nothing(order: Any) -> None:
    detail = {"type": "thinking", "thinking": "T", "signature": "S"}
    call = {"id": "c", "name": "weather", "arguments": "{}"}
    line = {"role": "assistant", "content": "ab", "model": "m-5", "server": "a", "order": order}
    message = archive.load(json.dumps({**line, "reasoning_details": [detail], "tool_calls": [call]}))
    back = sent_back(asked("messages"), message)
    assert sorted(block["type"] for block in back if block["type"] != "text") == ["thinking", "tool_use"]
    assert "".join(block["text"] for block in back if block["type"] == "text") == "ab"
