"""The switch between light and dark. What can be read in both: test_accessibility.py."""

from __future__ import annotations

from browser import App, Chat
from playwright.sync_api import Page, expect

BACK = "() => getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
LIGHT, DARK = "rgb(253, 252, 249)", "rgb(21, 24, 27)"  # .streamlit/config.toml


def test_the_theme_is_chosen_once_and_holds_on_every_page_and_after_a_reload(fresh: Page, app: App) -> None:
    page = fresh
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
    page.goto(f"{app.url}/Tools")  # loaded for the first time
    _is(page, DARK)
    page.get_by_role("button", name="As the computer is set").click()
    _is(page, LIGHT)
    page.emulate_media(color_scheme="dark")
    _is(page, DARK)
    assert not chat.errors


def _is(page: Page, colour: str) -> None:
    page.wait_for_function(f"({BACK})() === '{colour}'")
