"""Tools and calls for the tests."""

from __future__ import annotations

import json
from typing import Literal

from backend.tools.calls import Function, answer, outcome
from backend.types import Message, ToolCall


def run(call: ToolCall, functions: dict[str, Function]) -> Message:
    """The message that answers a call."""
    return answer(call, outcome(call, functions))


def call(function: Function, arguments: object = "", name: str = "") -> str:
    """What the model reads after calling a function with these arguments."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    found = run(ToolCall("call_1", name or function.__name__, text), {function.__name__: function})
    assert (found.role, found.tool_call_id) == ("tool", "call_1")
    assert "Traceback" not in found.content
    return found.content


def add(a: int, b: int = 2) -> int:
    """Adds two numbers.

    Nobody tells the model about this paragraph.
    """
    return a + b


def tell(number: int, unit: Literal["m", "km"] = "m") -> str:
    """Tells."""
    return f"{number} {unit}"
