"""Tool calls by structured output with the real model on this machine."""

from __future__ import annotations

import json
from typing import Any

from backend.local import SMOLLM2, LocalChat
from backend.schema import check
from backend.tools.builtin import FUNCTIONS
from backend.tools.calls import describe, problems
from backend.tools.emulation import emulated_call, emulated_request
from backend.types import ChatRequest, Message, TextDelta, ToolCall

CLOCK, ORDER = describe(FUNCTIONS["current_time"]), describe(FUNCTIONS["find_order"])
QUESTION = Message("user", "Is order 1042 late?")
CALL = ToolCall("call_1", "find_order", '{"number": 1042}')


def said(chat: LocalChat, made: ChatRequest) -> str:
    return "".join(event.text for event in chat.chat(made) if isinstance(event, TextDelta))


def request(*messages: Message, **fields: Any) -> ChatRequest:
    settings = {"max_tokens": 600, "temperature": 0}
    return emulated_request(
        ChatRequest(SMOLLM2.id, messages or (QUESTION,), settings, tools=(CLOCK, ORDER), **fields)
    )


def test_the_local_model_calls_the_tool_it_must_with_arguments_that_fit(chat: LocalChat) -> None:
    found = emulated_call(said(chat, request(tool_choice="find_order")))
    assert isinstance(found, ToolCall)
    assert found.name == "find_order"
    assert problems(found, ORDER) == []


def test_the_local_model_writes_nothing_but_a_step(chat: LocalChat) -> None:
    for question in ("Is order 1042 late?", "What time is it in Tokyo?", "Hello!"):
        made = request(Message("user", question))
        assert check(json.loads(said(chat, made)), made.response_format["json_schema"]["schema"]) == []  # type: ignore[index, call-overload]


def test_the_local_model_answers_when_it_may_not_call(chat: LocalChat) -> None:
    result = Message("tool", '{"late": true, "days_late": 4}', tool_call_id="call_1")
    made = request(QUESTION, Message("assistant", tool_calls=(CALL,)), result, tool_choice="none")
    assert isinstance(emulated_call(said(chat, made)), str)
