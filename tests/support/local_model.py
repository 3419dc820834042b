"""The real model on this machine as fixtures; where there is none the test is skipped, and under CI it fails."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from backend import local
from backend.errors import LocalModelFailed
from backend.local import SMOLLM2, LocalChat, LocalServer, fetch
from backend.types import ChatRequest, Message


def ask(text: str, **parameters: float) -> ChatRequest:
    stream = bool(parameters.pop("stream", True))
    settings = {"max_tokens": 40, **parameters}
    return ChatRequest(SMOLLM2.id, (Message("user", text),), settings, stream=stream)


LONG = {"max_tokens": 1500, "temperature": 1.0}


def impossible(why: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture(scope="session")
def runtime() -> None:
    if problem := local.unavailable():
        impossible(problem)


@pytest.fixture(scope="session")
def server(runtime: None) -> Iterator[LocalServer]:
    """One real server for all tests here, with the model in the usual cache."""
    try:
        fetch(SMOLLM2)
    except LocalModelFailed as error:
        impossible(f"{error.title} {error.detail}")
    server = LocalServer()
    yield server
    server.stop()


@pytest.fixture
def chat(server: LocalServer) -> LocalChat:
    return LocalChat(server=server)
