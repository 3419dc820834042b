"""Fixtures of the tests here: tests/support/live_lists.py."""

from live_lists import server  # noqa: F401
