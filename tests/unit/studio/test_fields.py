"""Values of a form's fields from elsewhere than their widgets: a draft that a browser returns, a repeated run."""

from __future__ import annotations

import pytest

from backend.studio.fields import Field


def test_an_integer_of_hundreds_of_digits_is_refused_with_a_sentence() -> None:
    with pytest.raises(ValueError, match="must be a number"):
        Field("seed", {"type": "integer"}).parse(10**400)


def test_an_integer_that_no_float_holds_is_sent_to_the_last_digit() -> None:
    assert Field("seed", {"type": "integer"}).parse(2**60 + 1) == 2**60 + 1


def test_a_choice_is_sent_as_the_schema_writes_it_and_not_as_a_value_that_equals_it() -> None:
    parsed = [Field("n", {"type": "integer", "enum": [1, 4]}).parse(value) for value in (4.0, True)]
    assert [(value, type(value)) for value in parsed] == [(4, int), (1, int)]
