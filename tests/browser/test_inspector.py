"""The inspector in the browser: what was sent, what came; sent again by hand; token by token."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from basics import KEY
from browser import App, Chat
from fake_api import USAGE, FakeAPI, Pause, Reply, chunk, error, events, stream
from page_parts import close, inspect, share_it, tab
from playwright.sync_api import Locator, Page, expect

from backend.formats import share

SURE, UNSURE = -0.01, -1.6


def tokens(*pieces: tuple[str, float, list[tuple[str, float]]]) -> Reply:
    """A stream with the probability of each of its tokens, and what else was likely."""
    items: list[dict[str, Any]] = []
    for text, logprob, others in pieces:
        item = chunk({"content": text})
        top = [{"token": other, "logprob": likely} for other, likely in [(text, logprob), *others]]
        item["choices"][0]["logprobs"] = {"content": [{"token": text, "logprob": logprob, "top_logprobs": top}]}
        items.append(item)
    return events(*items, chunk(finish="stop"), chunk(choices=[], usage=USAGE), "[DONE]")


BLUE = tokens(
    ("The", SURE, []),
    (" sea", SURE, [(" sky", -5.0)]),
    (" is", SURE, []),
    (" blue", UNSURE, [(" <b>green</b>", -1.7), (" grey", -2.5)]),
    (".", SURE, []),
)


def test_the_inspector_shows_request_and_reply_without_the_key(talk: Chat, server: FakeAPI) -> None:
    server.play(stream(f"You sent {KEY}.", " Hello", usage=USAGE))
    talk.send("What did I send?").wait_until_ended()
    dialog = inspect(talk)
    expect(dialog.get_by_test_id("stVegaLiteChart")).to_be_visible()
    dialog.get_by_test_id("stExpander").get_by_text("The timeline as a table").click()
    expect(dialog.get_by_test_id("stDataFrame").first).to_be_visible()
    tab(dialog, "Request")
    expect(dialog.get_by_text("Bearer [key]")).to_be_visible()
    expect(dialog.get_by_text(f"POST {server.url}/chat/completions")).to_be_visible()
    assert json.loads(downloaded(talk, dialog)) == server.asked[-1].body
    tab(dialog, "Code")
    code = dialog.get_by_role("tabpanel", name="Code").get_by_test_id("stCode")
    expect(code.filter(has_text="API_KEY")).to_contain_text("curl")
    dialog.get_by_text("Python (openai SDK)").click()
    expect(code.filter(has_text="import OpenAI")).to_be_visible()
    tab(dialog, "Response")
    expect(dialog.get_by_text("HTTP 200")).to_be_visible()
    tab(dialog, "Chunks")
    expect(dialog.get_by_text("5 chunks, times in seconds")).to_be_visible()
    chunks = downloaded(talk, dialog).splitlines()
    assert len(chunks) == 5 and "Hello" in chunks[2] and float(chunks[2].partition("\t")[0]) >= 0
    assert KEY not in dialog.inner_html()


def downloaded(chat: Chat, dialog: Locator) -> str:
    with chat.page.expect_download() as download:
        dialog.get_by_role("button", name="Download", exact=True).click()
    return download.value.path().read_text("utf-8")


def test_a_body_edited_by_hand_is_sent_unchanged_and_its_answer_compared(talk: Chat, server: FakeAPI) -> None:
    server.play([stream("The sea is blue."), stream("The sea is <b>green</b>.")])
    talk.send("Colour?").wait_until_ended()
    dialog = tab(inspect(talk), "Request")
    dialog.get_by_text("Change the body and send it again").click()
    field = dialog.get_by_role("textbox", name="Request body (JSON)")
    expect(field).to_be_visible()
    talk.page.wait_for_timeout(600)  # the fold opens with an animation
    field.fill('{"model": "fake/beta", "messages": [')
    dialog.get_by_role("button", name="Send edited").click()
    expect(dialog.get_by_text("Not JSON: line 1")).to_be_visible()
    body = {
        "model": "fake/beta",
        "messages": [{"role": "user", "content": "$x '\"\n🎈"}],
        "stream": True,
        "odd": [1],
    }
    field.fill(json.dumps(body))
    dialog.get_by_role("button", name="Send edited").click()
    expect(talk.page.get_by_role("dialog")).to_have_count(0)
    talk.wait_until_ended()
    assert server.asked[-1].body == body
    expect(talk.messages.last).to_contain_text("The sea is green.")
    expect(talk.messages.last.locator(".pg-quiet")).to_have_attribute("title", re.compile("request edited by hand"))
    expect(talk.messages.last).to_contain_text("fake/beta")
    dialog = tab(inspect(talk), "Diff")
    expect(dialog.locator("del")).to_have_text("blue")
    expect(dialog.locator("ins").first).to_contain_text("<b>")
    expect(dialog.get_by_test_id("stDataFrame").first).to_be_visible()
    close(talk)
    talk.messages.last.get_by_role("button", name="Previous").click()
    expect(talk.messages.last).to_contain_text("The sea is blue.")


def test_the_heat_map_shows_alternatives_and_continues_from_one(chat: Chat, server: FakeAPI) -> None:
    server.play([BLUE, tokens((" and", SURE, []), (" cold.", UNSURE, []))])
    chat.send("Colour?").wait_until_ended()
    dialog = tab(inspect(chat), "Tokens")
    map_ = dialog.locator(".token")
    expect(map_).to_have_text(["The", " sea", " is", " blue", "."])
    assert float(map_.nth(3).evaluate("e => e.style.getPropertyValue('--much')")) == pytest.approx(0.798)
    expect(map_.nth(3)).to_have_attribute("title", " blue: 20 %\n <b>green</b>: 18 %\n grey: 8.2 %")
    map_.first.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "Enter"):
        chat.page.keyboard.press(key)
    expect(dialog.get_by_text("instead of “blue”")).to_be_visible()
    expect(dialog.locator('.token[aria-pressed="true"]')).to_have_text(" blue")
    map_.nth(1).click()
    expect(dialog.get_by_text("instead of “sea”")).to_be_visible()
    map_.nth(3).click()
    choice = dialog.get_by_role("button", name="<b>green</b>” 18 %")
    expect(choice).to_be_visible()
    choice.click()
    expect(chat.page.get_by_role("dialog")).to_have_count(0)
    chat.wait_until_ended()
    expect(chat.messages.last).to_contain_text("The sea is green and cold.")
    sent = server.asked[-1].body["messages"]
    assert sent[-2] == {"role": "assistant", "content": "The sea is <b>green</b>"} and sent[-1]["role"] == "user"
    chat.page.reload()
    expect(chat.messages.last.get_by_role("button", name="Inspect")).to_be_visible()
    dialog = inspect(chat.wait_until_settled())
    expect(dialog.get_by_text("Kept from just now")).to_be_visible()
    expect(dialog.get_by_test_id("stVegaLiteChart")).to_be_visible()
    tab(dialog, "Request")
    expect(dialog.get_by_text("Bearer [key]")).to_be_visible()
    tab(dialog, "Tokens")  # the message itself holds them
    expect(dialog.locator(".token")).to_have_text(["The", " sea", " is", " <b>green</b>", " and", " cold."])


def test_the_inspector_and_the_share_dialog_work_while_an_answer_arrives(talk: Chat, server: FakeAPI) -> None:
    slowly = [step for number in range(80) for step in (Pause(0.5), f"word{number} ")]
    server.play([stream("First."), stream("The beginning ", *slowly)])
    talk.send("One").wait_until_ended()
    talk.send("Two")
    expect(talk.messages.last).to_contain_text("The beginning")
    talk.messages.nth(1).get_by_role("button", name="Inspect").click()
    dialog = talk.page.get_by_role("dialog")
    tab(dialog, "Code")
    expect(dialog.get_by_role("tabpanel", name="Code").get_by_test_id("stCode")).to_contain_text("curl")
    close(talk)
    dialog = share_it(talk)
    dialog.get_by_text("With the messages").click()
    expect(dialog.get_by_text("Messages (3)")).to_have_count(1)
    link = dialog.get_by_test_id("stCode").filter(has_text="?s=").first.inner_text().strip()
    shared = share.decode(link.partition("?s=")[2])
    assert [message.content for message in shared.messages] == ["One", "First.", "Two"], "not what is half said"
    close(talk)
    talk.stop.click()
    talk.wait_until_ended()
    expect(talk.messages.last).to_contain_text("stopped by you")


def test_a_failure_shows_its_reply_takes_a_key_and_waits_as_asked(chat: Chat, server: FakeAPI) -> None:
    server.play([error(401, "no"), error(429, "Slow down.", {"Retry-After": "61"}, request_id="req_7")])
    chat.send("Hi")
    chat.messages.last.get_by_role("button", name="Enter a key").click()
    field = chat.page.get_by_label("API key for this server")
    field.fill("AbCdEfGh12345678IjKl")
    field.press("Enter")  # and the question is asked again with it
    wait = chat.messages.last.get_by_role("button", name="Wait 61 s and retry")
    expect(wait).to_be_visible()
    assert server.asked[-1].headers["authorization"] == "Bearer AbCdEfGh12345678IjKl"
    expect(chat.messages.last).to_contain_text("This is on the provider's side.")
    chat.messages.last.get_by_role("button", name="Details").click()
    expect(chat.page.get_by_text('"message": "Slow down."')).to_be_visible()
    expect(chat.page.get_by_text("req_7", exact=True)).to_be_visible()
    chat.page.keyboard.press("Escape")
    wait.click()
    expect(chat.messages.last).to_contain_text("s, as the server asked")
    expect(chat.page.get_by_test_id("stAlert")).to_have_count(0)  # of the answer before, under the next one
    chat.stop.click()
    expect(chat.messages.last).to_contain_text("stopped by you")


def test_on_a_telephone_nothing_is_too_wide(page: Page, app: App, server: FakeAPI) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    phone = Chat(page).open(app.url)
    server.play(BLUE)
    phone.send("Colour?").wait_until_ended()
    dialog = inspect(phone)
    for name in ("Overview", "Request", "Response", "Chunks", "Code", "Diff", "Tokens"):
        tab(dialog, name)
        phone.page.wait_for_timeout(300)
        assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390, name
        box = dialog.bounding_box()
        assert box is not None and box["width"] <= 390, name
    dialog.locator(".token").nth(3).click()
    expect(dialog.get_by_text("What else could it have said")).to_be_visible()
