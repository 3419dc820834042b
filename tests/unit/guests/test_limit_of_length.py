"""A guest's answer has a limit of length in a field that the format reads, whatever else is in the request."""

from __future__ import annotations

from typing import Any

import pytest
from basics import ask

from backend.answer.cost import Price
from backend.catalog import ModelInfo
from backend.guests.meter import Meter
from backend.guests.terms import LENGTHS, GuestPolicy, fitted
from backend.protocol import dialects, wire
from backend.types import ChatRequest

TERMS = GuestPolicy(max_tokens=100)
READ = {"chat": LENGTHS[:2], "messages": LENGTHS[:1], "responses": LENGTHS[2:]}
PATHS = {"chat": "chat/completions", "messages": "messages", "responses": "responses"}
CASES = [(format_, name) for format_, read in READ.items() for name in LENGTHS if name not in read]


def asked(format_: str, where: str, fields: dict[str, Any]) -> ChatRequest:
    dialect = dialects.choose("m", f"https://x.test/v1/{PATHS[format_]}")
    if where == "raw":
        return ask(raw={"model": "m", "messages": [], **fields}, dialect=dialect)
    return ask(dialect=dialect, **{where: fields})


def lengths(request: ChatRequest, model: ModelInfo | None = None) -> dict[str, Any]:
    body = wire.payload(fitted(request, TERMS, model))
    return {name: value for name, value in body.items() if name in LENGTHS}


@pytest.mark.parametrize("where", ["extra", "raw"])
@pytest.mark.parametrize(("format_", "name"), CASES)
def test_a_length_that_the_format_does_not_read_is_no_limit(format_: str, name: str, where: str) -> None:
    request = asked(format_, where, {name: 1})
    assert lengths(request) == {READ[format_][0]: 100}
    assert Meter(fitted(request, TERMS), Price()).worst.tokens > 100, "and as much is set aside"


@pytest.mark.parametrize("where", ["extra", "raw"])
@pytest.mark.parametrize(("format_", "name"), CASES)
def test_beside_one_that_it_reads_it_is_left_out(format_: str, name: str, where: str) -> None:
    read = READ[format_][0]
    assert lengths(asked(format_, where, {name: 1, read: 50})) == {read: 50}
    assert lengths(asked(format_, where, {name: 1, read: 5_000})) == {read: 100}


@pytest.mark.parametrize("format_", READ)
def test_a_control_and_extra_json_together_stay_within_the_limit(format_: str) -> None:
    for extra in ({name: value} for name in LENGTHS for value in (1, 60, 9_000, None)):
        dialect = dialects.choose("m", f"https://x.test/v1/{PATHS[format_]}")
        sent = lengths(ask(parameters={"max_tokens": 50}, extra=extra, dialect=dialect))
        assert set(sent) <= set(READ[format_]) and sent, (extra, sent)
        assert all(1 <= value <= 100 for value in sent.values()), (extra, sent)


def test_chat_completions_read_two_and_both_have_the_limit() -> None:
    both = {"max_tokens": 5_000, "max_completion_tokens": 7}
    assert lengths(asked("chat", "extra", both)) == {"max_tokens": 100, "max_completion_tokens": 7}


def test_a_length_that_the_models_schema_does_not_list_is_no_limit_either() -> None:
    model = ModelInfo("m", parameters=frozenset({"max_tokens"}))
    assert lengths(asked("chat", "extra", {"max_completion_tokens": 1}), model) == {"max_tokens": 100}
