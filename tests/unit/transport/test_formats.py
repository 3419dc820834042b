"""Anthropic's /messages and OpenAI's /responses give the same message as chat completions do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from basics import CORPUS, KEY, QUICK, ask, cases
from fake_api import CUT, FakeAPI, Reply, Step

from backend import errors
from backend.protocol import dialects
from backend.protocol.accumulator import Accumulator
from backend.transport.client import ChatClient, Endpoint
from backend.types import ChatRequest, ChunkReceived, Message, Tool

WEATHER = Tool("weather", "The weather in a city", {"type": "object"})
ROME = '{"city": "Rome"}'
USED = {"input_tokens": 9, "output_tokens": 3}
FORMATS = ("messages", "responses")


def named(*items: dict[str, Any] | Step) -> Reply:
    """A stream in which each event has its type as a name."""
    steps = (
        f"event: {item['type']}\ndata: {json.dumps(item)}\n\n".encode() if isinstance(item, dict) else item
        for item in items
    )
    return Reply(list(steps), 200, {"Content-Type": "text/event-stream"})


def block(kind: str, place: int, **piece: Any) -> dict[str, Any]:
    return {"type": f"content_block_{kind}", "index": place, **piece}


STREAMS = {
    "messages": named(
        {"type": "message_start", "message": {"usage": {**USED, "output_tokens": 1, "cache_read_input_tokens": 5}}},
        {"type": "ping"},
        block("start", 0, content_block={"type": "thinking", "thinking": "", "signature": ""}),
        block("delta", 0, delta={"type": "thinking_delta", "thinking": "Let me "}),
        block("delta", 0, delta={"type": "thinking_delta", "thinking": "see."}),
        block("delta", 0, delta={"type": "signature_delta", "signature": "SIG"}),
        block("stop", 0),
        block("start", 1, content_block={"type": "text", "text": ""}),
        block("delta", 1, delta={"type": "text_delta", "text": "I look "}),
        block("delta", 1, delta={"type": "text_delta", "text": "it up."}),
        block("stop", 1),
        block("start", 2, content_block={"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {}}),
        block("delta", 2, delta={"type": "input_json_delta", "partial_json": '{"city"'}),
        block("delta", 2, delta={"type": "input_json_delta", "partial_json": ': "Rome"}'}),
        block("stop", 2),
        block("start", 3, content_block={"type": "tool_use", "id": "toolu_2", "name": "weather", "input": {}}),
        block("stop", 3),
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 3}},
        {"type": "message_stop"},
    ),
    "responses": named(
        {"type": "response.created", "response": {"status": "in_progress", "output": []}},
        {"type": "response.reasoning_summary_text.delta", "output_index": 0, "delta": "Let me see."},
        {"type": "response.output_text.delta", "output_index": 1, "delta": "I look "},
        {"type": "response.output_text.delta", "output_index": 1, "delta": "it up."},
        *(
            event
            for place, call_id in ((2, "toolu_1"), (3, "toolu_2"))
            for event in (
                {
                    "type": "response.output_item.added",
                    "output_index": place,
                    "item": {"type": "function_call", "call_id": call_id, "name": "weather", "arguments": ""},
                },
                *(
                    {"type": "response.function_call_arguments.delta", "output_index": place, "delta": piece}
                    for piece in (('{"city"', ': "Rome"}') if place == 2 else ())
                ),
            )
        ),
        {
            "type": "response.completed",
            "response": {
                "status": "completed",
                "output": [
                    {"type": "reasoning", "summary": [{"text": "Let me see."}], "encrypted_content": "SIG"},
                    {"type": "message", "content": [{"type": "output_text", "text": "I look it up."}]},
                    {
                        "type": "function_call",
                        "call_id": "toolu_1",
                        "name": "weather",
                        "arguments": '{"city": "Rome"}',
                    },
                    {"type": "function_call", "call_id": "toolu_2", "name": "weather", "arguments": ""},
                ],
                "usage": {"input_tokens": 14, "output_tokens": 3, "input_tokens_details": {"cached_tokens": 5}},
            },
        },
    ),
}
WHOLE = {
    "messages": {
        "type": "message",
        "content": [
            {"type": "thinking", "thinking": "Let me see.", "signature": "SIG"},
            {"type": "text", "text": "I look it up."},
            {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Rome"}},
            {"type": "tool_use", "id": "toolu_2", "name": "weather", "input": {}},
        ],
        "stop_reason": "tool_use",
        "usage": {**USED, "cache_read_input_tokens": 5},
    },
    "responses": {
        "object": "response",
        "error": None,
        "status": "completed",
        "output": [
            {"type": "reasoning", "summary": [{"text": "Let me see."}], "encrypted_content": "SIG"},
            {"type": "message", "content": [{"type": "output_text", "text": "I look it up."}]},
            {"type": "function_call", "call_id": "toolu_1", "name": "weather", "arguments": '{"city": "Rome"}'},
            {"type": "function_call", "call_id": "toolu_2", "name": "weather", "arguments": "{}"},
        ],
        "usage": {"input_tokens": 14, "output_tokens": 3, "input_tokens_details": {"cached_tokens": 5}},
    },
}
ENDS = {
    "messages": {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
    "responses": {"type": "response.completed", "response": {"status": "completed", "output": []}},
}
PIECES = {
    "messages": block("delta", 0, delta={"type": "text_delta", "text": "Teal"}),
    "responses": {"type": "response.output_text.delta", "output_index": 0, "delta": "Teal"},
}


def whole(body: Any, status: int = 200) -> Reply:
    return Reply([json.dumps(body).encode()], status, {"Content-Type": "application/json"})


def request(format_: str, api: FakeAPI, **fields: Any) -> ChatRequest:
    """A question to the endpoint of a format, which the address of the server names."""
    return ask(dialect=dialects.choose("m", f"{api.url}/{format_}"), **fields)


def answer(api: FakeAPI, asked: ChatRequest) -> Message:
    draft = Accumulator(asked.model)
    for event in client(api).chat(asked):
        draft.apply(event)
    return draft.message()


def client(api: FakeAPI) -> ChatClient:
    return ChatClient(Endpoint(f"{api.url}/messages", KEY), QUICK)


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("format_", FORMATS)
def test_thoughts_words_and_calls_arrive(format_: str, stream: bool) -> None:
    with FakeAPI(STREAMS[format_] if stream else whole(WHOLE[format_])) as api:
        message = answer(api, request(format_, api, stream=stream, tools=(WEATHER,)))
        assert api.asked[0].path == f"/v1/{format_}"
    assert (message.reasoning, message.content) == ("Let me see.", "I look it up.")
    assert [(call.id, call.name) for call in message.tool_calls] == [("toolu_1", "weather"), ("toolu_2", "weather")]
    assert json.loads(message.tool_calls[0].arguments) == {"city": "Rome"}
    assert message.tool_calls[1].arguments in ("", "{}")
    assert message.finish_reason == "tool_calls"
    usage = message.usage
    assert usage and (usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens) == (14, 3, 5)


@pytest.mark.parametrize("format_", FORMATS)
def test_signed_thoughts_go_back_in_the_same_loop_with_the_results(format_: str) -> None:
    with FakeAPI([STREAMS[format_], STREAMS[format_]]) as api:
        first = request(format_, api, tools=(WEATHER,))
        message = answer(api, first)
        results = (Message("tool", "Sunny", tool_call_id=call.id) for call in message.tool_calls)
        answer(api, replace(first, messages=(*first.messages, message, *results)))
        sent = api.asked[1].body
    if format_ == "messages":
        _, calls, results_ = sent["messages"]
        assert calls["content"][0] == {"type": "thinking", "thinking": "Let me see.", "signature": "SIG"}
        assert [made["type"] for made in calls["content"]] == ["thinking", "text", "tool_use", "tool_use"]
        assert [made["tool_use_id"] for made in results_["content"]] == ["toolu_1", "toolu_2"]
    else:
        kinds = [item.get("type", item.get("role")) for item in sent["input"]]
        calls = ["function_call", "function_call", "function_call_output", "function_call_output"]
        assert kinds == ["user", "reasoning", "assistant", *calls]
        assert sent["input"][1]["encrypted_content"] == "SIG"


@pytest.mark.parametrize("format_", FORMATS)
def test_an_answer_that_breaks_off_is_cut_off_and_what_came_is_kept(format_: str) -> None:
    with FakeAPI(named(PIECES[format_], CUT)) as api:
        draft = Accumulator("m")
        with pytest.raises(errors.CutOff):
            for event in client(api).chat(request(format_, api)):
                draft.apply(event)
    assert draft.message().content == "Teal"


@pytest.mark.parametrize(
    ("format_", "last", "word"),
    [
        (
            "messages",
            {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
            "Overloaded",
        ),
        ("responses", {"type": "error", "code": "x", "message": "Overloaded"}, "Overloaded"),
        ("responses", {"type": "response.failed", "response": {"error": {"message": "Overloaded"}}}, "Overloaded"),
    ],
)
def test_an_error_in_mid_stream_is_one(format_: str, last: dict[str, Any], word: str) -> None:
    with FakeAPI(named(PIECES[format_], last)) as api, pytest.raises(errors.APIError) as raised:
        answer(api, request(format_, api))
    assert "Overloaded" in raised.value.detail + raised.value.title


@pytest.mark.parametrize("format_", FORMATS)
def test_a_reply_that_holds_no_answer_is_none(format_: str) -> None:
    with FakeAPI(whole({"hello": "world"})) as api, pytest.raises(errors.NotAnAnswer):
        answer(api, request(format_, api, stream=False))


@pytest.mark.parametrize(
    ("format_", "last", "reason"),
    [
        ("messages", {"type": "message_delta", "delta": {"stop_reason": "max_tokens"}}, "length"),
        ("messages", {"type": "message_delta", "delta": {"stop_reason": "refusal"}}, "content_filter"),
        ("messages", {"type": "message_delta", "delta": {"stop_reason": "pause_turn"}}, "pause_turn"),
        (
            "messages",
            {"type": "message_delta", "delta": {"stop_reason": "model_context_window_exceeded"}},
            "model_context_window_exceeded",
        ),
        (
            "responses",
            {
                "type": "response.incomplete",
                "response": {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}},
            },
            "length",
        ),
        (
            "responses",
            {
                "type": "response.incomplete",
                "response": {"status": "incomplete", "incomplete_details": {"reason": "content_filter"}},
            },
            "content_filter",
        ),
    ],
)
def test_the_finish_reason_is_in_the_words_of_chat_completions(
    format_: str, last: dict[str, Any], reason: str
) -> None:
    with FakeAPI(named(PIECES[format_], last)) as api:
        message = answer(api, request(format_, api))
    assert (message.content, message.finish_reason) == ("Teal", reason)


def item_event(kind: str, place: int, **item: Any) -> dict[str, Any]:
    named_ = {"type": "function_call", "call_id": "c1", "name": "weather", **item}
    return {"type": f"response.output_item.{kind}", "output_index": place, "item": named_}


def arguments(kind: str, place: int, **piece: Any) -> dict[str, Any]:
    return {"type": f"response.function_call_arguments.{kind}", "output_index": place, **piece}


ADDED = item_event("added", 0, arguments="")
DELTAS = [arguments("delta", 0, delta=piece) for piece in ('{"city"', ': "Rome"}')]
DONE = arguments("done", 0, arguments=ROME)
ITEM = item_event("done", 0, arguments=ROME)
OVER = {"type": "response.completed", "response": {"status": "completed", "output": [ITEM["item"]]}}


@pytest.mark.parametrize(
    "events",
    [
        [ADDED, DONE, OVER],
        [ADDED, DONE, ITEM, OVER],
        [ADDED, OVER],
        [ADDED, ITEM, OVER],
        [*DELTAS, OVER],
        [*DELTAS, DONE, ITEM, OVER],
        [DONE, OVER],
        [ITEM, OVER],
        [OVER],
        [ADDED, *DELTAS, DONE, ITEM, OVER],
        [ADDED, DELTAS[0], DELTAS[1], OVER],
    ],
)
def test_a_call_is_whole_whichever_of_its_events_come(events: list[dict[str, Any]]) -> None:
    with FakeAPI(named(*events)) as api:
        (call,) = answer(api, request("responses", api)).tool_calls
    assert (call.id, call.name, call.arguments) == ("c1", "weather", ROME)


def test_thoughts_that_follow_each_other_are_paragraphs_streamed_or_whole() -> None:
    texts = ["**A** one.", "**B** two."]
    pieces = [
        {"type": "response.reasoning_summary_text.delta", "output_index": 0, "summary_index": index, "delta": piece}
        for index, text in enumerate(texts)
        for piece in (text[:4], text[4:])
    ]
    other = {**pieces[0], "output_index": 1, "delta": "C"}
    output = [{"type": "reasoning", "summary": [{"text": text} for text in held]} for held in (texts, ["C"])]
    over = {"type": "response.completed", "response": {"status": "completed", "output": output}}
    for events in ([*pieces, other, over], [over]):
        with FakeAPI(named(*events)) as api:
            assert answer(api, request("responses", api)).reasoning == "**A** one.\n\n**B** two.\n\nC"


@pytest.mark.parametrize(
    ("status", "stream"),
    [("failed", True), ("failed", False), ("cancelled", True), ("cancelled", False), ("queued", False)],
)
def test_a_response_that_came_to_nothing_is_no_answer(status: str, stream: bool) -> None:
    response = {"object": "response", "status": status, "error": None, "output": []}
    event = {"type": f"response.{status}", "response": {**response, "object": "response"}}
    with FakeAPI(named(event) if stream else whole(response)) as api, pytest.raises(errors.APIError) as raised:
        answer(api, request("responses", api, stream=stream))
    assert status in raised.value.failure().detail


def test_the_version_of_anthropics_format_goes_along_with_it_on_every_server() -> None:
    for format_ in ("messages", "responses"):
        with FakeAPI(whole(WHOLE[format_])) as api:
            answer(api, request(format_, api, stream=False))
            sent = {name.lower() for name in api.asked[0].headers}
        assert ("anthropic-version" in sent) is (format_ == "messages")


def test_a_text_that_comes_only_at_the_end_is_not_lost() -> None:
    output = [{"type": "message", "content": [{"type": "output_text", "text": "Teal."}]}]
    last = {"type": "response.completed", "response": {"status": "completed", "output": output}}
    with FakeAPI(named(last)) as api:
        assert answer(api, request("responses", api)).content == "Teal."


@pytest.mark.parametrize("format_", FORMATS)
def test_a_key_in_an_answer_is_taken_out_there_too(format_: str) -> None:
    piece = json.loads(json.dumps(PIECES[format_]).replace("Teal", KEY))
    with FakeAPI(named(piece, ENDS[format_])) as api:
        seen = list(client(api).chat(request(format_, api)))
    assert KEY not in repr(seen) and any(isinstance(event, ChunkReceived) for event in seen)


def test_fields_have_the_names_and_shapes_of_the_format() -> None:
    fields = {"max_tokens": 5, "reasoning_effort": "low", "temperature": 1}
    schema = {"type": "json_schema", "json_schema": {"name": "a", "schema": {}, "strict": True}}
    with FakeAPI(whole(WHOLE["responses"])) as api:
        asked = request(
            "responses", api, stream=False, parameters=fields, response_format=schema, tool_choice="weather"
        )
        answer(api, replace(asked, messages=(Message("system", "Be brief."), *asked.messages), tools=(WEATHER,)))
        sent = api.asked[0].body
    assert (sent["max_output_tokens"], sent["reasoning"], sent["temperature"]) == (16, {"effort": "low"}, 1)
    assert sent["text"] == {"format": {"type": "json_schema", "name": "a", "schema": {}, "strict": True}}
    assert (sent["instructions"], sent["tool_choice"]) == ("Be brief.", {"type": "function", "name": "weather"})
    assert not {"max_tokens", "stream_options", "messages", "reasoning_effort"} & set(sent)


@pytest.mark.parametrize("stop", ["END", ["END"]])
def test_claudes_stop_sequences_are_a_list(stop: Any) -> None:
    with FakeAPI(whole(WHOLE["messages"])) as api:
        answer(api, request("messages", api, stream=False, parameters={"stop": stop, "max_completion_tokens": 7}))
        sent = api.asked[0].body
    assert (sent["stop_sequences"], sent["max_tokens"]) == (["END"], 7) and "stop" not in sent


def test_anthropics_own_api_has_a_header_of_its_own_for_the_key() -> None:
    own, other = Endpoint("https://api.anthropic.com/v1", KEY), Endpoint("https://api.aimlapi.com/v1", KEY)
    assert ChatClient(own)._authorization() == {"x-api-key": KEY}
    assert ChatClient(other)._authorization() == {"Authorization": f"Bearer {KEY}"}
    asked = ask(dialect=dialects.choose("claude-sonnet-4-5", own.base_url))
    assert (own.url("models"), asked.dialect.adds) == ("https://api.anthropic.com/v1/models", {"max_tokens": 4096})


def recorded() -> Iterator[Any]:
    """The documented exchanges of the two families, where the larger collection is."""
    path = CORPUS.parent / "reference" / "family_examples.jsonl"
    for row in cases(path) if path.exists() else []:
        if row.get("family") in FORMATS and row["responses"][0]["status"] == 200:
            yield pytest.param(row, id=f"{row['family']}-{row['scenario']}")


@pytest.mark.parametrize("row", list(recorded()))
def test_a_documented_exchange_is_understood(row: dict[str, Any]) -> None:
    told, stream = row["responses"][0], row["request"]["body"].get("stream") is True
    reply = Reply([told["body_text"].encode()], 200, told["headers"]) if stream else whole(told["body"])
    with FakeAPI(reply) as api:
        message = answer(api, request(row["family"], api, stream=stream))
    assert message.content == "Teal."
    assert message.finish_reason == ("length" if "limit" in row["scenario"] else "stop")
    assert message.usage and message.usage.prompt_tokens == 9
