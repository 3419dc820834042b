"""Fixtures of the tests of pages: servers that some of them talk to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from rich_api import RichAPI, taken_for_it
from runs import FAST

from backend.demos import pace

if TYPE_CHECKING:
    from tool_server import Serving


@pytest.fixture
def rich(monkeypatch: pytest.MonkeyPatch) -> Iterator[RichAPI]:
    """A server that is taken for AI/ML API."""
    with RichAPI() as server:
        taken_for_it(server, monkeypatch)
        yield server


@pytest.fixture(scope="session")
def tool_server() -> Iterator[Serving]:
    """A well-behaved server of tools. Its SDK takes seconds to import, which other pages need not wait for."""
    from tool_server import Serving

    serving = Serving()
    yield serving
    serving.close()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for what arrived a minute after the question."""
    monkeypatch.setattr(pace, "FIRST", FAST)
