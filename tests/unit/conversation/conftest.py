"""Fixtures of the tests here: tests/support/chats.py."""

from chats import asker, chat  # noqa: F401
