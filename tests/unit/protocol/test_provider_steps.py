"""What Claude does by itself (searches, runs code) is kept in its place, and goes back where it works on."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from basics import ask
from drafts import draft_of

from backend.formats import archive
from backend.protocol import dialects, wire
from backend.types import ChatRequest, Dialect, Message

SEARCH = {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"query": "fig"}}
FOUND = {
    "type": "web_search_tool_result",
    "tool_use_id": "s1",
    "content": [{"url": "https://x", "encrypted_content": "E"}],
}
CODE = {"type": "server_tool_use", "id": "s2", "name": "code_execution", "input": {"code": "1"}}
RAN = {"type": "code_execution_tool_result", "tool_use_id": "s2", "content": {"stdout": "1", "return_code": 0}}
NEW: dict[str, Any] = {"type": "something_new", "payload": {"a": [1]}}
BLOCKS: list[Any] = [
    {"type": "text", "text": "I look."},
    SEARCH,
    FOUND,
    {"type": "text", "text": "It says "},
    {"type": "text", "text": "four."},
    CODE,
    RAN,
    NEW,
]
REQUEST = replace(ask(), model="c", server="a", dialect=dialects.choose("c", "https://api.anthropic.com/v1"))


def streamed(blocks: list[Any]) -> list[Any]:
    found: list[Any] = []
    for place, block in enumerate(blocks):
        empty = {"text": {"text": ""}, "server_tool_use": {"input": {}}}.get(block["type"], {})
        found.append({"type": "content_block_start", "index": place, "content_block": {**block, **empty}})
        text = block.get("text") or json.dumps(block.get("input"))
        for piece in (text[:3], text[3:]) if empty else ():
            delta = {"type": "text_delta", "text": piece}
            if "input" in block:
                delta = {"type": "input_json_delta", "partial_json": piece}
            found.append({"type": "content_block_delta", "index": place, "delta": delta})
        found.append({"type": "content_block_stop", "index": place})
    return found


def heard(blocks: list[Any], reason: str, *, stream: bool, before: Message | None = None) -> Message:
    whole = [{"type": "message", "content": blocks, "stop_reason": reason}]
    pieces = [*streamed(blocks), {"type": "message_delta", "delta": {"stop_reason": reason}}]
    chunks = pieces if stream else whole
    draft = draft_of(*chunks, format_="messages", model="c", before=before, server="a")
    return archive.load(archive.dump(replace(draft.message(), state="done")))


def sent(*messages: Message, request: ChatRequest = REQUEST) -> Any:
    return wire.payload(replace(request, messages=(Message("user", "Hi"), *messages)))["messages"]


@pytest.mark.parametrize("stream", [True, False])
def test_a_turn_that_was_paused_goes_back_as_it_came_and_is_gone_on_with(stream: bool) -> None:
    paused = heard(BLOCKS, "pause_turn", stream=stream)
    assert (paused.content, paused.tool_calls) == ("I look.\n\nIt says four.", ())
    joined = [*BLOCKS[:3], {"type": "text", "text": "It says four."}, *BLOCKS[5:]]
    assert sent(paused)[1:] == [{"role": "assistant", "content": joined}]
    again = heard([{"type": "text", "text": "Done."}, SEARCH], "pause_turn", stream=stream, before=paused)
    assert again.content == "I look.\n\nIt says four.\n\nDone."
    assert sent(again)[1]["content"] == [*joined, {"type": "text", "text": "Done."}, SEARCH]


@pytest.mark.parametrize("stream", [True, False])
def test_a_turn_that_was_paused_before_a_word_goes_back_too(stream: bool) -> None:
    paused = heard([SEARCH], "pause_turn", stream=stream)
    assert sent(paused)[1:] == [{"role": "assistant", "content": [SEARCH]}]
    assert wire.is_paused(paused) and not wire.is_paused(heard(BLOCKS, "end_turn", stream=stream))


@pytest.mark.parametrize("stream", [True, False])
def test_search_results_go_back_with_the_results_of_a_tool(stream: bool) -> None:
    call = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
    answer = heard([SEARCH, FOUND, call], "tool_use", stream=stream)
    assert sent(answer, Message("tool", "1", tool_call_id="t"))[1]["content"] == [SEARCH, FOUND, call]


def test_a_paused_turn_goes_back_to_its_maker_only_and_not_with_a_new_question() -> None:
    paused = heard(BLOCKS, "pause_turn", stream=True)
    openai = replace(REQUEST, model="gpt", server="o", dialect=Dialect())
    for elsewhere in (replace(REQUEST, model="d"), replace(REQUEST, server="b"), openai):
        back = sent(paused, request=elsewhere)
        assert "server_tool_use" not in json.dumps(back)
        assert [message["role"] for message in back] == ["user", "assistant", "user"]
        assert wire.left_behind(replace(elsewhere, messages=(Message("user", "Hi"), paused))) == 1
        wordless = heard([SEARCH], "pause_turn", stream=True)
        assert [message["role"] for message in sent(wordless, request=elsewhere)] == ["user"]
    assert "server_tool_use" not in json.dumps(sent(paused, Message("user", "More")))


def test_a_step_whose_end_did_not_come_is_kept() -> None:
    chunks = streamed([SEARCH])[:-1]
    chunks += [{"type": "message_delta", "delta": {"stop_reason": "pause_turn"}}]
    assert draft_of(*chunks, format_="messages").message().reasoning_details == (SEARCH,)
