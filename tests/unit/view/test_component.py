"""What comes back from the view is looked at before it is believed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from components.view import component
from components.view.component import Footer, Item, action_of, mark, reported_marks


def test_a_click_names_an_action_and_a_message() -> None:
    assert action_of({"act": {"action": "edit", "message": "1234567890123456789"}}) == ("edit", 1234567890123456789)


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
    assert action_of(value) is None


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What goes to the browser of each element."""
    sent: list[bytes] = []
    mounted: Callable[..., None] = lambda **arguments: sent.append(arguments["data"])  # noqa: E731
    monkeypatch.setattr(component, "_component", lambda: mounted)
    return sent


def told(drawn: list[bytes], item: Item, **more: Any) -> dict[str, Any]:
    """A message as it goes to the browser."""
    component.draw([item], "k", print, conversation="c", **more)
    (told,) = json.loads(drawn.pop())["items"]
    return dict(told)


ANSWER = Item("1", "assistant", "Answer", "Four. 😀", reasoning="Two and two.")
MARK = mark(ANSWER.reasoning, ANSWER.text)


@pytest.mark.parametrize("copied", ["Four. 😀", None])
def test_a_text_goes_to_the_browser_once_with_what_is_copied(copied: str | None, drawn: list[bytes]) -> None:
    assert told(drawn, replace(ANSWER, footer=Footer(copied=copied)))["footer"] == {}
    assert told(drawn, replace(ANSWER, footer=Footer(copied="No.")))["footer"] == {"copied": "No."}


def test_fields_that_every_message_has_are_left_out_of_it(drawn: list[bytes]) -> None:
    assert told(drawn, Item("1", "user", "Your message", "Hi")) == {
        "id": "1", "role": "user", "label": "Your message", "text": "Hi"
    }  # fmt: skip


def test_a_text_that_the_view_holds_is_named(drawn: list[bytes]) -> None:
    named = told(drawn, replace(ANSWER, footer=Footer(quiet="1 s", copied=ANSWER.text)), held={"1": MARK})
    assert named == {
        "id": "1", "role": "assistant", "label": "Answer", "held": MARK, "footer": {"quiet": "1 s"}
    }  # fmt: skip


@pytest.mark.parametrize(
    "item",
    [
        replace(ANSWER, text="Four, 😀"),
        replace(ANSWER, text="Four. 😀 "),
        replace(ANSWER, reasoning=""),
        replace(ANSWER, text="", reasoning="", part="foot"),
        replace(ANSWER, id="2"),
        replace(ANSWER, running=True),
    ],
)
def test_any_other_text_is_sent_whole(item: Item, drawn: list[bytes]) -> None:
    sent = told(drawn, item, held={"1": MARK})
    assert "held" not in sent and (sent.get("text", ""), sent.get("reasoning", "")) == (item.text, item.reasoning)


def test_a_mark_is_one_for_every_text_there_is() -> None:
    texts = ["", "a", "b", "ab", "ba", "a\0", "\0a", "\ud800", "\udfff", "😀", "x" * 100_000, "x" * 100_001]
    assert len({mark(reasoning, text) for reasoning in texts for text in texts}) > len(texts) ** 2 - 4  # of \0
    assert mark("Hm.", "Four 😀 中 é") == "496d713c.20"  # as components/view/src/transcript/kept.js has it


def test_the_view_tells_what_it_holds() -> None:
    assert reported_marks({"act": {"action": "over", "message": "1", "holds": {"1": MARK, "22": "0.1"}}}) == {
        "1": MARK,
        "22": "0.1",
    }


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {"act": None},
        {"act": {"holds": None}},
        {"act": {"holds": [MARK]}},
        {"act": {"holds": {"1": 5}}},
        {"act": {"holds": {"1": ""}}},
        {"act": {"holds": {"1": f"{MARK} "}}},
        {"act": {"holds": {"-1": MARK}}},
        {"act": {"holds": {1: MARK}}},
        {"act": {"holds": {"1": "f" * 9_000}}},
        {"act": {"holds": {str(number): MARK for number in range(1_000)}}},
    ],
)
def test_anything_else_is_no_text_that_it_holds(value: object) -> None:
    assert reported_marks(value) == {}
