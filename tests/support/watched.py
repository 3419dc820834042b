"""A page that is watched: no script runs, nothing foreign is asked for, nothing breaks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from browser import App, Chat
from fake_api import FakeAPI, chunk
from playwright.sync_api import Page

PICTURES = (
    "![a](LEAK)",
    '![a]( LEAK "t")',
    "![a][r]\n\n[r]: LEAK",
    "![](<LEAK>)",
    "[![a](LEAK)](http://example.invalid)",
    "- ![a](LEAK)",
    "> ![a](LEAK)",
    "| a |\n|---|\n| ![a](LEAK) |",
    "# ![a](LEAK)",
    '<img src="LEAK">',
    "<img src=LEAK onerror=alert(1)>",
    "$\\includegraphics{LEAK}$",
    "$$\n\\includegraphics{LEAK}\n$$",
    ":red[![a](LEAK)]",
    "![a\nb](LEAK)",
    "![a](LEAK\n)",
    "![a](//LEAK)",
)


# Of what a page of the app itself is made; in a message none of it is anything but text.
FOREIGN = "script, iframe, object, embed, form, base, link, meta, frame, portal, video[src], [onerror], [onload]"
LINKS = """() => [...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))
  .filter(href => /^[^/?#]*:/.test(href) && !/^(https?|mailto):/i.test(href))"""


class Watched:
    """One page, and everything in it that hostile text must not make happen."""

    def __init__(self, page: Page, app: App) -> None:
        self.page, self.app, self.chat = page, app, Chat(page)
        self.dialogs: list[str] = []
        self.asked: list[str] = []
        page.on("dialog", self._dialog)
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("websocket", lambda socket: self.asked.append(socket.url.replace("ws", "http", 1)))
        page.context.on("page", lambda other: self.asked.append(f"http://another.page/{other.url}"))

    def _dialog(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    @property
    def foreign(self) -> list[str]:
        """Requests that went anywhere but to the app; what a page holds in itself goes nowhere."""
        return [url for url in self.asked if not url.startswith((f"{self.app.url}/", "data:", "blob:"))]

    def harmless(self) -> None:
        assert self.dialogs == []
        assert self.foreign == []
        assert self.chat.errors == []
        inside = self.chat.messages.locator(FOREIGN)
        assert inside.count() == 0, inside.first.evaluate("element => element.outerHTML")
        assert self.page.evaluate(LINKS) == []
        pictures = self.page.locator("[data-testid=stMain] img[src]").evaluate_all("all => all.map(img => img.src)")
        assert [src for src in pictures if not src.startswith((self.app.url, "data:", "blob:"))] == []


def leaking(texts: Any, outside: FakeAPI) -> list[str]:
    """Texts that would ask `outside`, each under an address of its own."""
    return [text.replace("LEAK", f"{outside.origin}/{place}") for place, text in enumerate(texts)]


def content(text: str) -> dict[str, Any]:
    return chunk({"content": text})


@pytest.fixture
def watched(fresh: Page, app: App) -> Watched:
    """The app in a tab that nobody else listens to."""
    return Watched(fresh, app)


@pytest.fixture
def outside() -> Iterator[FakeAPI]:
    """A server that has nothing to do with the app. Nobody may come."""
    with FakeAPI() as found:
        yield found
        assert found.connections == 0, [request.path for request in found.requests]
