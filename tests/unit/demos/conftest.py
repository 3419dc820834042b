"""Fixtures of the tests here: tests/support/agents.py."""

from agents import agent, ask, place  # noqa: F401
