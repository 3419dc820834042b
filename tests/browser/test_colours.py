"""Light and dark: what can be read on every page, and the switch between the two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest
from browser import App, Chat
from contrast import faint
from fake_api import FakeAPI, chunk, events, stream
from playwright.sync_api import Page, expect

ANSWER = """Some `code`, [a link](https://example.org).

```python
# a comment
def twice(number: int) -> str:
    return "twice " + str(2 * number)
```

> a quotation

| a | b |
|---|---|
| 1 | 2 |
"""
CALL = {
    "index": 0,
    "id": "c1",
    "type": "function",
    "function": {"name": "calculator", "arguments": '{"expression": "6*7"}'},
}
BACK = "() => getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
LIGHT, DARK = "rgb(253, 252, 249)", "rgb(21, 24, 27)"  # .streamlit/config.toml


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_of_every_page_can_be_read(
    scheme: Literal["light", "dark"], page: Page, app: App, server: FakeAPI
) -> None:
    page.emulate_media(color_scheme=scheme)
    chat = Chat(page)
    try:
        assert _unreadable(chat, app, server) == {}
    finally:
        page.emulate_media(color_scheme=None)


def _unreadable(chat: Chat, app: App, server: FakeAPI) -> dict[str, list[str]]:
    """The texts that are too faint, by where they are."""
    page, found = chat.page, dict[str, list[str]]()

    def look(where: str) -> None:
        page.mouse.move(0, 0)
        page.wait_for_timeout(400)  # what is hovered fades
        found[where] = faint(page)

    chat.open(app.url)
    look("greeting")
    server.play(stream(ANSWER))
    chat.send("Hello").ended()
    chat.messages.first.locator(".pg-footer").get_by_role("button", name="Edit").click()
    expect(page.get_by_role("textbox", name="Edit message")).to_be_visible()
    look("chat with an editor")
    page.get_by_role("button", name="Cancel").click()
    chat.messages.last.get_by_role("button", name="Inspect").click()
    for tab in ("Response", "Code"):
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_role("dialog").get_by_test_id("stCode").first).to_be_visible()
        look(f"inspector, {tab}")
    page.keyboard.press("Escape")

    chat.open(f"{app.url}/Tools")
    page.get_by_text("Toolbox").click()
    page.get_by_text("convert_currency").first.click()
    expect(page.get_by_test_id("stJson").first).to_be_visible()
    look("toolbox")
    server.play([events(chunk({"tool_calls": [CALL]}), "[DONE]"), stream("42")])
    chat.send("6 * 7?").ended()
    look("tools")
    for name in ("Models", "History"):
        page.goto(f"{app.url}/{name}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        chat.settled()
        look(name)
    return {where: texts for where, texts in found.items() if texts}


def test_the_theme_is_chosen_once_and_holds_on_every_page_and_after_a_reload(
    guest: Callable[[], Page], app: App
) -> None:
    page = guest()
    page.emulate_media(color_scheme="light")
    chat = Chat(page).open(app.url)
    chat.composer.fill("half a question")
    page.evaluate("window.same = true")
    page.get_by_role("button", name="Dark", exact=True).press("Enter")
    _is(page, DARK)
    expect(page.get_by_role("button", name="Dark", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(chat.composer).to_have_value("half a question")
    assert page.evaluate("window.same"), "the page was loaded anew"
    page.reload()
    _is(page, DARK)
    for path in ("Tools", "History"):  # loaded for the first time
        page.goto(f"{app.url}/{path}")
        _is(page, DARK)
    page.get_by_role("button", name="As the computer is set").click()
    _is(page, LIGHT)
    page.emulate_media(color_scheme="dark")
    _is(page, DARK)
    assert not chat.errors


def _is(page: Page, colour: str) -> None:
    page.wait_for_function(f"({BACK})() === '{colour}'")
