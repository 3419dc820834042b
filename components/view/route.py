"""The route by which a browser reads running answers, bypassing Streamlit: GET for the text, POST to stop it.

No page runs while an answer does, and nothing of an answer goes through Streamlit's messages. Whoever knows the id
of a
relay may read it and stop it: the id is random, made for one tab, sent to that tab alone, and invalid when its
answers
have ended. Nothing else can be reached here.
"""

from __future__ import annotations

import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from backend.answer.relay import Relay, Relays

PATH = "answers"  # below the address of the app; components/view/src/transcript/stream.js asks there
READERS = 4  # parallel readers of one relay: a tab, and a stale connection after a reload
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Content-Type-Options": "nosniff"}

relays = Relays()
_serving: list[bool] = []  # set when a server has the routes: under AppTest none has


def routes() -> list[Route]:
    """The routes, for the server that app.py describes."""
    _serving.append(True)
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return [Route("/" + "/".join(filter(None, (base, PATH))), _answers, methods=["GET", "POST"])]


def is_serving() -> bool:
    """Whether this process has a server with the routes."""
    return bool(_serving)


async def _answers(request: Request) -> Response:
    if not _same_origin(request):
        return PlainTextResponse("Only the app's own page may ask this.", 403, _HEADERS)
    relay = relays.find(request.query_params.get("id", ""))
    if relay is None:
        return PlainTextResponse("These answers are over.", 404, {**_HEADERS, "X-Answers": "over"})
    if request.method == "POST":
        place = request.query_params.get("place", "")
        relay.stop(int(place) if place.isascii() and place.isdigit() and len(place) < 6 else -1)
        return Response(status_code=204, headers=_HEADERS)
    if relay.readers >= READERS:
        return PlainTextResponse("Too many readers.", 429, _HEADERS)
    return _stream(relay, request.headers.get("last-event-id", ""))


def _stream(relay: Relay, last: str) -> Response:
    return StreamingResponse(relay.events(last), media_type="text/event-stream", headers=_HEADERS)


def _same_origin(request: Request) -> bool:
    """Whether the page of this app sent the request: browsers declare that, and no page can forge it."""
    origin = request.headers.get("origin")
    if origin and origin.rpartition("/")[2] != request.headers.get("host"):
        return False
    return request.headers.get("sec-fetch-site") == "same-origin"
