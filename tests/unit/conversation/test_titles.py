"""A title that the model writes: one short line out of whatever it says."""

from __future__ import annotations

import pytest
from fake_api import FakeAPI, error, reply, stream

from backend.answer.turn import Turn
from backend.conversation import titles
from backend.errors import APIError
from backend.keys.endpoint import PATHS, Endpoint
from backend.protocol.learned import Learned
from backend.transport.client import ChatClient
from backend.types import JSON, Dialect, Message, WireFormat

TALK = [Message("user", "How do I bake bread?"), Message("assistant", "Flour, water, salt, time.")]


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("Baking bread at home", "Baking bread at home"),
        ('"Baking bread."\nI hope this helps!', "Baking bread"),
        ("<think>short?</think>**Title: Bread**", "Bread"),
        ("**Title:** Bread and butter", "Bread and butter"),
        ("Here is a title for it:\n\n“Baking bread”.", "Baking bread"),
        ("```\n# Baking bread\n```", "Baking bread"),
        ("「パンの焼き方」", "パンの焼き方"),
        ("Title：«Хлеб»", "Хлеб"),
        ("Learning C# and .NET", "Learning C# and .NET"),
        ("Rock 'n' roll of the '90s", "Rock 'n' roll of the '90s"),
        (".NET for C#", ".NET for C#"),
        ("x" * 500, "x" * titles.LENGTH),
        ("", ""),
    ],
)
def test_a_title_is_one_short_line_whatever_the_model_says(said: str, title: str) -> None:
    with FakeAPI(stream(said)) as api:
        assert titles.suggest(ChatClient(Endpoint(api.url)), "m", TALK) == title
        (message,) = api.asked[0].body["messages"]
        assert "How do I bake bread?" in message["content"]


def test_the_cost_of_a_title_is_counted() -> None:
    turns: list[Turn] = []
    with FakeAPI(stream("Bread", usage={"prompt_tokens": 9, "completion_tokens": 1, "cost": 0.5})) as api:
        titles.suggest(ChatClient(Endpoint(api.url)), "m", TALK, counted=turns.append)
    assert [turn.message.cost for turn in turns] == [0.5]


def test_a_model_that_cannot_be_asked_says_why() -> None:
    with FakeAPI(error(401)) as api, pytest.raises(APIError):
        titles.suggest(ChatClient(Endpoint(api.url)), "m", TALK)


BLOCKING: dict[WireFormat, dict[str, JSON]] = {
    "chat": {"choices": [{"message": {"role": "assistant", "content": "Bread"}}]},
    "messages": {"type": "message", "role": "assistant", "content": [{"type": "text", "text": "Bread"}]},
    "responses": {
        "object": "response",
        "status": "completed",
        "output": [{"type": "message", "content": [{"type": "output_text", "text": "Bread"}]}],
    },
}


@pytest.mark.parametrize("format_", BLOCKING)
def test_a_title_is_asked_for_as_the_conversation_is(format_: WireFormat) -> None:
    dialect = Dialect(format=format_, adds={"odd": 1, "max_tokens": 64})
    learned = Learned(without=frozenset({"odd"}), no_stream=True)
    with FakeAPI(reply(BLOCKING[format_])) as api:
        source = ChatClient(Endpoint(api.url))
        assert titles.suggest(source, "m", TALK, dialect, learned, stream=False) == "Bread"
        assert api.asked[0].path.endswith(PATHS[format_])
        assert "odd" not in api.asked[0].body and api.asked[0].body.get("stream") is not True
