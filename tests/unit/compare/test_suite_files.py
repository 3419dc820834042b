"""Files of suites: what is read is what was written, and what is hostile or unknown is refused in words."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.compare.lane_settings import Overrides
from backend.compare.suite import file, rows, yaml_text
from backend.compare.suite.check import Check
from backend.compare.suite.grading import PROMPT, Grading
from backend.compare.suite.suite import ROWS, Row, Suite, SuiteRefused, plan
from backend.types import JSON, Tool
from backend.untrusted import Unreadable

PARIS = Row({"country": "France", "capital": "Paris"})
SUITE = Suite(
    "Capitals",
    "What is the capital of {{country}}?",
    (PARIS, Row({"country": "Nigeria", "capital": "Abuja"}, (Check("max_length", 40),), "Africa")),
    (Check("contains", "{{capital}}", ignore_case=True), Check("json", {"type": "object"}), Check("max_cost", 0.5)),
    (Overrides(model="m", parameters={"temperature": 0.5}, system_prompt="no: yes\n'\"#"), Overrides()),
    (Tool("weather", "About the weather.", {"type": "object", "properties": {}}),),
    Grading("grader", PROMPT + "\nBe strict."),
)

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t"), max_size=30)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=10,
)


def test_a_suite_is_read_as_it_was_written() -> None:
    assert file.read(file.dump(SUITE)) == SUITE


@given(VALUES)
def test_every_value_is_read_as_it_was_written(value: JSON) -> None:
    assert yaml_text.parsed(yaml_text.dump(value)) == value


@pytest.mark.parametrize("word", ["yes", "on", "12:30", "2026-01-01", "1_000", "1e3x", ".inf", "0o9", "=", "~x"])
def test_a_word_is_what_yaml_of_today_reads_in_it(word: str) -> None:
    assert yaml_text.parsed(f"a: {word}") == {"a": word}
    assert yaml_text.parsed(yaml_text.dump(word)) == word


@pytest.mark.parametrize(
    ("word", "value"),
    [("~", None), ("", None), ("true", True), ("12", 12), ("0x1F", 31), ("0o17", 15), ("1e3", 1000.0), ("010", 10)],
)
def test_a_word_that_is_no_text_is_a_value(word: str, value: JSON) -> None:
    assert yaml_text.parsed(f"a: {word}") == {"a": value}


BOMB = "a: &a [x,x]\n" + "".join(
    f"{chr(98 + at)}: &{chr(98 + at)} [*{chr(97 + at)},*{chr(97 + at)}]\n" for at in range(20)
)


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        "a: &x 1",
        "a: *x",
        "<<: {a: 1}",
        "!!python/object/apply:os.system ['true']",
        "a: !!python/name:os.system ''",
        "a: !!binary aGk=",
        "a: !mine 1",
        "%TAG ! tag:yaml.org,2002:\n---\na: !int 1",
        "a: 1\na: 2",
        "? [a]\n: 1",
        "a: 1\n---\nb: 2",
        "a: [1",
        "a: 'x",
        "\t- a",
        "[" * 100_000,
        "- " * 100_000,
        "{a: " * 90,
        "x" * 1_000_001,
        "[" + "1," * 400_000 + "]",
        b"\xff\xfe\xff",
        "a: \x00",
    ],
    ids=lambda text: repr(text)[:30],
)
def test_yaml_that_is_hostile_or_broken_is_refused_in_words_and_at_once(text: str | bytes) -> None:
    began = time.monotonic()
    with pytest.raises(Unreadable) as refused:
        yaml_text.parsed(text)
    assert str(refused.value).endswith(".")
    assert time.monotonic() - began < 30  # not a measurement: it is not for ever


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1", "not a suite"),
        ("[]", "not a suite"),
        ("", "not a suite"),
        ("format: llm-playground/suite\nversion: 9", "newer"),
        ("format: llm-playground/suite\nscript: x", "script"),
        ("format: llm-playground/suite\nchecks: [{check: haiku}]", "haiku is no check"),
        ("format: llm-playground/suite\nchecks: [{check: contains, values: x}]", "values"),
        ("format: llm-playground/suite\nchecks: [{check: similar, value: x, edits: few}]", "numbers"),
        ("format: llm-playground/suite\nchecks: [contains]", "Suite, check 1".lower()),
        ("format: llm-playground/suite\nrows: [{variables: {a b: 1}}]", "no name of a variable"),
        ("format: llm-playground/suite\nlanes: [{parameters: {temperature: hot}}]", "temperature"),
        ("format: llm-playground/suite\nlanes: [{api_key: x}]", "api_key"),
        ("format: llm-playground/suite\ntools: [{}]", "no name"),
        (f"format: llm-playground/suite\nrows: [{'{},' * (ROWS + 1)}]", "2,000 is the most"),
    ],
)
def test_an_unknown_field_of_a_suite_is_named(text: str, words: str) -> None:
    with pytest.raises(Unreadable) as refused:
        file.read(text)
    assert words in str(refused.value).replace("Suite, check 1", "suite, check 1")


@pytest.mark.parametrize(
    ("suite", "words"),
    [
        (Suite(rows=(PARIS,), checks=(Check("json"),)), "no prompt"),
        (Suite(prompt="Hello", checks=(Check("json"),)), "no rows"),
        (Suite(prompt="Hello", rows=(PARIS,)), "no checks"),
        (
            Suite(prompt="{{river}}", rows=(PARIS,), checks=(Check("json"),)),
            "Row 1: the variable river has no value",
        ),
        (Suite(prompt="x", rows=(PARIS,), checks=(Check("equals", "{{river}}"),)), "river"),
        (
            Suite(
                prompt="x", rows=(PARIS,), checks=(Check("json"),), lanes=(Overrides(system_prompt="{{river}}"),)
            ),
            "river",
        ),
        (
            Suite(prompt="x", rows=(PARIS, Row({}, (Check("regex", "("),))), checks=(Check("json"),)),
            "Row 2: the check regex",
        ),
        (Suite(prompt="x", rows=(Row({"p": "("}),), checks=(Check("regex", "{{p}}"),)), "no regular expression"),
        (Suite(prompt="x", rows=(PARIS,) * (ROWS + 1), checks=(Check("json"),)), "2,000 is the most"),
        (Suite(prompt="x", rows=(PARIS,), checks=(Check("json"),), lanes=(Overrides(),) * 7), "6 is the most"),
        (Suite(prompt="x", rows=(PARIS,), checks=(Check("json"),) * 51), "50 is the most"),
        (
            Suite(prompt="x", rows=(PARIS,), checks=(Check("graded", "ok"),), grading=Grading(prompt="?")),
            "{{output}}",
        ),
    ],
)
def test_a_suite_that_cannot_be_run_is_refused_before_anything_is_asked(suite: Suite, words: str) -> None:
    with pytest.raises(SuiteRefused) as refused:
        plan(suite)
    assert words in str(refused.value)


def test_a_plan_has_every_row_filled_in_and_tells_equal_rows_apart() -> None:
    made = plan(Suite("s", "Capital of {{country}}?", (PARIS, PARIS), (Check("contains", "{{capital}}"),)))
    assert [case.question for case in made.cases] == ["Capital of France?"] * 2
    assert made.cases[0].checks == (Check("contains", "Paris"),)
    assert made.cases[0].key != made.cases[1].key


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"country,capital\nFrance,Paris\n"),
        ("a.csv", b"\xef\xbb\xbfcountry;capital\r\nFrance;Paris\r\n\r\n"),
        ("a.tsv", b"country\tcapital\nFrance\tParis"),
        ("a.csv", "country,capital\nFrance,Paris".encode("utf-16")),
        ("a.jsonl", b'{"country": "France", "capital": "Paris"}\n\n'),
        ("", b'{"country": "France", "capital": "Paris"}'),
    ],
)
def test_rows_come_from_a_table_or_from_lines_of_json(name: str, content: bytes) -> None:
    assert rows.read(content, name) == (PARIS,)


def test_a_cell_of_a_table_may_hold_lines_and_what_is_no_text_is_written_as_json() -> None:
    (first,) = rows.read(b'a,b\n"x\ny, ""z""",=1+1\n', "a.csv")
    assert first.variables == {"a": 'x\ny, "z"', "b": "=1+1"}
    (second,) = rows.read(b'{"a": 1, "b": null, "c": ["x"]}', "a.jsonl")
    assert second.variables == {"a": "1", "b": "null", "c": '["x"]'}


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "no rows"),
        ("a.csv", b"a,b\n", "no rows"),
        ("a.csv", b"a,b\n1", "Row 1: 1 values"),
        ("a.csv", b"a,b\n1,2\n1,2,3", "Row 2: 3 values"),
        ("a.csv", b"a,a\n1,2", "same name"),
        ("a.csv", b"a,\n1,2", "without a name"),
        ("a.csv", b"a b\n1", '"a b" is no name'),
        ("a.csv", b'a\n"x', "not CSV"),
        ("a.csv", b"\xff\xff\xff", "UTF-8"),
        ("a.csv", b"a\n" + b"1\n" * (ROWS + 1), "more than 2,000"),
        ("a.csv", b",".join(b"a%d" % n for n in range(101)) + b"\n", "more than 100 columns"),
        ("a.jsonl", b'{"a": 1}\n{', "Row 2: this is not JSON"),
        ("a.jsonl", b"[1]", "Row 1: this is no object"),
        ("a.jsonl", b'{"a-b": 1}', "no name of a variable"),
        ("a.jsonl", b'{"a":' + b"[" * 5_000, "not JSON"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_in_words(name: str, content: bytes, words: str) -> None:
    with pytest.raises(Unreadable) as refused:
        rows.read(content, name)
    assert words in str(refused.value)
