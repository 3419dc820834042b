"""A typed function is a tool, and whatever a model does with it comes back in words."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field
from tool_calls import add, call, run

from backend.tools.calls import ARGUMENTS_LIMIT, RESULT_LIMIT, CallOutcome, Function, capped, describe
from backend.types import Message, ToolCall


def give(value: Any) -> Function:
    def given() -> Any:
        return value

    return given


# ---- what a model is told -------------------------------------------------------------------------------


def test_a_tool_has_the_functions_name_and_the_first_words_of_its_docstring() -> None:
    tool = describe(add)
    assert (tool.name, tool.description) == ("add", "Adds two numbers.")


def test_the_schema_is_the_signatures_and_allows_no_other_argument() -> None:
    schema = describe(add).parameters
    assert (schema["type"], schema["required"], schema["additionalProperties"]) == ("object", ["a"], False)
    assert schema["properties"]["a"]["type"] == "integer"  # type: ignore[index, call-overload]
    assert schema["properties"]["b"]["default"] == 2  # type: ignore[index, call-overload]


def test_limits_and_descriptions_of_an_argument_are_told() -> None:
    def aged(years: Annotated[int, Field(description="Full years.", ge=0, le=150)]) -> None: ...

    described = describe(aged).parameters["properties"]["years"]  # type: ignore[index, call-overload]
    assert described["description"] == "Full years."
    assert (described["minimum"], described["maximum"]) == (0, 150)


def test_a_choice_is_told_as_a_choice() -> None:
    def paint(colour: Literal["red", "blue"]) -> None: ...

    assert describe(paint).parameters["properties"]["colour"]["enum"] == ["red", "blue"]  # type: ignore[index, call-overload]


def test_a_function_without_arguments_and_docstring_has_no_properties_and_no_description() -> None:
    tool = describe(give(1))
    assert (tool.parameters["type"], tool.parameters["properties"], tool.description) == ("object", {}, "")


# ---- results --------------------------------------------------------------------------------------------


def test_a_call_is_run_with_its_arguments_and_the_defaults() -> None:
    assert (call(add, {"a": 1, "b": 5}), call(add, {"a": 1})) == ("6", "3")


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


class Shy:
    def __repr__(self) -> str:
        raise RuntimeError("not me")


def in_itself() -> list[Any]:
    made: list[Any] = []
    made.append(made)
    return made


def deep() -> list[Any]:
    return functools.reduce(lambda inner, _: [inner], range(100_000), [])


UNSAYABLE = {"in itself": in_itself(), "odd keys": {(1, 2): "a"}, "nested without end": deep(), "no repr": Shy()}


@pytest.mark.parametrize("kind", UNSAYABLE)
def test_a_result_that_is_no_json_is_an_error_in_words(kind: str) -> None:
    assert call(give(UNSAYABLE[kind])).startswith("Error: ")


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


NO_JSON = "the arguments are not valid JSON: "
NO_OBJECT = "the arguments must be a JSON object."


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ('{"a": 1', f"{NO_JSON}they end too early, after 7 characters."),
        ('{"a": "on', f"{NO_JSON}they end too early, after 9 characters."),
        ("{", f"{NO_JSON}they end too early, after 1 characters."),
        ('{"a": 1}}', f"{NO_JSON}Extra data at character 9."),
        ("{'a': 1}", f"{NO_JSON}Expecting property name enclosed in double quotes at character 2."),
        ("a", f"{NO_JSON}Expecting value at character 1."),
        ('{"a": NaN}', f"{NO_JSON}NaN is no number there."),
        ('{"a": -Infinity}', f"{NO_JSON}-Infinity is no number there."),
        ('{"a": ' + "9" * 5000 + "}", f"{NO_JSON}a number has too many digits."),
        ('{"a": 1, "a": 2}', "the arguments name 'a' twice."),
        ('{"a": 1e999}', "a number in the arguments is too large."),
        *((arguments, NO_OBJECT) for arguments in ("[1]", "1", "0", "false", "true", '"a"')),
        (" " * (ARGUMENTS_LIMIT + 1), "the arguments are too long."),
    ],
    ids=range(18),
)
def test_unreadable_arguments_are_refused_with_the_place_and_the_reason(arguments: str, words: str) -> None:
    assert call(add, arguments) == f"Error: {words}"


def test_half_a_character_in_an_argument_does_not_reach_the_tool() -> None:
    def tell(text: str) -> str:
        return ascii(text)

    assert call(tell, '{"text": "a\\ud83d\\u0000"}') == ascii("a\ufffd")


@pytest.mark.parametrize(
    "arguments", ["[" * 50_000, '{"a":' * 15_000, '{"a": ' + "9" * 50_000 + "}"], ids=["lists", "objects", "digits"]
)
def test_arguments_made_to_hurt_are_only_words(arguments: str) -> None:
    assert call(add, arguments).startswith("Error: ")


def test_many_misfitting_arguments_are_not_repeated_at_length() -> None:
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
def test_any_arguments_get_an_answer(arguments: str) -> None:
    found = call(add, arguments)
    assert found.startswith("Error: ") or found.lstrip("-").isdigit()
