"""A visitor who never saw an API: what words mean, what happened, how sure the model was. In a real browser.

Labels, sentences and what is offered: tests/pages/test_simple_words.py, test_inspector.py, tests/unit/inspector.
"""

from __future__ import annotations

import re
import threading

from browser import App, Chat
from fake_api import USAGE, FakeAPI, chunk, events, stream
from page_parts import close, more_settings
from playwright.sync_api import Page, expect


def sure(text: str) -> dict[str, object]:
    """A chunk of a stream with how likely its one token was."""
    piece = chunk({"content": text})
    piece["choices"][0]["logprobs"] = {"content": [{"token": text, "logprob": -0.7, "top_logprobs": []}]}
    return piece


def test_a_first_visitor_learns_the_words_and_how_sure_the_model_was(chat: Chat, server: FakeAPI) -> None:
    page = chat.page
    more_settings(page)
    page.get_by_role("slider").first.press("ArrowLeft")
    expect(page.get_by_text("1 set. Reset")).to_be_visible()
    before = page.url

    # Simple words: what is set and what is open stays, and screen readers get both names without marks.
    page.locator(".st-key-looks").get_by_text("Simple words").click()
    expect(page.get_by_role("spinbutton", name="Longest answer max_tokens", exact=True)).to_be_visible()
    expect(page.get_by_role("slider", name=re.compile("^How adventurous temperature")).first).to_be_visible()
    expect(page.get_by_role("switch", name="Show it word by word stream", exact=True)).to_be_checked()
    assert page.url == before and "temperature=" in before
    page.reload()
    expect(page.get_by_role("spinbutton", name="Longest answer max_tokens", exact=True)).to_be_visible()
    chat.wait_until_settled()

    # What do these words mean? Searched while one types, and names come before what only mentions them.
    page.get_by_role("button", name="What do these words mean?").first.click()
    dialog = page.get_by_role("dialog")
    search = dialog.get_by_role("searchbox", name="Search the words")
    search.press_sequentially("how adv")
    expect(dialog.get_by_role("term").first).to_have_text("Temperature How adventurous temperature")
    expect(dialog.get_by_role("status")).to_have_text("1 found")
    search.fill("top p")  # one letter is no part of other words
    expect(dialog.get_by_role("term").first).to_contain_text("top_p")
    expect(dialog.get_by_role("status")).to_have_text(re.compile(r"^[1-4] found$"))
    close(chat)

    # Behind the quiet line, and in five sentences.
    rest = threading.Event()
    server.play(
        [stream("Blue.", usage=USAGE), events(sure("Deep"), rest, sure(" blue"), chunk({}, "stop"), "[DONE]")]
    )
    chat.send("Which colour has the sea?").wait_until_ended()
    chat.messages.last.locator(".pg-quiet").click()
    expect(page.get_by_role("note")).to_contain_text("5 pieces of words written (tokens out)")
    expect(page.get_by_role("note")).to_contain_text("A piece of text as a model reads and writes it")
    page.keyboard.press("Escape")
    more = chat.messages.last.get_by_role("button", name="More")
    more.click()
    page.get_by_role("menuitem", name="What just happened?").click()
    expect(dialog.get_by_role("listitem")).to_have_count(5)
    expect(dialog).to_be_focused()  # opened with the mouse, from a menu that is gone: else Escape would do nothing
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    # Coloured words, as they come; what was asked for once is not set.
    more.click()
    page.get_by_role("menuitem", name="Ask again with coloured words").click()
    expect(dialog.locator(".token")).to_have_text(["Deep"])
    rest.set()
    expect(dialog.locator(".token")).to_have_text(["Deep", " blue"])
    expect(dialog.get_by_text("Least certain words")).to_be_visible()
    assert server.asked[-1].body["logprobs"] is True
    close(chat)
    expect(chat.messages.last).to_contain_text("Deep blue")
    expect(page.get_by_text("1 set. Reset")).to_be_visible()
    assert not chat.errors


def test_typing_works_before_the_front_page_is_complete_and_is_kept(fresh: Page, app: App) -> None:
    sent: list[bytes] = []
    fresh.on("websocket", lambda socket: socket.on("framereceived", lambda frame: sent.append(bytes(frame))))
    fresh.goto(app.url)
    chat = Chat(fresh)
    chat.composer.fill("Typed at once")
    place = chat.composer.bounding_box()
    chat.wait_until_settled()
    expect(fresh.get_by_text("More settings")).to_be_visible()
    expect(chat.composer).to_have_value("Typed at once")
    assert chat.composer.bounding_box() == place
    box, rest = (
        [number for number, frame in enumerate(sent) if words in frame] for words in (b"Message ", b"More settings")
    )
    assert box[0] < rest[0]
    assert not chat.errors
