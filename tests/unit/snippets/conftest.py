"""Fixtures of the tests here: tests/support/programs.py."""

from programs import machine  # noqa: F401
