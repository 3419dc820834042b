"""Values to JSON and back: only what was set goes out, and nothing that comes in can break us."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from basics import ask, request_schemas
from hypothesis import given
from hypothesis import strategies as st

from backend.protocol import wire
from backend.protocol.accumulator import Accumulator
from backend.types import (
    AudioDelta,
    ChatRequest,
    Cited,
    CostReported,
    Finished,
    Media,
    MediaReceived,
    Message,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    Tool,
    ToolCall,
    ToolCallDelta,
    UsageReported,
)

WEATHER = Tool("weather", "The weather in a city", {"type": "object", "properties": {"city": {"type": "string"}}})
CALL = ToolCall("call_a", "weather", '{"city": "Rome"}')


def sent(*messages: Message) -> Any:
    return wire.payload(ChatRequest("m", messages))["messages"]


def heard(chunk: Any) -> list[Any]:
    return list(wire.events(chunk))


def delta(**fields: Any) -> list[Any]:
    return heard({"choices": [{"index": 0, "delta": fields}]})


def answer(*chunks: Any) -> Message:
    draft = Accumulator("m")
    for chunk in chunks:
        for event in wire.events(chunk):
            draft.apply(event)
    return draft.message()


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
        Message("assistant", "", media=(Media("image", "data:image/png;base64,AA"),)),
        Message("system", " "),
        Message("developer", ""),
    ],
)
def test_a_message_that_says_nothing_is_not_sent(unsaid: Message) -> None:
    assert sent(Message("user", "Hi"), unsaid, Message("user", "Still there?")) == [
        {"role": "user", "content": "Hi"},
        {"role": "user", "content": "Still there?"},
    ]


def test_what_a_stopped_answer_said_is_sent_without_its_half_written_calls() -> None:
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
def test_whatever_happened_every_call_is_answered_once_and_right_after_it(messages: list[Message]) -> None:
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
def test_what_can_be_sent_is_not_changed_by_sending_it_again(messages: list[Message]) -> None:
    once = wire.sendable(messages)
    assert wire.sendable(once) == once


@given(MESSAGES)
def test_what_the_visitor_and_the_model_said_is_kept_in_order(messages: list[Message]) -> None:
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
    jsonschema.validate(json.loads(json.dumps({**body, "model": model})), SCHEMAS[schema])


# ---- thinking -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (Message("assistant", "Hello", reasoning="hm"), ("hm", "Hello")),
        (Message("assistant", "<think>hm</think>\n\nHello"), ("hm", "Hello")),
        (Message("assistant", "\n<thinking>hm</thinking>Hello"), ("hm", "Hello")),
        (Message("assistant", "<think>still at it"), ("still at it", "")),
        (Message("assistant", "<think></think>Hello"), ("", "Hello")),
        (Message("assistant", "<think>b</think>Hello", reasoning="a"), ("a", "Hello")),
        (
            Message("assistant", "Hello <think>not at the start</think>"),
            ("", "Hello <think>not at the start</think>"),
        ),
        (Message("assistant", "Hello", reasoning_details=({"text": "h"}, {"text": "m"})), ("hm", "Hello")),
        (Message("assistant", "Hello", reasoning_details=({"summary": "hm"},)), ("hm", "Hello")),
        (Message("assistant", "Hello", reasoning="a", reasoning_details=({"text": "a"},)), ("a", "Hello")),
        (Message("assistant", "Hello", reasoning_details=({"data": "encrypted"}, {"text": 3})), ("", "Hello")),
        (Message("assistant", "Hello"), ("", "Hello")),
        (
            Message("assistant", "Hello", reasoning_details=({"text": "\ud83d"}, {"text": "\ude00\x00"})),
            ("😀", "Hello"),
        ),
    ],
)
def test_thinking_is_found_in_any_of_its_four_homes(message: Message, expected: tuple[str, str]) -> None:
    assert wire.thinking(message) == expected


# ---- in -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"content": "Hi"}, [TextDelta("Hi")]),
        ({"content": ""}, []),
        ({"content": None}, []),
        ({"reasoning_content": "hm"}, [ReasoningDelta("hm")]),
        ({"reasoning": "hm"}, [ReasoningDelta("hm")]),
        ({"reasoning": "hm", "reasoning_content": "hm"}, [ReasoningDelta("hm")]),
        ({"reasoning_content": None, "content": "Hi"}, [TextDelta("Hi")]),
        ({"refusal": "No."}, [RefusalDelta("No.")]),
        ({"content": [{"type": "text", "text": "Hi"}]}, [TextDelta("Hi")]),
        ({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]}, [ReasoningDelta("hm")]),
        ({"content": [{"type": "thinking", "thinking": "hm"}]}, [ReasoningDelta("hm")]),
        ({"content": [{"type": "image_url", "image_url": {"url": "u"}}]}, [MediaReceived(Media("image", "u"))]),
        ({"images": [{"image_url": {"url": "u"}}]}, [MediaReceived(Media("image", "u"))]),
        ({"images": [{"url": "u"}]}, [MediaReceived(Media("image", "u"))]),
        ({"audio": {"data": "AA", "transcript": "Hi"}}, [AudioDelta("AA", "Hi")]),
        ({"tool_calls": None}, []),
        ({"tool_calls": [{"function": {"name": "f", "arguments": None}}]}, [ToolCallDelta(None, "", "f", "")]),
        (
            {"tool_calls": [{"index": 2, "id": "a", "function": {"name": "f", "arguments": "{}"}}]},
            [ToolCallDelta(2, "a", "f", "{}")],
        ),
        (
            {"tool_calls": [{"index": 0, "id": "a", "function": {"name": "f", "arguments": {"city": "Rome"}}}]},
            [ToolCallDelta(0, "a", "f", '{"city": "Rome"}')],
        ),
        ({"role": "assistant"}, []),
        ({}, []),
    ],
)
def test_a_delta_is_read_as_these_events(fields: dict[str, Any], expected: list[Any]) -> None:
    assert delta(**fields) == expected


def test_a_message_beside_the_delta_is_not_counted_twice() -> None:
    both = {"delta": {"content": "Hi"}, "message": {"content": "Hi"}}
    assert heard({"choices": [both]}) == [TextDelta("Hi")]


@pytest.mark.parametrize("choice", [{"delta": None}, {}, {"delta": {}}, {"message": None}, {"delta": []}])
def test_a_choice_that_says_nothing_gives_no_events(choice: Any) -> None:
    assert heard({"choices": [choice]}) == []


def test_a_chunk_wrapped_in_an_event_is_unwrapped() -> None:
    wrapped = {"event": {"choices": [{"index": 0, "delta": {"content": "Hi"}}]}, "state": {"finishReason": None}}
    assert heard(wrapped) == [TextDelta("Hi")]


def test_the_legacy_shape_of_completions_is_read() -> None:
    assert heard({"choices": [{"text": "Hi", "finish_reason": None}]}) == [TextDelta("Hi")]


def test_usage_comes_with_its_details() -> None:
    (event,) = heard(
        {
            "choices": [],
            "usage": {
                "prompt_tokens": 10,
                "completion_tokens": 20,
                "total_tokens": 30,
                "completion_tokens_details": {"reasoning_tokens": 5},
                "prompt_tokens_details": {"cached_tokens": 4},
            },
        }
    )
    usage = event.usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (10, 20, 30)
    assert (usage.reasoning_tokens, usage.cached_tokens) == (5, 4)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"prompt_tokens": "7"}, 7),
        ({"prompt_tokens": 7.0}, 7),
        ({"input_tokens": 7}, 7),
        ({"prompt_tokens": None, "input_tokens": 7}, 7),
        ({"prompt_tokens": -1}, None),
        ({"prompt_tokens": "many"}, None),
        ({"prompt_tokens": True}, None),
        ({"prompt_tokens": [7]}, None),
        ({"prompt_tokens": 10**400}, None),
        ({"prompt_tokens": 1e300}, None),
    ],
)
def test_a_count_of_the_wrong_type_reads_as_not_said(told: Any, expected: int | None) -> None:
    (event,) = heard({"usage": told})
    assert event.usage.prompt_tokens == expected


@pytest.mark.parametrize("usage", [None, [], {}, "12", 12])
def test_usage_that_is_no_object_is_not_reported(usage: Any) -> None:
    assert heard({"choices": [], "usage": usage}) == []


def test_groq_puts_its_usage_elsewhere() -> None:
    (event,) = heard({"choices": [], "x_groq": {"usage": {"prompt_tokens": 3}}})
    assert isinstance(event, UsageReported)
    assert event.usage.prompt_tokens == 3


@pytest.mark.parametrize(("usd", "expected"), [(0.5, [CostReported(0.5)]), ("0.5", [CostReported(0.5)]), (-1, [])])
def test_the_cost_is_read_off_any_chunk(usd: Any, expected: list[Any]) -> None:
    assert heard({"meta": {"usage": {"credits_used": 1, "usd_spent": usd}}}) == expected


@pytest.mark.parametrize("reason", ["stop", "length", "tool_calls", "content_filter", "end_turn", "anything new"])
def test_any_word_for_the_end_is_an_end(reason: str) -> None:
    assert heard({"choices": [{"delta": {}, "finish_reason": reason}]}) == [Finished(reason)]


@pytest.mark.parametrize("reason", [None, "", 0, False, {}])
def test_what_is_no_word_is_no_end(reason: Any) -> None:
    assert heard({"choices": [{"delta": {}, "finish_reason": reason}]}) == []


def test_citations_are_read_from_both_places() -> None:
    annotation = {"type": "url_citation", "url_citation": {"url": "https://b.example", "title": "B"}}
    chunk = {"choices": [{"delta": {"annotations": [annotation]}}], "citations": ["https://a.example", 3]}
    cited = [event.citation for event in heard(chunk) if isinstance(event, Cited)]
    assert [(citation.url, citation.title) for citation in cited] == [
        ("https://b.example", "B"),
        ("https://a.example", ""),
    ]


def test_alternatives_keep_their_index_or_take_their_place() -> None:
    assert heard({"choices": [{"index": 1, "delta": {"content": "a"}}, {"delta": {"content": "b"}}]}) == [
        TextDelta("a", 1),
        TextDelta("b", 1),
    ]
    assert heard({"choices": [{"message": {"content": "a"}}, {"message": {"content": "b"}}]}) == [
        TextDelta("a", 0),
        TextDelta("b", 1),
    ]


def test_whole_tool_calls_without_index_are_kept_apart() -> None:
    call = {"id": "", "function": {"name": "f", "arguments": "{}"}}
    message = answer({"choices": [{"message": {"content": None, "tool_calls": [call, call]}}]})
    assert [(made.id, made.name) for made in message.tool_calls] == [("call_0", "f"), ("call_1", "f")]


def test_a_character_split_over_two_chunks_comes_out_whole() -> None:
    chunks = [json.loads(f'{{"choices":[{{"delta":{{"content":"{half}"}}}}]}}') for half in ("\\ud83d", "\\ude00")]
    assert answer(*chunks).content == "😀"


@pytest.mark.parametrize(
    "fields",
    [
        {"images": [{"url": "data:\ud83d\x00"}]},
        {"content": [{"type": "image_url", "image_url": "data:\ud83d"}]},
        {"audio": {"data": "AA\ud83d", "transcript": "\ud83d\x00"}},
        {"annotations": [{"url_citation": {"url": "u\ud83d", "title": "\x00"}}]},
        {"tool_calls": [{"id": "\ud83d", "function": {"name": "\x00f", "arguments": "\ud83d"}}]},
        {"reasoning_details": [{"text": "\ud83d"}]},
    ],
)
def test_half_characters_are_cleaned_wherever_they_hide(fields: dict[str, Any]) -> None:
    check_storable(answer({"choices": [{"delta": fields, "finish_reason": "stop\ud83d"}]}))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)
FIELDS = [
    *("choices", "delta", "message", "index", "content", "text", "type", "thinking", "image_url", "url", "images"),
    *("reasoning", "reasoning_content", "reasoning_details", "summary", "refusal", "tool_calls", "id", "function"),
    *("name", "arguments", "audio", "data", "transcript", "annotations", "url_citation", "title", "finish_reason"),
    *("usage", "prompt_tokens", "completion_tokens", "prompt_tokens_details", "completion_tokens_details"),
    *("meta", "usd_spent", "x_groq", "citations", "event", "error"),
]
HOSTILE = st.recursive(
    JSON,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5),
    max_leaves=25,
)


@given(st.dictionaries(st.sampled_from(FIELDS), HOSTILE, max_size=6))
def test_no_chunk_however_odd_raises(chunk: Any) -> None:
    check_storable(answer(chunk, chunk))


@given(st.dictionaries(st.sampled_from(FIELDS), HOSTILE, max_size=6), HOSTILE)
def test_no_choice_however_odd_raises(part: Any, other: Any) -> None:
    for kind in ("delta", "message"):
        choice = {"index": other, kind: part, "finish_reason": other}
        check_storable(answer({"choices": [choice, part, other]}, {"choices": other, "usage": part, "meta": part}))


def check_storable(message: Message) -> None:
    """What the screen and the store get: text that UTF-8 can say, without NUL."""
    reasoning, text = wire.thinking(message)
    words = [reasoning, text, message.content, message.reasoning, message.refusal, message.finish_reason or ""]
    for call in message.tool_calls:
        words += [call.id, call.name, call.arguments]
    for media in message.media:
        words += [media.url, media.text]
    for citation in message.citations:
        words += [citation.url, citation.title]
    for word in words:
        word.encode("utf-8")
        assert "\x00" not in word
    wire.payload(ChatRequest("m", (message,)))


# ---- attachments --------------------------------------------------------------------------------------

PHOTO = Media("image", "data:image/png;base64,AAAA", name="a.png", detail="low")
CLAUDE = "anthropic"
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
    (part,) = parts_of(replace(PAPER, url=""), text="")
    assert part == {"type": "text", "text": '<document name="p\'.pdf">\n[Page 1]\nHello\n</document>'}


def test_claude_gets_pictures_and_documents_in_its_own_shape() -> None:
    picture, linked, paper = parts_of(PHOTO, Media("image", "https://x.test/a,b.png"), PAPER, text="", parts=CLAUDE)
    assert picture == {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}}
    assert linked == {"type": "image", "source": {"type": "url", "url": "https://x.test/a,b.png"}}
    assert paper["type"] == "document"


def test_only_a_questions_attachments_are_sent() -> None:
    request = ChatRequest("m", (Message("assistant", "Here", media=(PHOTO,)),))
    assert wire.payload(request)["messages"] == [{"role": "assistant", "content": "Here"}]
