"""A call of a tool as it ends: checked before it runs, its outcome in words, faults on purpose."""

from __future__ import annotations

from dataclasses import replace

import pytest
from basics import ask
from tool_calls import add, call, run, tell

from backend.protocol.wire import payload
from backend.tools.calls import (
    CANARY,
    INJECTED_FAULTS,
    RESULT_LIMIT,
    CallOutcome,
    Function,
    answer,
    capped,
    describe,
    invalid,
    outcome,
    problems,
    rejected,
    timed_out,
)
from backend.types import Message, Tool, ToolCall


def fail(error: BaseException) -> Function:
    def failing() -> None:
        raise error

    return failing


# ---- what goes wrong ------------------------------------------------------------------------------------


def test_a_tool_that_is_not_there_is_said_and_those_that_are() -> None:
    assert call(add, {"a": 1}, name="subtract") == "Error: there is no tool named 'subtract'. Available: add."


@pytest.mark.parametrize("name", ["", "__import__", "os.system", "add ", "ADD", "add\n", "__class__"])
def test_only_a_tool_on_offer_can_be_called(name: str) -> None:
    if name:
        assert call(add, {"a": 1}, name=name).startswith("Error: there is no tool named ")
    assert run(ToolCall("c", name, "{}"), {}).content.startswith("Error: there is no tool named ")


@pytest.mark.parametrize("error", [RuntimeError("no luck"), KeyError("no luck"), OSError("no luck"), MemoryError()])
def test_an_exception_of_a_tool_is_told_with_its_type(error: Exception) -> None:
    assert call(fail(error)).startswith(f"Error: {type(error).__name__}: ")


def test_a_value_error_is_a_sentence_of_the_tools_own() -> None:
    assert call(fail(ValueError("the moon is not a city."))) == "Error: the moon is not a city."


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(), GeneratorExit()])
def test_an_exception_that_ends_the_program_passes(error: BaseException) -> None:
    with pytest.raises(type(error)):
        call(fail(error))


def test_an_endless_error_and_an_endless_name_are_cut() -> None:
    assert len(call(fail(RuntimeError("x" * 1_000_000)))) < RESULT_LIMIT + 20
    assert len(call(add, "{}", name="x" * 1_000_000)) < RESULT_LIMIT + 20


def test_an_endless_recursion_is_an_error_in_words() -> None:
    def again() -> None:
        again()

    assert call(again).startswith("Error: RecursionError")


@pytest.mark.parametrize(
    ("arguments", "reasons"),
    [
        ('{"number": 1}', []),
        ("", ["number: is required and missing."]),
        ('{"number": "1"}', ['number: "1" is not an integer.']),
        ('{"number": 1, "unit": "metre"}', ['unit: "metre" is not one of "m", "km".']),
        ('{"number": 1, "size": 2}', ["size: is not one of the names allowed here, which are: number, unit."]),
        ('{"number": 1', ["the arguments are not valid JSON: they end too early, after 12 characters."]),
        ("[]", ["number: is required and missing."]),
        ("[1]", ["the arguments must be a JSON object."]),
    ],
)
def test_a_call_is_judged_by_the_schema_before_it_runs(arguments: str, reasons: list[str]) -> None:
    assert problems(ToolCall("c", "tell", arguments), describe(tell)) == reasons


def test_a_tool_without_properties_takes_empty_arguments() -> None:
    assert problems(ToolCall("c", "now", ""), Tool("now", "", {"type": "object", "properties": {}})) == []


def test_a_model_is_told_what_to_repair_and_that_nothing_ran() -> None:
    found = invalid(['number: "1" is not an integer.'])
    assert not found.ok
    assert 'number: "1" is not an integer.' in found.content
    assert "Nothing was run" in found.content


# ---- outcomes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "arguments", "ok"),
    [
        (add, '{"a": 1}', True),
        (add, "{}", False),
        (fail(ValueError("no.")), "", False),
        (fail(KeyError()), "", False),
    ],
)
def test_an_outcome_tells_whether_the_tool_did_it(function: Function, arguments: str, ok: bool) -> None:
    found = outcome(ToolCall("c", "f", arguments), {"f": function})
    assert found.ok is ok
    assert found.seconds >= 0


@pytest.mark.parametrize(
    "found", [rejected(), rejected("Too dear."), timed_out(3), invalid(["x."]), CallOutcome("")]
)
def test_every_call_is_answered_by_one_message_with_its_id(found: CallOutcome) -> None:
    message = answer(ToolCall("call_7", "add", "{}"), found)
    assert (message.role, message.tool_call_id, message.name) == ("tool", "call_7", "add")
    asked = Message("assistant", tool_calls=(ToolCall("call_7", "add", "{}"),))
    sent = payload(replace(ask(), messages=(Message("user", "Hi"), asked, message)))["messages"]
    assert [said["role"] for said in sent] == ["user", "assistant", "tool"]  # type: ignore[union-attr, index, call-overload]


# ---- faults on purpose ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", INJECTED_FAULTS)
def test_every_fault_gives_the_model_something_bounded_and_clean(name: str) -> None:
    found = INJECTED_FAULTS[name].outcome()
    assert len(found.content.encode()) <= RESULT_LIMIT + 20
    found.content.encode()
    assert capped(found.content.removesuffix("\n[cut at 20 kB]")).content in found.content
    assert INJECTED_FAULTS[name].label
    assert INJECTED_FAULTS[name].about.endswith(".")


def test_the_faults_are_those_of_the_field() -> None:
    assert list(INJECTED_FAULTS) == ["timeout", "exception", "http_500", "garbage", "empty", "huge", "injection"]
    assert INJECTED_FAULTS["empty"].outcome() == CallOutcome("")
    assert INJECTED_FAULTS["huge"].outcome().cut == 20
    assert CANARY in INJECTED_FAULTS["injection"].outcome().content
    assert [name for name, fault in INJECTED_FAULTS.items() if not fault.ok] == ["timeout", "exception", "http_500"]


def test_a_timeout_made_on_purpose_reads_like_a_real_one() -> None:
    assert INJECTED_FAULTS["timeout"].content == timed_out(10).content
