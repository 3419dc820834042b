"""A guest's picture costs what a picture costs, in each form that the formats have for it."""

from __future__ import annotations

from typing import Any

import pytest

from backend.guests.token_bounds import PICTURE, least_prompt_tokens, prompt_tokens
from backend.protocol import dialects, wire
from backend.types import ChatRequest, Media, Message

DATA = "A" * 900_000
LINK = "data:image/png;base64," + DATA


@pytest.mark.parametrize("path", ["chat/completions", "messages", "responses"])
def test_a_picture_is_one_in_every_format(path: str) -> None:
    question = Message("user", "Hi", media=(Media("image", LINK, detail="low"),))
    dialect = dialects.choose("m", f"https://x.test/v1/{path}")
    body = wire.payload(ChatRequest("m", (question,), dialect=dialect))
    assert PICTURE <= prompt_tokens(body) < PICTURE + 60
    assert least_prompt_tokens(body) < 5


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": LINK}},
        {"type": "image_url", "image_url": LINK},
        {"type": "input_image", "image_url": LINK},
        {"type": "input_image", "image_url": "https://a.example/" + "b" * 500},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": DATA}},
        {"type": "image", "source": {"type": "url", "url": "https://a.example/b.png"}},
        {"type": "tool_result", "tool_use_id": "1",
         "content": [{"source": {"type": "base64", "media_type": "image/webp", "data": DATA}}]},
    ],
)  # fmt: skip
def test_each_way_of_writing_a_picture_is_one(part: dict[str, Any]) -> None:
    body: dict[str, Any] = {"messages": [{"role": "user", "content": [part]}]}
    assert PICTURE <= prompt_tokens(body) < PICTURE + 60
    assert least_prompt_tokens(body) < 5


@pytest.mark.parametrize("media_type", ["application/pdf", "text/plain", None, 7])
def test_data_that_are_no_picture_count_by_their_size(media_type: object) -> None:
    source: dict[str, Any] = {"type": "base64", "media_type": media_type, "data": DATA}
    assert prompt_tokens({"messages": [{"role": "user", "content": [{"source": source}]}]}) > 15_000


def test_text_beside_the_data_of_a_picture_counts_as_text() -> None:
    source: dict[str, Any] = {"type": "base64", "media_type": "image/png", "data": DATA, "text": "x" * 30_000}
    body: dict[str, Any] = {"messages": [{"role": "user", "content": [{"source": source}]}]}
    assert prompt_tokens(body) > 10_000 and least_prompt_tokens(body) > 7_000
