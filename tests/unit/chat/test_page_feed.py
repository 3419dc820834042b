"""What the page feeds to the view can be put together again, also by a browser that gets only the newest pieces."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.transport.exchange import Exchange
from components.chat import page_feed
from components.chat.page_feed import _Part, waiting


class Place:
    """A hidden place of the page: it holds what was written last."""

    def __init__(self) -> None:
        self.content = ""

    def text(self, content: str) -> None:
        self.content = content


class Area:
    """Makes places, as a container of Streamlit's does."""

    def __init__(self) -> None:
        self.places: list[Place] = []

    def empty(self) -> Place:
        self.places.append(Place())
        return self.places[-1]

    def joined(self, known: str = "") -> str:
        """What the view has after reading every place once (components/view/src/transcript/feed.js)."""
        for place in self.places:
            if place.content:
                _, _, offset, text = json.loads(place.content)
                assert offset <= len(known), "a gap"
                known = known[:offset] + text if offset + len(text) > len(known) else known
        return known


@given(st.lists(st.text(max_size=40), max_size=30), st.data())
def test_no_character_is_lost_however_rarely_the_browser_reads(pieces: list[str], data: Any) -> None:
    area, text, known = Area(), "", ""
    part = _Part(area, "7", "text")  # type: ignore[arg-type]
    before, page_feed.PIECE = page_feed.PIECE, 10
    try:
        for piece in pieces:
            text += piece
            part.grow(text)
            if data.draw(st.booleans()):
                known = area.joined(known)
        assert area.joined(known) == area.joined() == text
    finally:
        page_feed.PIECE = before


def test_a_long_text_is_not_sent_again_and_again() -> None:
    area, sent = Area(), 0
    part = _Part(area, "7", "text")  # type: ignore[arg-type]
    for length in range(0, 20_000, 20):
        part.grow("x" * length)
        sent += len(area.places[-1].content) if area.places else 0
    assert sent < 20_000 / 20 * (page_feed.PIECE + 40)
    assert len(area.places) == 10


def test_a_state_takes_the_place_of_the_one_before() -> None:
    area = Area()
    part = _Part(area, "7", "state")  # type: ignore[arg-type]
    for words in ("Waiting", "Waiting for 4 s", "Waiting for 4 s", ""):
        part.put(words)
    assert [json.loads(place.content) for place in area.places] == [["7", "state", 0, ""]]


@pytest.mark.parametrize(
    ("url", "waited", "words"),
    [
        ("http://192.168.1.20:11434/v1/chat/completions", 12, "for 12 s: the model may be loading"),
        ("http://192.168.1.20:11434/v1/chat/completions", 5, "for 5 s"),
        ("https://api.aimlapi.com/v1/chat/completions", 12, "for 12 s"),
    ],
)
def test_a_silent_server_near_by_may_be_loading_its_model(url: str, waited: int, words: str) -> None:
    turn = SimpleNamespace(
        notice=None, elapsed=float(waited), call=SimpleNamespace(exchanges=[Exchange("", url, {})])
    )
    assert waiting(turn) == f"Waiting for the first word {words}"  # type: ignore[arg-type]
