"""Recorded answers of many providers: however the bytes are cut, the same answer comes out.

tests/data/streams holds a short stream of each dialect, in our own words, and what has to come out of it.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable
from typing import Any

import pytest
from basics import CORPUS, DATA, KEY, ask, recorded_cases
from fake_api import FakeAPI, Pause, Reply, reply

from backend import errors
from backend.answer.turn import Turn
from backend.protocol import wire
from backend.protocol.accumulator import Accumulator
from backend.protocol.body import decode
from backend.transport import sse
from backend.transport.client import ChatClient, Endpoint
from backend.types import ChunkReceived, Message, UsageReported

RECORDED = pytest.mark.parametrize("row", recorded_cases("streams/expected.jsonl"))


def wire_bytes(row: dict[str, Any]) -> bytes:
    """The bytes of a stream. Where only its chunks were kept, they are framed here, with a [DONE]."""
    own = DATA / "streams" / row["file"]
    content = (own if own.exists() else CORPUS / "streams" / row["file"]).read_bytes()
    if row["file"].endswith(".sse"):
        return content
    lines = [line for line in content.splitlines() if line.strip()]
    return b"".join(b"data: %b\n\n" % line for line in lines) + b"data: [DONE]\n\n"


def replayed(chunks: Iterable[bytes]) -> tuple[Accumulator, str | None, bool]:
    """(answer, words of the error in it, whether [DONE] came) of a stream, without any network."""
    draft, error, done = Accumulator("m"), None, False
    for event in sse.events(chunks):
        if event.data.strip() == "[DONE]":
            done = True
            break
        chunk = decode(event.data)
        assert isinstance(chunk, dict)
        if problem := errors.error_in(chunk):
            error = errors.from_stream(problem).detail
            break
        for item in wire.events(chunk):
            draft.apply(item)
    return draft, error, done


def said(message: Message) -> dict[str, Any]:
    """A message in the words of the recording's expectation."""
    return {
        "text": message.content,
        "reasoning": message.reasoning,
        "refusal": message.refusal,
        "tools": [(call.id, call.name, call.arguments) for call in message.tool_calls],
        "finish": message.finish_reason,
    }


def expected(choice: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: choice[name] for name in ("text", "reasoning", "refusal", "finish")},
        "tools": [(call["id"], call["name"], call["arguments"]) for call in choice["tools"]],
    }


def check(row: dict[str, Any], draft: Accumulator, error: str | None) -> None:
    assert draft.choices == [choice["index"] for choice in row["choices"]]
    for choice in row["choices"]:
        assert said(draft.message(choice["index"])) == expected(choice)
    assert (dict(draft.usage.raw) if draft.usage else None) == row["usage"]
    assert error == (row["error"]["message"] if row["error"] else None)
    assert [citation.url for citation in draft.message().citations] == (row["citations"] or [])


def cut(content: bytes, rng: random.Random, count: int) -> list[bytes]:
    cuts = sorted(rng.randrange(len(content)) for _ in range(count))
    return [content[start:end] for start, end in zip([0, *cuts], [*cuts, len(content)], strict=True)]


@RECORDED
def test_a_recorded_stream_is_read_whole_and_however_it_is_cut(row: dict[str, Any]) -> None:
    content, rng = wire_bytes(row), random.Random(row["id"])
    *whole, done = replayed([content])
    check(row, *whole)
    assert row["done"] is None or done == row["done"]
    check(row, *replayed(content[at : at + 1] for at in range(len(content)))[:2])
    for count in (3, 40, 700):
        check(row, *replayed(cut(content, rng, count))[:2])


@RECORDED
def test_a_turn_keeps_a_recorded_answer_from_a_real_socket(row: dict[str, Any], api: FakeAPI) -> None:
    pieces = cut(wire_bytes(row), random.Random(row["id"]), 8)
    api.play(Reply([step for piece in pieces for step in (piece, Pause(0.001))]))
    patient = ChatClient(Endpoint(api.url, KEY))  # a busy machine may be late with the usage after the last word
    turn = Turn(patient, ask()).start().join(30)
    patient.close()
    assert turn.state == ("failed" if row["error"] else "done")
    assert (turn.error.detail if turn.error else None) == (row["error"]["message"] if row["error"] else None)
    message = turn.message
    assert said(message) == expected(row["choices"][0])
    assert (dict(message.usage.raw) if message.usage else None) == row["usage"]
    assert [citation.url for citation in message.citations] == (row["citations"] or [])
    raw = [event.event.raw for event in turn.events if isinstance(event.event, ChunkReceived)]
    assert all(isinstance(json.loads(text), dict) for text in raw)


def as_completion(row: dict[str, Any]) -> dict[str, Any]:
    """The blocking reply that says what the recorded stream says."""
    return {
        "object": "chat.completion",
        "choices": [
            {
                "index": choice["index"],
                "finish_reason": choice["finish"],
                "message": {
                    "role": "assistant",
                    "content": choice["text"] or None,
                    "reasoning_content": choice["reasoning"] or None,
                    "refusal": choice["refusal"] or None,
                    "tool_calls": [
                        {
                            "id": call["id"],
                            "type": "function",
                            "function": {"name": call["name"], "arguments": call["arguments"]},
                        }
                        for call in choice["tools"]
                    ],
                },
            }
            for choice in row["choices"]
        ],
        "usage": row["usage"],
        "citations": row["citations"],
    }


@pytest.mark.parametrize("row", recorded_cases("streams/expected.jsonl", where=lambda row: not row["error"]))
def test_streaming_and_blocking_give_equal_messages(row: dict[str, Any], api: FakeAPI, client: ChatClient) -> None:
    streamed, _, _ = replayed([wire_bytes(row)])
    api.play(reply(as_completion(row)))
    blocking = Accumulator("m")
    for event in client.chat(ask(stream=False)):
        blocking.apply(event)
    assert blocking.choices == streamed.choices
    for choice in streamed.choices:
        ours, theirs = blocking.message(choice), streamed.message(choice)
        assert said(ours) == said(theirs)
        assert (ours.role, ours.usage, ours.citations, ours.media) == (
            theirs.role,
            theirs.usage,
            theirs.citations,
            theirs.media,
        )


@pytest.mark.parametrize("row", recorded_cases("streams/expected.jsonl", where=lambda row: row["usage"]))
def test_usage_of_a_recorded_stream_is_read_as_numbers(row: dict[str, Any]) -> None:
    (event,) = [event for event in wire.events({"usage": row["usage"]}) if isinstance(event, UsageReported)]
    assert event.usage.prompt_tokens == row["usage"]["prompt_tokens"]
    assert event.usage.completion_tokens == row["usage"]["completion_tokens"]


@RECORDED
def test_a_recorded_stream_without_its_end_is_not_whole(
    row: dict[str, Any], api: FakeAPI, client: ChatClient
) -> None:
    content = wire_bytes(row)
    blank = re.search(rb"\n\n|\r\n\r\n|\r\r", content)
    assert blank
    first_event = blank.end()
    api.play(Reply([content[:first_event], content[first_event : first_event + 20]]))
    turn = Turn(client, ask()).start().join(10)
    finished = turn.message.finish_reason is not None
    assert turn.state == ("done" if finished else "failed")
    if not finished:
        assert turn.message.failure is not None
        assert turn.message.failure.kind == "CutOff", turn.message.failure
