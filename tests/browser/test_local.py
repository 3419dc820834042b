"""The main job, for real: no key, no account, a real model answers token by token in a real browser."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from browser import App, Chat
from files_to_attach import picture
from page_parts import upload
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.local_model


@pytest.fixture(scope="module")
def keyless() -> Iterator[App]:
    with closing(App()) as found:
        yield found


def test_with_no_key_a_real_model_on_this_machine_answers_token_by_token(page: Page, keyless: App) -> None:
    chat = Chat(page).open(f"{keyless.url}/Tools")  # as the first address after a cold start
    expect(page.get_by_role("heading", name="Give the model a tool")).to_be_visible()
    page.get_by_text("Toolbox").click()
    page.get_by_text("current_time").first.click()
    expect(page.get_by_role("textbox", name="Arguments")).to_be_visible()
    page.wait_for_timeout(1000)  # the fold opens with an animation, and a click on a moving button misses it
    page.get_by_test_id("stForm").get_by_role("button", name="Run").click()
    expect(page.get_by_text("Asia/Tokyo").last).to_be_visible()
    page.get_by_role("link", name="Chat").click()
    expect(page.get_by_role("heading", name="Give the model a tool")).to_have_count(0)  # its box is another one
    expect(page.get_by_text("real, but tiny and often wrong").first).to_be_visible()
    chat.wait_until_settled().composer.fill("Explain in five sentences what the sea is.")
    chat.enter()
    lengths = set()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not page.get_by_role("button", name="Regenerate").count():
        if chat.messages.count() == 2:
            lengths.add(len(chat.answer()))
        page.wait_for_timeout(30)
    chat.wait_until_ended()
    assert len(lengths) > 3, "the answer did not arrive piece by piece"
    figures = chat.messages.last.locator(".pg-quiet")
    expect(figures).to_have_attribute("title", re.compile("tokens/s"))
    expect(figures).to_have_attribute("title", re.compile("smollm2"))
    expect(figures).to_contain_text("SmolLM2")
    expect(chat.messages.last).to_contain_text("no cost")
    assert not chat.errors


def test_a_model_that_reads_text_only_says_so_before_anything_is_sent(page: Page, keyless: App) -> None:
    chat, held = Chat(page).open(keyless.url), page.locator(".st-key-held")
    upload(page, ("red.png", picture()))
    chat.composer.fill("What colour?")
    chat.enter()
    expect(held).to_contain_text("does not take pictures")
    expect(chat.messages).to_have_count(0)
    page.set_viewport_size({"width": 390, "height": 800})
    held.get_by_role("button", name="Use Gemini 2.5 Flash").click()
    expect(held).to_contain_text("Put your key in")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
