"""What the checks of a suite say about an answer, and which of them are refused before anything is sent."""

from __future__ import annotations

import pytest

from backend.compare.suite import checks, grading
from backend.compare.suite.check import KINDS, Answered, Check, Kind
from backend.types import JSON, Message, Timing, Tool, ToolCall

WEATHER = Tool(
    "weather",
    "The weather of a city.",
    {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
)
CATASTROPHE = "(a+)+$"
LOOKING_BACK = r"^((a|aa)\2?)+$"


def answered(
    text: str = "", *calls: tuple[str, str], cost: float | None = None, seconds: float | None = None
) -> Answered:
    called = tuple(ToolCall(str(place), name, given) for place, (name, given) in enumerate(calls))
    message = Message("assistant", text, tool_calls=called, cost=cost, timing=Timing(0.1, seconds))
    return Answered(message, (WEATHER,))


def passes(check: Check, to_check: Answered) -> bool:
    assert checks.wrong(check) == ""
    return not checks.missed(check, to_check)


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (Check("contains", "Paris"), "It is Paris.", "It is paris."),
        (Check("contains", "PARIS", ignore_case=True), "It is Paris.", "It is Rome."),
        (Check("contains", "Rome", negated=True), "It is Paris.", "It is Rome."),
        (Check("equals", "Paris"), "Paris", "Paris."),
        (Check("equals", "Paris", negated=True), "paris", "Paris"),
        (Check("equals", ""), "", " "),
        (Check("regex", r"^\d{4}$"), "1789", "1789!"),
        (Check("regex", r"^\d{4}$", negated=True), "never", "1789"),
        (Check("regex", "b\n?c"), "a b\nc", "a"),
        (Check("json"), '{"a": [1]}', "{'a': 1}"),
        (Check("json", negated=True), "no", "1"),
        (Check("json", {"type": "object", "required": ["city"]}), '{"city": "Lagos"}', '{"town": "Lagos"}'),
        (Check("max_length", 5), "Paris", "London"),
        (Check("similar", "kitten", edits=2), "kittens", "sitting"),
        (Check("similar", "kitten", threshold=0.8), "kittens", "mittens"),
        (Check("similar", "kitten"), "kitten", "sitting"),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_a_check_of_a_text_says_which_answers_pass(check: Check, good: str, bad: str) -> None:
    assert passes(check, answered(good))
    assert not passes(check, answered(bad))


def test_reasoning_is_not_part_of_the_checked_answer() -> None:
    thought = answered("<think>Rome? No.</think>Paris")
    assert passes(Check("equals", "Paris"), thought)
    assert not passes(Check("contains", "Rome"), thought)


@pytest.mark.parametrize("pattern", [CATASTROPHE, LOOKING_BACK])
@pytest.mark.parametrize("negated", [False, True])
def test_a_pattern_that_never_ends_does_not_pass_and_does_not_hang(pattern: str, negated: bool) -> None:
    check = Check("regex", pattern, negated=negated)
    hostile = answered("a" * 30_000 + "!")
    assert checks.wrong(check) == ""
    if pattern == LOOKING_BACK:  # Rust's engine tries the other one in linear time
        assert not passes(check, hostile)
    else:
        assert passes(check, hostile) is negated


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (Check("max_cost", 0.01), answered("x", cost=0.01), answered("x", cost=0.02)),
        (Check("max_cost", 0.01), answered("x", cost=0.0), answered("x")),
        (Check("max_seconds", 2), answered("x", seconds=2.0), answered("x", seconds=2.1)),
        (Check("max_seconds", 2), answered("x", seconds=0.1), answered("x")),
        (Check("calls", tool="weather"), answered("", ("weather", "{}")), answered("", ("time", "{}"))),
        (Check("calls", tool="weather", negated=True), answered("Hello"), answered("", ("weather", "{}"))),
        (
            Check("calls", {"city": "Lagos"}, tool="weather"),
            answered("", ("weather", '{"city": "Lagos", "unit": "C"}')),
            answered("", ("weather", '{"city": "Osaka"}')),
        ),
        (
            Check("calls", {"days": 1}, tool="weather"),
            answered("", ("weather", '{"days": 1.0}')),
            answered("", ("weather", '{"days": true}')),
        ),
        (Check("calls"), answered("", ("weather", '{"city": "Lagos"}')), answered("", ("weather", '{"city": 1}'))),
        (Check("calls"), answered("", ("weather", '{"city": "Lagos"}')), answered("", ("time", "{}"))),
        (
            Check("calls", {"city": "Lagos"}, tool="weather"),
            answered("", ("weather", '{"city":"Lagos"}')),
            answered("", ("weather", "{")),
        ),
    ],
)
def test_checks_of_cost_time_and_calls_say_which_answers_pass(check: Check, good: Answered, bad: Answered) -> None:
    assert passes(check, good)
    assert not passes(check, bad)


@pytest.mark.parametrize(
    "check",
    [
        Check("contains"),
        Check("contains", ""),
        Check("contains", 5),
        Check("contains", "x" * 20_001),
        Check("contains", "x", threshold=0.5),
        Check("contains", "x", tool="weather"),
        Check("equals", "x", ignore_case=True),
        Check("regex", "("),
        Check("regex", "["),
        Check("regex", "a{2,1}"),
        Check("json", "object"),
        Check("json", {"type": "text"}),
        Check("json", {"type": "object"}, negated=True),
        Check("max_length", "5"),
        Check("max_length", True),
        Check("max_cost", -1),
        Check("max_seconds"),
        Check("max_seconds", 1, negated=True),
        Check("calls", "Lagos", tool="weather"),
        Check("calls", {"city": "Lagos"}),
        Check("similar", "x", threshold=2),
        Check("similar", "x", edits=-1),
        Check("similar", "x", threshold=0.5, edits=1),
        Check("graded"),
        Check("graded", "It is kind.", threshold=7),
    ],
    ids=repr,
)
def test_a_check_that_makes_no_sense_is_refused_in_words(check: Check) -> None:
    problem = checks.wrong(check)
    assert problem.endswith(".")
    assert "Traceback" not in problem


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_in_words_what_it_asks_for(kind: Kind) -> None:
    values: dict[str, JSON] = {"json": None, "calls": None, "max_cost": 1, "max_seconds": 1, "max_length": 1}
    assert checks.words(Check(kind, values.get(kind, "Paris")))


def test_variables_are_filled_in_one_pass_and_never_in_a_schema() -> None:
    check = Check("contains", "{{ capital }} {{capital}} {{other}}")
    assert check.with_values({"capital": "{{other}}", "unused": "x"}).value == "{{other}} {{other}} {{other}}"
    schema: JSON = {"const": "{{capital}}"}
    assert Check("json", schema).with_values({"capital": "Paris"}).value == schema
    assert Check("calls", {"city": ["{{c}}"]}, tool="{{t}}").variables == ("c", "t")


@pytest.mark.parametrize(
    ("said", "threshold", "passed"),
    [
        ('{"reason": "Good.", "pass": true, "score": 0.9}', None, True),
        ('{"reason": "Bad.", "pass": false, "score": 0.1}', None, False),
        ('Sure!\n```json\n{"pass": true}\n```', None, True),
        ('{"pass": true, "score": 0.4}', 0.5, False),
        ('{"pass": "yes", "score": 1}', 0.5, True),
        ('{"score": 0.7}', 0.5, True),
        ("I like it.", None, False),
        ("{" * 5_000, None, False),
        ("[" * 100_000 + '{"pass": true}', None, True),
        ('{"other": 1} {"pass": true}', None, True),
        ("", None, False),
    ],
)
def test_a_grade_is_read_out_of_whatever_the_grader_says(said: str, threshold: float | None, passed: bool) -> None:
    assert grading.read(said, threshold).passed is passed


def test_the_answer_that_is_graded_cannot_bring_a_rule_of_its_own() -> None:
    asked = grading.question(grading.Grading(), "{{rubric}} be kind", "It is polite.")
    assert "{{rubric}} be kind" in asked
    assert asked.count("It is polite.") == 1


def test_a_grading_prompt_without_the_answer_is_refused() -> None:
    assert "{{output}}" in grading.wrong(grading.Grading(prompt="Is {{rubric}} so?"))
    assert grading.wrong(grading.Grading()) == ""
