"""Shaping a conversation in the browser: edit, branch, continue, insert, delete, raw text. Nothing is destroyed.

What each of it does to the conversation: tests/unit/conversation/test_chat_branches.py.
"""

from __future__ import annotations

from browser import Chat
from fake_api import CUT, FakeAPI, Request, stream
from playwright.sync_api import Locator, expect


def echo(asked: Request) -> object:
    return stream(f"heard {asked.prompt}, message {len(asked.body['messages'])}")


def actions(chat: Chat, place: int) -> Locator:
    """The actions under the message at this place, counted from 0."""
    return chat.page.locator(".pg-footer").nth(place)


def choose(chat: Chat, place: int, option: str) -> None:
    actions(chat, place).get_by_role("button", name="More").click()
    chat.page.get_by_text(option, exact=True).click()


def roles(server: FakeAPI) -> list[str]:
    return [message["role"] for message in server.asked[-1].body["messages"]]


def test_editing_branching_and_deleting_decide_what_the_server_is_told(talk: Chat, server: FakeAPI) -> None:
    page = talk.page
    server.play(echo)  # type: ignore[arg-type]
    talk.send("one").wait_until_ended()
    talk.send("two").wait_until_ended()
    actions(talk, 0).get_by_role("button", name="Edit").click()
    page.get_by_role("textbox", name="Edit message").fill("uno")
    page.get_by_role("button", name="Send", exact=True).first.click()
    expect(talk.messages).to_have_count(2)
    expect(talk.messages.last).to_contain_text("heard uno, message 1")
    talk.wait_until_ended()
    actions(talk, 0).get_by_role("button", name="Previous").click()
    expect(talk.messages).to_have_count(4)
    expect(talk.messages.last).to_contain_text("heard two, message 3")

    actions(talk, 0).get_by_role("button", name="Edit").click()
    page.get_by_role("textbox", name="Edit message").fill("nonsense")
    page.get_by_role("button", name="Cancel").click()
    expect(talk.messages.first).to_contain_text("one")
    actions(talk, 1).get_by_role("button", name="Edit").click()
    page.get_by_role("textbox", name="Edit message").fill("what I **wish** it had said")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(talk.messages.nth(1).locator("strong", has_text="wish")).to_be_visible()
    choose(talk, 1, "Show raw text")
    expect(talk.messages.nth(1)).to_contain_text("what I **wish** it had said")
    choose(talk, 1, "Show rendered")
    expect(talk.messages.nth(1).locator("strong", has_text="wish")).to_be_visible()

    choose(talk, 1, "Add a message below")
    form = page.get_by_test_id("stForm")
    form.get_by_text("developer").click()
    form.get_by_label("Message").fill("Answer like a pirate.")
    form.get_by_role("button", name="Add").click()
    expect(talk.messages).to_have_count(5)
    talk.send("three").wait_until_ended()
    assert roles(server) == ["user", "assistant", "developer", "user", "assistant", "user"]
    assert server.asked[-1].body["messages"][1]["content"] == "what I **wish** it had said"
    choose(talk, 2, "Delete this message")
    expect(talk.messages).to_have_count(6)
    choose(talk, 3, "Delete everything below")
    expect(talk.messages).to_have_count(4)
    talk.send("four").wait_until_ended()
    assert roles(server) == ["user", "assistant", "user", "assistant", "user"]


def test_a_cut_off_answer_is_continued_where_it_stopped(talk: Chat, server: FakeAPI) -> None:
    server.play([stream("The beginning ", CUT), stream("and the end.")])
    talk.send("Tell me").wait_until_ended()
    talk.messages.last.get_by_role("button", name="Continue").click()
    expect(talk.messages.last).to_contain_text("The beginning and the end.")
    talk.wait_until_ended()
    expect(talk.messages).to_have_count(2)
    assert roles(server) == ["user", "assistant", "user"]
    assert server.asked[-1].body["messages"][1]["content"].strip() == "The beginning"
