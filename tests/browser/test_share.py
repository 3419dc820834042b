"""Share links in the browser: made in the dialog, opened in another window, and never more than was shown.

What a link fills in, what is refused and what the dialog tells: tests/pages/test_share.py.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from browser import Chat
from fake_api import FakeAPI, stream
from page_parts import share_it
from playwright.sync_api import Locator, Page, expect


def dialog(chat: Chat) -> Locator:
    return chat.page.get_by_role("dialog")


def shown_link(chat: Chat) -> str:
    found = dialog(chat).get_by_test_id("stCode").filter(has_text="?s=").first
    expect(found).to_be_visible()
    return found.inner_text().strip()


def test_a_link_made_in_the_dialog_fills_another_window_unsent(chat: Chat, fresh: Page, server: FakeAPI) -> None:
    server.play(stream("Blue, of course."))
    tokens = chat.page.get_by_role("spinbutton", name="Max tokens")
    expect(tokens).to_have_count(1)
    tokens.fill("77")
    tokens.press("Enter")
    expect(chat.page.get_by_role("button", name="1 set. Reset")).to_be_visible()
    chat.page.get_by_role("textbox", name="System prompt").fill("Answer like a pirate.")
    chat.page.get_by_role("textbox", name="System prompt").press("Control+Enter")
    chat.send("Name a colour.").wait_until_ended()
    share_it(chat).get_by_text("With the messages").click()
    expect(dialog(chat).get_by_text("Messages (2)")).to_have_count(1)
    made, before = shown_link(chat), len(server.asked)
    other = Chat(fresh).open(made)
    notice = other.page.locator(".st-key-opened")
    expect(notice).to_contain_text("max tokens 77, a system prompt, 2 messages. Nothing was sent.")
    expect(other.messages).to_have_count(2)
    expect(other.page.get_by_role("textbox", name="System prompt")).to_have_value("Answer like a pirate.")
    assert len(server.asked) == before
    assert not {"s", "c"} & set(parse_qs(urlsplit(other.page.url).query))
    other.send("And another?").wait_until_ended()
    expect(notice).not_to_contain_text("Nothing was sent")  # but it was, by now
    body = server.asked[-1].body
    assert body["max_tokens"] == 77 and "temperature" not in body
    said = ["Answer like a pirate.", "Name a colour.", "Blue, of course.", "And another?"]
    assert [message["content"] for message in body["messages"]] == said
