"""A recorded run in the browser of a visitor without a key, from an app that reaches nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from browser import App, Chat
from playwright.sync_api import Page, expect

NOWHERE = "http://127.0.0.1:9"  # nobody is there


def test_a_run_with_a_tool_plays_to_its_end_and_then_step_by_step(guest: Callable[[], Page]) -> None:
    page = guest()
    away = list[str]()
    page.on("request", lambda request: away.append(request.url))
    with closing(App(HTTPS_PROXY=NOWHERE, HTTP_PROXY=NOWHERE)) as app:
        chat = Chat(page).open(f"{app.url}/Tools")
        page.get_by_role("button", name="Watch a recorded run").click()
        page.get_by_role("button", name="A call that does not fit").click()
        badge = page.locator(".st-key-player").get_by_text("Composed for this demo").filter(visible=True)
        expect(badge).to_be_visible()
        expect(page.get_by_role("button", name="Play again")).to_be_visible()
        expect(chat.messages.last).to_contain_text("4 days late")
        expect(page.get_by_text("repaired after 1 round")).to_be_visible()
        expect(badge).to_be_visible()
        page.get_by_role("radio", name="Steps").click(force=True)
        chat.wait_until_settled()
        page.get_by_role("button", name="Play again").click()
        expect(page.get_by_role("button", name="Next")).to_be_focused()
        calls = chat.messages.filter(has_text="find_order")
        expect(calls).to_have_count(0)
        for _ in range(140):  # a press while a part plays does nothing; to the end: tests/unit/demos
            if calls.count():
                break
            page.keyboard.press("Space")
            page.wait_for_timeout(200)
        expect(calls.first).to_be_visible()
        page.get_by_role("button", name="Close", exact=True).click()
        expect(page.get_by_role("heading", name="Give the model a tool")).to_be_visible()
        assert not chat.errors and not [url for url in away if not url.startswith((app.url, "data:", "blob:"))]
