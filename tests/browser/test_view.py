"""A conversation in its view: in sight, by the keyboard, heard by screen readers, and nothing typed is lost."""

from __future__ import annotations

import re
import threading

import pytest
from browser import SLOWLY, App, Chat
from fake_api import FakeAPI, stream
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect

LONG = [f"Paragraph {number}.\n\n" for number in range(60)]


# ---- following ------------------------------------------------------------------------------------------


def follows(page: Page, app: App, server: FakeAPI, width: int, height: int) -> None:
    """In a fresh tab of this size, the end of a long answer is in sight as it grows, and when it has ended."""
    page.set_viewport_size({"width": width, "height": height})
    seen = threading.Event()
    server.play(stream(*LONG, "In the middle. ", seen, *LONG, "The end.", pause=0.002))
    chat = Chat(page).open(app.url)
    chat.send("Hello")
    expect(chat.messages.last.get_by_text("In the middle.")).to_be_in_viewport()
    seen.set()
    chat.wait_until_ended()
    expect(chat.messages.last.get_by_text("The end.")).to_be_in_viewport()
    expect(chat.messages.last.locator(".pg-quiet")).to_be_in_viewport()
    page.close()


SIZES = ((1280, 900), (1280, 500), (800, 600), (390, 844), (390, 560))


def test_a_fresh_tab_of_any_size_follows_an_answer(window: BrowserContext, app: App, server: FakeAPI) -> None:
    for width, height in SIZES[1::2]:
        follows(window.new_page(), app, server, width, height)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_forty_fresh_tabs_follow_their_answers(window: BrowserContext, app: App, server: FakeAPI) -> None:
    for _ in range(8):
        for width, height in SIZES:
            follows(window.new_page(), app, server, width, height)


def test_a_reader_who_scrolls_up_stays_there_and_can_go_to_the_end(fresh: Page, app: App, server: FakeAPI) -> None:
    """Also where the page with the question comes later than the answer: it brought the reader back (4 of 25)."""
    seen, late, held = threading.Event(), threading.Event(), list[bytes | str]()
    sockets = list[WebSocketRoute]()

    def hold(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        app_end = socket.connect_to_server()
        app_end.on_message(lambda frame: held.append(frame) if late.is_set() else socket.send(frame))

    fresh.route_web_socket(re.compile("/_stcore/stream"), hold)
    server.play([stream("Hi."), stream(*LONG, "In the middle. ", seen, *LONG, "The end."), stream("Short answer.")])
    chat = Chat(fresh).open(app.url)
    chat.send("Hello").wait_until_ended()
    chat.composer.fill("Now a long one")
    late.set()
    chat.enter()
    expect(chat.messages.last.get_by_text("In the middle.")).to_be_in_viewport()
    fresh.mouse.move(640, 400)
    fresh.mouse.wheel(0, -1500)
    way = fresh.get_by_role("button", name="To the end")
    expect(way).to_be_visible()
    late.clear()
    for frame in held:
        sockets[-1].send(frame)
    expect(chat.messages).to_have_count(4)
    seen.set()
    chat.wait_until_ended()
    expect(chat.messages.last.get_by_text("The end.")).not_to_be_in_viewport()
    way.click()
    expect(chat.messages.last.get_by_text("The end.")).to_be_in_viewport()
    expect(way).to_be_hidden()
    fresh.mouse.wheel(0, -3000)
    expect(way).to_be_visible()
    chat.send("Another question").wait_until_ended()  # what is sent from there comes into sight
    expect(chat.messages.last.get_by_text("Short answer.")).to_be_in_viewport()


# ---- by the keyboard, and by ear ------------------------------------------------------------------------


def test_a_screen_reader_is_told_that_an_answer_comes_and_how_it_ended(talk: Chat, server: FakeAPI) -> None:
    status = talk.page.locator("[role=status].pg-unseen")
    server.play(stream("kept ", *SLOWLY))
    talk.send("Hello")
    expect(status).to_have_text("The answer is being written.")
    talk.stop.click()
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
    chat.wait_until_ended()
    first = chat.page.evaluate("window.first")
    assert "pg-echo" in first and "A question" in first
    expect(chat.page.locator(".pg-echo")).to_have_count(0)
    expect(chat.messages).to_contain_text([re.compile("^A question"), re.compile("^Hello.")])


def test_a_draft_outlives_another_page_and_a_reload_and_goes_when_it_is_sent(chat: Chat, server: FakeAPI) -> None:
    server.play(stream("Hello."))
    processor = chat.page.context.new_cdp_session(chat.page)
    processor.send("Emulation.setCPUThrottlingRate", {"rate": 6})  # it is typed before the page is complete
    chat.page.reload()
    chat.composer.fill("half a thought")
    chat.page.wait_for_function("Object.values(sessionStorage).includes('half a thought')")
    processor.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    chat.page.get_by_role("link", name="Models").click()
    expect(chat.page.get_by_role("heading", name="Models", exact=True)).to_be_visible()
    chat.page.get_by_role("link", name="Chat").click()
    expect(chat.composer).to_have_value("half a thought")
    chat.page.reload()
    expect(chat.composer).to_have_value("half a thought")
    chat.enter()
    chat.wait_until_ended()
    chat.page.reload()
    chat.wait_until_settled()
    expect(chat.composer).to_have_value("")


def typed(talk: Chat, text: str) -> None:
    """These words in the box, and the view has heard of them: what follows is pressed by a program, in no time."""
    talk.composer.fill(text)
    talk.page.wait_for_function("text => Object.values(sessionStorage).includes(text)", arg=text)


def test_enter_that_ends_a_word_of_an_input_method_sends_nothing(talk: Chat, server: FakeAPI) -> None:
    asked = len(server.asked)
    typed(talk, "にほん")
    for way in ("{ isComposing: true }", "{ keyCode: 229 }"):
        talk.composer.evaluate(
            f"box => box.dispatchEvent(new KeyboardEvent('keydown', "
            f"{{ key: 'Enter', bubbles: true, cancelable: true, ...{way} }}))"
        )
    heard = talk.page.get_by_role("spinbutton", name="Max tokens").evaluate("""field => {
      let heard = false;
      document.body.addEventListener("keydown", () => { heard = true; }, { once: true });
      field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", keyCode: 229, bubbles: true }));
      return heard;
    }""")
    assert not heard, "nor does any other field take what was typed so far"
    talk.page.wait_for_timeout(300)
    assert len(server.asked) == asked
    expect(talk.composer).to_have_value("にほん")


def test_a_message_lost_with_its_connection_is_in_the_box_until_the_app_has_it(talk: Chat, server: FakeAPI) -> None:
    server.play(stream("Yes."))
    talk.send("Are you there?").wait_until_ended()
    talk.page.evaluate("""() => {
      const { send } = WebSocket.prototype, taken = [];
      WebSocket.prototype.send = function (data) { taken.push([this, data]); };
      window.late = () => {
        WebSocket.prototype.send = send;
        for (const [socket, data] of taken) send.call(socket, data);
      };
    }""")
    typed(talk, "In a tunnel")
    talk.enter()
    expect(talk.page.locator(".pg-echo")).to_contain_text("In a tunnel")
    expect(talk.composer).to_have_value("In a tunnel")
    talk.page.evaluate("late()")
    expect(talk.messages.filter(has_text="In a tunnel")).to_have_count(1)
    talk.wait_until_ended()
    expect(talk.composer).to_have_value("")
    assert [asked.prompt for asked in server.asked][-2:] == ["Are you there?", "In a tunnel"]


def test_messages_that_are_sent_in_one_breath_are_all_asked(talk: Chat, server: FakeAPI) -> None:
    """A busy browser hears several keys before it does anything else: Streamlit keeps one message until then.

    Also where the browser keeps nothing for the page: then there are no drafts.
    """
    server.play(stream("Yes."))
    typed(talk, "at first")
    talk.composer.evaluate(
        """async (box, messages) => {
      const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set;
      const { removeItem, setItem } = Storage.prototype;
      const refuse = () => { throw new DOMException('', 'SecurityError'); };
      Object.assign(Storage.prototype, { removeItem: refuse, setItem: refuse });
      for (const [text, more] of messages) {
        set.call(box, text || box.value);
        box.dispatchEvent(new Event('input', { bubbles: true }));
        for (let turn = 0; turn < 9; turn++) await null; // for React: no timer comes in between
        box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...more }));
        for (let turn = 0; turn < 9; turn++) await null;
      }
      Object.assign(Storage.prototype, { removeItem, setItem });
    }""",
        [["first of all", {}], ["second of all", {"ctrlKey": True}], ["", {}]],
    )
    expect(talk.page.get_by_text("second of all")).to_be_visible()
    talk.wait_until_ended()
    assert [asked.prompt for asked in server.asked][-2:] == ["first of all", "second of all"]
    expect(talk.composer).to_have_value("")


def test_a_very_long_question_is_folded_and_all_in_the_page(talk: Chat, server: FakeAPI) -> None:
    server.play(stream("ok"))
    talk.composer.fill("word " * 4_000 + "at the very end")
    talk.enter()
    talk.wait_until_ended()
    question = talk.messages.first
    expect(question).to_contain_text("at the very end")
    tall = "element => element.getBoundingClientRect().height"
    assert question.evaluate(tall) < 500
    question.get_by_role("button", name="Show all").click()
    assert question.evaluate(tall) > 1_000


def test_every_message_of_a_long_conversation_is_in_the_page(keeping: App, page: Page) -> None:
    talk = keeping.keep(*(text for at in range(12) for text in (f"question {at}", f"answer to question {at}")))
    chat = Chat(page).open(f"{keeping.url}/?c={talk}")
    expect(chat.messages).to_have_count(24)
    expect(chat.messages.last).to_be_in_viewport()
    expect(chat.messages.nth(1)).to_contain_text("answer to question 0")
