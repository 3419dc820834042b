"""What servers say in Anthropic's and OpenAI's other format, and do not quite as the documents have it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from drafts import draft_of

from backend.protocol import wire
from backend.types import ChatRequest, Dialect, Message


def heard(format_: Any, *chunks: dict[str, Any]) -> Message:
    return draft_of(*chunks, format_=format_).message()


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
HE, LLO = {**PIECE, "delta": "He"}, {**PIECE, "delta": "llo"}
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
        ("responses", (HE, {**LLO, "content_index": 1}, {**DONE, "content_index": 2}, OVER)),
        ("responses", (HE, LLO, {**DONE, "output_index": 1}, OVER)),
        ("responses", ({**PIECE, "delta": {"type": "output_text", "text": "Hello"}}, OVER)),
    ],
    ids=[
        "a plain text",
        "words at the start",
        "whole at its end",
        "pieces and whole",
        "beside it",
        "pieces, beside",
        "each piece a part",
        "its end elsewhere",
        "a piece as a part",
    ],
)
def test_the_text_arrives_once(format_: str, chunks: tuple[dict[str, Any], ...]) -> None:
    assert heard(format_, *chunks).content == "Hello"


def thinks(kind: str, text: str, place: int, end: str = "delta", name: str = "delta") -> dict[str, Any]:
    return {"type": f"response.{kind}.{end}", "output_index": 0, "content_index": place, name: text}


@pytest.mark.parametrize(
    "chunks",
    [
        [thinks("reasoning_text", "I lo", 0), thinks("reasoning_text", "ok.", 1)],
        [thinks("reasoning_text", "I look.", 0), thinks("reasoning_summary_text", "I look.", 0)],
        [thinks("reasoning_text", "I look.", 0), thinks("reasoning_text", "I look.", 1, "done", "text")],
        [thinks("reasoning_text", "I look.", 0, "done", "text")],
        [thinks("reasoning_summary_text", "I look.", 0, "done", "text")],
    ],
    ids=["each piece a part", "and in a summary", "pieces and whole", "whole at its end", "a summary at its end"],
)
def test_a_thought_of_a_response_arrives_once_and_in_one_piece(chunks: list[dict[str, Any]]) -> None:
    assert heard("responses", *chunks, *in_pieces(1, "Hello"), OVER).reasoning == "I look."


def said(*texts: str, kind: str = "text") -> dict[str, Any]:
    return {"type": "message", "content": [{"type": f"output_{kind}", kind: text} for text in texts]}


def in_pieces(place: int, *pieces: str) -> list[dict[str, Any]]:
    """A text of a response in pieces, and its end."""
    at = {"output_index": place, "content_index": 0}
    deltas = [{"type": "response.output_text.delta", **at, "delta": text} for text in pieces]
    return [*deltas, {"type": "response.output_text.done", **at, "text": "".join(pieces)}]


def refused(place: int, text: str) -> dict[str, Any]:
    return {"type": "response.refusal.done", "output_index": place, "content_index": 0, "refusal": text}


@pytest.mark.parametrize(
    "chunks",
    [
        [completed(said("One."), said("Two."))],
        [completed(said("One."), {"type": "web_search_call", "id": "ws"}, said("Two."))],
        [completed(said("On", "e."), said("", "Two."))],
        [*in_pieces(0, "On", "e."), *in_pieces(2, "Tw", "o."), OVER],
        [
            *in_pieces(0, "One."),
            *in_pieces(1, "", "Two."),
            {**OVER, "response": completed(said("One."), said("Two."))},
        ],
        [{**DONE, "text": "One."}, {**DONE, "output_index": 1, "text": "Two."}, OVER],
    ],
)
def test_two_messages_of_one_response_are_paragraphs(chunks: list[dict[str, Any]]) -> None:
    assert heard("responses", *chunks).content == "One.\n\nTwo."


@pytest.mark.parametrize(
    "chunks",
    [
        [completed(said("No.", kind="refusal"), said("One."), said("Never.", kind="refusal"))],
        [refused(0, "No."), *in_pieces(1, "One."), refused(2, "Never."), OVER],
    ],
)
def test_a_refusal_stays_one_beside_a_text(chunks: list[dict[str, Any]]) -> None:
    message = heard("responses", *chunks)
    assert (message.content, message.refusal) == ("One.", "No.\n\nNever.")


SEARCH = {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"query": "fig"}}
NEW = {"type": "something_new", "payload": {"a": [1]}}


@pytest.mark.parametrize("streamed", [True, False])
def test_items_that_are_not_known_are_kept_and_go_back_in_their_place(streamed: bool) -> None:
    call = {"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"}
    output = [SEARCH, said("I look."), NEW, call]
    chunks = [
        {"type": "response.output_item.done", "output_index": 0, "item": SEARCH},
        *in_pieces(1, "I ", "look."),
        {"type": "response.output_item.done", "output_index": 2, "item": NEW},
        {"type": "response.output_item.done", "output_index": 3, "item": call},
        {**OVER, "response": completed(*output)},
    ]
    answer = replace(heard("responses", *(chunks if streamed else [completed(*output)])), state="done")
    assert answer.reasoning_details == (SEARCH, NEW)
    request = ChatRequest("m", (Message("user", "Hi"), answer, Message("tool", "1", tool_call_id="a")))
    body = wire.payload(replace(request, dialect=Dialect(format="responses")))
    assert body["input"][1:4] == [SEARCH, {"role": "assistant", "content": "I look."}, NEW]


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


TOKENS = [{"token": "Hello", "logprob": -0.1, "bytes": None, "top_logprobs": [{"token": "Hi", "logprob": -3.0}]}]


@pytest.mark.parametrize(
    "chunks",
    [
        ({**PIECE, "logprobs": TOKENS}, {**DONE, "logprobs": TOKENS}, OVER),
        ({**DONE, "logprobs": TOKENS}, OVER),
        (completed({"type": "message", "content": [{"text": "Hello", "logprobs": TOKENS}]}),),
    ],
)
def test_the_probabilities_of_a_response_are_read_once(chunks: tuple[dict[str, Any], ...]) -> None:
    message = heard("responses", *chunks)
    assert message.content == "Hello"
    assert [(token.text, token.logprob, token.alternatives) for token in message.logprobs] == [
        ("Hello", -0.1, (("Hi", -3.0),))
    ]


@pytest.mark.parametrize("streamed", [True, False])
def test_the_pages_that_perplexity_found_are_sources_and_do_not_go_back(streamed: bool) -> None:
    pages = [{"id": place, "url": f"https://{place}.example/", "title": f"Page {place}"} for place in (1, 2)]
    search = {"type": "search_results", "queries": ["fig"], "results": pages}
    done = {"type": "response.output_item.done", "output_index": 0, "item": search}
    whole = completed(search, said("Figs.[2]"))
    chunks = [done, *in_pieces(1, "Figs.[2]"), {**OVER, "response": whole}] if streamed else [whole]
    answer = heard("responses", *chunks)
    assert answer.content == "Figs.[2]"
    assert [(page.url, page.title) for page in answer.citations] == [
        ("https://1.example/", "Page 1"),
        ("https://2.example/", "Page 2"),
    ]
    assert answer.reasoning_details == ()


@pytest.mark.parametrize("streamed", [True, False])
def test_a_thought_in_plain_words_goes_back_with_the_call_and_a_summary_does_not(streamed: bool) -> None:
    """DeepSeek and vLLM give the thought itself, and encrypt none."""
    words = [{"type": "reasoning_text", "text": "I look."}]
    thought = {"type": "reasoning", "id": "r1", "summary": [], "content": words}
    summary = {"type": "reasoning", "id": "r2", "summary": [{"type": "summary_text", "text": "It looks."}]}
    call = {"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"}
    items = [
        {"type": "response.output_item.done", "output_index": n, "item": item}
        for n, item in enumerate((thought, call))
    ]
    whole = completed(thought, call)
    chunks = [thinks("reasoning_text", "I look.", 0), *items, {**OVER, "response": whole}] if streamed else [whole]
    answer = replace(heard("responses", *chunks), state="done")
    assert (answer.reasoning, answer.content) == ("I look.", "")
    request = ChatRequest("m", (Message("user", "Hi"), answer), dialect=Dialect(format="responses"))
    assert wire.payload(request)["input"][1] == thought
    told = replace(heard("responses", completed(summary, call)), state="done")
    back = wire.payload(replace(request, messages=(Message("user", "Hi"), told)))["input"]
    assert [item.get("type") for item in back] == [None, "function_call", "function_call_output"]
