"""Lanes in a real browser: one fails, one is silent and is stopped, the page is reloaded; and a blind vote."""

from __future__ import annotations

from threading import Event

import axe
from browser import App, Chat
from fake_api import FakeAPI, Reply, Request, error, stream
from playwright.sync_api import Locator, Page, ViewportSize, expect

PHONE = ViewportSize(width=390, height=844)


WITHOUT_SIDEBAR = """() => {
  const copy = document.body.cloneNode(true);
  for (const part of copy.querySelectorAll("[data-testid=stSidebar], script, style")) part.remove();
  return copy.outerHTML;
}"""


def lane(page: Page, place: int) -> Locator:
    return page.locator(".st-key-lanes > *").nth(place)


def set_up(page: Page, place: int, label: str, value: str) -> None:
    """Change one setting of a lane, in the popover on its head."""
    lane(page, place).locator('[class*="-set"] button').click()
    field = page.get_by_test_id("stPopoverBody").get_by_label(label, exact=True)
    field.fill(value)
    field.press("Enter")
    told = lane(page, place).locator('[class*="-head"], [class*="-about"]')
    expect(told.filter(has_text=value.rpartition("/")[2]).first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)


def test_a_blind_vote_by_keyboard_alone_and_its_reveal(page: Page, keeping: App, server: FakeAPI) -> None:
    go_on = Event()
    replies = {
        "fake/alpha": stream("It is the Moon."),
        "google/gemini-2.5-flash": stream("<think>A thought.</think>Gravity ", go_on, "pulls."),
    }
    server.play(lambda request: replies[request.body["model"]])
    chat = Chat(page).open(f"{keeping.url}/Compare")
    page.get_by_role("radio", name="Blind").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="without knowing whose it is")).to_be_visible()
    names = page.locator('[class*="st-key-lane-"][class*="-set"] button')
    expect(names.filter(has_text="alpha")).to_have_count(1)  # when the list of models has come
    chat.composer.focus()
    page.keyboard.type("Why are there tides?")
    page.keyboard.press("Enter")
    expect(page.get_by_text("so that speed does not tell who is who")).to_be_visible()
    expect(page.locator(".st-key-lanes .pg-message")).to_have_count(2)
    assert "Moon." not in page.content(), "the faster one waits for the other"
    go_on.set()
    best = page.get_by_role("button", name="A is better")
    expect(best).to_be_visible()
    expect(page.locator(".st-key-lanes .pg-message")).to_have_count(4)
    told = page.evaluate(WITHOUT_SIDEBAR) + page.url
    assert not [word for word in ("alpha", "gemini", "thought", "words/s<") if word in told]
    assert not axe.violations(page)
    best.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("You voted: A is better.")).to_be_visible()
    expect(names.filter(has_text="alpha")).to_have_count(1)
    expect(names.filter(has_text="gemini")).to_have_count(1)
    page.reload()
    expect(page.get_by_text("You voted: A is better.")).to_be_visible()
    expect(best).to_have_count(0)
    assert not chat.errors, chat.errors


def test_a_race_of_four_lanes_survives_a_failure_and_a_reload(page: Page, keeping: App, server: FakeAPI) -> None:
    go_on = Event()
    replies = {
        "google/gemini-2.5-flash": stream("I am **done**."),
        "fake/alpha": error(400, "temperature is not supported"),
        "fake/beta": stream("So far", Event()),
    }

    def play(request: Request) -> Reply:
        if request.body.get("temperature"):
            return stream("This one takes ", go_on, "its time.")
        return replies[request.body["model"]]

    server.play(play)
    chat = Chat(page).open(f"{keeping.url}/Compare")
    expect(lane(page, 1)).to_contain_text("alpha")
    for count in (3, 4):
        page.get_by_role("button", name="Add a lane").click()
        expect(page.locator(".st-key-lanes > *")).to_have_count(count)
    set_up(page, 3, "Temperature", "1.2")
    chat.composer.fill("How are you?")
    chat.enter()
    expect(lane(page, 0).locator("strong", has_text="done")).to_be_visible()
    expect(lane(page, 1).get_by_test_id("stAlert")).to_contain_text("refused the request")
    expect(lane(page, 2).locator(".pg-running")).to_contain_text("So far")
    expect(lane(page, 3).locator(".pg-running")).to_contain_text("This one takes")
    expect(lane(page, 3).locator(".lane-line")).to_contain_text("first word")

    page.reload()
    expect(lane(page, 3).locator(".pg-running")).to_contain_text("This one takes")
    go_on.set()
    expect(lane(page, 3).get_by_role("button", name="Regenerate")).to_be_visible()
    expect(lane(page, 3)).to_contain_text("This one takes its time.")
    expect(lane(page, 1).get_by_role("button", name="Retry without").first).to_be_visible()
    expect(lane(page, 2).locator(".pg-running")).to_contain_text("So far")

    lane(page, 2).get_by_role("button", name="Stop").click()
    expect(lane(page, 2).locator(".lane-line")).to_contain_text("stopped")
    expect(chat.stop).to_have_count(0)

    page.set_viewport_size(PHONE)
    tabs = page.get_by_role("navigation", name="Lanes").get_by_role("button")
    expect(tabs).to_contain_text(["complete", "failed", "stopped", "complete"])
    tabs.nth(3).click()
    expect(tabs.nth(3)).to_have_attribute("aria-current", "true")
    expect(lane(page, 3).get_by_text("This one takes its time.")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert not chat.errors, chat.errors
