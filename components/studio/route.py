"""The route by which a browser reads the files of results, bypassing Streamlit: in pieces, so that a clip plays at
once
and no file is ever completely in memory.

Whoever knows a link may read that one file: it is random, made for one tab, sent to that tab alone, and invalid
when
the tab is closed. A file is never shown as a page: it is always sent as an attachment with the media type of its
content, and with a policy under which nothing in it runs.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from backend.studio.shelf import GROWING, KeptFile
from components.session import tab

PATH = "results"  # below the address of the app
MOST = 5_000  # links of all tabs; the oldest go first
_HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_PIECE = 65_536  # bytes
_GLANCE = 0.1  # seconds between two checks of a growing file
_LONGEST = 360.0  # seconds for which one is followed
_serving: list[bool] = []  # set when a server has the route: under AppTest none has


@dataclass(frozen=True)
class _Link:
    path: Path
    type: str
    name: str
    open: Callable[[], bool]  # whether its tab still exists


class Links:
    """The links of this process."""

    def __init__(self) -> None:
        self._links: OrderedDict[str, _Link] = OrderedDict()
        self._lock = threading.Lock()

    def make(self, file: KeptFile, name: str, is_open: Callable[[], bool]) -> str:
        """A new link; returns its id."""
        id_ = secrets.token_urlsafe(24)
        with self._lock:
            self._links[id_] = _Link(file.path, file.type.name, name, is_open)
            while len(self._links) > MOST:
                self._links.popitem(last=False)
        return id_

    def find(self, id_: str) -> _Link | None:
        with self._lock:
            link = self._links.get(id_)
        if link is None or not link.open():
            return None
        return link


links = Links()


class TabLinks:
    """The links of this tab, by file: the same one in each run, otherwise players would start anew."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}

    def of(self, file: KeptFile, name: str) -> str:
        """The address of a file relative to that of the app; "" without the route."""
        if not _serving:
            return ""
        id_ = self._ids.get(file.id, "")
        if links.find(id_) is None:
            id_ = self._ids[file.id] = links.make(file, name, tab.tab_is_open())
        return f"{PATH}?id={id_}"


def routes() -> list[Route]:
    """The route, for the server that app.py describes."""
    _serving.append(True)
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return [Route("/" + "/".join(filter(None, (base, PATH))), _file, methods=["GET", "HEAD"])]


def _final_link(link: _Link) -> _Link:
    """The same file under its final name, once it is complete."""
    if link.path.suffix != GROWING:
        return link
    return replace(link, path=next(link.path.parent.glob(f"{link.path.stem}.*"), link.path))


async def _file(request: Request) -> Response:
    if _from_elsewhere(request):
        return PlainTextResponse("Only the app's own page may ask this.", 403, _HEADERS)
    link = links.find(request.query_params.get("id", ""))
    if link and not link.path.is_file():
        link = _final_link(link)
    if link is None or not link.path.is_file():
        return PlainTextResponse("This file is not here any more.", 404, _HEADERS)
    if link.path.suffix == GROWING:
        # A buffering proxy would hold it back.
        headers = {**_HEADERS, "X-Accel-Buffering": "no", "Content-Disposition": "attachment"}
        return StreamingResponse(_growing(link), headers=headers, media_type=link.type)
    return FileResponse(link.path, headers=_HEADERS, media_type=link.type, filename=link.name)


async def _growing(link: _Link) -> AsyncIterator[bytes]:
    """The content of a growing file until it is complete, and renamed, or the tab is closed."""
    path = link.path
    until = time.monotonic() + _LONGEST
    with path.open("rb") as file:
        whole = False
        while time.monotonic() < until and link.open():
            if piece := file.read(_PIECE):
                yield piece
            elif whole:
                return
            else:
                whole = not path.exists()
                await asyncio.sleep(0 if whole else _GLANCE)


def _from_elsewhere(request: Request) -> bool:
    """Whether another site's page requests it. Browsers tell on secure connections; on others only the link
    protects it.
    """
    origin = request.headers.get("origin")
    if origin and origin.rpartition("/")[2] != request.headers.get("host"):
        return True
    return request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
