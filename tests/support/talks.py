"""Conversations that are written as Markdown and as a web page, for the tests."""

from __future__ import annotations

import base64
from typing import Any

from backend.conversation.tree import Conversation
from backend.formats.archive import Record
from backend.types import Citation, Media, Message, Timing, ToolCall, Usage

PNG = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5Erk"
    "Jggg=="
)


SVG = "data:image/svg+xml;base64," + base64.b64encode(b'<svg xmlns="http://www.w3.org/2000/svg"/>').decode()


def record(*messages: Message, title: str = "A title", **settings: Any) -> Record:
    conversation = Conversation()
    conversation.graft(messages, None)
    return Record(conversation, title, settings, created=1767225600.0)


def answer(text: str) -> Record:
    return record(Message("user", "?"), Message("assistant", text))


TALK = record(
    Message("user", "What is *this*?\n  <b>", media=(Media("image", PNG, name="a.png"),)),
    Message(
        "assistant",
        "It is **so**.",
        reasoning="Let me think.\n\nDone.",
        model="fake/alpha",
        usage=Usage(1200, 34),
        cost=0.0012,
        timing=Timing(0.1, 2.34),
        citations=(Citation("https://a.example/x", "The source"), Citation("javascript:alert(1)", "Bad")),
        tool_calls=(ToolCall("c1", "look", '{"at": "```"}'),),
    ),
    Message("tool", "found ```` four", tool_call_id="c1"),
    Message("assistant", "Half", state="stopped"),
    title="On *this* and <that>",
    system_prompt="Be brief.\nPlease.",
    model="fake/alpha",
)
