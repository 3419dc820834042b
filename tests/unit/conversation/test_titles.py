"""A title that the model writes: one short line out of whatever it says."""

from __future__ import annotations

import pytest
from fake_api import FakeAPI, error, stream

from backend.conversation import titles
from backend.errors import APIError
from backend.keys.endpoint import Endpoint
from backend.transport.client import ChatClient
from backend.types import Message

TALK = [Message("user", "How do I bake bread?"), Message("assistant", "Flour, water, salt, time.")]


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("Baking bread at home", "Baking bread at home"),
        ('"Baking bread."\nI hope this helps!', "Baking bread"),
        ("<think>short?</think>**Title: Bread**", "Title: Bread"),
        ("x" * 500, "x" * titles.LENGTH),
        ("", ""),
    ],
)
def test_a_title_is_one_short_line_whatever_the_model_says(said: str, title: str) -> None:
    with FakeAPI(stream(said)) as api:
        assert titles.suggest(ChatClient(Endpoint(api.url)), "m", TALK) == title
        (message,) = api.asked[0].body["messages"]
        assert "How do I bake bread?" in message["content"]


def test_a_model_that_cannot_be_asked_says_why() -> None:
    with FakeAPI(error(401)) as api, pytest.raises(APIError):
        titles.suggest(ChatClient(Endpoint(api.url)), "m", TALK)
