"""The title of a call's row: what it was asked and what it answered, in a few words."""

from __future__ import annotations

import json

import pytest

from components.tools.brief import SHORT, brief


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{"amount": 453.60, "currency": "USD", "to": "EUR"}', "453.60 USD, EUR"),
        ('{"number": 1042}', "1042"),
        ('{"city": "Oslo", "in_celsius": true, "night": false}', "Oslo, in celsius, not night"),
        ('{"status": "sent", "days_late": 4}', "sent, days late 4"),
        ('{"rows": [[1], [2]], "total": 7}', "rows (2), total 7"),
        ('{"where": {"x": 1}, "note": "", "by": null}', "where"),
        ("[1, 2]", "1, 2"),
        ('[{"x": 1}]', "(1)"),
        ("true", "true"),
        ('"two\\n words"', "two words"),
        ("Error: it is\nbroken", "Error: it is broken"),
        ("{}", ""),
        ("", ""),
    ],
)
def test_a_json_text_in_a_few_words(text: str, line: str) -> None:
    assert brief(text) == line


def test_a_result_does_not_repeat_what_the_arguments_said() -> None:
    assert brief('{"number": 1042, "late": true}', told='{"number": 1042}') == "late"
    assert brief('{"number": 7, "late": true}', told='{"number": 1042}') == "7, late"
    assert brief('{"late": true}', told="no JSON") == "late"


@pytest.mark.parametrize(
    "text",
    [
        "[" * 3_000,
        "x" * 100_000,
        json.dumps({"a" * 5_000: True}),
        json.dumps({"text": "word " * 500, "more": "word " * 100}),
        json.dumps([["deep"] * 50] * 20),
        '{"n": ' + "9" * 3_000 + "}",
        json.dumps({f"name {place}": place for place in range(200)}),
    ],
)
def test_any_call_is_summed_up_short_on_one_line(text: str) -> None:
    line = brief(text)
    assert 0 < len(line) <= 2 * SHORT + 10 and "\n" not in line
