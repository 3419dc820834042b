"""A shared chat for the tests of links."""

from __future__ import annotations

from backend.formats.share import Shared
from backend.types import Message, Tool, ToolCall

FULL = Shared(
    "google/gemini-2.5-flash",
    "Be brief.",
    {"temperature": 0.7, "stop": ["\n"]},
    False,
    (Message("user", "Hi"), Message("assistant", "Hello", tool_calls=(ToolCall("1", "f", "{}"),))),
    (Tool("f", "Does f.", {"type": "object"}),),
    "Greetings",
)
