"""The built-in tools as a server of their own, asked by our own client."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import bad_tools
import pytest
import requests
import uvicorn
from tool_server import LONG, call_tool, connected, until

from backend.mcp import built_in_server, config
from backend.mcp.built_in_server import over_http
from backend.mcp.server import Server
from backend.tools.builtin import FUNCTIONS
from backend.tools.runner import Running, ToolRunner
from backend.types import ToolCall

VERSION = "2026-07-28"
TOKEN = "a-token-of-the-tests-0123"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The server over HTTP, on a port of its own."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    serving = uvicorn.Server(uvicorn.Config(over_http(port, TOKEN), log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=serving.run, args=([listening],), daemon=True)
    thread.start()
    while not serving.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}/mcp"
    serving.should_exit = True
    thread.join(LONG)


def asked(address: str, method: str, params: dict[str, object]) -> dict[str, Any]:
    """The answer to one request, without our client: it sends nothing that is wrong."""
    about = {
        "io.modelcontextprotocol/protocolVersion": VERSION,
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    headers = {
        "Authorization": f"Bearer {TOKEN}",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": VERSION,
        "Mcp-Method": method,
        "Mcp-Name": str(params.get("name", "")),
    }
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": about}}
    answer: dict[str, Any] = requests.post(address, json=body, headers=headers, timeout=LONG).json()
    return answer


def test_other_programs_call_the_built_in_tools_over_http(address: str) -> None:
    connection = connected(config.read(address, TOKEN).servers[0])
    assert {tool.name for tool in connection.listing.tools} == set(FUNCTIONS)
    assert all(tool.read_only for tool in connection.listing.tools)
    assert call_tool(connection, "calculator", '{"expression": "6 * 7"}')[0]
    ok, content = call_tool(connection, "calculator", '{"sum": 1}')
    assert not ok
    assert "do not fit" in content
    assert "There is no tool named 'rm'; available: current_time" in call_tool(connection, "rm", "{}")[1]
    connection.close()


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("tools/call", {"name": "rm"}, -32602),
        ("tools/call", {"name": "calculator", "arguments": "6 * 7"}, -32602),
        ("tools/call", {}, -32602),
        ("tools/list", {"cursor": "page 2"}, -32602),
        ("resources/list", {}, -32601),
        ("logging/setLevel", {"level": "info"}, -32601),
    ],
)
def test_an_unknown_tool_is_a_protocol_error(
    address: str, method: str, params: dict[str, object], code: int
) -> None:
    assert asked(address, method, params)["error"]["code"] == code


def test_a_call_that_is_cancelled_is_stopped(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Running] = []

    class Noted(ToolRunner):
        def start(self, call: ToolCall, seconds: float | None = None) -> Running:
            started.append(super().start(call, seconds))
            return started[-1]

    runner = Noted("bad_tools", seconds=10 * LONG)
    monkeypatch.setattr(built_in_server, "tool_runner", lambda: runner)
    monkeypatch.setitem(FUNCTIONS, "loop", bad_tools.loop)
    connection = connected(config.read(address, TOKEN).servers[0])
    running = connection.start(ToolCall("c1", "loop", "{}"), "loop")
    until(lambda: bool(started))
    running.stop()
    until(lambda: started[0].ended)
    connection.close()


def test_a_request_without_a_token_is_refused(address: str) -> None:
    assert connected(config.read(address).servers[0]).problem.startswith("The server wants a key or a sign-in.")
    assert connected(config.read(address, "wrong").servers[0]).problem.startswith(
        "The server wants a key or a sign-in."
    )


def test_a_page_of_the_web_that_points_its_name_here_is_refused(address: str) -> None:
    headers = {
        "Authorization": f"Bearer {TOKEN}",
        "Host": "evil.example",
        "Accept": "application/json, text/event-stream",
    }
    refused = requests.post(
        address, json={"jsonrpc": "2.0", "id": 1, "method": "ping"}, headers=headers, timeout=LONG
    )
    assert refused.status_code in (403, 421)


@pytest.mark.slow
def test_other_programs_start_the_server_over_its_pipes() -> None:
    connection = connected(Server("own", command=(sys.executable, "-m", "backend.mcp"), folder="."))
    assert call_tool(connection, "text_statistics", '{"text": "strawberry", "count": "r"}')[0], connection.problem
    connection.close()
