"""Fixtures of the tests here: tests/support/tool_server.py."""

from tool_server import older, open_, tool_server  # noqa: F401
