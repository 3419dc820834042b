"""Asks a question over the client and waits for the outcome: for the tests of the client."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from typing import Any

from basics import KEY, ask
from fake_api import Reply, chunk, data

from backend.answer.turn import Turn
from backend.errors import APIError
from backend.transport.client import ChatClient
from backend.types import Message

JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
HELLO = b"".join(part for part in data(chunk({"content": "Hello"})) if isinstance(part, bytes))


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


def run(client: ChatClient, **fields: Any) -> Turn:
    """A question asked and waited for."""
    turn = Turn(client, ask(**fields)).start().join(20)
    assert not turn.running
    return turn


def failed(turn: Turn, cls: type[APIError], text: str = "") -> APIError:
    """The error of a turn that failed in this way, with this text kept."""
    assert turn.state == "failed"
    assert type(turn.error) is cls, turn.error
    assert turn.message.content == text
    assert turn.message.failure is not None
    assert turn.message.failure.title == turn.error.title
    return turn.error


def done(turn: Turn, text: str) -> Message:
    assert turn.error is None, (turn.error, turn.error.detail)
    assert turn.state == "done"
    assert turn.message.content == text
    return turn.message


def raw(*steps: Any) -> Reply:
    return Reply(steps, framing="raw")


def shows_key(turn: Turn) -> bool:
    error, message = turn.error, turn.message
    assert error is not None
    shown = [repr(error), str(error), error.title, error.hint, error.detail, error.request_id, repr(message)]
    return any(part in text for text in shown for part in (KEY, KEY[: len(KEY) // 2], KEY[len(KEY) // 2 :]))


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
