"""The panel of parameters in a real browser: set and unset in one click, kept over reload and change of page.

What each knob sends, presets, refusals: tests/pages/test_parameter_panel.py.
"""

from __future__ import annotations

import re

from browser import Chat
from fake_api import FakeAPI, stream
from page_parts import more_settings
from playwright.sync_api import Page, expect

# A busy browser tells of a scroll after the press that follows it: so it does when both are done by one script.
SCROLLED_AND_PRESSED = """box => {
  box.closest('[data-testid="stSidebarContent"]').scrollTop -= 2;
  box.parentElement.querySelector('button').click();
}"""


def fold(page: Page, name: str) -> None:
    more_settings(page).get_by_test_id("stExpander").get_by_text(name, exact=True).click()


def test_a_parameter_is_sent_survives_a_reload_and_is_unset_in_one_click(chat: Chat, server: FakeAPI) -> None:
    page = chat.page
    page.get_by_role("slider").first.press("ArrowLeft")
    expect(page.get_by_text("1 set. Reset")).to_be_visible()
    fold(page, "Reasoning")
    efforts = page.get_by_role("combobox", name="Reasoning effort")
    efforts.click()
    page.keyboard.press("Escape")
    efforts.evaluate(SCROLLED_AND_PRESSED)
    page.get_by_role("option", name="high", exact=True).click()
    expect(page).to_have_url(re.compile("reasoning_effort=high"))
    prompt = page.get_by_role("textbox", name="System prompt")
    prompt.fill("Be brief.")
    prompt.press("Control+Enter")
    page.wait_for_function("(sessionStorage.getItem('playground.draft.settings') ?? '').includes('brief')")
    page.reload()
    expect(page.get_by_text("2 set. Reset")).to_be_visible()
    expect(prompt).to_have_value("Be brief.")  # no address and no message holds it
    page.get_by_role("link", name="History").click()
    expect(page.get_by_role("heading", name="History")).to_be_visible()
    page.get_by_role("link", name="Chat").click()
    expect(page.get_by_text("2 set. Reset")).to_be_visible()
    server.play(stream("Fine."))
    chat.send("Hello").wait_until_ended()
    assert (server.asked[-1].body["temperature"], server.asked[-1].body["reasoning_effort"]) == (0.95, "high")
    page.get_by_role("button", name="Unset").click()
    expect(page.get_by_text("1 set. Reset")).to_be_visible()
    chat.send("Again").wait_until_ended()
    assert "temperature" not in server.asked[-1].body
    page.get_by_text("1 set. Reset").click()
    expect(page.get_by_text("Nothing set")).to_be_visible()
    expect(page).not_to_have_url(re.compile("reasoning_effort"))
