"""Custom tools for the tests."""

from __future__ import annotations

from typing import Any

from backend.tools.custom import from_signature


def properties(signature: str) -> Any:
    return from_signature(signature).parameters["properties"]
