"""A typed function is a tool, and whatever a model does with it comes back in words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from basics import ask
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field
from tool_calls import add, call, run

from backend.protocol.wire import payload
from backend.tools.builtin import FUNCTIONS
from backend.tools.calls import (
    ARGUMENTS_LIMIT,
    RESULT_LIMIT,
    CallOutcome,
    Function,
    capped,
    describe,
)
from backend.types import Message, ToolCall


def give(value: Any) -> Function:
    def given() -> Any:
        return value

    return given


# ---- what a model is told -------------------------------------------------------------------------------


def test_a_tool_has_the_functions_name_and_the_first_words_of_its_docstring() -> None:
    tool = describe(add)
    assert (tool.name, tool.description) == ("add", "Adds two numbers.")


def test_the_schema_is_the_signatures() -> None:
    schema = describe(add).parameters
    assert schema["type"] == "object"
    assert schema["required"] == ["a"]
    assert schema["properties"]["a"]["type"] == "integer"  # type: ignore[index, call-overload]
    assert schema["properties"]["b"]["default"] == 2  # type: ignore[index, call-overload]


def test_a_model_is_told_not_to_make_arguments_up() -> None:
    assert describe(add).parameters["additionalProperties"] is False


def test_limits_and_descriptions_of_an_argument_are_told() -> None:
    def aged(years: Annotated[int, Field(description="Full years.", ge=0, le=150)]) -> None: ...

    described = describe(aged).parameters["properties"]["years"]  # type: ignore[index, call-overload]
    assert described["description"] == "Full years."
    assert (described["minimum"], described["maximum"]) == (0, 150)


def test_a_choice_is_told_as_a_choice() -> None:
    def paint(colour: Literal["red", "blue"]) -> None: ...

    assert describe(paint).parameters["properties"]["colour"]["enum"] == ["red", "blue"]  # type: ignore[index, call-overload]


def test_a_function_without_arguments_is_an_object_without_properties() -> None:
    schema = describe(give(1)).parameters
    assert (schema["type"], schema["properties"]) == ("object", {})


def test_a_function_without_words_has_an_empty_description() -> None:
    assert describe(give(1)).description == ""


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_every_tool_on_offer_explains_itself_and_its_arguments(function: Function) -> None:
    tool = describe(function)
    assert tool.description.endswith(".")
    properties = tool.parameters["properties"]
    assert isinstance(properties, dict)
    assert all(argument.get("description") for argument in properties.values())  # type: ignore[union-attr]


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_every_tool_on_offer_goes_over_the_wire(function: Function) -> None:
    sent = json.loads(json.dumps(payload(ask(tools=(describe(function),)))))
    assert sent["tools"][0]["type"] == "function"
    assert sent["tools"][0]["function"]["name"] == function.__name__


# ---- results --------------------------------------------------------------------------------------------


def test_a_call_is_run_with_its_arguments() -> None:
    assert call(add, {"a": 1, "b": 5}) == "6"


def test_defaults_need_not_be_said() -> None:
    assert call(add, {"a": 1}) == "3"


def test_arguments_that_are_written_as_json_twice_are_read() -> None:
    assert call(add, json.dumps(json.dumps({"a": 1, "b": 2}))) == call(add, json.dumps({"a": 1, "b": 2}))


def test_no_arguments_at_all_are_an_empty_object() -> None:
    for nothing in ("", " ", "{}", "null", "[]", '""', '"{}"'):
        assert call(give("yes"), nothing) == "yes"


def test_the_result_knows_which_call_it_answers() -> None:
    found = run(ToolCall("call_9", "add", '{"a": 1}'), {"add": add})
    assert found == Message("tool", "3", name="add", tool_call_id="call_9")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("as it is", "as it is"),
        ("", ""),
        (None, "null"),
        (True, "true"),
        (1.5, "1.5"),
        ([1, "ä"], '[1, "ä"]'),
        ({"a": {"b": None}}, '{"a": {"b": null}}'),
        (date(2024, 2, 29), '"2024-02-29"'),
        (Path("/tmp"), '"/tmp"'),
        ({1: "a"}, '{"1": "a"}'),
    ],
    ids=repr,
)
def test_a_text_is_told_as_it_is_and_the_rest_as_json(value: object, text: str) -> None:
    assert call(give(value)) == text


def test_a_result_that_json_cannot_say_is_told_all_the_same() -> None:
    round_and_round: list[Any] = []
    round_and_round.append(round_and_round)
    assert call(give(round_and_round)).startswith("Error: ")


def test_a_result_with_odd_keys_is_told_all_the_same() -> None:
    assert call(give({(1, 2): "a"})).startswith("Error: ")


def test_a_result_nested_without_end_is_told_all_the_same() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert call(give(deep)).startswith("Error: ")


def test_a_result_that_cannot_be_shown_is_told_all_the_same() -> None:
    class Shy:
        def __repr__(self) -> str:
            raise RuntimeError("not me")

    assert call(give(Shy())).startswith("Error: ")


def test_a_result_that_just_fits_is_whole() -> None:
    assert capped("x" * RESULT_LIMIT) == CallOutcome("x" * RESULT_LIMIT)
    assert capped("x" * RESULT_LIMIT + "x").cut == 20


@pytest.mark.parametrize("value", ["a\x00b", "a\ud83d", "\x1b[31mred"], ids=ascii)
def test_a_result_is_safe_to_store_and_send(value: str) -> None:
    found = call(give(value))
    found.encode()
    assert "\x00" not in found
    assert "\x1b" not in found


# ---- arguments from a model -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({}, "a"),
        ({"a": "many"}, "a"),
        ({"a": None}, "a"),
        ({"a": 1.5}, "a"),
        ({"a": [1]}, "a"),
        ({"a": 1, "c": 3}, "c"),
        ({"A": 1}, "A"),
        ({"self": 1, "a": 1}, "self"),
    ],
    ids=json.dumps,
)
def test_arguments_that_do_not_fit_are_named(arguments: object, word: str) -> None:
    found = call(add, arguments)
    assert found.startswith("Error: the arguments do not fit. ")
    assert f"{word}: " in found


def test_nothing_runs_when_the_arguments_do_not_fit() -> None:
    ran: list[int] = []

    def note(number: int) -> None:
        ran.append(number)

    call(note, {"number": "many"})
    call(note, {"number": 1, "extra": 2})
    assert ran == []


@pytest.mark.parametrize(
    "arguments", ["{", "a", "{'a': 1}", "{a: 1}", '{"a": 1', '{"a": 1}{"a": 2}', "\ud83d", "}"]
)
def test_arguments_that_are_no_json_are_said_to_be_none(arguments: str) -> None:
    assert call(add, arguments).startswith("Error: the arguments are not valid JSON: ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ('{"a": 1', "they end too early, after 7 characters."),
        ('{"a": "on', "they end too early, after 9 characters."),
        ("{", "they end too early, after 1 characters."),
        ('{"a": 1}}', "Extra data at character 9."),
        ("{'a': 1}", "Expecting property name enclosed in double quotes at character 2."),
        ('{"a": NaN}', "NaN is no number there."),
        ('{"a": -Infinity}', "-Infinity is no number there."),
        ('{"a": ' + "9" * 5000 + "}", "a number has too many digits."),
    ],
)
def test_where_the_json_is_wrong_is_said(arguments: str, words: str) -> None:
    assert call(add, arguments) == f"Error: the arguments are not valid JSON: {words}"


def test_a_name_that_stands_twice_is_said_and_nothing_runs() -> None:
    assert call(add, '{"a": 1, "a": 2}') == "Error: the arguments name 'a' twice."


def test_a_number_too_large_for_a_machine_is_said() -> None:
    assert call(add, '{"a": 1e999}') == "Error: a number in the arguments is too large."


def test_half_a_character_in_an_argument_does_not_reach_the_tool() -> None:
    def tell(text: str) -> str:
        return ascii(text)

    assert call(tell, '{"text": "a\\ud83d\\u0000"}') == ascii("a\ufffd")


@pytest.mark.parametrize("arguments", ["[1]", "1", "0", "false", "true", '"a"'])
def test_arguments_that_are_no_object_are_said_to_be_none(arguments: str) -> None:
    assert call(add, arguments) == "Error: the arguments must be a JSON object."


def test_arguments_without_end_are_not_read() -> None:
    assert call(add, " " * (ARGUMENTS_LIMIT + 1)) == "Error: the arguments are too long."


@pytest.mark.parametrize(
    "arguments", ["[" * 50_000, '{"a":' * 15_000, '{"a": ' + "9" * 50_000 + "}"], ids=["lists", "objects", "digits"]
)
def test_arguments_made_to_hurt_are_only_words(arguments: str) -> None:
    assert call(add, arguments).startswith("Error: ")


def test_what_did_not_fit_is_not_repeated_at_length() -> None:
    many = {f"argument_{number}": "x" * 50 for number in range(1_000)}
    assert len(call(add, many)) < 1_000


def test_the_values_that_did_not_fit_are_not_quoted() -> None:
    assert "sk-secret" not in call(add, {"a": "sk-secret"})


def test_arguments_become_the_types_of_the_signature() -> None:
    class Size(StrEnum):
        SMALL = "small"

    @dataclass
    class Point:
        x: int

    class Box(BaseModel):
        points: list[Point]
        size: Size

    def measure(box: Box, on: date) -> str:
        return f"{type(box.points[0]).__name__} {box.size!r} {on:%d.%m.}"

    measure.__annotations__.update(box=Box, on=date)
    found = call(measure, {"box": {"points": [{"x": 1}], "size": "small"}, "on": "2024-02-29"})
    assert found == "Point <Size.SMALL: 'small'> 29.02."


@given(
    st.text(max_size=40)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
        max_leaves=8,
    ).map(json.dumps)
)
def test_whatever_a_model_writes_it_gets_an_answer(arguments: str) -> None:
    found = call(add, arguments)
    assert found.startswith("Error: ") or found.lstrip("-").isdigit()
