"""Shaping a conversation in the browser: edit, branch, continue, insert, delete, raw text. Nothing is destroyed."""

from __future__ import annotations

import pytest
from browser import Chat
from fake_api import CUT, FakeAPI, Request, error, stream
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


@pytest.fixture
def two(chat: Chat, server: FakeAPI) -> Chat:
    """A chat of two questions and answers."""
    server.play(echo)  # type: ignore[arg-type]
    chat.send("one").ended()
    chat.send("two").ended()
    expect(chat.messages.last).to_contain_text("heard two, message 3")
    return chat


def test_an_edited_question_is_asked_again_and_the_old_one_is_an_arrow_away(two: Chat) -> None:
    actions(two, 0).get_by_role("button", name="Edit").click()
    two.page.get_by_role("textbox", name="Edit message").fill("uno")
    two.page.get_by_role("button", name="Send", exact=True).first.click()
    expect(two.messages).to_have_count(2)
    expect(two.messages.last).to_contain_text("heard uno, message 1")
    two.ended()
    actions(two, 0).get_by_role("button", name="Previous").click()
    expect(two.messages).to_have_count(4)
    expect(two.messages.last).to_contain_text("heard two, message 3")


def test_an_edited_answer_stands_and_is_what_the_model_is_told(two: Chat, server: FakeAPI) -> None:
    actions(two, 1).get_by_role("button", name="Edit").click()
    two.page.get_by_role("textbox", name="Edit message").fill("what I wish it had said")
    two.page.get_by_role("button", name="Save", exact=True).click()
    expect(two.messages).to_have_count(4)
    expect(two.messages.nth(1)).to_contain_text("what I wish it had said")
    two.send("three").ended()
    assert server.asked[-1].body["messages"][1]["content"] == "what I wish it had said"


def test_a_cancelled_edit_changes_nothing(two: Chat) -> None:
    actions(two, 0).get_by_role("button", name="Edit").click()
    two.page.get_by_role("textbox", name="Edit message").fill("nonsense")
    two.page.get_by_role("button", name="Cancel").click()
    expect(two.messages.first).to_contain_text("one")
    expect(two.messages).to_have_count(4)


def test_a_cut_off_answer_is_continued_where_it_stopped(chat: Chat, server: FakeAPI) -> None:
    server.play([stream("The beginning ", CUT), stream("and the end.")])
    chat.send("Tell me").ended()
    chat.messages.last.get_by_role("button", name="Continue").click()
    expect(chat.messages.last).to_contain_text("The beginning and the end.")
    chat.ended()
    expect(chat.messages).to_have_count(2)
    assert roles(server) == ["user", "assistant", "user"]
    assert server.asked[-1].body["messages"][1]["content"].strip() == "The beginning"


def test_a_message_of_any_role_can_be_added_and_is_sent(two: Chat, server: FakeAPI) -> None:
    choose(two, 1, "Add a message below")
    form = two.page.get_by_test_id("stForm")
    form.get_by_text("developer").click()
    form.get_by_label("Message").fill("Answer like a pirate.")
    form.get_by_role("button", name="Add").click()
    expect(two.messages).to_have_count(5)
    two.send("three").ended()
    assert roles(server) == ["user", "assistant", "developer", "user", "assistant", "user"]


def test_a_deleted_message_is_not_sent_and_its_neighbours_are(two: Chat, server: FakeAPI) -> None:
    choose(two, 1, "Delete this message")
    expect(two.messages).to_have_count(3)
    two.send("three").ended()
    assert roles(server) == ["user", "user", "assistant", "user"]


def test_everything_below_a_message_can_be_deleted(two: Chat, server: FakeAPI) -> None:
    choose(two, 1, "Delete everything below")
    expect(two.messages).to_have_count(2)
    two.send("three").ended()
    assert roles(server) == ["user", "assistant", "user"]


def test_the_raw_text_of_an_answer_can_be_seen(chat: Chat, server: FakeAPI) -> None:
    server.play(stream("Some **bold** text"))
    chat.send("Hello").ended()
    choose(chat, 1, "Show raw text")
    expect(chat.messages.last).to_contain_text("Some **bold** text")
    choose(chat, 1, "Show rendered")
    expect(chat.messages.last.locator("strong", has_text="bold")).to_be_visible()


def test_a_question_that_failed_at_once_is_back_in_the_composer_and_sent_in_its_own_place(
    chat: Chat, server: FakeAPI
) -> None:
    server.play([error(400, "no"), stream("fine")])
    chat.send("A long and careful question").ended()
    expect(chat.composer).to_have_value("A long and careful question")
    chat.enter()
    expect(chat.messages.last).to_contain_text("fine")
    expect(chat.messages).to_have_count(2)
    assert roles(server) == ["user"]
