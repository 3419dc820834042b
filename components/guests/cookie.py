"""Sets a guest's cookie with the page itself: before a tab connects, so no script is needed.

    app = st.App(__file__, routes=routes(), middleware=[Middleware(GuestCookie)])

Only a page that the browser itself shows brings one: no other site can have a cookie set or taken away, since
browsers let none into a picture, a frame or a form of theirs (SameSite=Lax), and only GET is answered. Under
`streamlit run home.py`, in a frame of another site, and where cookies are refused, there is none: a guest is known
as long as the tab is connected, and may ask for a private link (components/guests/return_link.py).
"""

from __future__ import annotations

import asyncio

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.guests import visits
from components.session import services
from components.session.services import configured


class GuestCookie:
    """The middleware: replies that are a page set the cookie of a guest who has none, or an old one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _shows_a_page(Request(scope)):
            await self._app(scope, receive, send)
            return
        cookie = await asyncio.to_thread(_cookie, Request(scope))

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and cookie and _is_page(message):
                headers = MutableHeaders(scope=message)
                headers.append("set-cookie", cookie)
                headers["cache-control"] = "no-store"  # a shared cache would give one cookie to everybody
            await send(message)

        await self._app(scope, receive, with_cookie)


def _shows_a_page(request: Request) -> bool:
    """Whether the browser requests a page, not a part of one. Older browsers do not say which."""
    asked_for = request.headers.get("sec-fetch-dest", "document")
    return request.method == "GET" and asked_for == "document" and "text/html" in request.headers.get("accept", "")


def _is_page(message: Message) -> bool:
    is_html = MutableHeaders(scope=message).get("content-type", "").startswith("text/html")
    return message["status"] == 304 or (message["status"] == 200 and is_html)


def _cookie(request: Request) -> str:
    """The Set-Cookie header for this browser; "" if it has a valid cookie, or needs none."""
    settings = configured()
    if not settings.shared or settings.access.kind == "oidc":  # a login identifies guests by its own cookie
        return ""
    known, https = services.visits(), _by_https(request)
    standing = known.standing(request.cookies, https_only=https)
    if standing is None:
        return ""
    visit = standing.visit
    if visit is None or standing.ended:
        visit = visits.new_visit(visit.budget if visit else "")
    elif known.is_old(visit):
        known.note_return(visit)
    else:
        return ""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    made = known.cookie(visit, https=https, root=not base)
    if made is None:
        return ""
    name, value = made
    secure = "; Secure" if https else ""
    return f"{name}={value}; Max-Age={known.life}; Path=/{base}; HttpOnly; SameSite=Lax{secure}"


def _by_https(request: Request) -> bool:
    """Whether the browser uses https, to the app or to a proxy before it."""
    scheme = request.headers.get("x-forwarded-proto", "").split(",")[0].strip().lower()
    return (scheme or request.url.scheme) == "https"
