"""Fixtures of the tests here: tests/support/agents.py, and one more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from agents import agent, ask, asked, place  # noqa: F401

from backend.tools.runner import ToolRunner


@pytest.fixture(scope="module")
def bad() -> Iterator[ToolRunner]:
    """A runner with tools that misbehave."""
    made = ToolRunner("bad_tools", seconds=60)
    yield made
    made.close()
