"""Schemas and values made to take all time or memory, to fetch something or to end the program are survived."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from backend.child_process import ChildProcess
from backend.schema import check, lint, validation, worker
from backend.schema.validation import DEEPEST, NO_JSON, NOT_NOW, SCHEMA_LIMIT, TOO_INVOLVED, TOO_MUCH, VALUE_LIMIT

DOUBLING = {f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(40)}


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def wrapped(levels: int, word: str) -> Any:
    schema: Any = {"type": "string"}
    for _ in range(levels):
        schema = {word: schema}
    return schema


@pytest.mark.slow
@pytest.mark.parametrize(
    ("value", "schema"),
    [
        ({}, {"$ref": "#/$defs/a0", "$defs": {**DOUBLING, "a40": {"type": "string"}}}),
        ({}, {"$ref": "#/$defs/a0", "$defs": {**DOUBLING, "a40": {"type": "object"}}}),
        ("x" * 45_000, {"allOf": [{"type": "null"}] * 10_000}),
        ({f"a{n}" + "ab" * 10: n for n in range(3_000)},
         {"patternProperties": {f"(?=(a|b|ab)*{n}x)(\\w+)+$": {} for n in range(1_500)}}),
        ({}, {"$ref": "#/$defs/a0", "$defs": {f"a{n}": {"anyOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 3}
                                              for n in range(40)} | {"a40": {"type": "string"}}}),
        ({}, wrapped(2 * DEEPEST + 1, "not")),
        ({}, {"title": "x" * SCHEMA_LIMIT}),
        ({}, {"maximum": float("nan")}),
        ({}, {"maximum": 10**5_000}),
    ],
    ids=["references that double", "and fit", "mismatches of megabytes", "a million patterns", "alternatives",
         "deep", "long", "not a number", "digits"],
)  # fmt: skip
def test_a_schema_that_asks_for_too_much_is_given_up(value: Any, schema: Any) -> None:
    assert check(value, schema) == [TOO_INVOLVED]
    assert check({"city": "Oslo"}, {"required": ["city"]}) == [], "and the next check is made as ever"


@pytest.mark.parametrize(
    "schema",
    [{"$ref": "#"}, {"allOf": [{"$ref": "#"}, {"$ref": "#"}]}, {"anyOf": [{"$ref": "#"}] * 2, "type": "object"}],
    ids=["itself", "twice itself", "any of itself"],
)
def test_a_reference_to_itself_ends(schema: Any) -> None:
    assert check({}, schema) == []


@pytest.mark.slow
def test_a_check_that_ran_out_of_bounds_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    schema = {"$ref": "#/$defs/a0", "$defs": {**DOUBLING, "a40": {"type": "string", "title": "once"}}}
    assert check({}, schema) == [TOO_INVOLVED]
    monkeypatch.setattr(validation, "ChildProcess", None)
    assert check({}, schema) == [TOO_INVOLVED]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (nested(DEEPEST + 1), TOO_MUCH),
        (nested(20_000), TOO_MUCH),
        ("x" * VALUE_LIMIT, TOO_MUCH),
        (float("nan"), NO_JSON),
        ([float("inf")], NO_JSON),
        (10**5_000, NO_JSON),
    ],
    ids=["deep", "very deep", "long", "nan", "infinite", "digits"],
)
def test_a_value_that_cannot_be_checked_says_why(value: Any, reason: str) -> None:
    assert check(value, {}) == [reason]


def test_half_characters_are_checked_as_one_character() -> None:
    assert check({"\ud800": "\udfff"}, {"additionalProperties": {"maxLength": 1}}) == []
    assert check("\ud83d\ude00", {"maxLength": 1}) == []
    assert check("x", {"const": "\ud800"}) == ['arguments: "x" is not "\ufffd".']


@pytest.mark.parametrize("number", [2**53 + 1, 2**64, -(2**64), 10**400])
def test_large_integers_are_exact(number: int) -> None:
    assert check(number, {"type": "integer", "minimum": number, "maximum": number}) == []
    assert len(check(number, {"maximum": number - 1})) == 1


@pytest.mark.parametrize("pattern", ["(a+)+$", "^(a|a)*$", "(a*)*b", "a*a*a*a*a*a*b", "^(a|aa){2,}$"])
def test_a_pattern_of_endless_ways_is_matched_in_linear_time(pattern: str) -> None:
    assert len(check({"x": "a" * 5_000 + "!"}, {"properties": {"x": {"pattern": pattern}}})) == 1


@pytest.mark.parametrize("pattern", [r"^(a|aa)+\1$(?!x)", r"^(?=(a|aa)+\1c)", r"(?:(?=a)(a|aa))+\1!!"])
def test_a_pattern_that_would_go_back_for_ever_is_given_up_and_forbids_nothing(pattern: str) -> None:
    assert check({"x": "a" * 5_000 + "!"}, {"properties": {"x": {"pattern": pattern}}}) == []


@pytest.mark.parametrize("pattern", ["(a{1000}){1000}", r"(\w{200}){200}", "(" * 3_000, "[" * 3_000, "(?:" * 3_000])
def test_beside_a_pattern_that_would_fill_the_memory_the_rest_is_checked(pattern: str) -> None:
    assert 'arguments: "b" is not an integer.' in check("b", {"pattern": pattern, "type": "integer"})


def test_reasons_are_few_and_short() -> None:
    many = {f"{n}{'n' * 200}": "x" * 500 for n in range(50)}
    reasons = check(many, {"properties": {"y" * 5_000: {}}, "additionalProperties": False})
    assert len(reasons) == worker.MISMATCHES and max(map(len, reasons)) < 3_000
    assert len(check("x", {"enum": ["y" * 3_000] * 60})[0]) < 3_000


def test_the_first_mismatch_of_a_large_value_is_told() -> None:
    rows = [{"a": number} for number in range(20_000)]
    schema = {"items": {"anyOf": [{"type": "string"}, {"required": ["b"]}, {"type": "null"}]}}
    (reason,) = check(rows, schema)
    assert reason.startswith("arguments[0]: fits none of the alternatives")


@pytest.mark.parametrize("word", ["$ref", "$dynamicRef", "$schema", "$id"])
@pytest.mark.parametrize("draft", ["", "http://json-schema.org/draft-07/schema#"])
def test_no_reference_is_ever_fetched(word: str, draft: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/schema.json"
        schema = {"$schema": draft} if draft else {}
        for reference in (
            address,
            address + "#/$defs/a",
            "file:///etc/passwd",
            "other.json",
            "//host/x",
            "#anchor",
            5,
        ):
            part = {"properties": {"x": {word: reference}}}
            assert check({"x": 1}, schema | part) == []
            lint({"name": "a", "description": "b", "parameters": {"type": "object"} | schema | part})
            check({"x": 1}, schema | {word: reference, "properties": {"x": {"$ref": "there.json"}}})
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_checked_value_is_not_checked_again_and_little_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    checker = validation._Checker()
    monkeypatch.setattr(validation, "_checker", checker)
    monkeypatch.setattr(checker, "_start_child", lambda: None)
    monkeypatch.setattr(checker, "_in_time", lambda *given: asked.append(given) or {"reasons": [], "faults": []})
    for number in (*range(validation._KEPT), *range(validation._KEPT), validation._KEPT):
        assert check(number, {}) == []
    assert len(asked) == validation._KEPT + 1 and len(checker._answers) == validation._KEPT


@pytest.mark.slow
def test_many_threads_check_at_once() -> None:
    endless = {"$ref": "#/$defs/a0", "$defs": {**DOUBLING, "a40": {"type": "string", "title": "threads"}}}
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(check, {"a": n}, endless if n == 5 else {"required": ["b"]}) for n in range(40)]
    assert [answer.result() for answer in answers] == [
        [TOO_INVOLVED] if n == 5 else ["b: is required and missing."] for n in range(40)
    ]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there the end of a process does not say who ended it")
@pytest.mark.parametrize("sign", ["SIGKILL", "SIGTERM", "SIGHUP"])
def test_a_check_that_something_else_ended_is_made_again(monkeypatch: pytest.MonkeyPatch, sign: str) -> None:
    with own_checker(monkeypatch) as child:

        def ended(_: object) -> None:
            os.kill(child.pid, getattr(signal, sign))
            assert child.wait(20)

        monkeypatch.setattr(child, "write", ended)
        assert check("x", {"type": "integer"}) == [NOT_NOW]
        assert check("x", {"type": "integer"}) == ['arguments: "x" is not an integer.']


def test_a_check_that_took_too_long_is_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with own_checker(monkeypatch) as child:
        monkeypatch.setattr(child, "write", lambda _: None)
        monkeypatch.setattr(validation, "SECONDS", 0.01)
        assert check("x", {"type": "integer"}) == [TOO_INVOLVED]
        monkeypatch.setattr(validation, "ChildProcess", None)
        assert check("x", {"type": "integer"}) == [TOO_INVOLVED]


@contextlib.contextmanager
def own_checker(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChildProcess]:
    """A checker of the test's own, and its child, which has made a check."""
    checker = validation._Checker()
    monkeypatch.setattr(validation, "_checker", checker)
    assert check({}, {}) == [] and checker._child
    yield checker._child
    checker.close()


def test_a_remembered_answer_does_not_wait_for_another_check(monkeypatch: pytest.MonkeyPatch) -> None:
    with own_checker(monkeypatch), validation._checker._lock, ThreadPoolExecutor(1) as pool:
        assert pool.submit(check, {}, {}).result(20) == []


def test_without_a_process_no_check_is_made_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise BlockingIOError("no more processes")

    monkeypatch.setattr(validation, "_checker", validation._Checker())
    monkeypatch.setattr(validation, "ChildProcess", refuse)
    assert check({}, {}) == [NOT_NOW]
