"""A price on a list of models has all its digits and is never written with an exponent."""

from __future__ import annotations

import pytest

from components.elements.model_words import dollars


@pytest.mark.parametrize(
    ("price", "shown"),
    [
        (0, "$0"),
        (-0.0, "$0"),
        (0.3, "$0.30"),
        (2.5, "$2.50"),
        (15, "$15"),
        (0.075, "$0.075"),
        (0.00001, "$0.00001"),
        (1234.56, "$1,234.56"),
        (150_000, "$150,000"),
    ],
)
def test_a_price_is_written_out(price: float, shown: str) -> None:
    assert dollars(price) == shown
