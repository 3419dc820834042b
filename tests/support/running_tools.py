"""A tool called by its name, for the tests."""

from __future__ import annotations

import json
from typing import Any

from backend.tools.builtin import FUNCTIONS
from backend.tools.calls import outcome
from backend.types import ToolCall


def use(name: str, **arguments: object) -> Any:
    """The result of a tool that is expected to work."""
    found = outcome(ToolCall("call_1", name, json.dumps(arguments)), FUNCTIONS)
    assert found.ok, found.content
    return json.loads(found.content)


def refusal(name: str, **arguments: object) -> str:
    """The words of a tool that is expected to refuse."""
    found = outcome(ToolCall("call_1", name, json.dumps(arguments)), FUNCTIONS)
    assert not found.ok, found.content
    assert "Traceback" not in found.content
    assert "pydantic" not in found.content
    assert len(found.content) < 1_500
    return found.content
