"""One thing where a list is expected, and other shapes that servers have: nothing of what they say is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from basics import ask
from fake_api import FakeAPI, events

from backend.answer.turn import Turn
from backend.protocol.accumulator import Accumulator
from backend.protocol.wire import events as events_of
from backend.transport.client import ChatClient
from backend.types import Message

CALL = {"name": "f", "arguments": '{"a":1}'}


def heard(kind: str, *parts: dict[str, Any]) -> Message:
    draft = Accumulator("m")
    for part in parts:
        for event in events_of({"choices": [{"index": 0, kind: part}]}):
            draft.apply(event)
    return draft.message()


@pytest.mark.parametrize("kind", ["delta", "message"])
@pytest.mark.parametrize(
    "content",
    ["Hi you", ["Hi", " you"], ["Hi", {"type": "text", "text": " you"}], {"type": "text", "text": "Hi you"}],
)
def test_a_text_is_read_in_whatever_it_is_wrapped(kind: str, content: Any) -> None:
    assert heard(kind, {"content": content}).content == "Hi you"


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        ("delta", [{"tool_calls": {"id": "a", "function": CALL}}]),
        ("message", [{"tool_calls": {"id": "a", "function": CALL}}]),
        ("message", [{"function_call": CALL}]),
        ("delta", [{"function_call": {"name": "f", "arguments": '{"a"'}}, {"function_call": {"arguments": ":1}"}}]),
        ("message", [{"function_call": CALL, "tool_calls": [{"id": "a", "function": CALL}]}]),
    ],
)
def test_a_call_is_one_in_whatever_shape_it_comes(kind: str, parts: list[dict[str, Any]]) -> None:
    (call,) = heard(kind, *parts).tool_calls
    assert (call.name, call.arguments) == ("f", '{"a":1}') and call.id


@pytest.mark.parametrize("before", [[], [{"choices": [{"delta": {"content": "Hi"}}]}]], ids=["first", "later"])
def test_an_error_in_a_list_is_one_in_a_stream_too(api: FakeAPI, client: ChatClient, before: list[Any]) -> None:
    api.play(events(*before, json.dumps([{"error": {"code": 401, "message": "API key not valid."}}])))
    failure = Turn(client, ask()).start().join(20).message.failure
    assert failure and failure.detail == "API key not valid."
