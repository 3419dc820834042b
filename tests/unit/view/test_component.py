"""What comes back from the view is looked at before it is believed."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from components.view import component
from components.view.component import Footer, Item, acted


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


@pytest.mark.parametrize(("copied", "sent"), [("Four.", None), ("I will not.", "I will not."), (None, None)])
def test_a_text_goes_to_the_browser_once_with_what_is_copied(
    copied: str | None, sent: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[bytes] = []
    mounted: Callable[..., None] = lambda **arguments: drawn.append(arguments["data"])  # noqa: E731
    monkeypatch.setattr(component, "_component", lambda: mounted)
    component.draw(
        [Item("1", "assistant", "Answer", "Four.", footer=Footer(copied=copied))], "k", print, conversation="c"
    )
    (item,) = json.loads(drawn[0])["items"]
    assert (item["text"], item["footer"]["copied"]) == ("Four.", sent)
