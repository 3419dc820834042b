"""The prompt library in the browser: found, filled in, used; nothing is sent before the visitor sends it.

What is kept of one's own, and for whom: tests/pages/test_prompts.py.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import pytest
from browser import App, Chat
from fake_api import FakeAPI, stream
from playwright.sync_api import Locator, Page, expect


@pytest.fixture
def new(page: Page, keeping: App, server: FakeAPI) -> Iterator[Chat]:
    """The front page of an app in which nothing was kept."""
    server.play(stream("ok"))
    found = Chat(page).open(keeping.url)
    yield found
    assert not found.errors, found.errors


def library(chat: Chat) -> Locator:
    """The open dialog."""
    dialog = chat.page.get_by_role("dialog")
    if not dialog.count():
        chat.page.get_by_role("button", name="Prompts", exact=True).click()
    expect(dialog.get_by_role("searchbox")).to_be_visible()
    return dialog


def button(within: Locator | Page, name: str) -> Locator:
    return within.get_by_role("button", name=name, exact=True)


def system(chat: Chat) -> Locator:
    return chat.page.get_by_role("textbox", name="System prompt", exact=True)


def test_a_filled_system_prompt_is_sent_and_undo_restores_the_one_before(new: Chat, server: FakeAPI) -> None:
    system(new).fill("My own words.")
    system(new).blur()
    dialog = library(new)
    dialog.get_by_role("searchbox").fill("transl")
    expect(button(dialog, "Socratic tutor")).to_have_count(0)
    button(dialog, "Translator").click()
    expect(dialog.get_by_text("There is a system prompt already")).to_be_visible()
    button(dialog, "Use as system prompt").click()
    expect(dialog.get_by_text("Still empty: Language.")).to_be_visible()
    dialog.get_by_role("textbox", name="Language").fill("Klingon")
    expect(dialog.locator(".st-key-prompts-preview")).to_contain_text("every message into Klingon")
    expect(dialog.locator(".st-key-prompts-preview")).to_contain_text("natural and friendly")
    button(dialog, "Use as system prompt").click()
    expect(dialog).to_have_count(0)
    new.send("Good morning").wait_until_ended()
    first, second = server.asked[-1].body["messages"]
    assert (first["role"], second["content"]) == ("system", "Good morning")
    assert "into Klingon. The tone: natural and friendly." in first["content"] and "{{" not in first["content"]
    expect(new.page.get_by_text("Undo brings back what stood here before.")).to_be_visible()
    button(new.page, "Undo").click()
    expect(system(new)).to_have_value("My own words.")
    expect(button(new.page, "Undo")).to_have_count(0)


def test_a_prompt_goes_into_the_box_from_any_page_and_only_the_visitor_sends_it(new: Chat, server: FakeAPI) -> None:
    new.page.get_by_role("link", name="History").click()
    expect(new.page.get_by_role("heading", name="History")).to_be_visible()
    before = len(server.asked)
    dialog = library(new)
    dialog.get_by_role("radio", name="Messages").click()
    expect(button(dialog, "Translator")).to_have_count(0)
    button(dialog, "Email rewriter").click()
    dialog.get_by_role("textbox", name="Email").fill("send me {{tone}} now\nthx")
    button(dialog, "Put into the message box").click()
    expect(dialog).to_have_count(0)
    begins = re.compile(r"^Rewrite this email so that it is friendly, clear and short\.\n\n")
    expect(new.composer).to_have_value(begins)
    expect(new.composer).to_have_value(re.compile(r"The email:\n\nsend me \{\{tone\}\} now\nthx$"))
    expect(new.messages).to_have_count(0)
    assert len(server.asked) == before
    new.wait_until_settled().enter()
    new.wait_until_ended()
    assert server.asked[-1].prompt.endswith("send me {{tone}} now\nthx")


def test_the_library_answers_while_an_answer_runs_and_the_answer_is_not_lost(new: Chat, server: FakeAPI) -> None:
    seen = threading.Event()
    server.play(stream("begun ", seen, "and done."))
    new.send("Hello")
    expect(new.messages.last).to_contain_text("begun")
    dialog = library(new)
    button(dialog, "Devil's advocate").click()
    button(dialog, "Use as system prompt").click()
    expect(dialog).to_have_count(0)
    expect(new.stop).to_be_visible()
    dialog = library(new)
    seen.set()
    assert server.asked[-1].played.wait(30), "it ends behind the open library"
    button(dialog, "Close").click()
    expect(new.messages.last).to_contain_text("begun and done.")
    new.wait_until_ended()
    expect(system(new)).to_have_value(re.compile("^You are a fair but tough"))
    server.play(stream("second answer"))
    new.send("Again").wait_until_ended()
    assert "second answer" in new.answer()


def test_on_a_phone_the_whole_library_is_in_reach(page: Page, keeping: App) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    Chat(page).open(keeping.url)
    button(page, "More ready-made prompts").click()
    dialog = page.get_by_role("dialog")
    for name in ("Data extractor (JSON)", "Change a copy", "Cancel"):
        button(dialog, name).click()
        expect(button(dialog, name)).to_have_count(0)
        overflow = "() => document.documentElement.scrollWidth - window.innerWidth"
        assert page.evaluate(overflow) <= 0
        for found in dialog.get_by_role("button").all():
            box = found.bounding_box()
            assert box is None or (box["x"] >= 0 and box["x"] + box["width"] <= 390), found.inner_text()
