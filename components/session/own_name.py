"""Rejects requests that address this machine by a foreign host name.

A web page can make its own name resolve to this machine (DNS rebinding): for the browser this app is then part of
that
page, which could read every conversation and use the owner's key. The Host header reveals the name; no page
can change it. A shared app is for everybody who knows its name, and has a gate.

    app = st.App(__file__, middleware=[Middleware(OwnName)])

It does NOT check connections over the network: access is decided by the address that the server listens on, and by
Streamlit's own `server.allowedHosts`, which runs before this.
"""

from __future__ import annotations

import socket

import streamlit as st
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.keys.endpoint import host, is_ip_address, is_near
from components.session import tab, words
from components.session.services import configured

_REFUSED = 1008  # the close code of a websocket: policy violation (RFC 6455, 7.4.1)


class OwnName:
    """The middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or not is_of_another_page(HTTPConnection(scope)):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _REFUSED})
        else:
            await PlainTextResponse(words.NOT_OUR_NAME, 403)(scope, receive, send)


def is_of_another_page(asked: HTTPConnection) -> bool:
    """Whether a browser on this machine requests this app under the name of a web site."""
    if configured().shared or st.get_option("server.allowedHosts"):
        return False
    client, headers = asked.client, asked.headers
    if client is None or not tab.is_loopback(client.host) or any(headers.get(name) for name in tab.PASSED_ON):
        return False
    # Such a page has no certificate for this machine: where https is spoken, somebody in between speaks it. The
    # first of these is sent by https, and to this machine's own names.
    if headers.get("sec-fetch-site") or headers.get("origin", "").startswith("https://"):
        return False
    name = host(f"http://{headers.get('host', '')}").rstrip(".")
    ours = (socket.gethostname().lower(), str(st.get_option("browser.serverAddress")).lower())
    return bool(name) and not (is_ip_address(name) or is_near(f"http://{name}") or name in ours)
