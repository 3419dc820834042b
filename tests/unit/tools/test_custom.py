"""Tools of one's own: from a pasted signature, mocked, exported and imported; nothing in them ever runs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.schema import lint
from backend.tools.calls import RESULT_LIMIT, CallOutcome
from backend.tools.custom import EXAMPLES, RULES, TOOLS, CustomTool, Rule, Unreadable, export, read
from backend.types import ToolCall

NOTHING = {"type": "object", "properties": {}}


def call(**given: object) -> ToolCall:
    return ToolCall("call_1", "tool", json.dumps(given))


# ---- mocks ----------------------------------------------------------------------------------------------


def test_a_tool_without_behaviour_or_a_fitting_rule_asks() -> None:
    assert CustomTool("find").outcome(call(a=1)) is None
    assert CustomTool("weather", behaviour="rules", rules=(Rule({"a": 1}, "x"),)).outcome(call(a=2)) is None


def test_a_fixed_result_is_the_same_for_every_call() -> None:
    tool = CustomTool("find", behaviour="fixed", result="yes")
    assert tool.outcome(call()) == tool.outcome(call(a=1)) == CallOutcome("yes")


def test_the_first_rule_that_fits_answers() -> None:
    rules = (Rule({"city": "Oslo", "unit": "f"}, "25"), Rule({"city": "Oslo"}, "-4"))
    tool = CustomTool("weather", behaviour="rules", rules=rules, result="unknown")
    assert tool.outcome(call(city="Oslo", unit="f")) == CallOutcome("25")
    assert tool.outcome(call(city="Oslo", unit="c")) == CallOutcome("-4")
    assert tool.outcome(call(city="Rome")) == CallOutcome("unknown")


def test_rules_compare_as_json_does() -> None:
    assert Rule({"a": 1}, "").fits({"a": 1.0, "b": 2})
    assert not Rule({"a": 1}, "").fits({"a": True})
    assert not Rule({"a": 1}, "").fits({})
    assert Rule({}, "").fits({"a": 1})


def test_arguments_that_are_no_json_are_told_not_matched() -> None:
    found = CustomTool("weather", behaviour="rules", rules=(Rule({}, "x"),)).outcome(ToolCall("c", "weather", "{"))
    assert found is not None
    assert not found.ok


def test_a_mock_without_end_is_cut() -> None:
    found = CustomTool("f", behaviour="fixed", result="x" * 100_000).outcome(call())
    assert found is not None
    assert found.cut == 20


@pytest.mark.parametrize("tool", EXAMPLES, ids=lambda tool: tool.name)
def test_the_examples_are_sound(tool: CustomTool) -> None:
    assert lint(tool.definition()) == []
    assert tool.tool().name == tool.name
    assert {one.behaviour for one in EXAMPLES} == {"ask", "fixed", "rules"}


# ---- files ----------------------------------------------------------------------------------------------


def test_exported_tools_are_imported_again() -> None:
    assert read(export(EXAMPLES)).tools == EXAMPLES
    assert read(export(EXAMPLES)).notes == ()


FUNCTION = {"name": "find", "description": "Finds.", "parameters": NOTHING}


@pytest.mark.parametrize(
    "body",
    [
        [{"type": "function", "function": FUNCTION}],
        {"tools": [{"type": "function", "function": FUNCTION}], "model": "m"},
        {"type": "function", "function": FUNCTION},
        FUNCTION,
        {"tools": [{"name": "find", "description": "Finds.", "inputSchema": NOTHING}]},
        [{"name": "find", "description": "Finds.", "input_schema": NOTHING}],
    ],
    ids=["a request's list", "a request", "one tool", "one function", "MCP", "Anthropic"],
)
def test_tools_are_read_as_others_write_them(body: Any) -> None:
    assert read(json.dumps(body)).tools == (CustomTool("find", "Finds.", NOTHING),)


@pytest.mark.parametrize(
    ("row", "word"),
    [
        (5, "is not a tool"),
        ({"name": "two words"}, "name may hold only"),
        ({"description": "no name"}, "name is missing"),
        ({**FUNCTION, "name": "other", "parameters": {"type": "array"}}, 'must be "object"'),
        (
            {**FUNCTION, "name": "other", "parameters": {"type": "object", "properties": {"a": {"type": "text"}}}},
            "is no type",
        ),
    ],
)
def test_a_tool_that_cannot_be_sent_is_left_out_and_said(row: Any, word: str) -> None:
    found = read(json.dumps([FUNCTION, row]))
    assert [tool.name for tool in found.tools] == ["find"]
    assert found.notes[0].startswith("Tool 2")
    assert word in found.notes[0]


def test_the_second_tool_of_a_name_is_left_out_and_said() -> None:
    found = read(json.dumps([FUNCTION, FUNCTION]))
    assert len(found.tools) == 1
    assert found.notes == ("Tool 2 (find) was left out: there is one of this name before it.",)


@pytest.mark.parametrize(
    "text", ["", "{", "5", '"x"', "[]", '{"tools": []}', '{"tools": 5}', "[" * 100_000, "null"]
)
def test_a_file_without_tools_is_refused_in_words(text: str) -> None:
    with pytest.raises(Unreadable) as error:
        read(text)
    assert str(error.value).endswith(".")


def test_a_file_of_a_newer_playground_is_refused() -> None:
    with pytest.raises(Unreadable, match="newer"):
        read(json.dumps({"format": "llm-playground/tools", "version": 2, "tools": [FUNCTION]}))


def test_a_file_without_end_is_capped() -> None:
    rows = [{**FUNCTION, "name": f"find_{place}"} for place in range(TOOLS + 5)]
    found = read(json.dumps(rows))
    assert len(found.tools) == TOOLS
    assert found.notes == (f"Only the first {TOOLS} tools were taken.",)
    rules = [{"when": {}, "result": "x" * (RESULT_LIMIT + 5)}] * (RULES + 5)
    tool = read(json.dumps([{**FUNCTION, "behaviour": "rules", "rules": rules}])).tools[0]
    assert (len(tool.rules), len(tool.rules[0].result)) == (RULES, RESULT_LIMIT)
    with pytest.raises(Unreadable, match="too large"):
        read(" " * 3_000_000)


def test_fields_of_the_wrong_type_are_not_said() -> None:
    row = {
        **FUNCTION,
        "description": 5,
        "behaviour": ["rules"],
        "result": {},
        "rules": [5, {"when": 5}, {"when": {}}],
    }
    assert read(json.dumps([row])).tools == (CustomTool("find", "", NOTHING, "ask", "", (Rule({}, ""),)),)


def test_text_in_a_file_is_made_clean() -> None:
    tool = read('[{"name": "find", "description": "a\\u0000\\ud83d\\u001b[31m", "result": "\\ud83d"}]').tools[0]
    assert (tool.description, tool.result) == ("a\ufffd[31m", "\ufffd")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["tools", "name", "function", "parameters", "type", "rules", "when", "behaviour", "format"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_read_or_refused_in_words(body: Any) -> None:
    try:
        found = read(json.dumps(body))
    except Unreadable:
        return
    assert all(note.endswith((".", "tool")) for note in found.notes)
