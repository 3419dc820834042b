"""The route to which a browser returns after signing in at a tool server (backend/mcp/sign_in.py).

The parameters go to the connection that waits for that state, once. Nothing of them is shown.
"""

from __future__ import annotations

import streamlit as st
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from backend.mcp import sign_in
from components.mcp import words

PATH = "mcp-sign-in"  # below the address of the app
_LONGEST = 4_000  # characters of one value
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
_serving: list[bool] = []  # set when a server has the route: under AppTest none has


def routes() -> list[Route]:
    """The route, for the server that app.py describes."""
    _serving.append(True)
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return [Route("/" + "/".join(filter(None, (base, PATH))), _sign_in_return, methods=["GET"])]


def is_serving() -> bool:
    """Whether this process has a server with the route."""
    return bool(_serving)


async def _sign_in_return(request: Request) -> HTMLResponse:
    given = {name: value for name, value in request.query_params.items() if len(value) <= _LONGEST}
    known = sign_in.handle_return(given)
    message = words.SIGNED_IN if known else words.NOBODY_SIGNS_IN
    page = f"<!doctype html><html lang=en><meta charset=utf-8><title>{message}</title><p>{message}</p></html>"
    return HTMLResponse(page, 200 if known else 404, _HEADERS)
