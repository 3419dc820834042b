"""Deleting and editing by keyboard in a real browser: undo is at hand, and the focus is never lost."""

from __future__ import annotations

from browser import Chat
from fake_api import FakeAPI, stream
from playwright.sync_api import expect


def test_a_message_is_deleted_and_had_back_by_keyboard(talk: Chat, server: FakeAPI) -> None:
    server.play([stream("First answer."), stream("Second answer.")])
    talk.send("One").wait_until_ended()
    talk.send("Two").wait_until_ended()
    page = talk.page
    more = talk.messages.nth(1).locator('[data-action="more"]')
    more.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(more).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name="Delete this message").press("Enter")
    expect(talk.messages).to_have_count(3)
    expect(page.get_by_role("status").filter(has_text="Message deleted")).to_be_visible()
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    page.keyboard.press("Enter")
    expect(talk.messages).to_have_count(4)
    expect(talk.messages.nth(1)).to_contain_text("First answer.")
    expect(undo).to_be_hidden()
    expect(page.locator(".st-key-composer textarea")).to_be_focused()
    assert not talk.errors


def test_focus_returns_to_an_edited_message_and_to_the_box_in_a_new_chat(talk: Chat, server: FakeAPI) -> None:
    server.play([stream(*["line\n\n"] * 60), stream("Second answer.")])
    talk.send("One").wait_until_ended()
    page, editor = talk.page, talk.page.get_by_role("textbox", name="Edit message")
    edit = talk.messages.first.locator('[data-action="edit"]')
    for way_out in ("Escape", "Tab+Cancel", "Control+Enter"):
        edit.click() if way_out == "Escape" else edit.press("Enter")
        expect(editor).to_be_focused()
        expect(editor).to_be_in_viewport()  # the page was seen from its end
        if way_out == "Tab+Cancel":
            page.get_by_role("button", name="Cancel").press("Enter")
        else:
            page.keyboard.press("End")
            page.keyboard.type(" more")
            page.keyboard.press(way_out)
        expect(editor).to_have_count(0)
        expect(edit).to_be_focused()
    talk.wait_until_ended()
    expect(talk.messages.first).to_contain_text("One more")
    expect(talk.messages.last).to_contain_text("Second answer.")
    assert server.asked[-1].prompt == "One more"
    page.get_by_role("button", name="New chat").press("Enter")
    expect(page.locator(".st-key-composer textarea")).to_be_focused()
