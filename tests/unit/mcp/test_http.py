"""Servers of tools over HTTP that answer too much, or in a way that was not asked for."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2
import pytest
from tool_server import call_tool, connected

from backend.mcp import config, failures
from backend.mcp.bounds import Broken
from backend.mcp.http import Client, bounded
from backend.mcp.server import Server

EVENTS = {"Content-Type": "text/event-stream"}
Reply = Callable[[dict[str, Any]], tuple[bytes, dict[str, str]]]


class Handler(BaseHTTPRequestHandler):
    """Knows the handshake, and answers a call as the test says."""

    reply: Reply
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body, headers = self.answered(asked)
        self.send_response(200 if body else 202)
        for name, value in {
            "Content-Type": "application/json",
            **headers,
            "Content-Length": str(len(body)),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def answered(self, asked: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
        about = {
            "protocolVersion": "2025-11-25",
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "x", "version": "0"},
        }
        match asked["method"]:
            case "initialize":
                return result(asked, about), {}
            case "tools/list":
                return result(asked, {"tools": [{"name": "add", "inputSchema": {"type": "object"}}]}), {}
            case "tools/call":
                return type(self).reply(asked)
            case _ if "id" not in asked:
                return b"", {}
        return json.dumps(
            {"jsonrpc": "2.0", "id": asked["id"], "error": {"code": -32601, "message": "?"}}
        ).encode(), {}

    def log_message(self, *_: object) -> None: ...


def result(asked: dict[str, Any], value: object) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": value}).encode()


def text(asked: dict[str, Any], words: str) -> bytes:
    return result(asked, {"content": [{"type": "text", "text": words}]})


def events(asked: dict[str, Any], words: str) -> bytes:
    return b"event: message\ndata: " + text(asked, words) + b"\n\n"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    serving = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{serving.server_address[1]}/mcp"
    serving.shutdown()


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (lambda asked: (text(asked, "fine"), {}), "fine"),
        (lambda asked: (events(asked, "fine"), EVENTS), "fine"),
        (lambda asked: (text(asked, "x" * 10_500_000), {}), "The server's reply is longer than 10 MB."),
        (lambda asked: (events(asked, "x" * 10_100_000), EVENTS), "of more than 10 MB"),
        (lambda asked: (gzip.compress(text(asked, "x" * 9_000)), {"Content-Encoding": "gzip"}), "packed"),
        (lambda asked: (b"<html>", {"Content-Type": "text/html"}), "A web page came in place of an MCP server"),
        (lambda asked: (b"{", {}), "answer cannot be read"),
        (lambda asked: (result(asked, {"content": 7}), {}), "does not follow the Model Context Protocol"),
        (lambda asked: (result(asked, {"content": [{"type": "hologram"}, {"type": "text", "text": "and"}, 7]}), {}),
         'kind hologram that this app does not know, or cannot read]\n{"type": "hologram"}\n\nand\n\n'),
    ],
)  # fmt: skip
def test_a_reply_is_bounded_and_said_in_words(url: str, reply: Reply, expected: str) -> None:
    Handler.reply = staticmethod(reply)
    connection = connected(config.read(url).servers[0])
    assert connection.state == "on", connection.problem
    assert expected in call_tool(connection, "add")[1]
    Handler.reply = staticmethod(lambda asked: (text(asked, "again"), {}))
    assert call_tool(connection, "add") == (True, "again"), "it goes on"
    connection.close()


@pytest.mark.parametrize(
    ("server", "named", "let"),
    [
        ("https://8.8.8.8/mcp", "http://169.254.169.254/latest/meta-data/", False),
        ("https://8.8.8.8/mcp", "http://127.0.0.1:8080/.well-known/oauth-protected-resource", False),
        ("https://8.8.8.8/mcp", "http://[fd00:ec2::254]/latest", False),
        ("https://8.8.8.8/mcp", "https://1.1.1.1/register", True),
        ("http://127.0.0.1:1/mcp", "http://10.0.0.1/register", True),  # all of it is the visitor's own
    ],
)
def test_a_server_of_the_internet_has_no_address_of_this_network_asked(server: str, named: str, let: bool) -> None:
    client = Client(Server("x", "http", server))
    far = bounded(client, httpx2.MockTransport(lambda request: httpx2.Response(200)))
    # On a thread of its own: the browser of other tests has a loop in this one.
    with ThreadPoolExecutor(1) as thread:
        asking = thread.submit(asyncio.run, far.handle_async_request(httpx2.Request("GET", named)))
        assert isinstance(asking.exception(), Broken) is not let


def test_the_checked_address_is_dialled_and_a_moved_name_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"evil.example": ["8.8.8.8"], "auth.example": ["1.1.1.1", "1.0.0.1"], "10.0.0.1": ["10.0.0.1"]}
    monkeypatch.setattr(
        "backend.mcp.http.socket.getaddrinfo",
        lambda host, *_, **__: [(0, 0, 0, "", (address, 443)) for address in known[host]],
    )
    asked: list[tuple[str, str, object]] = []

    def far_end(request: httpx2.Request) -> httpx2.Response:
        asked.append((request.url.host, request.headers["Host"], request.extensions.get("sni_hostname")))
        if request.url.host == "1.1.1.1":
            raise httpx2.ConnectError("refused")
        return httpx2.Response(200)

    far = bounded(Client(Server("x", "http", "https://evil.example/mcp")), httpx2.MockTransport(far_end))

    def ask(url: str) -> BaseException | None:
        with ThreadPoolExecutor(1) as thread:  # see above
            return thread.submit(asyncio.run, far.handle_async_request(httpx2.Request("GET", url))).exception()

    assert ask("https://auth.example/register") is None
    named = ("auth.example", "auth.example")
    assert asked == [("1.1.1.1", *named), ("1.0.0.1", *named)], "one after the other, under the name of the host"
    known["evil.example"] = ["127.0.0.1"]
    for url in ("http://10.0.0.1/admin", "http://evil.example:11434/api", "https://evil.example/mcp"):
        assert isinstance(ask(url), Broken), url
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired", "has expired"),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)", "speaks no https"),
    ],
)
def test_a_tls_failure_reads_like_one_of_a_model_server(said: str, expected: str) -> None:
    assert expected in failures.words(ConnectionError(said))
