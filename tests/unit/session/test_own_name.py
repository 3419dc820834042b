"""Under which names the app answers: a page of the web that points its own name here gets nothing of it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
import streamlit as st
from starlette.types import Message, Receive, Scope, Send

from components.session.own_name import OwnName

EVIL = {"host": "evil.example.com:8501"}
PAGE = {**EVIL, "origin": "http://evil.example.com:8501"}


@pytest.fixture(autouse=True)
def own(nothing_of_this_machine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.session.own_name.socket.gethostname", lambda: "Box.example.org")


def answered(headers: dict[str, str], kind: str = "websocket", client: str = "127.0.0.1") -> str:
    """What came of a request: "let in", or the message with which it was turned away."""
    scope: Scope = {
        "type": kind,
        "method": "GET",
        "path": "/",
        "client": (client, 50_000) if client else None,
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
    }
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "let in"})

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    with ThreadPoolExecutor(1) as thread:  # of its own: the browser of other tests has a loop in this one
        thread.submit(lambda: asyncio.run(OwnName(app)(scope, receive, send))).result()
    return f"{sent[0]['type']} {sent[0].get('status') or sent[0].get('code') or ''}".strip()


@pytest.mark.parametrize("host", ["evil.example.com:8501", "EVIL.example.com.", "localhost.evil.example.com:8501",
                                  "127.0.0.1.nip.io:8501", "me@evil.example.com", "0x7f.1.cc"])  # fmt: skip
@pytest.mark.parametrize("client", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "127.8.8.8"])
def test_a_page_of_the_web_whose_name_leads_here_is_turned_away(host: str, client: str) -> None:
    assert answered({"host": host, "origin": f"http://{host}"}, client=client) == "websocket.close 1008"
    assert answered({"host": host}, "http", client) == "http.response.start 403"


@pytest.mark.parametrize(
    "host",
    ["localhost:8501", "LOCALHOST", "localhost.:8501", "127.0.0.1:8501", "[::1]:8501", "192.168.1.7:8501",
     "8.8.8.8", "play.localhost:8501", "box:8501", "box.local:8501", "box.lan", "box.example.org:8501", ""],
)  # fmt: skip
def test_the_names_of_this_machine_and_those_of_no_site_are_its_own(host: str) -> None:
    assert answered({"host": host, "origin": f"http://{host}"}) == "let in"
    assert answered({"host": host}, "http") == "let in"


@pytest.mark.parametrize(
    ("headers", "client"),
    [
        ({**PAGE, "x-forwarded-for": "203.0.113.7"}, "127.0.0.1"),
        ({**PAGE, "x-forwarded-host": "play.example.com"}, "127.0.0.1"),
        ({**EVIL, "origin": "https://evil.example.com"}, "127.0.0.1"),
        ({**EVIL, "sec-fetch-site": "none"}, "127.0.0.1"),
        (PAGE, "192.168.1.7"),
        (PAGE, "203.0.113.7"),
        (PAGE, ""),
        ({}, "127.0.0.1"),
    ],
)
def test_browsers_behind_a_proxy_and_on_the_network_are_let_in(headers: dict[str, str], client: str) -> None:
    assert answered(headers, client=client) == "let in"


def test_a_shared_app_answers_under_any_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_SHARED", "1")
    assert answered(PAGE) == "let in"


def test_where_the_owner_names_hosts_streamlit_looks_at_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "get_option", lambda name: ["play.example.com"] if "allowed" in name else "localhost")
    assert answered(PAGE) == "let in"


def test_an_event_that_is_no_http_request_passes() -> None:
    assert answered(PAGE, "lifespan") == "let in"
