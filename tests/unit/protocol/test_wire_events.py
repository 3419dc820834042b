"""JSON that comes in becomes events, whatever it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from drafts import draft_of
from hypothesis import given
from hypothesis import strategies as st

from backend.protocol import wire
from backend.types import (
    AudioDelta,
    ChatRequest,
    Citation,
    Finished,
    Media,
    MediaReceived,
    Message,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    Usage,
)


def heard(chunk: Any) -> list[Any]:
    return list(wire.events(chunk))


def delta(**fields: Any) -> list[Any]:
    return heard({"choices": [{"index": 0, "delta": fields}]})


def answer(*chunks: Any) -> Message:
    return draft_of(*chunks).message()


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
        # each place of text, thoughts, pictures and calls: test_odd_answers.py
        ({"content": ""}, []),
        ({"content": None}, []),
        ({"reasoning": "hm", "reasoning_content": "hm"}, [ReasoningDelta("hm")]),
        ({"reasoning_content": None, "content": "Hi"}, [TextDelta("Hi")]),
        ({"refusal": "No."}, [RefusalDelta("No.")]),
        ({"images": [{"url": "u"}]}, [MediaReceived(Media("image", "u"))]),
        ({"audio": {"data": "AA", "transcript": "Hi"}}, [AudioDelta("AA", "Hi")]),
        ({"tool_calls": None}, []),
        ({"tool_calls": [{"function": {"name": "f", "arguments": None}}]}, [ToolCallDelta(None, "", "f", "")]),
        (
            {"tool_calls": [{"index": 2, "id": "a", "function": {"name": "f", "arguments": "{}"}}]},
            [ToolCallDelta(2, "a", "f", "{}")],
        ),
        ({"role": "assistant"}, []),
        ({}, []),
    ],
)
def test_a_delta_is_read_as_events(fields: dict[str, Any], expected: list[Any]) -> None:
    assert delta(**fields) == expected


def test_a_message_beside_the_delta_is_not_counted_twice() -> None:
    both = {"delta": {"content": "Hi"}, "message": {"content": "Hi"}}
    assert heard({"choices": [both]}) == [TextDelta("Hi")]


@pytest.mark.parametrize("choice", [{"delta": None}, {}, {"delta": {}}, {"message": None}, {"delta": []}])
def test_a_choice_that_says_nothing_gives_no_events(choice: Any) -> None:
    assert heard({"choices": [choice]}) == []


def test_the_details_of_usage_are_read() -> None:
    counts = {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30}
    details = {"completion_tokens_details": {"reasoning_tokens": 5}, "prompt_tokens_details": {"cached_tokens": 4}}
    (event,) = heard({"choices": [], "usage": {**counts, **details}})
    assert replace(event.usage, raw={}) == Usage(10, 20, 30, 5, 4, raw={})


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


@pytest.mark.parametrize("reason", ["stop", "length", "tool_calls", "content_filter", "end_turn", "anything new"])
def test_any_word_for_the_end_is_an_end(reason: str) -> None:
    assert heard({"choices": [{"delta": {}, "finish_reason": reason}]}) == [Finished(reason)]


@pytest.mark.parametrize("reason", [None, "", 0, False, {}, "null", "None"])
def test_a_value_that_is_no_text_is_no_finish_reason(reason: Any) -> None:
    assert heard({"choices": [{"delta": {}, "finish_reason": reason}]}) == []


@pytest.mark.parametrize("native", ["network_error", "MALFORMED_FUNCTION_CALL"])
def test_an_answer_that_came_to_nothing_is_not_complete_whatever_a_router_makes_of_it(native: str) -> None:
    choice = {"delta": {"content": ""}, "finish_reason": "stop", "native_finish_reason": native}
    assert heard({"choices": [choice]}) == [Finished(native)]
    assert heard({"choices": [{**choice, "native_finish_reason": "STOP"}]}) == [Finished("stop")]


def test_sources_of_a_search_have_their_titles() -> None:
    results = [{"title": "A", "url": "https://a.example", "date": None}, {"title": "B", "url": 3}, None, "c"]
    chunk = {"choices": [], "citations": ["https://a.example"], "search_results": results}
    assert answer(chunk).citations == (Citation("https://a.example", "A"), Citation("", "B"))


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
    assert [made.name for made in message.tool_calls] == ["f", "f"]
    assert len({made.id for made in message.tool_calls}) == 2


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
