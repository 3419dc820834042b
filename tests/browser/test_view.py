"""A conversation in its view: in sight, by the keyboard, heard by screen readers, and nothing typed is lost."""

from __future__ import annotations

import re
import threading

import pytest
from browser import SLOWLY, App, Chat
from fake_api import FakeAPI, stream
from playwright.sync_api import Browser, Page, ViewportSize, expect

LONG = [f"Paragraph {number}.\n\n" for number in range(60)]


# ---- following ------------------------------------------------------------------------------------------


def follows(browser: Browser, app: App, server: FakeAPI, width: int, height: int) -> None:
    """In a fresh tab of this size, the end of a long answer is in sight as it grows, and when it has ended."""
    context = browser.new_context(viewport=ViewportSize(width=width, height=height))
    seen = threading.Event()
    server.play(stream(*LONG, "In the middle. ", seen, *LONG, "The end.", pause=0.002))
    chat = Chat(context.new_page()).open(app.url)
    chat.send("Hello")
    expect(chat.messages.last.get_by_text("In the middle.")).to_be_in_viewport()
    seen.set()
    chat.ended()
    expect(chat.messages.last.get_by_text("The end.")).to_be_in_viewport()
    context.close()


SIZES = ((1280, 900), (1280, 500), (800, 600), (390, 844), (390, 560))


def test_a_fresh_tab_of_any_size_follows_an_answer(browser: Browser, app: App, server: FakeAPI) -> None:
    for width, height in SIZES[1::2]:
        follows(browser, app, server, width, height)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_forty_fresh_tabs_follow_their_answers(browser: Browser, app: App, server: FakeAPI) -> None:
    for _ in range(8):
        for width, height in SIZES:
            follows(browser, app, server, width, height)


def test_a_reader_who_scrolls_up_is_left_there_and_has_a_way_to_the_end(chat: Chat, server: FakeAPI) -> None:
    seen = threading.Event()
    server.play(stream(*LONG, "In the middle. ", seen, *LONG, "The end."))
    chat.send("Hello")
    expect(chat.messages.last.get_by_text("In the middle.")).to_be_in_viewport()
    chat.page.mouse.move(640, 400)
    chat.page.mouse.wheel(0, -1500)
    way = chat.page.get_by_role("button", name="To the end")
    expect(way).to_be_visible()
    seen.set()
    chat.ended()
    expect(chat.messages.last.get_by_text("The end.")).not_to_be_in_viewport()
    way.click()
    expect(chat.messages.last.get_by_text("The end.")).to_be_in_viewport()
    expect(way).to_be_hidden()


def test_what_is_sent_while_scrolled_up_comes_into_sight(chat: Chat, server: FakeAPI) -> None:
    server.play([stream(*LONG), stream("Short answer.")])
    chat.send("Hello").ended()
    chat.page.mouse.move(640, 400)
    chat.page.mouse.wheel(0, -3000)
    expect(chat.page.get_by_role("button", name="To the end")).to_be_visible()
    chat.send("Another question").ended()
    expect(chat.messages.last.get_by_text("Short answer.")).to_be_in_viewport()


# ---- by the keyboard, and by ear ------------------------------------------------------------------------


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.title"))


def test_messages_are_walked_by_the_arrow_keys_and_the_focus_stays_where_it_was(
    chat: Chat, server: FakeAPI
) -> None:
    server.play([stream("one"), stream("two"), stream("again")])
    chat.send("first").ended()
    chat.send("second").ended()
    chat.messages.first.focus()
    walk = [focused(chat.page)]
    for key in ("ArrowDown", "End", "ArrowUp", "Home"):
        chat.page.keyboard.press(key)
        walk.append(focused(chat.page))
    assert walk == ["Your message", "Answer", "Answer", "Your message", "Your message"]
    again = chat.messages.last.get_by_role("button", name="Regenerate")
    again.focus()
    chat.page.keyboard.press("Enter")
    expect(chat.messages.last).to_contain_text("again")
    chat.ended()
    assert chat.page.evaluate("document.activeElement.closest('.pg-message') !== null")


def test_the_menu_of_a_message_is_used_by_the_keyboard(chat: Chat, server: FakeAPI) -> None:
    server.play(stream("Some **bold** words"))
    chat.send("Hello").ended()
    more = chat.messages.last.get_by_role("button", name="More")
    more.focus()
    chat.page.keyboard.press("Enter")
    expect(chat.page.get_by_role("menuitem").first).to_be_focused()
    chat.page.keyboard.press("Escape")
    expect(more).to_be_focused()
    chat.page.keyboard.press("Enter")
    chat.page.keyboard.press("Enter")
    expect(chat.messages.last).to_contain_text("Some **bold** words")


def test_a_screen_reader_is_told_that_an_answer_comes_and_how_it_ended(chat: Chat, server: FakeAPI) -> None:
    status = chat.page.locator("[role=status].pg-unseen")
    server.play(stream("kept ", *SLOWLY))
    chat.send("Hello")
    expect(status).to_have_text("The answer is being written.")
    chat.stop.click()
    expect(status).to_have_text(re.compile(r"^Answer: stopped by you, \d+ words?\.$"))


# ---- what is written ------------------------------------------------------------------------------------


def test_a_question_is_on_the_page_before_the_app_has_heard_of_it(chat: Chat, server: FakeAPI) -> None:
    server.play(stream("Hello."))
    expect(chat.page.locator(".pg-list")).to_have_count(1)  # what draws is loaded
    chat.page.evaluate(
        """() => new MutationObserver(() => {
            window.first ??= document.querySelector(".pg-echo, .pg-message")?.outerHTML;
        }).observe(document.body, { childList: true, subtree: true })"""
    )
    chat.composer.fill("A question")
    chat.enter()
    chat.ended()
    first = chat.page.evaluate("window.first")
    assert "pg-echo" in first and "A question" in first
    expect(chat.page.locator(".pg-echo")).to_have_count(0)
    assert [text.split("\n")[0] for text in chat.messages.all_inner_texts()] == ["A question", "Hello."]


def test_a_draft_outlives_another_page_and_a_reload_and_goes_when_it_is_sent(chat: Chat, server: FakeAPI) -> None:
    server.play(stream("Hello."))
    chat.composer.fill("half a thought")
    chat.page.get_by_role("link", name="Models").click()
    expect(chat.page.get_by_role("heading", name="Models", exact=True)).to_be_visible()
    chat.page.get_by_role("link", name="Chat").click()
    expect(chat.composer).to_have_value("half a thought")
    chat.page.reload()
    expect(chat.composer).to_have_value("half a thought")
    chat.enter()
    chat.ended()
    chat.page.reload()
    chat.settled()
    expect(chat.composer).to_have_value("")


def test_enter_that_ends_a_word_of_an_input_method_sends_nothing(chat: Chat, server: FakeAPI) -> None:
    asked = len(server.asked)
    chat.composer.fill("にほん")
    for way in ("{ isComposing: true }", "{ keyCode: 229 }"):
        chat.composer.evaluate(
            f"box => box.dispatchEvent(new KeyboardEvent('keydown', "
            f"{{ key: 'Enter', bubbles: true, cancelable: true, ...{way} }}))"
        )
    chat.page.wait_for_timeout(300)
    assert len(server.asked) == asked
    expect(chat.composer).to_have_value("にほん")


def test_the_editor_has_the_focus_and_its_keys(chat: Chat, server: FakeAPI) -> None:
    server.play([stream(*["line\n\n"] * 60), stream("two")])
    chat.send("first").ended()
    editor = chat.page.get_by_role("textbox", name="Edit message")
    edit = chat.messages.first.get_by_role("button", name="Edit")
    edit.click()
    expect(editor).to_be_focused()
    expect(editor).to_be_in_viewport()  # the page was seen from its end
    chat.page.keyboard.press("Escape")
    expect(editor).to_have_count(0)
    expect(edit).to_be_focused()
    expect(edit).to_be_in_viewport()
    edit.click()
    expect(editor).to_be_focused()
    chat.page.keyboard.press("End")
    chat.page.keyboard.type(" question")
    chat.page.keyboard.press("Control+Enter")
    expect(chat.messages.last).to_contain_text("two")
    assert server.asked[-1].prompt == "first question"


def test_a_very_long_question_is_folded_and_all_in_the_page(chat: Chat, server: FakeAPI) -> None:
    server.play(stream("ok"))
    chat.composer.fill("word " * 4_000 + "at the very end")
    chat.enter()
    chat.ended()
    question = chat.messages.first
    expect(question).to_contain_text("at the very end")
    tall = "element => element.getBoundingClientRect().height"
    assert question.evaluate(tall) < 500
    question.get_by_role("button", name="Show all").click()
    assert question.evaluate(tall) > 1_000


def test_every_message_of_a_long_conversation_is_in_the_page(keeping: App, page: Page, server: FakeAPI) -> None:
    server.play(lambda asked: stream(f"answer to {asked.prompt}"))
    chat = Chat(page).open(keeping.url)
    for number in range(12):
        chat.send(f"question {number}").ended()
    chat.page.reload()
    expect(chat.messages).to_have_count(24)
    expect(chat.messages.last).to_be_in_viewport()
    expect(chat.messages.nth(1)).to_contain_text("answer to question 0")
