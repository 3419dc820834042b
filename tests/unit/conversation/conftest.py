"""Fixtures of the tests here: tests/support/chats.py."""

from agents import place  # noqa: F401
from chats import asker, chat  # noqa: F401
