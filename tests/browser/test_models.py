"""The model picker and the Models page in a real Chromium: typing sends nothing, nothing hostile runs."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from basics import KEY
from browser import App, Chat
from fake_api import FakeAPI, reply, stream
from playwright.sync_api import Locator, Page, WebSocket, expect
from slow_lists import Slow

NOBODY = "http://127.0.0.1:9"
HOSTILE = (
    "<img src=x onerror=window.hacked=1>",
    "<script>window.hacked=1</script>",
    "a\nb",
    "![x](http://127.0.0.1:9/p.png)",
    "javascript:window.hacked=1",
    "\u202egnp.exe",
)


class Sent:
    """What the page says to the app over its websocket."""

    def __init__(self, page: Page) -> None:
        self.frames = 0
        page.on("websocket", self._watch)

    def _watch(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda _: setattr(self, "frames", self.frames + 1))


@pytest.fixture(scope="module")
def provider() -> Iterator[App]:
    """Connected to AI/ML API, of which nothing can be reached: the bundled list is what there is."""
    found = App(f'AIMLAPI_API_KEY = "{KEY}"\n', HTTPS_PROXY=NOBODY)
    yield found
    found.close()


@contextmanager
def connected(server: FakeAPI) -> Iterator[App]:
    with server, closing(App(f'AIMLAPI_API_KEY = "{KEY}"\nAIMLAPI_BASE_URL = "{server.url}"\n')) as app:
        yield app


def box(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Model", exact=True)


def settled(page: Page) -> None:
    """The list of models has been asked for, and the page has been drawn after that."""
    expect(page.get_by_text("Asking the server for its models")).to_have_count(0)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    page.wait_for_timeout(1500)


def unharmed(page: Page) -> bool:
    return page.evaluate("() => window.hacked === undefined") is True


# ---- the picker -----------------------------------------------------------------------------------------


def test_searching_hundreds_of_models_sends_nothing_and_enter_takes_the_first(page: Page, provider: App) -> None:
    sent = Sent(page)
    Chat(page).open(provider.url)
    settled(page)
    box(page).click()
    before = sent.frames
    for typed, found in (
        ("gemini-2.5-fl", "google/gemini-2.5-flash"),
        ("Gemini 2.5 Fl", "google/gemini-2.5-flash"),
        ("claude-opus-4-1", "anthropic/claude-opus-4.1"),
        ("grok", "x-ai/grok"),
    ):
        box(page).fill("")
        box(page).press_sequentially(typed, delay=10)
        expect(page.get_by_role("option").filter(has_text=found).first).to_be_visible()
    retired = page.get_by_role("option").filter(has_text="retired")
    box(page).fill("google/gemini-2.0-flash-exp")  # named, or asked for
    expect(retired).to_have_count(1)
    box(page).fill("gemini-2.0")
    expect(page.get_by_role("option").last).to_contain_text("as typed")
    expect(retired).to_have_count(0)
    page.get_by_text("Show retired").click()
    expect(retired.first).to_be_visible()
    box(page).press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    expect(box(page)).to_have_value("Gemini 2.5 Flash")
    assert sent.frames == before
    box(page).press("ArrowDown")  # what is typed takes the place of the name
    box(page).press("Escape")
    box(page).press_sequentially("claude opus 4.1")
    expect(page.get_by_role("option").last).to_contain_text("Use “claude opus 4.1” as typed")
    box(page).press("Enter")
    expect(box(page)).to_have_value(re.compile("Claude"))
    expect(page).to_have_url(re.compile("model=anthropic%2Fclaude-opus-4.1"))
    expect(box(page)).to_be_focused()
    box(page).fill("claude")
    box(page).press("ArrowUp")  # from the first to the last
    box(page).press("Enter")
    expect(page).to_have_url(re.compile("model=claude$|model=claude&"))
    expect(page.get_by_text("Not in the server's list")).to_be_visible()


def test_the_list_appears_by_itself_and_leaves_an_answer_in_mid_stream_alone(page: Page) -> None:
    slow, seen = Slow(stream("words to come")), threading.Event()
    slow.held_until = threading.Event()
    with connected(slow) as app:
        chat = Chat(page).open(app.url)
        expect(page.get_by_text("Asking the server for its models")).to_be_visible()
        slow.play(stream("begun ", seen, "and ended"))
        chat.send("Hello")
        expect(chat.messages.last).to_contain_text("begun")
        slow.held_until.set()
        assert all(request.played.wait(30) for request in slow.requests if request.path.endswith("/models"))
        seen.set()
        chat.wait_until_ended()
        expect(page.get_by_text("Asking the server for its models")).to_have_count(0)
        expect(chat.messages).to_have_count(2)
        expect(chat.messages.last).to_contain_text("begun and ended")
        assert len(slow.asked) == 1
        box(page).click()
        expect(page.get_by_role("option", name="fake/alpha")).to_be_visible()
        box(page).evaluate(OVERTAKEN)
        expect(page.get_by_role("option", name="fake/alpha")).to_be_visible()


# What the page had before the list came: a browser that still loads the element may hand it that last.
OVERTAKEN = """field => {
  const { picker } = field.closest(".picker");
  const { words, number } = picker;
  const head = { chosen: "", name: "", recent: [], version: "older", any: true, words, number: number - 1 };
  picker.update(new TextEncoder().encode(JSON.stringify(head) + "\\n[]"), () => {});
}"""


@pytest.mark.parametrize("count", [2_000, pytest.param(50_000, marks=pytest.mark.long)])
def test_thousands_of_hostile_models_leave_the_page_usable(page: Page, count: int) -> None:
    slow = Slow(stream("ok"))
    ids = [f"{HOSTILE[at % len(HOSTILE)]} {at}" for at in range(count)]
    slow.listing = reply(
        {"data": [{"id": f"{at} {'x' * 10_000}" if at % 50 == 0 else ids[at]} for at in range(count)]}
    )
    with connected(slow) as app:
        chat = Chat(page).open(app.url)
        assert all(request.played.wait(30) for request in slow.requests if request.path.endswith("/models"))
        settled(page)
        box(page).click()
        expect(page.get_by_role("option").nth(1)).to_be_visible()  # the list is there
        box(page).press_sequentially("onerror 7")
        expect(page.get_by_role("option").filter(has_text="onerror").first).to_be_visible()
        page.get_by_role("option").nth(1).click()
        expect(box(page)).not_to_have_value("onerror 7")
        chat.send("Hello").wait_until_ended()
        assert "onerror" in slow.asked[-1].body["model"]
        page.get_by_role("link", name="Models").click()
        expect(page.get_by_test_id("stDataFrame")).to_be_visible()
        page.wait_for_timeout(1000)
        assert unharmed(page)


# ---- the Models page ------------------------------------------------------------------------------------


def test_a_row_is_opened_in_the_chat_and_no_other_is_chosen_by_another_search(page: Page, provider: App) -> None:
    page.goto(f"{provider.url}/Models")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    settled(page)
    choose_first_row(page)
    expect(page.get_by_role("heading", name="Gemini 2.5 Flash")).to_be_visible()
    expect(page.get_by_text("Parameters it lists")).to_be_visible()
    page.get_by_placeholder(re.compile(r"Search \d+ models")).fill("grok")
    expect(page.get_by_role("heading", name="Gemini 2.5 Flash")).to_have_count(0)
    expect(page.get_by_role("button", name="Open in chat")).to_have_count(0)
    page.get_by_placeholder(re.compile(r"Search \d+ models")).fill("gemini-2.5")
    expect(page.get_by_role("heading", name="Gemini 2.5 Flash")).to_be_visible()
    page.get_by_role("button", name="Open in chat").click()
    expect(page.get_by_placeholder("Message gemini-2.5-flash")).to_be_visible()


def choose_first_row(page: Page) -> None:
    """A table is drawn on a canvas: the box before its first row is a place on it."""
    place = page.get_by_test_id("stDataFrame").bounding_box()
    assert place
    page.mouse.click(place["x"] + 18, place["y"] + 53)
