"""Answers only where this machine is asked under a name of its own.

A page of the web may have its name lead here (DNS rebinding): for the browser this app is then a part of that page,
which could read every conversation and ask on the owner's key. Its name gives it away, in the header Host; no page
can make its browser say another one. A shared app is for whoever knows its name, and has a gate.

    app = st.App(__file__, middleware=[Middleware(OwnName)])

It does NOT look at who comes over the network: who may, is said by the address that the server listens at, and by
Streamlit's own `server.allowedHosts`, which goes before this.
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

_REFUSED = 1008  # of a websocket: against the rules (RFC 6455, 7.4.1)


class OwnName:
    """Around the app."""

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
    """A browser on this machine asks for this app under the name of a site of the web."""
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
