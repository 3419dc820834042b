"""What servers say in Anthropic's and OpenAI's other format, and do not quite as the documents have it."""

from __future__ import annotations

from typing import Any

import pytest

from backend.protocol import wire
from backend.protocol.accumulator import Accumulator
from backend.types import Message


def heard(format_: Any, *chunks: dict[str, Any]) -> Message:
    reader, draft = wire.reader(format_), Accumulator("m")
    for chunk in chunks:
        for event in wire.events(reader.chunk(chunk)):
            draft.apply(event)
    return draft.message()


def claude(*content: Any) -> dict[str, Any]:
    return {"type": "message", "content": content[0] if content == ("Hello",) else list(content)}


def completed(*output: Any, **more: Any) -> dict[str, Any]:
    return {"object": "response", "status": "completed", "output": list(output), **more}


def begun(place: int, block: dict[str, Any]) -> dict[str, Any]:
    return {"type": "content_block_start", "index": place, "content_block": block}


def piece(place: int, kind: str, **delta: str) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": place, "delta": {"type": kind, **delta}}


THOUGHT = {"type": "thinking", "thinking": "", "signature": ""}
UNENDED = (
    begun(0, THOUGHT),
    piece(0, "thinking_delta", thinking="A."),
    piece(0, "signature_delta", signature="SIG"),
)
DONE = {"type": "response.output_text.done", "output_index": 0, "content_index": 0, "text": "Hello"}
PIECE = {"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": "Hello"}
OVER = {"type": "response.completed", "response": {"status": "completed", "output": []}}


@pytest.mark.parametrize(
    ("format_", "chunks"),
    [
        ("messages", (claude("Hello"),)),
        ("messages", (begun(0, {"type": "text", "text": "He"}), piece(0, "text_delta", text="llo"))),
        ("responses", (DONE, OVER)),
        ("responses", (PIECE, DONE, OVER)),
        ("responses", (completed(output_text="Hello"),)),
        ("responses", (PIECE, {**OVER, "response": completed(output_text="Hello")})),
    ],
    ids=[
        "a plain text",
        "words at the start",
        "whole at its end",
        "pieces and whole",
        "beside it",
        "pieces, beside",
    ],
)
def test_the_text_arrives_once(format_: str, chunks: tuple[dict[str, Any], ...]) -> None:
    assert heard(format_, *chunks).content == "Hello"


def test_two_texts_of_which_no_piece_came_both_arrive() -> None:
    assert heard("responses", DONE, {**DONE, "output_index": 1, "text": " there"}, OVER).content == "Hello there"


@pytest.mark.parametrize("streamed", [True, False])
def test_a_second_thought_of_claude_begins_after_a_blank_line(streamed: bool) -> None:
    thoughts = [{"type": "thinking", "thinking": text, "signature": "S"} for text in ("A.", "B.")]
    pieces = [
        event
        for place, text in ((0, ("A", ".")), (1, ("B", ".")))
        for event in (begun(place, THOUGHT), *(piece(place, "thinking_delta", thinking=part) for part in text))
    ]
    chunks = pieces if streamed else [claude(*thoughts)]
    assert heard("messages", *chunks).reasoning == "A.\n\nB."


@pytest.mark.parametrize(
    "after",
    [begun(1, {"type": "text", "text": "x"}), {"type": "message_delta", "delta": {"stop_reason": "end_turn"}}],
    ids=["text", "the end"],
)
def test_a_thought_whose_end_did_not_come_keeps_its_signature(after: dict[str, Any]) -> None:
    assert heard("messages", *UNENDED, after).reasoning_details == (
        {"type": "thinking", "thinking": "A.", "signature": "SIG"},
    )


def test_arguments_that_are_text_already_are_not_written_twice() -> None:
    call = {"type": "tool_use", "id": "a", "name": "f", "input": '{"a": 1}'}
    assert heard("messages", claude(call)).tool_calls[0].arguments == '{"a": 1}'
    assert heard("messages", begun(0, call)).tool_calls[0].arguments == '{"a": 1}'


def test_a_picture_that_a_response_made_is_kept() -> None:
    (media,) = heard("responses", completed({"type": "image_generation_call", "result": "iVBORw0KGgo="})).media
    assert (media.kind, media.url) == ("image", "data:image/png;base64,iVBORw0KGgo=")
