"""Servers of tools whose answers are nearly right, over a socket: what is right in them is there all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fake_api import Reply, Request, reply
from studio import StudioAPI
from tool_server import call_tool

from backend.mcp import bounds, config, definitions
from backend.mcp.connection import ToolServerConnection

Answers = dict[str, Any]  # by method: a result, or what makes one of the parameters
HELLO = {
    "protocolVersion": "2025-06-18",
    "capabilities": {"tools": {}},
    "serverInfo": {"name": "Shop", "version": "1"},
}
TOOL = {"name": "told", "inputSchema": {"type": "object", "properties": {}}}
UNKNOWN = "[something of the kind {} that this app does not know, or cannot read]"
USUAL: Answers = {
    "initialize": HELLO,
    "tools/list": {"tools": [TOOL]},
    "tools/call": {"content": [{"type": "text", "text": "Here."}]},
}


@contextmanager
def connected_to(answers: Answers) -> Iterator[tuple[ToolServerConnection, list[Any]]]:
    """A connection to a server that answers so, and what it was asked."""
    asked: list[Any] = []

    def answer(request: Request) -> Reply:
        if request.method != "POST" or not request.body:  # a connection that closes breaks off
            return reply("", 405)
        message, known = request.body, {**USUAL, **answers}
        asked.append(message)
        if "id" not in message:
            return reply("", 202)
        if (method := message["method"]) not in known:
            error = {"code": -32601, "message": "Unknown"}
            return reply({"jsonrpc": "2.0", "id": message["id"], "error": error})
        result = known[method]
        result = result(message.get("params") or {}) if callable(result) else result
        return (
            result
            if isinstance(result, Reply)
            else reply({"jsonrpc": "2.0", "id": message["id"], "result": result})
        )

    with StudioAPI(answer) as api:
        connection = ToolServerConnection(config.read(f"{api.origin}/mcp").servers[0])
        connection.connect()
        assert connection.wait(), connection.problem
        yield connection, asked
        connection.close()


@pytest.mark.parametrize(
    "hello",
    [
        {"capabilities": []},
        {"capabilities": {}},
        {"capabilities": {"tools": []}},
        {"capabilities": {"tools": [TOOL]}},
        {"capabilities": {"tools": True, "experimental": []}},
        {"serverInfo": {"name": "Shop"}},
        {"serverInfo": {"name": "Shop", "version": 2}},
        {"serverInfo": None},
        {"instructions": ["Be brief."]},
    ],
    ids=str,
)
def test_a_server_is_used_however_it_says_what_it_has_and_who_it_is(hello: Answers) -> None:
    with connected_to({"initialize": {**HELLO, **hello}}) as (connection, _):
        assert [tool.name for tool in connection.listing.tools] == ["told"]


def paged(name: str, pages: list[Any]) -> Callable[[Any], Any]:
    """A list whose cursor is the number of the next page."""

    def page(params: Any) -> Any:
        at = int(params.get("cursor") or 0)
        return {name: pages[at], **({"nextCursor": str(at + 1)} if at + 1 < len(pages) else {})}

    return page


def test_all_pages_of_resources_and_prompts_are_read() -> None:
    answers = {
        "initialize": {**HELLO, "capabilities": {"tools": {}, "resources": {}, "prompts": {}}},
        "resources/list": paged("resources", [[{"uri": "a:1", "name": "one"}], [{"uri": "a:2", "name": "two"}]]),
        "prompts/list": paged("prompts", [[{"name": "one"}], [], [{"name": "two"}]]),
    }
    with connected_to(answers) as (connection, _):
        assert [resource.name for resource in connection.listing.resources] == ["one", "two"]
        assert [prompt.name for prompt in connection.listing.prompts] == ["one", "two"]
        assert not connection.listing.notes


def test_a_row_that_is_wrong_does_not_keep_the_others_out() -> None:
    answers = {
        "initialize": {**HELLO, "capabilities": {"tools": {}, "resources": {}, "prompts": {}}},
        "tools/list": {"tools": [{"name": "bare"}, {"name": "php", "inputSchema": []}, {"name": 7}]},
        "resources/list": {
            "resources": [{"uri": "a:1"}, {"name": "nowhere"}, {"uri": "a:2", "name": "x", "size": "?"}]
        },
        "prompts/list": {"prompts": [{"name": "p", "arguments": None}, {"arguments": []}]},
    }
    with connected_to(answers) as (connection, _):
        listing = connection.listing
        assert [tool.name for tool in listing.tools] == ["bare", "php"]
        assert [resource.address for resource in listing.resources] == ["a:1", "a:2"]
        assert [prompt.name for prompt in listing.prompts] == ["p"]
        assert [note[-2:] for note in listing.notes] == ["1."] * 3


def test_a_cursor_that_comes_again_ends_the_list() -> None:
    with connected_to({"tools/list": {"tools": [TOOL], "nextCursor": "again"}}) as (connection, asked):
        assert sum(message["method"] == "tools/list" for message in asked) == 2
        assert not connection.listing.notes


def test_unread_parts_of_a_list_are_reported() -> None:
    many = [{**TOOL, "name": f"t{number}"} for number in range(1_000)]
    with connected_to({"tools/list": {"tools": many}}) as (connection, _):
        assert len(connection.listing.tools) == definitions.MOST
        assert connection.listing.notes == ("Only the first 500 tools were read.",)
    endless = {"tools/list": lambda params: {"tools": [TOOL], "nextCursor": f"{params.get('cursor', '')}x"}}
    with connected_to(endless) as (connection, asked):
        assert sum(message["method"] == "tools/list" for message in asked) == bounds.PAGES
        assert connection.listing.notes[0].startswith("Only the first")


def test_an_argument_that_is_null_is_sent_as_such() -> None:
    with connected_to({}) as (connection, asked):
        assert call_tool(connection, "told", '{"to": null, "more": {"a": null}}')[0]
        assert asked[-1]["params"]["arguments"] == {"to": None, "more": {"a": None}}


def test_a_prompt_and_a_resource_are_read_however_they_are_told() -> None:
    messages = [
        {"role": "user", "content": "One."},
        {"role": "user", "content": [{"type": "text", "text": "Two."}, {"type": "hologram"}]},
    ]
    answers = {"prompts/get": {"messages": messages}, "resources/read": {"contents": [{"text": "Inside."}]}}
    with connected_to(answers) as (connection, _):
        prompt = connection.ask(lambda session: session.prompt("p", {}))
        assert prompt.content.split("\n\n")[:2] == ["One.", "Two."] and "hologram" in prompt.content
        assert connection.ask(lambda session: session.read("a:1")).content.endswith("Inside.")


@pytest.mark.parametrize(
    ("result", "told"),
    [
        ({}, ""),
        ({"toolResult": "x"}, ""),
        ({"content": [], "structuredContent": [1]}, '{"result": [1]}'),
        ({"content": [{"type": "text", "text": "a"}], "_meta": []}, "a"),
        ({"content": [{"type": "text", "text": 5}, {"type": "text"}]}, "5\n\nnull"),
        ({"content": [{"type": "text", "text": "a", "annotations": {"priority": "high"}}]}, "a"),
        (
            {"content": [{"type": "image", "data": "iVBORw0KGgo=", "mime_type": "image/png"}]},
            "[picture, image/png, 0 kB: shown to the user]",
        ),
        ({"content": [{"type": "resource", "resource": {"text": "inside"}}]}, "[file: ]\ninside"),
        (
            {"content": [{"type": "json", "json": {"a": 1}}]},
            f'{UNKNOWN.format("json")}\n{{"type": "json", "json": {{"a": 1}}}}',
        ),
        (
            {"content": [{"type": "video", "data": "A" * 5_000}]},
            UNKNOWN.format("video"),
        ),
    ],
    ids=str,
)
def test_readable_parts_of_a_result_are_kept(result: Any, told: str) -> None:
    with connected_to({"tools/call": result}) as (connection, _):
        assert call_tool(connection, "told") == (True, told)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            reply({"jsonrpc": "2.0", "id": None, "error": {"code": -32000, "message": "No such key."}}),
            "No such key.",
        ),
        (reply({"error": "down"}, 503), "The server answered with the HTTP status 503."),
        (reply("slow down", 429), "asked too often (429)"),
        (reply("", 202), "The server gave no answer."),
        (reply("", headers={"Content-Type": ""}), "The server gave no answer."),
        (reply("fine"), "neither JSON nor a stream of events"),
        (reply("data: {oops\n\n", headers={"Content-Type": "text/event-stream"}), bounds.UNREADABLE),
        (reply(": hello\n\n", headers={"Content-Type": "text/event-stream"}), "events ended without an answer"),
    ],
    ids=["no request named", "503", "429", "202", "empty", "text", "broken event", "no event"],
)
def test_why_a_call_came_to_nothing_is_said_at_once(answer: Reply, words: str) -> None:
    with connected_to({"tools/call": lambda _: answer}) as (connection, _):
        ok, told = call_tool(connection, "told")
        assert not ok and words in told and "The server says: S" not in told
        assert connection.state == "on"
