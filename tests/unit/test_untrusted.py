"""The one reader of JSON from outside: any value goes in, what comes out has the type and the bounds it says."""

from __future__ import annotations

import json
import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend import untrusted
from backend.untrusted import Unreadable

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None))
ANYTHING = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(ANYTHING, st.integers(0, 50))
def test_every_reader_takes_any_value_and_gives_its_own_type(value: object, most: int) -> None:
    assert isinstance(untrusted.string(value), str)
    for words in (untrusted.text(value), untrusted.text(value, most), untrusted.line(value, most)):
        words.encode()  # no lone surrogate is left
        assert "\x00" not in words
    assert len(untrusted.text(value, most)) <= most and len(untrusted.line(value, most)) <= most
    assert untrusted.line(value, most).isprintable()
    for amount in (untrusted.number(value), untrusted.numeral(value)):
        assert amount is None or (isinstance(amount, float) and math.isfinite(amount))
    assert untrusted.one_of(value, ("user", "tool")) in (None, "user", "tool")
    whole = untrusted.integer(value)
    assert whole is None or (isinstance(whole, int) and not isinstance(whole, bool))
    assert isinstance(untrusted.fields(value), dict)
    assert isinstance(untrusted.items(value), list) and len(untrusted.items(value, most)) <= most
    assert all(isinstance(item, dict) for item in untrusted.objects(value, most))


@given(ANYTHING)
def test_a_cleaned_value_is_json_that_every_parser_and_database_takes(value: object) -> None:
    cleaned = untrusted.clean_json(value)
    written = json.dumps(cleaned, allow_nan=False, ensure_ascii=False).encode()
    assert json.loads(written) == cleaned == untrusted.clean_json(cleaned)


@given(st.text() | st.binary())
def test_a_file_is_json_or_unreadable(source: str | bytes) -> None:
    try:
        untrusted.parsed(source, 1000)
    except Unreadable as refused:
        assert str(refused).endswith(".")


@given(ANYTHING)
def test_json_is_parsed_with_and_without_a_byte_order_mark(value: object) -> None:
    written = json.dumps(untrusted.clean_json(value))
    for source in (
        written,
        f"\ufeff{written}",
        written.encode(),
        written.encode("utf-8-sig"),
        written.encode("utf-16"),
    ):
        assert untrusted.parsed(source) == json.loads(written)


@pytest.mark.parametrize(
    ("value", "amount"),
    [(1, 1.0), (0.5, 0.5), (True, None), ("1", None), (math.nan, None), (math.inf, None), (10**400, None)],
)
def test_a_number_is_a_finite_number(value: object, amount: float | None) -> None:
    assert untrusted.number(value) == amount


@pytest.mark.parametrize(
    ("value", "amount"), [("0.002", 0.002), (" 1 ", 1.0), ("1e999", None), ("nan", None), ("", None), (False, None)]
)
def test_a_numeral_may_be_written_as_a_text(value: object, amount: float | None) -> None:
    assert untrusted.numeral(value) == amount


def test_values_that_are_nested_too_deeply_are_cut_and_files_refused() -> None:
    depth = 10_000
    nested: object = 1
    for _ in range(depth):
        nested = [nested]
    kept, levels = untrusted.clean_json(nested), 0
    while isinstance(kept, list):
        kept, levels = kept[0], levels + 1
    assert (kept, levels) == (None, untrusted.DEEPEST)
    with pytest.raises(Unreadable, match="not JSON to read: it is nested more than 100 levels"):
        untrusted.parsed("[" * depth + "]" * depth)
    assert untrusted.parsed("[" * 100 + "]" * 100)
    assert untrusted.parsed(json.dumps("[" * depth)) == "[" * depth, "brackets in a text are no levels"


@pytest.mark.parametrize(
    "hostile", ['"' * 500_000, '"\\' * 500_000, "[" * 1_000_000, "]" * 1_000_000, '\\"' * 500_000]
)
def test_a_hostile_megabyte_is_refused_at_once(hostile: str) -> None:
    began = time.monotonic()
    with pytest.raises(Unreadable):
        untrusted.parsed(hostile)
    assert time.monotonic() - began < 5
