"""Whole conversations, as they are sent, are what the provider's own schema of each model takes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from schemas import SCHEMAS, as_meant, model_of_schema

from backend import attachments
from backend.parameters import fit
from backend.protocol import dialects, wire
from backend.types import ChatRequest, Media, Message, Tool, ToolCall

AIMLAPI = "https://api.aimlapi.com/v1"
WEATHER = Tool("weather", "The weather in a city", {"type": "object", "properties": {"city": {"type": "string"}}})
ROME, OSLO = ToolCall("functions.weather:0", "weather", '{"city": "Rome"}'), ToolCall("b", "weather", "{}")
PHOTO = Media("image", "data:image/png;base64,AAAA", name="a.png", detail="low")
PAPER = Media("file", "data:application/pdf;base64,CCCC", "[Page 1]", name="p.pdf")
THINKS: dict[str, Any] = {
    "reasoning": "hm",
    "reasoning_field": "reasoning_content",
    "reasoning_details": ({"type": "thinking", "thinking": "hm", "signature": "s"},),
}
CALLS = (
    Message("user", "Weather?"),
    Message("assistant", "", tool_calls=(ROME, OSLO), **THINKS),
    Message("tool", "Sunny", name="weather", tool_call_id=ROME.id),
    Message("tool", "Rain", name="weather", tool_call_id=OSLO.id),
)
CONVERSATIONS = {
    "system": (Message("system", "Be brief."), Message("user", "Hi")),
    "pictures": (Message("user", "Look", media=(PHOTO,)), Message("assistant", "A cat."), Message("user", "Sure?")),
    "documents": (Message("user", "Read", media=(PAPER,)),),
    "calls": CALLS,
    "answered calls": (
        Message("system", "Be brief."),
        *CALLS,
        Message("assistant", "<think>so</think>Sunny, and rain."),
        Message("user", "Thanks", name="ann"),
    ),
    "prefill": (Message("user", "Name a colour"), Message("assistant", "Teal and ")),
    "drawn": (
        Message("user", "Draw"),
        Message("assistant", "", media=(PHOTO,)),
        Message("user", "Bluer"),
        Message("assistant", "", state="stopped"),
        Message("user", "Please"),
    ),
    "odd": (
        Message("assistant", "Welcome."),
        Message("user", "A"),
        Message("assistant", "", state="failed"),
        Message("developer", "In French."),
        Message("assistant", tool_calls=(OSLO,)),
        Message("user", "B"),
    ),
}


def reasons(name: str) -> bool:
    """An answer of the model may hold what it thought: its schema does not end with what it lists."""
    kinds = SCHEMAS[name]["properties"].get("messages", {}).get("items", {}).get("oneOf", [])
    answers = [kind for kind in kinds if "assistant" in kind["properties"]["role"].get("enum", [])]
    return not any(kind.get("additionalProperties") is False for kind in answers)


def asked(name: str, messages: tuple[Message, ...], **fields: Any) -> ChatRequest:
    """The request that the app makes of a conversation, by what is known of the model."""
    info = model_of_schema(name)
    dialect = dialects.choose(info.id, AIMLAPI, info)
    tools = (WEATHER,) if info.lists("tools") else ()
    if not reasons(name):
        messages = tuple(replace(message, reasoning="", reasoning_details=()) for message in messages)
    fitted = attachments.fitted(messages, files=info.takes("file") is True)
    return ChatRequest(info.id, tuple(fitted), tools=tools, dialect=dialect, **fields)


@pytest.mark.parametrize("conversation", CONVERSATIONS)
@pytest.mark.parametrize("name", SCHEMAS)
def test_a_whole_conversation_is_one_that_the_models_schema_takes(name: str, conversation: str) -> None:
    request = asked(name, CONVERSATIONS[conversation])
    if not model_of_schema(name).takes("image") and model_of_schema(name).answers_on == "chat":
        # The page holds a message with a picture back for such a model.
        request = replace(
            request,
            messages=tuple(
                replace(message, media=()) if message.role == "user" else message for message in request.messages
            ),
        )
    assert not wire.unsendable(request)
    body = json.loads(json.dumps(wire.payload(request)))
    jsonschema.Draft202012Validator(as_meant(SCHEMAS[name])).validate(body)
    assert set(body) <= set(SCHEMAS[name]["properties"])


@pytest.mark.parametrize("choice", ["auto", "none", "required", "weather"])
@pytest.mark.parametrize("name", [name for name in SCHEMAS if model_of_schema(name).lists("tools")])
def test_the_tool_to_be_called_is_named_as_the_schema_wants(name: str, choice: str) -> None:
    request = asked(
        name, CALLS[:1], tool_choice=choice, parameters=fit({"max_tokens": 100}, model_of_schema(name)).body
    )
    jsonschema.Draft202012Validator(as_meant(SCHEMAS[name])).validate(json.loads(json.dumps(wire.payload(request))))


def test_a_schema_of_claude_is_not_one_that_anything_passes() -> None:
    native = [name for name in SCHEMAS if model_of_schema(name).roles == {"user", "assistant"} and "claude" in name]
    for name in native:
        with pytest.raises(jsonschema.ValidationError):
            wrong = wire.payload(
                replace(asked(name, CALLS), dialect=replace(asked(name, ()).dialect, blocks="openai"))
            )
            jsonschema.Draft202012Validator(as_meant(SCHEMAS[name])).validate(json.loads(json.dumps(wrong)))
