"""Suites of promptfoo: what is plain data is taken over, everything else is named, and nothing of a file is run."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import requests

from backend.compare.lane_settings import Overrides
from backend.compare.suite import yaml_text
from backend.compare.suite.check import Check
from backend.compare.suite.grading import Grading
from backend.compare.suite.promptfoo import reading, templates, writing
from backend.compare.suite.promptfoo.assertions import assertion_of, calling, check_of
from backend.compare.suite.suite import ROWS, Row, Suite, plan
from backend.types import JSON, Tool
from backend.untrusted import Unreadable

TOOL = Tool("weather", "", {"type": "object", "properties": {}})
SUITE = Suite(
    "Capitals",
    "Say {{country}} {% for %} {{ 1 + 1 }} {{'x'}}",
    (Row({"country": "Peru"}, (Check("equals", "a {# b"),), "Andes"), Row({"country": "Chad"})),
    (Check("contains", "{{country}}", ignore_case=True), Check("graded", "Kind.", threshold=0.5)),
    (
        Overrides(model="m", parameters={"temperature": 0.5, "top_p": 0.9}, system_prompt="Be brief."),
        Overrides(model="n", system_prompt="Be long."),
    ),
    (TOOL,),
    Grading("grader", "{{output}} and {{rubric}}"),
)

PAIRS: list[tuple[dict[str, JSON], Check]] = [
    ({"type": "contains", "value": "Paris"}, Check("contains", "Paris")),
    ({"type": "not-contains", "value": "Paris"}, Check("contains", "Paris", negated=True)),
    ({"type": "icontains", "value": "{{x}}"}, Check("contains", "{{x}}", ignore_case=True)),
    ({"type": "equals", "value": "Paris"}, Check("equals", "Paris")),
    ({"type": "regex", "value": "^a$"}, Check("regex", "^a$")),
    ({"type": "not-regex", "value": "^a$"}, Check("regex", "^a$", negated=True)),
    ({"type": "regex", "value": "^[\\s\\S]{0,1000000}$"}, Check("max_length", 1_000_000)),
    ({"type": "is-json"}, Check("json")),
    ({"type": "not-is-json"}, Check("json", negated=True)),
    ({"type": "is-json", "value": {"type": "object"}}, Check("json", {"type": "object"})),
    ({"type": "cost", "threshold": 0.01}, Check("max_cost", 0.01)),
    ({"type": "latency", "threshold": 1500.0}, Check("max_seconds", 1.5)),
    ({"type": "levenshtein", "value": "Paris", "threshold": 3}, Check("similar", "Paris", edits=3)),
    ({"type": "llm-rubric", "value": "Is kind.", "threshold": 0.5}, Check("graded", "Is kind.", threshold=0.5)),
    ({"type": "is-valid-openai-tools-call"}, Check("calls")),
    ({"type": "is-json", "value": calling("weather")}, Check("calls", tool="weather")),
]


@pytest.mark.parametrize(("assertion", "check"), PAIRS, ids=lambda value: repr(value)[:50])
def test_a_check_and_its_assertion_become_each_other(assertion: dict[str, JSON], check: Check) -> None:
    assert check_of(assertion) == [check]
    assert assertion_of(check) == assertion


@pytest.mark.parametrize(
    ("assertion", "checks"),
    [
        ({"type": "contains", "value": 5}, [Check("contains", "5")]),
        ({"type": "equals", "value": True}, [Check("equals", "true")]),
        ({"type": "equals", "value": {"a": 1}}, [Check("json", {"const": {"a": 1}})]),
        ({"type": "contains-all", "value": "a, b"}, [Check("contains", "a"), Check("contains", "b")]),
        ({"type": "contains-any", "value": ["a.b", "c"]}, [Check("regex", r"a\.b|c")]),
        ({"type": "not-starts-with", "value": "(a)"}, [Check("regex", r"^\(a\)", negated=True)]),
        ({"type": "is-json", "value": "type: object"}, [Check("json", {"type": "object"})]),
        ({"type": "levenshtein", "value": "a"}, [Check("similar", "a", edits=5)]),
        ({"type": "contains", "value": "a", "metric": "m", "weight": 2}, [Check("contains", "a")]),
    ],
)
def test_an_assertion_without_twin_becomes_an_equal_check(assertion: dict[str, JSON], checks: list[Check]) -> None:
    assert check_of(assertion) == checks


@pytest.mark.parametrize(
    "assertion",
    [
        {"type": "javascript", "value": "output.length < 5"},
        {"type": "python", "value": "print(1)"},
        {"type": "not-javascript", "value": "true"},
        {"type": "webhook", "value": "http://127.0.0.1/"},
        {"type": "contains", "value": "file://secret.txt"},
        {"type": "contains", "value": "package:evil:run"},
        {"type": "contains-all", "value": ["ok", "file://x"]},
        {"type": "contains", "value": "{{ x | upper }}"},
        {"type": "contains", "value": "{{ env.HOME }}"},
        {"type": "contains", "value": "{% include 'x' %}"},
        {"type": "contains", "value": "a", "transform": "process.exit()"},
        {"type": "contains", "value": "a", "weight": 0},
        {"type": "contains", "value": "a", "script": 1},
        {"type": "contains"},
        {"type": "contains-any", "value": ["{{x}}"]},
        {"type": "is-json", "value": "file://schema.json"},
        {"type": "is-json", "value": "a: &a [*a]"},
        {"type": "similar", "value": "Paris", "threshold": 0.8},
        {"type": "assert-set", "assert": []},
        {"type": "cost"},
        {"type": 5},
        {},
    ],
    ids=lambda value: repr(value)[:50],
)
def test_an_assertion_without_a_counterpart_is_named_with_its_reason(assertion: dict[str, JSON]) -> None:
    assert isinstance(check_of(assertion), str)
    text = yaml_text.dump(
        {"prompts": ["x {{x}}"], "providers": [], "tests": [{"vars": {"x": "1"}, "assert": [assertion]}]}
    )
    suite, left_out = reading.read(text)
    assert suite.rows == (Row({"x": "1"}),)
    assert any("tests[0].assert[0]" in words for words in left_out)


def test_an_exported_suite_is_imported_unchanged() -> None:
    text, lost = writing.config_file(SUITE, "m")
    assert lost == ()
    suite, left_out = reading.read(text)
    assert (suite, left_out) == (SUITE, ())


@pytest.mark.parametrize(
    ("suite", "words"),
    [
        (Suite("", "x", (Row(),), (Check("similar", "a", threshold=0.5),)), "say edits"),
        (Suite("", "x", (Row(),), (Check("calls", {"city": "Lima"}, tool="weather"),)), "arguments of a call"),
        (Suite("", "x", (Row(),), (Check("contains", "file:///etc/passwd"),)), "reference"),
        (Suite("", "x", (Row({"a": "file:///etc/passwd"}),), ()), "the row is left out"),
        (Suite("", "x", (Row({"a": "{{ env.HOME }}"}),), ()), "the row is left out"),
    ],
)
def test_parts_that_promptfoo_cannot_express_are_named(suite: Suite, words: str) -> None:
    text, lost = writing.config_file(suite, "m")
    assert any(words in told for told in lost)
    assert "passwd" not in text


def config(**more: Any) -> str:
    return yaml_text.dump(
        {"prompts": ["Hi {{x}}"], "providers": ["openai:chat:m"], "tests": [{"vars": {"x": "1"}}], **more}
    )


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"prompts": ["file://p.txt", "Hi {{x}}"]}, "prompts[0]"),
        ({"prompts": ["exec:rm -rf /"]}, "prompts[0]"),
        ({"prompts": ["prompts/one.txt", "Hi {{x}}"]}, "prompts[0]"),
        ({"prompts": ["https://example.com/prompt"]}, "prompts[0]"),
        ({"prompts": [{"id": "file://p.js", "function": "x"}]}, "prompts[0]"),
        ({"prompts": ["{% if x %}a{% endif %}"]}, "prompts[0]"),
        ({"prompts": ["Hi {{x}}", "Other {{x}}"]}, "prompts[1]"),
        ({"prompts": ['[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]']}, "prompts[0]"),
        ({"providers": ["exec:python run.py"]}, "providers[0]"),
        ({"providers": ["file://provider.js", "python:x.py"]}, "providers[1]"),
        ({"providers": ["https://example.com"]}, "providers[0]"),
        ({"providers": [{"id": "openai:chat:m", "config": {"apiKey": "sk-x"}}]}, "config.apiKey"),
        ({"providers": [{"id": "openai:chat:m", "config": {"apiBaseUrl": "http://evil"}}]}, "config.apiBaseUrl"),
        ({"providers": [{"id": "openai:chat:m", "config": {"temperature": "hot"}}]}, "temperature"),
        ({"providers": [{"id": "openai:chat:m", "transform": "x"}]}, "transform"),
        ({"providers": [{"id": "openai:chat:m", "config": {"tools": "file://t.json"}}]}, "tools"),
        ({"providers": ["openai:chat:m"] * 7}, "7 lanes"),
        ({"tests": "file://tests.csv"}, "tests"),
        ({"tests": ["file://a.yaml"]}, "tests[0]"),
        ({"tests": [{"vars": "file://v.yaml"}]}, "tests[0]"),
        ({"tests": [{"vars": {"x": "file://x.py"}}]}, "tests[0]"),
        ({"tests": [{"vars": {"x": ["1", "2"]}}]}, "tests[0]"),
        ({"tests": [{"vars": {"x": "{{ y }}"}}]}, "tests[0]"),
        ({"tests": [{"vars": {"x": "1"}, "options": {"transform": "output.x"}}]}, "tests[0]"),
        ({"tests": [{"vars": {"x": "1"}, "threshold": 0.5}]}, "tests[0]"),
        ({"defaultTest": "file://d.yaml"}, "defaultTest"),
        ({"defaultTest": {"options": {"rubricPrompt": "file://r.txt"}}}, "rubricPrompt"),
        ({"defaultTest": {"options": {"provider": "exec:x"}}}, "options.provider"),
        ({"defaultTest": {"options": {"transform": "x"}}}, "options.transform"),
        ({"scenarios": []}, "scenarios"),
        ({"extensions": ["file://hook.js:run"]}, "extensions"),
        ({"nunjucksFilters": {"x": "./f.js"}}, "nunjucksFilters"),
        ({"env": {"X": "1"}}, "env"),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_what_promptfoo_would_run_or_fetch_is_only_named(
    given: dict[str, JSON], where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("a file may not cause this")

    for owner, name in ((subprocess, "Popen"), (requests.Session, "send"), (Path, "open"), (Path, "read_text")):
        monkeypatch.setattr(owner, name, never)
    monkeypatch.setattr("builtins.open", never)
    suite, left_out = reading.read(config(**given))
    assert any(where in words for words in left_out)
    assert "file:" not in repr(suite) and "exec:" not in repr(suite) and "evil" not in repr(suite)


def test_variables_and_checks_of_every_test_are_taken_over() -> None:
    suite, left_out = reading.read(
        config(
            defaultTest={"vars": {"y": 2}, "assert": [{"type": "contains", "value": "{{y}}"}]},
            prompts=[{"raw": '[{"role":"system","content":"S {{y}}"},{"role":"user","content":"Hi {{x}}"}]'}],
            providers=[{"openai:m": {"config": {"temperature": 0.5}}}, {"id": "openrouter:a/b"}],
        )
    )
    assert left_out == ()
    assert (suite.prompt, suite.rows) == ("Hi {{x}}", (Row({"x": "1", "y": "2"}),))
    assert [(lane.model, lane.system_prompt, dict(lane.parameters)) for lane in suite.lanes] == [
        ("m", "S {{y}}", {"temperature": 0.5}),
        ("a/b", "S {{y}}", {}),
    ]
    assert plan(suite).cases[0].checks == (Check("contains", "2"),)


@pytest.mark.parametrize("text", ["", "[]", "a: 1", "prompts: [x]", "tests: []"])
def test_a_file_that_is_no_configuration_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        reading.read(text)


def test_two_thousand_tests_are_the_most() -> None:
    with pytest.raises(Unreadable, match="2,000 is the most"):
        reading.read(config(tests=[{}] * (ROWS + 1)))


@pytest.mark.parametrize(
    "text", ["{{x}}", "{{ x }} {{ y.z }} {% a %} {# b #}", "}} {{", '{{ "{{" }}', "{{{x}}}", "{{{{x}}}}"]
)
def test_marks_of_templates_in_a_text_of_ours_are_literals_there_and_come_back(text: str) -> None:
    given = templates.to_template(text)
    assert templates.problem(given) == ""
    assert templates.from_template(given) == text
