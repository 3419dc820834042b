"""What comes back from the view is looked at before it is believed."""

from __future__ import annotations

import pytest

from components.view.component import acted


def test_a_click_names_an_action_and_a_message() -> None:
    assert acted({"act": {"action": "edit", "message": "1234567890123456789"}}) == ("edit", 1234567890123456789)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "edit",
        {},
        {"act": None},
        {"act": "edit"},
        {"act": {"action": "edit"}},
        {"act": {"action": 1, "message": "1"}},
        {"act": {"action": "edit", "message": 1}},
        {"act": {"action": "edit", "message": "-1"}},
        {"act": {"action": "edit", "message": "1.5"}},
        {"act": {"action": "edit", "message": ""}},
    ],
)
def test_anything_else_is_no_click(value: object) -> None:
    assert acted(value) is None
