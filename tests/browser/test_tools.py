"""The Tools page in the browser: the story from a question to the exported program, a call in detail, repeats."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from agents import results
from basics import KEY
from browser import App, Chat, at_rest
from fake_api import FakeAPI, Reply, Request, chunk, completion, events, stream, tool_stream
from playwright.sync_api import Download, Locator, Page, expect

QUESTION = "Is order 1042 late, and what would 20 % off cost in euro?"
HALF = '{"amount": "453.60", "currency": "USD", "to": "EUR"'  # no JSON, and a text where a number belongs
RIGHT = '{"amount": 453.6, "currency": "USD", "to": "EUR"}'


def story(request: Request) -> Reply:
    """A model that calls two tools at once, one of them wrongly; repairs it; and says what it was told."""
    told = [message["content"] for message in request.body["messages"] if message["role"] == "tool"]
    answer = tool_stream if request.body.get("stream") else lambda *calls: completion(None, calls)
    if not told:
        return answer(("c1", "find_order", '{"number": 1042}'), ("c2", "convert_currency", HALF))
    if len(told) == 2:
        return answer(("c3", "convert_currency", RIGHT))
    late = "late" if '"late": true' in told[0] else "in time"
    euro = json.loads(told[2])["amount"] if told[2].startswith("{") else None
    words = f"It would cost {euro} euro." if euro else "The converter did not answer, so I cannot say the price."
    said = f"Order 1042 is {late}. {words}"
    return stream(said) if request.body.get("stream") else completion(said)


@pytest.fixture
def tools(page: Page, app: App) -> Iterator[Chat]:
    found = Chat(page).open(f"{app.url}/Tools")
    expect(page.get_by_role("heading", name="Give the model a tool")).to_be_visible()
    yield found
    assert not found.errors, found.errors


def idle(chat: Chat) -> None:
    expect(chat.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def shown(chat: Chat, words: str) -> None:
    """On the page, and once: an answer that moves to the others is there twice for a moment."""
    expect(chat.page.get_by_text(words)).to_have_count(1)
    expect(chat.page.get_by_text(words)).to_be_visible()


def row(chat: Chat, name: str, place: int = 0) -> Locator:
    """The fold of a finished call."""
    return chat.messages.get_by_test_id("stExpander").filter(has_text=name).nth(place)


def _top(name: str) -> str:
    """A script: where the title of a finished call is on the screen."""
    return f"""() => [...document.querySelectorAll("summary")].find((title) => title.innerText.includes("{name}"))
      .getBoundingClientRect().top"""


def rewind(chat: Chat, name: str, place: int = 0) -> None:
    """Open a finished call and its form. By keyboard: a fold that opens moves what is in it."""
    row(chat, name, place).locator("summary").press("Enter")
    row(chat, name, place).get_by_role("button", name="Rewind to here").press("Enter")


def press(chat: Chat, label: str, place: int = 0) -> None:
    chat.page.get_by_role("button", name=label, exact=True).nth(place).click()


def ask_first(chat: Chat, name: str) -> None:
    """Set a tool to wait for the visitor."""
    page = chat.page
    page.get_by_text("Toolbox").click()
    page.get_by_text(name).first.click()
    page.get_by_role("radio", name="Ask me first").or_(page.get_by_text("Ask me first", exact=True)).first.click()
    idle(chat)
    page.get_by_text("Toolbox").click()
    idle(chat)


def exported(chat: Chat, folder: Path) -> Path:
    with chat.page.expect_download() as download:
        press(chat, "Export as Python")
    found: Download = download.value
    file = folder / found.suggested_filename
    found.save_as(file)
    return file


def test_the_story_from_the_question_to_the_exported_program(tools: Chat, server: FakeAPI, tmp_path: Path) -> None:
    page, before = tools.page, len(server.asked)
    server.play(story)
    ask_first(tools, "convert_currency")
    tools.send(QUESTION)

    # Two calls side by side: one is done, the other is red, says why, and was not run.
    expect(row(tools, "find_order")).to_contain_text("ok")
    shown(tools, "does not fit")
    shown(tools, "end too early")
    expect(page.get_by_role("button", name="Run", exact=True)).to_have_count(0)

    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        idle(tools)
        wide = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not page.evaluate(wide), width

    # The error goes back, the model repairs it, and the row says how many rounds that took.
    press(tools, "Send the error to the model")
    shown(tools, "waiting for you")
    assert "end too early" in results(server.asked[-1])[1]

    # The second tool times out on purpose, and the model explains.
    press(tools, "Make it fail")
    page.get_by_text("Timeout", exact=True).click()
    expect(tools.messages.last).to_contain_text("did not answer, so I cannot say the price")
    expect(row(tools, "convert_currency", 1)).to_contain_text("repaired after 1 round")
    expect(row(tools, "convert_currency", 1)).to_contain_text("on purpose: Timeout")
    tools.wait_until_ended()

    # The rounds before the last are their rows and one menu, which has all the rest.
    expect(page.get_by_role("button", name="As sent")).to_have_count(1)
    assert tools.messages.nth(1).locator(".pg-footer").inner_text().strip() == "More"
    tools.messages.nth(1).get_by_role("button", name="More").click()
    page.get_by_text("As sent, run again").click()
    expect(page.get_by_role("button", name="As sent")).to_have_count(2)
    tools.wait_until_settled()

    # A row says in a sentence what was asked and answered, and opens downwards where it is.
    expect(row(tools, "find_order")).to_contain_text("find_order 1042 → in transit, late, days late 4")
    title = row(tools, "find_order").locator("summary")
    title.scroll_into_view_if_needed()
    where = at_rest(page, _top("find_order"))
    title.click()
    expect(row(tools, "find_order").get_by_role("button", name="Rewind to here")).to_be_visible()
    assert at_rest(page, _top("find_order")) == where
    title.click()
    tools.wait_until_settled()

    # Rewind, run it after all: another branch, another answer; the first is an arrow away.
    rewind(tools, "convert_currency", 1)
    arguments = page.locator('[class*="st-key-rewind-arguments"] textarea')
    expect(arguments).to_be_focused()
    page.keyboard.press("Escape")  # closes the form, in which the focus is, and leads back to what opened it
    expect(page.locator('[class*="st-key-form-rewind"]')).to_have_count(0)
    expect(page.locator('[class*="st-key-rewind-open"] button:focus')).to_have_count(1)
    page.keyboard.press("Enter")
    expect(arguments).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(tools.messages.last).to_contain_text("It would cost 382.4 euro.")

    # Rewind to the first round and say that the order is in time: the answer changes.
    tools.wait_until_ended()
    rewind(tools, "find_order")
    page.get_by_role("textbox", name="Result", exact=True).fill('{"late": false}')
    press(tools, "Go on with this result")
    shown(tools, "waiting for you")
    press(tools, "Run")
    expect(tools.messages.last).to_contain_text("Order 1042 is in time. It would cost 382.4 euro.")
    tools.wait_until_ended()

    # The file runs without this app and comes to the same answer.
    file = exported(tools, tmp_path)
    assert KEY not in file.read_text("utf-8")
    done = subprocess.run(
        [sys.executable, str(file)],
        capture_output=True,
        text=True,
        timeout=60,
        env={"API_KEY": "sk-of-the-visitor", "PYTHONIOENCODING": "utf-8"},
    )
    assert done.stdout == "Order 1042 is in time. It would cost 382.4 euro.\n", done.stderr
    assert len(server.asked) > before + 6


def test_a_call_is_seen_while_it_is_written_and_counted_when_run_again(tools: Chat, server: FakeAPI) -> None:
    seen = threading.Event()
    head = {"index": 0, "id": "c1", "type": "function", "function": {"name": "calculator", "arguments": '{"expr'}}
    rest = {"index": 0, "function": {"arguments": 'ession": "6 * 7"}'}}
    pieces = (chunk({"tool_calls": [head]}), seen, chunk({"tool_calls": [rest]}), "[DONE]")
    server.play([events(*pieces), stream("42")])
    tools.send("6 * 7?")
    shown(tools, "streaming")
    expect(tools.messages.last.locator(".pg-call pre")).to_have_text('{"expr')
    seen.set()
    expect(tools.messages.last).to_contain_text("42")
    expect(row(tools, "calculator")).to_contain_text("ok")
    tools.wait_until_ended()

    press(tools, "As sent")
    body = tools.page.get_by_test_id("stPopoverBody").last
    expect(body).to_contain_text('"tool_call_id": "c1"')
    badges = body.locator("p").filter(has_text="1")
    assert [text.split() for text in badges.all_inner_texts()][:2] == [["assistant", "1"], ["tool", "1"]]
    tools.page.keyboard.press("Escape")

    before = len(server.asked)
    tools.messages.nth(1).get_by_role("button", name="More").click()
    tools.page.get_by_text("As sent, run again").click()
    expect(tools.page.get_by_role("button", name="Run again 5 times")).to_have_count(2)
    press(tools, "Run again 5 times")
    shown(tools, "5 of 5 answers")
    assert [request.body for request in server.asked[before:]] == [server.asked[before - 2].body] * 5
    expect(tools.messages).to_have_count(3)
