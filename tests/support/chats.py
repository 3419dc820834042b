"""Chats with a scripted server for the tests."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from fake_api import Request

from backend.answer.turn import Turn
from backend.conversation.chat import Chat
from backend.transport.client import ChatClient
from backend.types import ChatRequest, Message, Tool

LONG = 20.0  # seconds; a machine may be busy


class Asker:
    """What a page does: starts a turn at a server, and remembers every turn it has started."""

    def __init__(self, client: ChatClient, *, stream: bool = True) -> None:
        self.client, self.stream = client, stream
        self.started: list[weakref.ref[Turn]] = []

    def is_open(self) -> bool:
        return False  # nothing goes on by itself: a test says when

    def __call__(
        self, transcript: Sequence[Message], tools: tuple[Tool, ...], *, more: bool, before: Message | None = None
    ) -> Turn:
        request = ChatRequest(
            "fake/alpha",
            tuple(transcript),
            tools=tools,
            tool_choice=None if more else "none",
            stream=self.stream,
        )
        turn = Turn(self.client, request, before)
        self.started.append(weakref.ref(turn))
        return turn


@pytest.fixture
def asker(client: ChatClient) -> Asker:
    return Asker(client)


@pytest.fixture
def chat() -> Iterator[Chat]:
    made = Chat()
    yield made
    made.stop()


def wait_until_ended(chat: Chat) -> Chat:
    """Wait for the running answer."""
    assert chat.turn is not None
    assert not chat.turn.join(LONG).running
    return chat


def run(chat: Chat, ask: Asker, words: str = "", limit: int = 30) -> int:
    """Say this, and everything that follows, as a page does it; how many answers that were."""
    if words:
        chat.send(words, ask)
    for count in range(1, limit):
        if not wait_until_ended(chat).advance(ask):
            return count
    raise AssertionError("it never ends")


def view(chat: Chat) -> list[tuple[str, str]]:
    return [(node.message.role, node.message.content) for node in chat.conversation.path()]


def sent_messages(request: Request) -> list[tuple[str, Any]]:
    return [(message["role"], message.get("content")) for message in request.body["messages"]]


def wait_for_text(chat: Chat, text: str) -> Chat:
    """Wait until this much of the running answer is here."""
    assert chat.turn is not None
    for _ in chat.turn.follow():
        if text in chat.turn.message.content:
            return chat
    raise AssertionError(f"{text!r} never came")
