"""Puts a style sheet into the page itself, so that what is drawn first is in its place already.

    app = st.App(__file__, middleware=[Middleware(EarlyStyle, sheet=Path("components/style.css"))])

A page draws its sheet with `st.html`, which the browser can read once it has loaded Streamlit's code for it. Till
then what has no code of its own to load was drawn without: the title in the middle of the page, the page over it.

It takes nothing away: where a host serves the page in the app's place, it comes without the sheet, and `st.html`
brings it as before. Where it did, the sheet in the page goes once that one is there (theme.js).
"""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEAD = b"</head>"
_STREAMLIT = b'<div id="root"></div>'  # in its page, and in no other that this server has
# About the file without the sheet, and how it is packed.
_LEFT_OUT = (b"if-none-match", b"if-modified-since", b"range", b"accept-encoding")


class EarlyStyle:
    """Around the app: the head of an answer that is a page ends with `sheet`, as the file was at the start."""

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
        """The page with the sheet; only that it is the same where the browser has it."""
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
    """A whole one, of which the bytes are its text."""
    if message["type"] != "http.response.start" or message["status"] != 200:
        return False
    headers = MutableHeaders(scope=message)
    return headers.get("content-type", "").startswith("text/html") and "content-encoding" not in headers
