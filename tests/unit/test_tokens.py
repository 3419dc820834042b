"""How many tokens a text is, without anybody's tokenizer."""

from __future__ import annotations

import json

import pytest
from basics import ROOT
from hypothesis import given
from hypothesis import strategies as st

from backend.tokens import tokens

# Texts with the counts of two tokenizers, which few models share: the estimate has to be about what lies between.
TEXTS = [json.loads(row) for row in (ROOT / "tests/data/token_counts.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("row", TEXTS, ids=lambda row: row["kind"])
def test_a_text_of_any_script_is_estimated_within_a_quarter(row: dict[str, object]) -> None:
    between = float(str(row["o200k_base"])) ** 0.7 * float(str(row["cl100k_base"])) ** 0.3
    assert 0.75 * between < tokens(str(row["text"])) < 1.25 * between


@given(st.text())
def test_any_text_has_a_number_of_tokens(text: str) -> None:
    assert 0 <= tokens(text) <= len(text) * 3 + 1
    assert (tokens(text) == 0) == (text == "")
