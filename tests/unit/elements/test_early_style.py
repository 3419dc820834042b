"""The middleware that adds the style sheet to the HTML page: which responses it changes, and how."""

from __future__ import annotations

import asyncio
import gzip
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import streamlit
from basics import ROOT
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send

from components.elements.early_style import EarlyStyle

INDEX = Path(streamlit.__file__).parent / "static" / "index.html"
SHEET = ROOT / "components" / "style.css"
EMPTY = '<head></head><div id="root"></div>'
PAGE = {"accept": "text/html,*/*;q=0.8"}


def answer(inner: Response, asked: dict[str, str], method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of `inner` behind the middleware, for a request with these headers."""
    headers = [(name.encode(), value.encode()) for name, value in asked.items()]
    scope: Scope = {"type": "http", "method": method, "path": "/", "headers": headers}
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert not {"range", "if-none-match", "accept-encoding"} & set(Request(scope).headers), "about another file"
        await inner(scope, receive, send)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    with ThreadPoolExecutor(1) as thread:  # of its own: the browser of other tests has a loop in this one
        thread.submit(lambda: asyncio.run(EarlyStyle(app, SHEET)(scope, receive, send))).result()
    start, *bodies = sent
    found = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], found, b"".join(part.get("body", b"") for part in bodies)


def test_the_page_of_streamlit_comes_with_the_sheet_at_the_end_of_its_head() -> None:
    index = INDEX.read_text("utf-8")
    status, headers, body = answer(HTMLResponse(index), PAGE | {"range": "bytes=0-99"})
    page = body.decode()
    assert status == 200
    assert int(headers["content-length"]) == len(body)
    before, _, after = page.partition(f'<style id="early-style">{SHEET.read_text("utf-8")}</style></head>')
    assert f"{before}</head>{after}" == index, "and nothing else of it is another"
    assert after, "Streamlit's page has no head that ends"


def test_the_page_is_compressed_where_accepted_and_not_sent_again_to_a_browser_that_has_it() -> None:
    inner = HTMLResponse(EMPTY)
    plain = answer(inner, PAGE)
    packed = answer(HTMLResponse(EMPTY), PAGE | {"accept-encoding": "gzip, br"})
    assert gzip.decompress(packed[2]) == plain[2]
    assert packed[1]["content-encoding"] == "gzip"
    assert packed[1]["etag"] == plain[1]["etag"]
    kept = answer(HTMLResponse(EMPTY), PAGE | {"if-none-match": plain[1]["etag"]})
    assert (kept[0], kept[2]) == (304, b"")
    assert "content-length" not in kept[1]


@pytest.mark.parametrize(
    ("inner", "asked", "method"),
    [
        (PlainTextResponse("</head>"), PAGE, "GET"),
        (HTMLResponse("</head>"), {"accept": "*/*"}, "GET"),
        (HTMLResponse("</head>"), PAGE, "GET"),
        (HTMLResponse("</head>"), PAGE, "POST"),
        (HTMLResponse("</head>", 404), PAGE, "GET"),
        (HTMLResponse("</head>", headers={"content-encoding": "br"}), PAGE, "GET"),
    ],
    ids=["text", "a part of a page", "a page of ours", "sent to it", "an error", "packed already"],
)
def test_other_responses_pass_unchanged(inner: Response, asked: dict[str, str], method: str) -> None:
    status, _, body = answer(inner, asked, method)
    assert (status, body) == (inner.status_code, b"</head>")
