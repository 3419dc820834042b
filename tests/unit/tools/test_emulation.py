"""Tool calls by structured output, for models that list no tools: out and back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.protocol.wire import payload
from backend.schema import check
from backend.tools.builtin import FUNCTIONS
from backend.tools.calls import describe, problems
from backend.tools.emulation import emulated_call, emulated_request
from backend.types import ChatRequest, Message, ToolCall

CLOCK, ORDER = describe(FUNCTIONS["current_time"]), describe(FUNCTIONS["find_order"])
QUESTION = Message("user", "Is order 1042 late?")
CALL = ToolCall("call_1", "find_order", '{"number": 1042}')


def request(*messages: Message, **fields: Any) -> ChatRequest:
    return ChatRequest("m", messages or (QUESTION,), tools=(CLOCK, ORDER), **fields)


def schema(made: ChatRequest) -> Any:
    assert made.response_format is not None
    assert made.response_format["type"] == "json_schema"
    return made.response_format["json_schema"]["schema"]  # type: ignore[index, call-overload]


# ---- out ------------------------------------------------------------------------------------------------


def test_no_tool_field_reaches_the_server() -> None:
    made = emulated_request(request(tool_choice="required", parameters={"parallel_tool_calls": True, "top_p": 0.5}))
    sent = payload(made)
    assert not {"tools", "tool_choice", "parallel_tool_calls"} & sent.keys()
    assert sent["top_p"] == 0.5


def test_the_tools_are_told_in_the_system_message() -> None:
    first, *rest = emulated_request(request(Message("system", "Be brief."), QUESTION)).messages
    assert first.role == "system"
    assert first.content.startswith("Be brief.\n\nYou can use these tools:")
    assert "- find_order(number: integer): Look up one order" in first.content
    assert "- current_time(city_or_zone: string, add_hours?: number): The date and time" in first.content
    assert rest == [QUESTION]


def test_a_system_message_is_made_where_there_is_none() -> None:
    assert [message.role for message in emulated_request(request()).messages] == ["system", "user"]


@pytest.mark.parametrize(
    ("step", "fits"),
    [
        ({"tool": "find_order", "arguments": {"number": 1042}}, True),
        ({"answer": "Yes."}, True),
        ({"tool": "find_order", "arguments": {"city_or_zone": "Oslo"}}, False),
        ({"tool": "find_order", "arguments": {}}, False),
        ({"tool": "other", "arguments": {}}, False),
        ({"tool": "find_order"}, False),
        ({"tool": "find_order", "arguments": {"number": 1}, "answer": "Yes."}, False),
        ({}, False),
        ([], False),
    ],
)
def test_an_answer_is_one_call_held_to_its_own_schema_or_a_text(step: Any, fits: bool) -> None:
    assert (check(step, schema(emulated_request(request()))) == []) is fits


@pytest.mark.parametrize(
    ("choice", "clock", "order", "answer"),
    [
        (None, True, True, True),
        ("auto", True, True, True),
        ("required", True, True, False),
        ("find_order", False, True, False),
        ("none", False, False, True),
        ("no such tool", False, False, True),
    ],
)
def test_the_choice_decides_what_may_come(choice: str | None, clock: bool, order: bool, answer: bool) -> None:
    found = schema(emulated_request(request(tool_choice=choice)))
    assert (check({"tool": "current_time", "arguments": {"city_or_zone": "Oslo"}}, found) == []) is clock
    assert (check({"tool": "find_order", "arguments": {"number": 1}}, found) == []) is order
    assert (check({"answer": "x"}, found) == []) is answer


def test_a_request_without_tools_asks_for_no_schema() -> None:
    made = emulated_request(ChatRequest("m", (QUESTION,)))
    assert (made.response_format, made.messages) == (None, (QUESTION,))


def test_earlier_calls_and_results_are_told_as_text() -> None:
    called = Message("assistant", tool_calls=(CALL,))
    made = emulated_request(request(QUESTION, called, Message("tool", "late", tool_call_id="call_1")))
    assert [(message.role, message.content) for message in made.messages[1:]] == [
        ("user", "Is order 1042 late?"),
        ("assistant", '{"tool": "find_order", "arguments": {"number": 1042}}'),
        ("user", "Result of find_order: late"),
    ]
    assert [said["role"] for said in payload(made)["messages"]] == ["system", "user", "assistant", "user"]  # type: ignore[union-attr, index, call-overload]


# ---- back -----------------------------------------------------------------------------------------------


def test_a_step_becomes_a_call_with_an_id_of_its_own() -> None:
    text = '{\n "tool": "find_order",\n "arguments": {"number": 1042}\n}'
    first, second = emulated_call(text), emulated_call(text)
    assert isinstance(first, ToolCall)
    assert isinstance(second, ToolCall)
    assert (first.name, json.loads(first.arguments)) == ("find_order", {"number": 1042})
    assert first.id != second.id
    assert emulated_call(text, "call_7") == ToolCall("call_7", "find_order", '{"number": 1042}')


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('{"answer": "Yes."}', "Yes."),
        ("Yes.", "Yes."),
        ("", ""),
        ("5", "5"),
        ('{"answer": 5}', '{"answer": 5}'),
        ('{"tool": 5}', '{"tool": 5}'),
        ("[" * 100_000, "[" * 100_000),
        ('{"answer": "Ye', '{"answer": "Ye'),
    ],
)
def test_anything_else_is_the_answer(text: str, answer: str) -> None:
    assert emulated_call(text) == answer


def test_a_call_that_was_cut_off_is_a_call_that_cannot_be_run() -> None:
    found = emulated_call('{\n "tool": "find_order",\n "arguments": {"number": 10')
    assert isinstance(found, ToolCall)
    assert (found.name, found.arguments) == ("find_order", '{"number": 10')
    assert problems(found, ORDER) == ["the arguments are not valid JSON: they end too early, after 13 characters."]


def test_a_call_without_arguments_has_empty_ones() -> None:
    assert emulated_call('{"tool": "now"}', "c") == ToolCall("c", "now", "{}")


@given(st.text(max_size=60) | st.text(alphabet='{}"tolarguments: ,[]1', max_size=60))
def test_any_text_is_a_call_or_an_answer(text: str) -> None:
    assert isinstance(emulated_call(text), ToolCall | str)
