"""One thing where a list is expected, and other shapes that servers have: nothing of what they say is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from basics import ask
from drafts import draft_of
from fake_api import FakeAPI, events, reply

from backend.answer.turn import Turn
from backend.formats import archive
from backend.protocol.wire import events as events_of
from backend.transport.client import ChatClient
from backend.types import Citation, Cited, Message

CALL = {"name": "f", "arguments": '{"a":1}'}


def heard(kind: str, *parts: dict[str, Any]) -> Message:
    return draft_of(*({"choices": [{"index": 0, kind: part}]} for part in parts)).message()


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        ("delta", [{"tool_calls": {"id": "a", "function": CALL}}]),
        ("message", [{"tool_calls": {"id": "a", "function": CALL}}]),
        ("message", [{"tool_calls": json.dumps([{"id": "a", "function": CALL}])}]),
        ("delta", [{"tool_calls": json.dumps([{"id": "a", "function": CALL}])}]),
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


# ---- lists that are none ----------------------------------------------------------------------------------

SAID: dict[str, Any] = {"delta": {"content": "Hi"}, "finish_reason": "stop"}
WHOLE: dict[str, Any] = {"message": {"content": "Hi"}, "finish_reason": "stop"}


@pytest.mark.parametrize("choice", [SAID, WHOLE], ids=["stream", "whole"])
@pytest.mark.parametrize("wrap", [lambda choice: choice, lambda choice: {"0": choice}], ids=["one", "numbered"])
def test_choices_that_are_no_list_are_read_over_the_wire(
    api: FakeAPI, client: ChatClient, choice: dict[str, Any], wrap: Any
) -> None:
    body = {"choices": wrap(choice)}
    api.play(events(body, "[DONE]") if choice is SAID else reply(body))
    message = Turn(client, ask(stream=choice is SAID)).start().join(20).message
    assert (message.content, message.finish_reason, message.failure) == ("Hi", "stop", None)


def test_choices_are_numbered_by_their_names_where_they_are_no_list() -> None:
    draft = draft_of({"choices": {"1": {"delta": {"content": "b"}}, "0": {"delta": {"content": "a"}}}})
    assert (draft.message(0).content, draft.message(1).content) == ("a", "b")


def test_nothing_is_no_choice() -> None:
    for nothing in ({}, [], None, "none", 3, {"0": None}, {"0": 3}):
        assert not list(events_of({"choices": nothing}))


IMAGE = "data:image/png;base64,AA=="
DETAIL = {"type": "reasoning.text", "text": "Hm"}
THOUGHT = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]}
LISTS: dict[str, tuple[dict[str, Any], Any]] = {
    "images": ({"images": [{"image_url": {"url": IMAGE}}]}, lambda message: message.media[0].url == IMAGE),
    "images, bare": ({"images": [IMAGE]}, lambda message: message.media[0].url == IMAGE),
    "details": ({"reasoning_details": [DETAIL]}, lambda message: message.reasoning_details == (DETAIL,)),
    "thinking": ({"content": [THOUGHT]}, lambda message: message.reasoning == "Hm"),
    "annotations": (
        {"annotations": [{"type": "url_citation", "url_citation": {"url": "https://a", "title": "A"}}]},
        lambda message: message.citations == (Citation("https://a", "A"),),
    ),
}


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("wrap", ["list", "one", "numbered"])
def test_a_list_given_as_an_object_is_read(name: str, wrap: str) -> None:
    part, holds = LISTS[name]
    ((field, (item,)),) = part.items()
    assert holds(heard("delta", {field: {"list": [item], "one": item, "numbered": {"0": item}}[wrap]}))


@pytest.mark.parametrize("name", ["messages", "responses"])
@pytest.mark.parametrize("wrap", [lambda item: item, lambda item: {"0": item}], ids=["one", "numbered"])
def test_odd_shapes_are_read_in_other_formats_too(name: Any, wrap: Any) -> None:
    text = {"type": "text", "text": "Hi"}
    whole: dict[str, Any] = {
        "messages": {"type": "message", "content": wrap(text)},
        "responses": {"object": "response", "output": wrap({"type": "message", "content": wrap(text)})},
    }[name]
    assert draft_of(whole, format_=name).message().content == "Hi"


# ---- citations --------------------------------------------------------------------------------------------

CITED: list[tuple[Any, list[tuple[str, str]]]] = [
    (["https://a"], [("https://a", "")]),
    ("https://a", [("https://a", "")]),
    ({"url": "https://a", "title": "A"}, [("https://a", "A")]),
    ({"0": "https://a", "1": "https://b"}, [("https://a", ""), ("https://b", "")]),
    (["doc-7", 12], [("", "doc-7"), ("", "12")]),
    ([{"url": None, "title": "A"}, {"title": "A"}], [("", "A")]),
    ([{"document_id": "d1", "score": 0.5}], [("", "d1")]),
    ([{"source": "https://a", "title": "A"}], [("https://a", "A")]),
    ([{"title": "https://a"}], [("https://a", "")]),
    ([None, {}, "https://c"], [("", "[1]"), ("", "[2]"), ("https://c", "")]),
]


@pytest.mark.parametrize(("citations", "expected"), CITED)
def test_a_citation_is_kept_by_its_address_or_its_name(citations: Any, expected: list[tuple[str, str]]) -> None:
    chunk = {"choices": [{"delta": {"content": "x"}}], "citations": citations}
    kept = archive.load(archive.dump(draft_of(chunk, chunk).message())).citations  # some send it with every chunk
    assert [(one.url, one.title) for one in kept] == expected


PAGE = {"url": "https://a", "title": "A"}


@pytest.mark.parametrize(
    "beside",
    [
        {"web_search": [{"link": "https://a", "title": "A", "refer": "ref_1"}]},
        {"references": [PAGE]},
        {"search_info": {"search_results": [{**PAGE, "index": 1}]}},
        {"venice_parameters": {"web_search_citations": [PAGE]}},
        {"vertex_ai_grounding_metadata": [{"groundingChunks": [{"web": {"uri": "https://a", "title": "A"}}]}]},
        {"sources": [{"source": {"name": "doc"}, "metadata": [{**PAGE, "source": "doc"}]}]},
    ],
)
def test_pages_that_a_provider_searched_are_sources_wherever_it_names_them(beside: Any) -> None:
    draft = draft_of({"choices": [{"delta": {"content": "x"}}], **beside})
    assert [(one.url, one.title) for one in draft.message().citations] == [("https://a", "A")]


def test_a_page_below_everything_and_a_flood_of_pages_cost_nothing() -> None:
    deep: Any = PAGE
    for _ in range(500):
        deep = [deep]
    told = {"references": [PAGE] * 100_000, "sources": deep}
    assert len([event for event in events_of(told) if isinstance(event, Cited)]) == 200


NOTES: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"annotations": [{"type": "file_citation", "file_id": "f-1", "filename": "a.pdf"}]}, [("", "a.pdf")]),
    ({"annotations": [{"type": "file_citation", "file_citation": {"file_id": "f-1"}}]}, [("", "f-1")]),
    ({"annotations": [{"type": "url_citation", "url_citation": {"url": None, "title": "A"}}]}, [("", "A")]),
    ({"annotations": [{"type": "char_location", "document_title": "D", "cited_text": "so"}]}, [("", "D")]),
    ({"annotations": [{"type": "file", "file": {"name": "b.pdf", "content": []}}]}, [("", "b.pdf")]),
    ({"citations": [{"sources": [{"document": {"title": "D"}}, {"document": {"url": "https://d"}}]}]},
     [("", "D"), ("https://d", "")]),
    ({"context": {"citations": [{"title": "T", "url": None, "filepath": "t.md"}]}}, [("", "T")]),
    ({"annotations": [{}, None, 3, {"type": "x"}]}, []),
    ({"content": [{"type": "tool_reference", "tool": "web_search", "url": "https://a", "title": "A"}]},
     [("https://a", "A")]),
    ({"executed_tools": [{"type": "search", "search_results": {"results": [{"url": "https://a", "title": "A"}]}}]},
     [("https://a", "A")]),
    ({"reasoning_steps": [{"web_search": {"search_results": [{"url": "https://a"}]}}]}, [("https://a", "")]),
    ({"provider_specific_fields": {"citations": [[{"url": "https://a", "title": "A"}]]}}, [("https://a", "A")]),
    ({"executed_tools": [{"output": "https://a"}]}, []),
]  # fmt: skip


@pytest.mark.parametrize(("part", "expected"), NOTES)
def test_the_citations_of_a_message_are_kept_in_any_shape(
    part: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert [(one.url, one.title) for one in heard("delta", part).citations] == expected


@pytest.mark.parametrize("stream", [True, False])
def test_a_passage_of_a_document_that_claude_cites_is_kept_by_its_title(stream: bool) -> None:
    note = {"type": "char_location", "document_index": 0, "document_title": "Report", "cited_text": "so it is"}
    block = {"type": "text", "text": "So.", "citations": [note]}
    delta = {"type": "citations_delta", "citation": note}
    pieces = [{"type": "content_block_delta", "index": 0, "delta": delta}]
    chunks = pieces if stream else [{"type": "message", "content": [block]}]
    assert draft_of(*chunks, format_="messages").message().citations == (Citation("", "Report"),)
