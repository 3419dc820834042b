"""The sidebar in a real browser: what is often used is in sight, and a key press is never lost.

What it says and does: tests/pages/test_sidebar.py, test_parameter_panel.py, test_model_picker.py.
"""

from __future__ import annotations

import re

from browser import App, Chat, at_rest
from page_parts import more_settings, open_connection
from playwright.sync_api import Page, ViewportSize, expect

LAPTOP = ViewportSize(width=1280, height=860)
ENDS = """() => {
  const content = document.querySelector('[data-testid="stSidebarContent"]');
  const temperature = document.querySelector(".st-key-row-temperature").getBoundingClientRect().bottom;
  return [temperature, content.scrollHeight];
}"""


def test_all_that_is_often_used_is_in_sight_on_a_laptop(page: Page, keeping: App) -> None:
    page.set_viewport_size(LAPTOP)
    for number in range(6):
        keeping.keep(f"Question {number}, far too long for one line of the sidebar", f"Answer {number}")
    chat = Chat(page).open(keeping.url)
    latest = page.locator(".st-key-latest").get_by_role("button")
    expect(latest).to_have_count(5)
    assert max(button.bounding_box()["height"] for button in latest.all()) < 40  # type: ignore[index]
    page.get_by_role("slider").first.press("ArrowLeft")
    expect(page.get_by_text("1 set. Reset")).to_be_visible()
    temperature, end = at_rest(page, ENDS)  # type: ignore[misc]
    assert temperature < 520
    assert end <= LAPTOP["height"]
    latest.filter(has_text="Question 3").click()
    expect(chat.messages.last).to_contain_text("Answer 3")


def test_no_key_press_is_lost_and_the_focus_stays_wherever_it_was(chat: Chat) -> None:
    """On a slider that was not set, on one in the fold, and on the way back to nothing."""
    page = chat.page
    more_settings(page)
    for place, value in ((0, "temperature=0.6"), (1, "top_p=0.92")):
        slider = page.get_by_role("slider").nth(place)
        slider.focus()
        for _ in range(8):
            page.keyboard.press("ArrowLeft")
        expect(slider).to_be_focused()
        expect(page).to_have_url(re.compile(value))
        chat.wait_until_settled()
    change = page.get_by_role("button", name="Connection", exact=True)
    change.focus()
    change.press("Enter")
    expect(page.get_by_role("button", name="Done")).to_be_focused()
    page.get_by_role("button", name="Done").press("Enter")
    open_connection(page)
