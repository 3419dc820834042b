"""Adds a style sheet to the HTML page itself, so that the first elements are drawn in their final place.

    app = st.App(__file__, middleware=[Middleware(EarlyStyle, sheet=Path("components/style.css"))])

A page brings its sheet with `st.html`, which the browser applies after it has loaded Streamlit's code for that
element. Elements without code of their own to load were drawn unstyled before: the title in the middle of the page,
the page under it 48 px higher.

It replaces nothing. On a host that serves the HTML page instead of the app, the page has no early sheet, and
`st.html` brings it as before. Otherwise theme.js removes the early one when that one is applied.
"""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEAD = b"</head>"
_STREAMLIT = b'<div id="root"></div>'  # only in its page, in no other page of this server
# They apply to the file without the sheet, or ask for it compressed.
_LEFT_OUT = (b"if-none-match", b"if-modified-since", b"range", b"accept-encoding")


class EarlyStyle:
    """ASGI middleware: appends `sheet`, as the file was at start, to the head of Streamlit's page."""

    def __init__(self, app: ASGIApp, sheet: Path) -> None:
        self._app = app
        self._added = f'<style id="early-style">{sheet.read_text("utf-8")}</style>'.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _asks_for_a_page(scope):
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        page = bytearray()

        async def styled(message: Message) -> None:
            nonlocal start
            if start is None and _is_page(message):
                start = message
            elif start is None:
                await send(message)
            else:
                page.extend(message.get("body", b""))
                if not message.get("more_body"):
                    await self._send(start, bytes(page), scope, send)

        headers = [(name, value) for name, value in scope["headers"] if name not in _LEFT_OUT]
        await self._app({**scope, "headers": headers}, receive, styled)

    async def _send(self, start: Message, page: bytes, scope: Scope, send: Send) -> None:
        """Send the page with the sheet; 304 without a body where the browser has this version."""
        if _STREAMLIT in page:
            page = page.replace(_HEAD, self._added + _HEAD, 1)
        asked, headers = Headers(scope=scope), MutableHeaders(scope=start)
        headers["etag"] = f'W/"{hashlib.sha256(page).hexdigest()[:32]}"'
        headers["vary"] = "Accept-Encoding"
        if asked.get("if-none-match") == headers["etag"]:
            start["status"], page = 304, b""
            del headers["content-length"]
        else:
            if "gzip" in asked.get("accept-encoding", ""):
                page = gzip.compress(page, 6)
                headers["content-encoding"] = "gzip"
            headers["content-length"] = str(len(page))
        await send(start)
        await send({"type": "http.response.body", "body": page})


def _asks_for_a_page(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    return "text/html" in Headers(scope=scope).get("accept", "")


def _is_page(message: Message) -> bool:
    """A complete HTML response that is not compressed."""
    if message["type"] != "http.response.start" or message["status"] != 200:
        return False
    headers = MutableHeaders(scope=message)
    return headers.get("content-type", "").startswith("text/html") and "content-encoding" not in headers
