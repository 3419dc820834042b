"""The panel of parameters in a real browser: set and unset in one click, kept over reload and change of page."""

from __future__ import annotations

import re

from browser import App, Chat
from fake_api import FakeAPI, error, stream
from playwright.sync_api import Locator, Page, expect


def fold(page: Page, name: str) -> None:
    page.get_by_test_id("stSidebar").get_by_test_id("stExpander").get_by_text(name, exact=True).click()


def number(page: Page, label: str) -> Locator:
    return page.get_by_role("spinbutton", name=label)


def settled(page: Page) -> None:
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def test_what_is_set_is_sent_survives_a_reload_and_a_change_of_page_and_is_unset_in_one_click(
    chat: Chat, server: FakeAPI
) -> None:
    page = chat.page
    page.get_by_role("slider").first.press("ArrowLeft")
    expect(page.get_by_text("1 set. Reset")).to_be_visible()
    fold(page, "Reasoning")
    page.get_by_role("radio", name="high").click()
    expect(page).to_have_url(re.compile("reasoning_effort=high"))
    page.reload()
    expect(page.get_by_text("2 set. Reset")).to_be_visible()
    page.get_by_role("link", name="History").click()
    expect(page.get_by_role("heading", name="History")).to_be_visible()
    page.get_by_role("link", name="Chat").click()
    expect(page.get_by_text("2 set. Reset")).to_be_visible()
    server.play(stream("Fine."))
    chat.send("Hello").ended()
    assert (server.asked[-1].body["temperature"], server.asked[-1].body["reasoning_effort"]) == (0.95, "high")
    page.get_by_role("button", name="Unset").click()
    expect(page.get_by_text("1 set. Reset")).to_be_visible()
    chat.send("Again").ended()
    assert "temperature" not in server.asked[-1].body
    page.get_by_text("1 set. Reset").click()
    expect(page.get_by_text("Nothing set")).to_be_visible()
    expect(page).not_to_have_url(re.compile("reasoning_effort"))


def test_a_number_beyond_the_range_is_told_beside_its_control(chat: Chat, server: FakeAPI) -> None:
    fold(chat.page, "More sampling")
    number(chat.page, "Top K").fill("-3")
    number(chat.page, "Top K").press("Enter")
    expect(chat.page.get_by_text("Top K must be 0 or more")).to_be_visible()
    expect(number(chat.page, "Top K")).to_have_value("-3")
    server.play(stream("Fine."))
    chat.send("Hello").ended()
    assert "top_k" not in server.asked[-1].body


def test_a_preset_is_one_click_and_a_refused_field_another(chat: Chat, server: FakeAPI) -> None:
    page = chat.page
    page.get_by_role("button", name="Presets").click()
    page.get_by_role("button", name="Creative").click()
    expect(page.get_by_text("2 set. Reset")).to_be_visible()
    page.keyboard.press("Escape")
    server.play([error(400, "Unknown parameter: 'presence_penalty'."), stream("Once upon a time.")])
    chat.send("A story").ended()
    page.get_by_role("button", name="Retry without presence_penalty").click()
    expect(chat.messages.last).to_contain_text("Once upon a time.")
    assert server.asked[-1].body["temperature"] == 1.2
    assert "presence_penalty" not in server.asked[-1].body


def test_on_a_telephone_the_panel_fits(page: Page, app: App) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    Chat(page).open(app.url)
    page.get_by_test_id("stExpandSidebarButton").click()
    fold(page, "More sampling")
    expect(number(page, "Top K")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
