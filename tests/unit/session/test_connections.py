"""Which typed addresses are none, and what is said of each."""

from __future__ import annotations

import pytest

from components.session.connections import address_problem
from components.session.words import KEY_IN_ADDRESS, NOT_AN_ADDRESS


@pytest.mark.parametrize(
    "typed", [" ", "nonsense", "http://", "localhost:1", "ftp://a.example", "http://a b/v1", "http://[::1"]
)
def test_what_is_no_address_is_said_to_be_none(typed: str) -> None:
    assert address_problem(typed) == NOT_AN_ADDRESS


@pytest.mark.parametrize(
    "typed",
    [
        *("https://evil@a.example", "http://me:pw@host/v1", "http://:pw@host/v1"),
        *(f"https://x.example/v1?{name}=sk-1" for name in ("key", "api_key", "token", "sig")),
    ],
)
def test_a_name_a_password_or_a_key_in_an_address_is_refused(typed: str) -> None:
    assert address_problem(typed) == KEY_IN_ADDRESS


@pytest.mark.parametrize("typed", ["", "https://x.example/v1", "https://x.example/v1?api-version=2"])
def test_an_address_and_an_empty_field_are_fine(typed: str) -> None:
    assert address_problem(typed) == ""
