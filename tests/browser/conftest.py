"""Fixtures of the tests in a browser: what hostile text must not make happen."""

from watched import outside, watched  # noqa: F401
