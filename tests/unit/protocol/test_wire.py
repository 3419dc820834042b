"""Values to JSON and back: only what was set goes out, and nothing that comes in can break us."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from basics import ask, request_schemas
from hypothesis import given
from hypothesis import strategies as st
from jsonschema.validators import validator_for

from backend.protocol import wire
from backend.types import ChatRequest, Dialect, Media, Message, Tool, ToolCall

WEATHER = Tool("weather", "The weather in a city", {"type": "object", "properties": {"city": {"type": "string"}}})
CALL = ToolCall("call_a", "weather", '{"city": "Rome"}')


def sent(*messages: Message) -> Any:
    return wire.payload(ChatRequest("m", messages))["messages"]


# ---- out: the request -----------------------------------------------------------------------------------


def test_a_plain_question_is_model_messages_and_stream_and_nothing_else() -> None:
    assert wire.payload(ask("Hi")) == {
        "model": "fake/alpha",
        "messages": [{"role": "user", "content": "Hi"}],
        "stream": True,
    }


def test_a_blocking_question_does_not_mention_stream() -> None:
    assert "stream" not in wire.payload(ask(stream=False))


def test_parameters_that_were_set_are_sent_and_none_is_not() -> None:
    body = wire.payload(
        ask(parameters={"temperature": 0, "top_p": None, "stop": ["x"], "seed": None, "logprobs": False})
    )
    assert {name: body[name] for name in body if name not in ("model", "messages", "stream")} == {
        "temperature": 0,
        "stop": ["x"],
        "logprobs": False,
    }


def test_extra_is_merged_over_everything_else() -> None:
    body = wire.payload(ask(parameters={"top_k": 1}, extra={"top_k": 2, "model": "other", "null": None}))
    assert (body["top_k"], body["model"], body["null"]) == (2, "other", None)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("auto", "auto"),
        ("none", "none"),
        ("required", "required"),
        ("weather", {"type": "function", "function": {"name": "weather"}}),
    ],
)
def test_tool_choice_is_a_word_or_the_name_of_a_function(choice: str, expected: Any) -> None:
    assert wire.payload(ask(tool_choice=choice))["tool_choice"] == expected


def test_tools_and_response_format_are_sent_as_the_api_wants_them() -> None:
    body = wire.payload(ask(tools=(WEATHER,), response_format={"type": "json_object"}))
    assert body["tools"] == [
        {
            "type": "function",
            "function": {"name": "weather", "description": WEATHER.description, "parameters": WEATHER.parameters},
        }
    ]
    assert body["response_format"] == {"type": "json_object"}


def test_a_tool_call_and_its_result_are_sent_as_a_pair() -> None:
    assert sent(
        Message("user", "Weather?"),
        Message("assistant", "", tool_calls=(CALL,), finish_reason="tool_calls"),
        Message("tool", "Sunny", tool_call_id="call_a"),
    ) == [
        {"role": "user", "content": "Weather?"},
        {
            "role": "assistant",
            "tool_calls": [
                {
                    "id": "call_a",
                    "type": "function",
                    "function": {"name": "weather", "arguments": '{"city": "Rome"}'},
                }
            ],
        },
        {"role": "tool", "content": "Sunny", "tool_call_id": "call_a"},
    ]


def test_how_an_answer_ended_and_its_reasoning_are_never_sent() -> None:
    kept = Message(
        "assistant",
        "<think>secretly</think>Hello",
        reasoning="quietly",
        reasoning_details=({"text": "inwardly"},),
        finish_reason="stop",
        cost=1.0,
        model="m",
        request_id="r",
    )
    assert sent(kept) == [{"role": "assistant", "content": "Hello"}]


def test_text_that_json_and_databases_cannot_hold_is_cleaned_before_it_is_sent() -> None:
    assert sent(Message("user", "a\ud83d\x00b")) == [{"role": "user", "content": "a\ufffdb"}]


def test_a_refusal_stands_for_the_text_that_was_refused() -> None:
    assert sent(Message("assistant", refusal="I cannot.")) == [{"role": "assistant", "content": "I cannot."}]


def test_a_name_is_sent_when_there_is_one() -> None:
    assert sent(Message("user", "Hi", name="ann")) == [{"role": "user", "content": "Hi", "name": "ann"}]
    assert sent(Message("user", "Hi", name="Ann Lee <a>"))[0]["name"] == "Ann_Lee_a_"


# ---- out: what a server will take -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "unsaid",
    [
        Message("assistant", ""),
        Message("assistant", " \n "),
        Message("assistant", "", reasoning="only thought", state="stopped"),
        Message("assistant", "<think>only thought", state="stopped"),
        Message("assistant", "<think>only thought</think>", state="stopped"),
        Message("assistant", "\x00", state="done"),
        Message("assistant", "", state="failed"),
        Message("assistant", "", tool_calls=(CALL,), state="stopped"),
        Message("system", " "),
        Message("developer", ""),
    ],
)
def test_a_message_that_says_nothing_is_not_sent(unsaid: Message) -> None:
    assert sent(Message("user", "Hi"), unsaid, Message("user", "Still there?")) == [
        {"role": "user", "content": "Hi\n\nStill there?"}
    ]


def test_a_stopped_answer_is_sent_without_its_half_written_calls() -> None:
    half = Message("assistant", "Let me see", tool_calls=(ToolCall("a", "weather", '{"ci'),), state="stopped")
    assert sent(half, Message("tool", "Sunny", tool_call_id="a")) == [
        {"role": "assistant", "content": "Let me see"}
    ]


def test_a_call_that_was_never_answered_is_answered_for_the_server() -> None:
    first, second = sent(Message("assistant", tool_calls=(CALL,)), Message("user", "Never mind"))[1:]
    assert first == {"role": "tool", "tool_call_id": "call_a", "content": "(no result: the run was interrupted)"}
    assert second == {"role": "user", "content": "Never mind"}


def test_a_result_without_its_call_is_not_sent() -> None:
    assert sent(Message("user", "Hi"), Message("tool", "Sunny", tool_call_id="call_a")) == [
        {"role": "user", "content": "Hi"}
    ]


def test_a_second_result_for_one_call_is_not_sent() -> None:
    results = (Message("tool", "Sunny", tool_call_id="call_a"), Message("tool", "Rainy", tool_call_id="call_a"))
    assert [message["content"] for message in sent(Message("assistant", "", tool_calls=(CALL,)), *results)[1:]] == [
        "Sunny"
    ]


CALLS = st.lists(st.builds(ToolCall, st.sampled_from("abc"), st.just("f"), st.just("{}")), max_size=3)
MESSAGES = st.lists(
    st.one_of(
        st.builds(Message, st.sampled_from(["user", "system", "developer"]), st.sampled_from(["", " ", "Hi"])),
        st.builds(
            Message,
            st.just("assistant"),
            st.sampled_from(["", " ", "Hello", "<think>hm", "<think>hm</think>Hello", "\x00"]),
            refusal=st.sampled_from(["", "No."]),
            tool_calls=st.builds(tuple, CALLS),
            state=st.sampled_from(["done", "stopped", "failed", "interrupted", "running"]),
        ),
        st.builds(
            Message, st.just("tool"), st.sampled_from(["", "42"]), tool_call_id=st.sampled_from([*"abcx", None])
        ),
    ),
    max_size=12,
)


@given(MESSAGES)
def test_every_call_is_answered_once_and_right_after_it(messages: list[Message]) -> None:
    waiting: list[str] = []
    for message in sent(*messages):
        if message["role"] == "tool":
            waiting.remove(message["tool_call_id"])  # ValueError: an answer without its call, or a second one
            continue
        assert not waiting, "another message stands between a call and its answer"
        waiting = list(dict.fromkeys(call["id"] for call in message.get("tool_calls", [])))
        if message["role"] == "assistant":
            assert message.get("content", "").strip() or message.get("tool_calls"), "an empty assistant message"
    assert not waiting


@given(MESSAGES)
def test_a_sendable_conversation_is_sent_unchanged(messages: list[Message]) -> None:
    once = wire.sendable(messages)
    assert wire.sendable(once) == once


@given(MESSAGES)
def test_words_of_visitor_and_model_keep_their_order(messages: list[Message]) -> None:
    def said(kept: list[Message]) -> list[str]:
        return [message.content for message in kept if message.role == "user" or message.content == "Hello"]

    assert said(wire.sendable(messages)) == said(messages)


# ---- out: against the provider's own schema -------------------------------------------------------------

REQUESTS = {
    "plain": ask(),
    "blocking": ask(stream=False),
    "sampling": ask(parameters={"temperature": 0.5, "top_p": 0.9, "max_tokens": 100, "stop": ["END"]}),
    "unset": ask(parameters={"temperature": None, "top_p": None, "max_tokens": None, "seed": None}),
    "usage": ask(parameters={"stream_options": {"include_usage": True}}),
    "tools": ask(tools=(WEATHER,), tool_choice="auto"),
    "one tool": ask(tools=(WEATHER,), tool_choice="weather"),
    "json": ask(response_format={"type": "json_object"}),
    "schema": ask(
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "city", "schema": {"type": "object"}, "strict": True},
        }
    ),
    "conversation": ChatRequest(
        "m",
        (
            Message("system", "Be brief."),
            Message("user", "Weather?"),
            Message("assistant", tool_calls=(CALL,)),
            Message("tool", "Sunny", tool_call_id="call_a"),
            Message("assistant", "<think>easy</think>Sunny.", finish_reason="stop", state="done"),
            Message("user", "Thanks", name="ann"),
            Message("assistant", state="failed"),
            Message("assistant", tool_calls=(CALL,)),
            Message("user", "Hello?"),
        ),
    ),
}


SCHEMAS = request_schemas()
VALIDATORS = {name: validator_for(schema)(schema) for name, schema in SCHEMAS.items()}
OURS = {schema: {name: wire.payload(request) for name, request in REQUESTS.items()} for schema in SCHEMAS}


# A conversation may hold calls, so: models with tools. Those of Claude are published with the shapes of `tools` and
# `tool_choice` interchanged.
LISTED = [
    pytest.param(body, schema, id=f"{schema}-{name}")
    for schema, bodies in OURS.items()
    for name, body in bodies.items()
    if {"tools", *body} <= set(SCHEMAS[schema]["properties"]) and "claude" not in schema
]


@pytest.mark.parametrize(("body", "schema"), LISTED)
def test_a_request_is_valid_by_the_schema_of_the_provider(body: dict[str, Any], schema: str) -> None:
    model = SCHEMAS[schema]["properties"]["model"].get("enum", [body["model"]])[0]
    VALIDATORS[schema].validate(json.loads(json.dumps({**body, "model": model})))


# ---- attachments --------------------------------------------------------------------------------------

PHOTO = Media("image", "data:image/png;base64,AAAA", name="a.png", detail="low")
CLAUDE = Dialect(blocks="claude")
SOUND = Media("audio", "data:audio/mp3;base64,BBBB", name="a.mp3")
PAPER = Media("file", "data:application/pdf;base64,CCCC", "[Page 1]\nHello", name='p".pdf')


def parts_of(*media: Media, text: str = "Look", **rest: Any) -> Any:
    request = ChatRequest("m", (Message("user", text, media=media),), **rest)
    messages: Any = wire.payload(request)["messages"]
    return messages[0]["content"]


def test_attachments_are_sent_as_parts_after_the_text() -> None:
    assert parts_of(PHOTO, SOUND, PAPER) == [
        {"type": "text", "text": "Look"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}},
        {"type": "input_audio", "input_audio": {"data": "BBBB", "format": "mp3"}},
        {"type": "file", "file": {"filename": 'p".pdf', "file_data": "data:application/pdf;base64,CCCC"}},
    ]


def test_a_picture_alone_is_sent_without_an_empty_text() -> None:
    assert [part["type"] for part in parts_of(PHOTO, text="  ")] == ["image_url"]


def test_a_document_without_its_file_is_sent_as_marked_text() -> None:
    marked = '<document name="p\'.pdf">\n[Page 1]\nHello\n</document>'
    assert parts_of(replace(PAPER, url=""), text="") == marked


def test_claude_gets_pictures_and_documents_in_its_own_shape() -> None:
    picture, linked, paper = parts_of(
        PHOTO, Media("image", "https://x.test/a,b.png"), PAPER, text="", dialect=CLAUDE
    )
    assert picture == {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}}
    assert linked == {"type": "image", "source": {"type": "url", "url": "https://x.test/a,b.png"}}
    assert paper["type"] == "document"


def test_only_a_questions_attachments_are_sent() -> None:
    request = ChatRequest("m", (Message("assistant", "Here", media=(PHOTO,)),))
    assert wire.payload(request)["messages"] == [{"role": "assistant", "content": "Here"}]
