"""What a visitor meets, in a real Chromium, with a scripted server at the far end of the wire."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import pytest
from browser import SLOWLY, App, Chat, at_rest
from fake_api import FakeAPI, Pause, Reply, Step, chunk, data, error, stream
from playwright.sync_api import Page, expect


def held(begin: str, seen: threading.Event, *rest: str) -> Reply:
    """An answer that goes on when somebody has seen its beginning. Silence would end it on a busy machine."""

    def steps() -> Iterator[Step]:
        yield from data(chunk({"content": begin}))
        while not seen.is_set():
            yield from data(Pause(0.2), chunk({"content": ""}))
        yield from stream(*rest).steps

    return Reply(steps(), headers={"Content-Type": "text/event-stream"})


def test_an_answer_streams_and_ends_with_its_quiet_line(talk: Chat, server: FakeAPI) -> None:
    seen = threading.Event()
    server.play(stream("begun ", seen, "end.", usage={"prompt_tokens": 3, "completion_tokens": 21}))
    talk.send("Hello")
    expect(talk.messages.last).to_contain_text("begun")
    assert "end." not in talk.answer()
    seen.set()
    talk.wait_until_ended()
    expect(talk.messages.last).to_contain_text("end.")
    line = talk.messages.last.locator(".pg-quiet")
    expect(line).to_have_attribute("title", re.compile("3 tokens in\n21 tokens out"))
    assert line.evaluate("line => line.getClientRects().length") == 1
    line.press("Enter")  # what a pointer sees in its tooltip, a key and a finger see below the line
    expect(talk.page.get_by_role("note")).to_contain_text("21 tokens out")
    talk.page.keyboard.press("Escape")
    expect(talk.page.get_by_role("note")).to_have_count(0)
    expect(line).to_be_focused()


def test_the_answer_does_not_jump_when_it_is_drawn_from_history(chat: Chat, server: FakeAPI) -> None:
    text = "# Title\n\nOne.\n\n- a\n- b\n\nTwo.\n\n```python\nx = 1\n\ny = 2\n```\n\n> quote\n\n$$\nx\n$$\n\nEnd.\n"
    server.play(stream(*[text[at : at + 2] for at in range(0, len(text), 2)]))
    chat.send("Show me").wait_until_ended()
    tops = (
        "() => [...document.querySelectorAll('article :is(h1,h2,h3,p,li,pre,blockquote)')]"
        ".map(e => [e.tagName, e.innerText.slice(0, 20), Math.round(e.getBoundingClientRect().top)])"
    )
    for part in ("pre", ".katex"):  # what draws code and formulas comes late
        expect(chat.messages.last.locator(part)).to_be_visible()
    live = at_rest(chat.page, tops)
    chat.page.get_by_role("textbox", name="System prompt").fill("x")
    chat.page.get_by_role("textbox", name="System prompt").press("Control+Enter")
    chat.wait_until_settled()
    assert at_rest(chat.page, tops) == live


def test_stop_keeps_what_arrived_and_it_never_grows_again(talk: Chat, server: FakeAPI) -> None:
    server.play(stream("kept words ", *SLOWLY))
    talk.send("Hello")
    expect(talk.messages.last).to_contain_text("kept words")
    talk.stop.click()
    talk.wait_until_ended()
    expect(talk.messages.last).to_contain_text("stopped by you")
    before = talk.answer()
    assert server.asked[-1].left.wait(5), "the connection was not closed"
    talk.page.wait_for_timeout(1000)
    assert talk.answer() == before and "kept words" in before


def test_escape_stops_an_answer_even_before_the_page_knows_the_question(talk: Chat, server: FakeAPI) -> None:
    server.play(stream("kept ", *SLOWLY))
    talk.composer.focus()
    expect(talk.page.locator(".pg-list")).to_be_attached()  # whoever types that quickly has the page by then
    talk.page.keyboard.type("Hello")
    for key in ("Enter", "Escape", "Enter", "Escape"):  # as an impatient hand does it
        talk.page.keyboard.press(key)
    expect(talk.messages.last).to_contain_text("stopped by you")
    expect(talk.messages.first).to_contain_text("Hello")
    talk.wait_until_ended().send("Hello again")
    expect(talk.messages.last).to_contain_text("kept")
    expect(talk.stop).to_be_visible()
    talk.page.keyboard.press("Escape")
    expect(talk.messages.last).to_contain_text("stopped by you")
    assert server.asked[-1].left.wait(5), "the connection was not closed"


def test_a_second_message_waits_its_turn_also_over_a_reload(talk: Chat, server: FakeAPI) -> None:
    seen = threading.Event()
    server.play([held("begun ", seen, "answer to first"), stream("answer to second")])
    talk.send("first")
    expect(talk.messages.last).to_contain_text("begun")
    talk.composer.fill("second")
    talk.enter()
    expect(talk.page.get_by_text("Next: second")).to_be_visible()
    talk.page.reload()
    expect(talk.page.get_by_text("Next: second")).to_be_visible()
    seen.set()
    expect(talk.messages).to_have_count(4)
    talk.wait_until_ended()
    texts = talk.messages.all_inner_texts()
    assert [
        re.search(r"first|answer to \w+|second", text)[0]  # type: ignore[index]
        for text in texts
    ] == ["first", "answer to first", "second", "answer to second"]
    assert [request.prompt for request in server.asked[-2:]] == ["first", "second"], "a reload asks nothing"
    talk.page.get_by_role("button", name="New chat").click()
    expect(talk.page.get_by_role("heading", name="What would you like to ask?")).to_be_visible()
    talk.page.reload()
    expect(talk.page.get_by_role("heading", name="What would you like to ask?")).to_be_visible()


def test_a_rate_limit_counts_down_visibly_and_then_succeeds(talk: Chat, server: FakeAPI) -> None:
    server.play([error(429, "Too Many Requests", {"Retry-After": "3"}), stream("made it")])
    talk.send("Hello")
    expect(talk.messages.last).to_contain_text(re.compile(r"Trying again in [123] s"))
    talk.wait_until_ended()
    expect(talk.messages.last).to_contain_text("made it")


def test_settings_changed_in_mid_stream_lose_and_reorder_nothing(chat: Chat, server: FakeAPI) -> None:
    seen = threading.Event()
    words = [f"word{number} " for number in range(40)]
    server.play(held("".join(words[:5]), seen, *words[5:], "end."))
    chat.send("Hello")
    expect(chat.messages.last).to_contain_text("word4")
    slider = chat.page.get_by_role("slider").first
    slider.focus()
    for _ in range(5):
        chat.page.keyboard.press("ArrowRight")
        chat.wait_until_settled()  # with the page drawn anew between two keys, the focus has to be where it was
    chat.page.get_by_role("textbox", name="System prompt").fill("Be brief.")
    chat.page.get_by_role("textbox", name="System prompt").press("Control+Enter")
    seen.set()
    chat.wait_until_ended()
    expect(chat.messages).to_have_count(2)
    expect(chat.messages.last).to_contain_text(" ".join(f"word{number}" for number in range(40)))
    server.play(stream("ok"))
    chat.send("Again").wait_until_ended()
    assert server.asked[-1].body["temperature"] == pytest.approx(1.2)
    assert server.asked[-1].body["messages"][0] == {"role": "system", "content": "Be brief."}


def test_an_answer_goes_on_while_another_page_is_looked_at(talk: Chat, server: FakeAPI) -> None:
    seen = threading.Event()
    server.play(stream("begun ", seen, "end."))
    talk.send("Hello")
    expect(talk.messages.last).to_contain_text("begun")
    talk.page.get_by_role("link", name="Tools").click()
    expect(talk.page.get_by_role("heading", name="Give the model a tool")).to_be_visible()
    seen.set()
    talk.page.get_by_role("link", name="Chat").click()
    talk.wait_until_ended()
    expect(talk.messages).to_have_count(2)
    expect(talk.messages.last).to_contain_text("end.")


def test_copy_puts_the_raw_markdown_and_its_look_on_the_clipboard(chat: Chat, server: FakeAPI, app: App) -> None:
    chat.page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=app.url)
    server.play(stream("Some **bold** text"))
    chat.send("Hello").wait_until_ended()
    chat.messages.last.get_by_role("button", name="Copy").click()
    expect(chat.messages.last.get_by_role("button", name="Copied")).to_be_visible()
    assert chat.page.evaluate("navigator.clipboard.readText()") == "Some **bold** text"
    look = "navigator.clipboard.read().then(([item]) => item.getType('text/html')).then((blob) => blob.text())"
    assert "<p>Some <strong>bold</strong> text</p>" in chat.page.evaluate(look)


def test_a_picture_that_slips_into_the_page_is_stopped_by_the_browser_itself(chat: Chat) -> None:
    """The second net, tried alone: a picture put into the page behind the first one's back."""
    blocked: list[str] = []
    chat.page.on("requestfailed", lambda request: blocked.append(request.failure or ""))
    expect(chat.page.locator("head meta[data-guard]")).to_have_count(1)
    chat.page.evaluate("new Image().src = 'http://127.0.0.1:9/secret.png'")
    chat.page.wait_for_timeout(500)
    assert blocked == ["csp"]


def test_wide_tables_and_formulas_scroll_in_their_own_place(chat: Chat, server: FakeAPI) -> None:
    chat.page.set_viewport_size({"width": 390, "height": 844})
    row = "| " + " | ".join(f"a wide column {number}" for number in range(9)) + " |\n"
    text = row + "|---" * 9 + "|\n" + row * 3 + "\n\n$$\n" + "x + y + " * 40 + "z\n$$\n"
    server.play(stream(text, usage={"prompt_tokens": 31_234, "completion_tokens": 15_123}))
    chat.send("Hello").wait_until_ended()
    places = "html, body, [data-testid=stAppViewContainer], [data-testid=stMain], .st-key-toolbar"
    boxes = f"[...document.querySelectorAll('{places}')]"
    assert chat.page.evaluate(f"() => {boxes}.every(box => box.scrollWidth <= box.clientWidth)")
    expect(chat.messages.last.get_by_role("table")).to_be_visible()


def test_what_a_visitor_types_is_shown_as_typed_line_by_line(talk: Chat, server: FakeAPI) -> None:
    typed = (
        "def __init__(self): 2*3*4 # x <b>bold</b> :red[x] $5 and $6 C:\\new\\[x] ![p](http://127.0.0.1:9/p.png)"
    )
    server.play(stream("ok"))
    talk.composer.fill(typed)
    talk.page.keyboard.press("Shift+Enter")
    talk.page.keyboard.type("two")
    talk.enter()
    talk.wait_until_ended()
    assert talk.messages.first.locator(".pg-text").inner_text() == f"{typed}\ntwo"
    assert server.asked[-1].prompt == f"{typed}\ntwo"


def test_an_arrow_in_mid_stream_stops_the_answer_that_goes_out_of_view(talk: Chat, server: FakeAPI) -> None:
    seen = threading.Event()
    server.play([stream("one"), stream("two", seen), stream("three ", *SLOWLY)])
    talk.send("first").wait_until_ended()
    talk.messages.last.get_by_role("button", name="Regenerate").dblclick()  # which is one click to whoever makes it
    expect(talk.messages.last).to_contain_text("two")
    expect(talk.page.get_by_text("one", exact=True)).to_have_count(0)  # the answer before is gone at once
    seen.set()
    talk.wait_until_ended()
    expect(talk.messages.last.locator(".pg-branch")).to_have_text("2 / 2")
    talk.send("next")
    expect(talk.messages.last).to_contain_text("three")
    talk.messages.nth(1).get_by_role("button", name="Previous").click()
    expect(talk.messages).to_have_count(2)
    expect(talk.stop).to_have_count(0)
    assert server.asked[-1].left.wait(5)


def test_a_tab_that_is_closed_stops_its_answer(fresh: Page, server: FakeAPI, app: App) -> None:
    server.play(stream("kept ", *SLOWLY))
    chat = Chat(fresh).open(app.url).send("Hello")
    expect(chat.messages.last).to_contain_text("kept")
    fresh.close()
    assert server.asked[-1].left.wait(30), "the answer of a closed tab went on"


def test_reasoning_is_open_until_the_answer_begins_and_then_folds(talk: Chat, server: FakeAPI) -> None:
    seen = threading.Event()

    def thinking() -> Iterator[Step]:
        yield from data(chunk({"reasoning_content": "step by step"}))
        while not seen.is_set():
            yield from data(Pause(0.2), chunk({"reasoning_content": "."}))
        yield from stream("The answer.").steps

    server.play(Reply(thinking(), headers={"Content-Type": "text/event-stream"}))
    talk.send("Hello")
    expect(talk.messages.last.get_by_text("step by step")).to_be_visible()
    seen.set()
    expect(talk.messages.last).to_contain_text("The answer.")
    expect(talk.messages.last.get_by_text("step by step")).to_be_hidden()
    talk.wait_until_ended()
    expect(talk.messages.last.get_by_text("Reasoning", exact=True)).to_have_count(1)


def test_tab_enters_what_a_button_opened_and_focus_stays_above_the_composer(talk: Chat, server: FakeAPI) -> None:
    page = talk.page
    server.play([stream("# Long\n\n" + "A line.\n\n" * 40), error(401, "no")])
    talk.send("Hello").wait_until_ended()
    talk.send("Fail").wait_until_ended()
    details = page.get_by_role("button", name="Details")
    page.get_by_role("button", name="Enter a key").focus()
    page.keyboard.press("Tab")  # to the model on this computer
    page.keyboard.press("Tab")
    expect(details).to_be_focused()
    below, box = details.bounding_box(), talk.composer.bounding_box()
    assert below and box and below["y"] + below["height"] <= box["y"]
    page.keyboard.press("Enter")
    copies = page.get_by_role("dialog").get_by_test_id("stCode")
    expect(copies.first).to_be_visible()
    page.keyboard.press("Tab")
    expect(copies.first).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(details).to_be_focused()
    page.keyboard.press("Escape")
    expect(copies).to_have_count(0)
    expect(details).to_be_focused()
    attach = page.get_by_role("button", name="Attach")
    attach.click()
    page.get_by_role(
        "radio", name="auto", exact=True
    ).focus()  # the last stop in it: of three of a group one is a stop
    page.keyboard.press("Tab")
    expect(attach).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("radio", name="auto", exact=True)).to_have_count(0)
