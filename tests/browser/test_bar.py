"""The bar over a page, the keys of the whole page, and a phone: what no test without a browser can see."""

from __future__ import annotations

from browser import App, Chat
from fake_api import FakeAPI, stream
from page_parts import more_settings
from playwright.sync_api import Browser, Locator, Page, expect

WIDTH = "document.documentElement.scrollWidth"
CUT = "link => [...link.querySelectorAll('*')].some(part => part.scrollWidth > part.clientWidth + 1)"
HOSTILE = "**bold** <b>html</b> $x^2$ :material/home: " + "long " * 30


def title(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def top(element: Locator) -> float:
    box = element.bounding_box()
    assert box
    return box["y"]


def test_the_bar_has_the_title_as_it_was_typed_and_lies_on_nothing(talk: Chat, server: FakeAPI) -> None:
    page = talk.page
    server.play(stream(*["line\n\n"] * 60))
    expect(title(page)).to_have_text("New chat")
    assert top(page.get_by_role("heading", name="What would you like to ask?")) <= 56
    page.get_by_role("button", name="Write a haiku about the sea.").click()
    talk.wait_until_ended()
    expect(title(page)).to_have_text("Write a haiku about the sea.")
    expect(talk.composer).to_be_focused()  # the starter is gone, and the focus is not lost with it
    page.get_by_role("button", name="Rename").click()
    page.get_by_label("Title", exact=True).fill(HOSTILE)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(title(page)).to_have_text(HOSTILE.strip())
    expect(page).to_have_title(f"{HOSTILE.strip()} · Playground")
    bar, main = page.locator(".st-key-bar"), page.get_by_role("main")
    assert bar.evaluate("bar => bar.offsetHeight") == 48
    assert main.evaluate("main => main.getBoundingClientRect().top") == 48  # the page scrolls below the bar
    length = page.get_by_role("spinbutton", name="Max tokens")
    length.fill("55")
    page.get_by_role("button", name="New chat").click()  # at once, as a tap is: the browser sends both together
    expect(title(page)).to_have_text("New chat")
    expect(talk.composer).to_be_focused()
    expect(length).to_have_value("55")


def test_every_key_on_the_list_does_what_the_list_says(talk: Chat, server: FakeAPI) -> None:
    page = talk.page
    server.play(stream("Three short words"))
    talk.send("Hello").wait_until_ended()
    expect(page.locator("[aria-live]")).to_have_count(1)
    expect(page.locator("[aria-live]")).to_have_text("Answer: complete, 3 words.")
    talk.composer.press("ArrowUp")
    expect(talk.messages.last).to_be_focused()
    page.keyboard.press("Home")
    expect(talk.messages.first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(talk.messages.last).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(talk.messages.first).to_be_focused()
    page.keyboard.press("End")
    expect(talk.messages.last).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Stop the answer")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    talk.messages.last.focus()
    page.keyboard.press("ArrowDown")
    expect(talk.composer).to_be_focused()
    page.keyboard.type("?")
    expect(talk.composer).to_have_value("?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator(".pg-skip").focus()
    page.keyboard.press("Enter")
    expect(talk.composer).to_be_focused()
    talk.composer.fill("")
    talk.messages.last.get_by_role("button", name="Regenerate").press("Enter")
    expect(talk.messages.last.locator(".pg-branch")).to_have_text("2 / 2")
    talk.wait_until_ended()
    assert page.evaluate("document.activeElement.closest('.pg-message') !== null"), "the focus stays where it was"


def test_on_a_phone_the_sidebar_begins_closed_and_nothing_is_too_wide(
    browser: Browser, app: App, server: FakeAPI
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    chat = Chat(context.new_page()).open(app.url)
    page, sidebar = chat.page, chat.page.locator("#stSidebar")
    processor = context.new_cdp_session(page)
    processor.send("Emulation.setCPUThrottlingRate", {"rate": 6})  # the menu is opened before the page is complete
    page.reload()
    menu = page.locator(".st-key-menu")
    for name in ("Models", "Tools", "Chat"):
        page.get_by_test_id("stExpandSidebarButton").tap()
        expect(sidebar).to_have_attribute("data-collapsed", "false")
        menu.get_by_role("link", name=name).tap()
        expect(title(page)).to_have_text("New chat" if name == "Chat" else name)
        expect(sidebar).to_have_attribute("data-collapsed", "true")
        processor.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        chat.wait_until_settled()
        assert page.evaluate(WIDTH) == 390, name
    page.get_by_test_id("stExpandSidebarButton").tap()
    expect(sidebar).to_have_attribute("data-collapsed", "false")
    for link in menu.get_by_role("link").all():
        expect(link).to_be_in_viewport(ratio=0.9)
        assert not link.evaluate(CUT), link.inner_text()
    page.get_by_role("combobox", name="Model", exact=True).tap()
    expect(page.get_by_role("option").first).to_be_in_viewport(ratio=0.9)
    page.keyboard.press("Escape")
    more_settings(page).get_by_test_id("stExpander").get_by_text("More sampling", exact=True).tap()
    expect(page.get_by_role("spinbutton", name="Top K")).to_be_visible()
    assert page.evaluate(WIDTH) == 390
    page.set_viewport_size({"width": 390, "height": 560})
    page.reload()
    expect(sidebar).to_have_attribute("data-collapsed", "true")
    expect(
        chat.wait_until_settled().page.get_by_role("heading", level=2)
    ).to_be_in_viewport()  # seen from its beginning
    page.set_viewport_size({"width": 390, "height": 844})
    chat.composer.tap()
    page.keyboard.type("Hello")
    page.keyboard.press("Enter")  # a keyboard of glass has no Shift + Enter
    page.keyboard.type("you")
    page.get_by_role("button", name="Send message").tap()
    chat.wait_until_ended()
    expect(page.locator(".pg-typed")).to_have_text("Hello\nyou")
    for button in page.locator(".st-key-bar button:visible, .st-key-composer button:visible").all():
        box = button.bounding_box()
        assert box and box["width"] >= 44 and box["height"] >= 44, button
    assert page.evaluate(WIDTH) == 390
    row, box = page.locator(".st-key-toolbar").bounding_box(), page.get_by_test_id("stChatInput").bounding_box()
    assert row and box and box["y"] + box["height"] <= row["y"] and row["height"] <= 52  # one row below the box
    context.close()
