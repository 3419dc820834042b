"""Fixtures of the tests here: tests/support/agents.py."""

from agents import agent, ask, asked, place  # noqa: F401
