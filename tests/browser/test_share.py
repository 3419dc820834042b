"""Share links in the browser: made in the dialog, opened in another window, and never more than was shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from basics import KEY
from browser import SLOWLY, App, Chat
from fake_api import FakeAPI, stream
from page_parts import share_it
from playwright.sync_api import Browser, Locator, Page, expect

from backend.formats import links, share
from backend.formats.share import Shared
from backend.types import Message, Tool

FILLED = Shared(
    "fake/beta",
    "Answer like a pirate.",
    {"temperature": 0.7, "max_tokens": 123, "stop": ["\n"]},
    False,
    (Message("user", "Name a colour."), Message("assistant", "Blue, **matey**.")),
)
OWN_KEY = "AbCdEfGh12345678IjKl"  # shaped like nothing in particular


def link(app: App, shared: Shared) -> str:
    return f"{app.url}/?s={share.encode(shared)}"


def dialog(chat: Chat) -> Locator:
    return chat.page.get_by_role("dialog")


def shown_link(chat: Chat, containing: str = "?s=") -> str:
    found = dialog(chat).get_by_test_id("stCode").filter(has_text=containing).first
    expect(found).to_be_visible()
    return found.inner_text().strip()


def close(chat: Chat) -> None:
    dialog(chat).get_by_role("button", name="Close").click()
    expect(dialog(chat)).to_have_count(0)


def picker(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Model", exact=True)


def instruct(chat: Chat, text: str) -> None:
    """Type a system prompt and wait until the app has taken it."""
    field = chat.page.get_by_role("textbox", name="System prompt")
    field.fill(text)
    field.press("Control+Enter")


def answers(server: FakeAPI) -> int:
    return len([asked for asked in server.asked if asked.path.endswith("/chat/completions")])


@pytest.fixture
def other(guest: Callable[[], Page]) -> Chat:
    """Another visitor's window."""
    return Chat(guest())


@pytest.fixture
def reader(page: Page) -> Chat:
    """Somebody who was given a link."""
    return Chat(page)


def test_a_link_made_in_the_dialog_fills_another_window_and_sends_nothing(
    chat: Chat, other: Chat, server: FakeAPI
) -> None:
    server.play(stream("Blue, of course."))
    tokens = chat.page.get_by_role("spinbutton", name="Max tokens")
    expect(tokens).to_have_count(1)
    tokens.fill("77")
    tokens.press("Enter")
    expect(chat.page.get_by_role("button", name="1 set. Reset")).to_be_visible()
    instruct(chat, "Answer like a pirate.")
    chat.send("Name a colour.").ended()
    share_it(chat).get_by_text("With the messages").click()
    expect(dialog(chat).get_by_text("Messages (2)")).to_have_count(1)
    made = shown_link(chat)
    before = answers(server)
    other.open(made)
    expect(other.page.get_by_text("Opened from a link:")).to_be_visible()
    notice = other.page.locator(".st-key-opened")
    expect(notice).to_contain_text("max tokens 77, a system prompt, 2 messages. Nothing was sent.")
    expect(other.messages).to_have_count(2)
    expect(other.page.get_by_role("textbox", name="System prompt")).to_have_value("Answer like a pirate.")
    assert answers(server) == before
    assert not {"s", "c"} & set(parse_qs(urlsplit(other.page.url).query))
    other.send("And another?").ended()
    body = server.asked[-1].body
    assert body["max_tokens"] == 77 and "temperature" not in body
    assert [message["content"] for message in body["messages"]] == [
        "Answer like a pirate.",
        "Name a colour.",
        "Blue, of course.",
        "And another?",
    ]


def test_every_setting_of_a_link_is_in_its_widget_and_in_the_next_request(
    reader: Chat, app: App, server: FakeAPI
) -> None:
    server.play([stream("Green.")])
    reader.open(link(app, FILLED))
    expect(reader.messages).to_have_count(2)
    expect(reader.messages.last.locator("strong")).to_have_text("matey")
    expect(picker(reader.page)).to_have_value("fake/beta")
    reader.page.get_by_test_id("stSidebar").get_by_text("0.7", exact=True).wait_for()
    reader.send("Another").ended()
    body = server.asked[-1].body
    assert body["model"] == "fake/beta" and body.get("stream", False) is False
    assert (body["temperature"], body["max_tokens"], body["stop"]) == (0.7, 123, ["\n"])
    assert len(body["messages"]) == 4


def test_undo_brings_back_what_was_before_and_a_reload_does_not_repeat_the_link(reader: Chat, app: App) -> None:
    reader.open(link(app, FILLED))
    expect(reader.messages).to_have_count(2)
    reader.page.get_by_role("button", name="Undo").click()
    expect(reader.messages).to_have_count(0)
    expect(reader.page.get_by_text("Opened from a link:")).to_have_count(0)
    expect(reader.page.get_by_role("textbox", name="System prompt")).to_have_value("")
    expect(reader.page.get_by_role("spinbutton", name="Max tokens")).to_have_value("")
    expect(picker(reader.page)).to_have_value("google/gemini-2.5-flash")
    reader.open(link(app, FILLED))
    expect(reader.messages).to_have_count(2)
    reader.page.reload()
    expect(reader.composer).to_be_visible()
    expect(reader.messages).to_have_count(0)


def test_a_followed_link_is_not_in_the_history_until_something_is_done(
    reader: Chat, app: App, server: FakeAPI
) -> None:
    server.play(stream("Aye."))
    unlike = Shared("fake/alpha", messages=(Message("user", "A drive-by conversation"),))
    reader.open(link(app, unlike))
    expect(reader.messages).to_have_count(1)
    reader.page.get_by_role("link", name="History").click()
    expect(reader.page.get_by_role("searchbox")).to_be_visible()
    expect(reader.page.get_by_text("A drive-by conversation")).to_have_count(0)
    reader.page.get_by_role("link", name="Chat").click()
    expect(reader.messages).to_have_count(1)
    reader.send("Hello").ended()
    reader.page.get_by_role("link", name="History").click()
    expect(reader.page.get_by_text("A drive-by conversation").first).to_be_visible()


def test_a_dismissed_notice_leaves_what_was_filled_in(reader: Chat, app: App) -> None:
    reader.open(link(app, FILLED))
    reader.page.get_by_role("button", name="Dismiss").click()
    expect(reader.page.get_by_text("Opened from a link:")).to_have_count(0)
    expect(reader.messages).to_have_count(2)
    expect(reader.page.get_by_role("textbox", name="System prompt")).to_have_value("Answer like a pirate.")


def test_the_notice_belongs_to_its_conversation(reader: Chat, app: App) -> None:
    reader.open(link(app, FILLED))
    expect(reader.page.get_by_text("Opened from a link:")).to_be_visible()
    reader.page.get_by_role("button", name="New chat").click()
    expect(reader.page.get_by_text("Opened from a link:")).to_have_count(0)


@pytest.mark.parametrize("shape", ["sk-0123456789abcdefghijklmnop", KEY, f"my key {OWN_KEY}"])
def test_no_link_is_made_while_a_key_is_in_it(chat: Chat, shape: str) -> None:
    if OWN_KEY in shape:
        field = chat.page.locator("input[type=password]")
        field.fill(OWN_KEY)
        field.press("Enter")
        expect(chat.page.get_by_text("Your own key, ending in")).to_be_visible()
    instruct(chat, f"The key is {shape}, use it.")
    share_it(chat)
    expect(dialog(chat).get_by_text("No link: something looks like a key.")).to_be_visible()
    expect(dialog(chat).get_by_text("the system prompt:").first).to_be_visible()
    expect(dialog(chat).get_by_text("?s=")).to_have_count(0)
    expect(dialog(chat).get_by_role("button", name="Markdown")).to_have_count(0)
    close(chat)
    instruct(chat, "Be brief.")
    share_it(chat)
    assert "?s=" in shown_link(chat)


def test_a_key_in_a_message_is_left_behind_with_the_messages(chat: Chat, server: FakeAPI) -> None:
    server.play(stream("I see."))
    chat.send("Here: ghp_abcdefghijklmnopqrstuvwxyz0123456789").ended()
    share_it(chat)
    assert "?s=" in shown_link(chat)
    dialog(chat).get_by_text("With the messages").click()
    expect(dialog(chat).get_by_text("message 1: a GitHub token (ghp...)")).to_be_visible()
    expect(dialog(chat).get_by_text("?s=")).to_have_count(0)
    dialog(chat).get_by_text("Settings only").click()
    assert "?s=" in shown_link(chat)


def test_what_is_too_long_for_a_link_goes_as_a_file(chat: Chat, server: FakeAPI) -> None:
    noise = " ".join(f"{number * 7919 % 100_003:x}{number * 104_729 % 99_991:x}" for number in range(3_000))
    server.play(stream(noise))
    chat.send("Tell me much").ended()
    share_it(chat).get_by_text("With the messages").click()
    expect(dialog(chat).get_by_text("Too long for a link:")).to_be_visible()
    with chat.page.expect_download() as download:
        dialog(chat).get_by_role("button", name="JSON").click()
    kept = json.loads(download.value.path().read_text("utf-8"))
    assert kept["format"] == "llm-playground/conversation" and len(kept["messages"]) == 2


def test_the_preview_shows_every_word_that_goes_and_says_what_does_not(chat: Chat, server: FakeAPI) -> None:
    server.play(stream("The answer.", reasoning="Let me think about it."))
    instruct(chat, "Be very brief.")
    chat.send("The question?").ended()
    share_it(chat).get_by_text("With the messages").click()
    dialog(chat).get_by_text("See exactly what goes").click()
    expect(dialog(chat).get_by_text("Left out: 1 block of reasoning.")).to_be_visible()
    inside = share.decode(shown_link(chat).partition("?s=")[2])
    assert [message.content for message in inside.messages] == ["The question?", "The answer."]
    for words in (inside.model, inside.system_prompt, *(message.content for message in inside.messages)):
        expect(dialog(chat).get_by_test_id("stCode").filter(has_text=words).last).to_be_visible()


def test_settings_can_be_shared_before_anything_was_said(chat: Chat) -> None:
    instruct(chat, "Be brief.")
    share_it(chat)
    inside = share.decode(shown_link(chat).partition("?s=")[2])
    assert (inside.model, inside.system_prompt, inside.messages) == ("google/gemini-2.5-flash", "Be brief.", ())


def test_tools_go_as_descriptions_and_are_not_switched_on(
    chat: Chat, other: Chat, app: App, server: FakeAPI
) -> None:
    server.play(stream("Fine."))
    chat.open(f"{app.url}/Tools")
    share_it(chat).get_by_text("Tool descriptions too").click()
    dialog(chat).get_by_text("See exactly what goes").click()
    expect(dialog(chat).get_by_test_id("stJson").get_by_text("tools")).to_be_visible()
    made = shown_link(chat)
    assert made.startswith(f"{app.url}/?s=")
    assert share.decode(made.partition("?s=")[2]).tools
    other.open(made)
    expect(other.page.locator(".st-key-opened")).to_contain_text("tool description")
    other.send("Hello").ended()
    assert "tools" not in server.asked[-1].body


def test_the_dialog_works_while_an_answer_arrives(chat: Chat, server: FakeAPI) -> None:
    server.play(stream("The beginning ", *SLOWLY))
    chat.send("Tell me")
    expect(chat.messages.last).to_contain_text("The beginning")
    share_it(chat).get_by_text("With the messages").click()
    inside = share.decode(shown_link(chat).partition("?s=")[2])
    expect(dialog(chat).get_by_text("Messages (1)")).to_have_count(1)
    inside = share.decode(shown_link(chat).partition("?s=")[2])
    assert [message.content for message in inside.messages] == ["Tell me"]
    close(chat)
    chat.stop.click()
    chat.ended()
    expect(chat.messages.last).to_contain_text("The beginning")


HOSTILE = {
    "cut": share.encode(FILLED)[:40],
    "not base64": "hello%20world<script>alert(1)</script>",
    "newer": "9abc",
    "bomb": links.pack({"model": "m", "title": "x" * 1_100_000}),
    "no role": links.pack({"messages": [{"role": "root", "content": "x"}]}),
    "numbers": links.pack({"model": 1}),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_broken_link_is_said_in_words_and_changes_nothing(reader: Chat, app: App, kind: str) -> None:
    reader.open(f"{app.url}/?s={HOSTILE[kind]}")
    expect(reader.page.get_by_text("The link could not be opened.")).to_be_visible()
    expect(reader.page.get_by_test_id("stException")).to_have_count(0)
    expect(reader.page.get_by_role("heading", name="What would you like to ask?")).to_be_visible()
    reader.page.get_by_role("button", name="Dismiss").click()
    expect(reader.page.get_by_text("The link could not be opened.")).to_have_count(0)
    assert "Traceback" not in app.log.read_text()


def test_a_hostile_link_shows_its_words_as_words_and_fetches_nothing(reader: Chat, app: App) -> None:
    asked: list[str] = []
    reader.page.on("request", lambda request: asked.append(request.url))
    evil = "![x](https://evil.example/a.png) **bold** <img src=https://evil.example/b.png> [l](javascript:alert(1))"
    shared = Shared(
        evil[:190],
        evil,
        {"temperature": 0.73, "stop": [evil], "seed": 0},
        messages=tuple(Message(role, evil, name="n") for role in ("system", "user", "assistant", "tool")),
        tools=(Tool("f", evil, {"default": evil}),),
    )
    reader.open(link(app, shared))
    notice = reader.page.locator(".st-key-opened")
    expect(notice).to_contain_text("Seed must be between 1 and 9.0072e+15.")
    expect(reader.page.get_by_test_id("stSidebar").get_by_text("0.73", exact=True)).to_be_visible()
    expect(notice).to_contain_text("**bold** <img src=")
    expect(reader.messages).to_have_count(4)
    notice.get_by_role("button", name="Contents").click()
    expect(reader.page.get_by_text("none is switched on")).to_be_visible()
    assert [url for url in asked if "evil" in url] == []


def test_without_a_key_the_model_of_the_link_waits_for_the_connection(browser: Browser, server: FakeAPI) -> None:
    keyless = App(f'AIMLAPI_BASE_URL = "{server.url}"\n')
    context = browser.new_context(viewport={"width": 390, "height": 844})
    try:
        page: Page = context.new_page()
        chat = Chat(page).open(link(keyless, FILLED))
        expect(page.locator(".st-key-opened")).to_contain_text("fake/beta is not on This computer:")
        page.get_by_test_id("stExpandSidebarButton").click()
        page.get_by_role("button", name="Connect").click()
        expect(page.locator(".st-key-opened")).not_to_contain_text("fake/beta is not on This computer:")
        expect(picker(page)).to_have_value("fake/beta")
        expect(chat.messages).to_have_count(2)
    finally:
        context.close()
        keyless.close()
