"""Conversations that are kept: a reload in mid-stream, a killed app, the list, search, and two people apart."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import KEY, App, Chat
from fake_api import HANG, FakeAPI, Pause, stream
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def keeping(server: FakeAPI, tmp_path: Path) -> Iterator[App]:
    """An app with an empty database of its own."""
    found = start(server, tmp_path)
    yield found
    found.close()


def start(server: FakeAPI, folder: Path, more: str = "") -> App:
    secrets = f'AIMLAPI_API_KEY = "{KEY}"\nAIMLAPI_BASE_URL = "{server.url}"\n{more}'
    return App(secrets, DATABASE_URL=f"sqlite:///{folder / 'kept.db'}")


def test_a_reload_in_mid_stream_finds_the_answer_and_goes_on_with_it(
    page: Page, keeping: App, server: FakeAPI
) -> None:
    words = [step for number in range(40) for step in (f"word{number} ", Pause(0.05))]
    server.play(stream(*words, "end."))
    chat = Chat(page).open(keeping.url).send("Hello")
    expect(chat.messages.last).to_contain_text("word2 ")
    page.reload()
    expect(chat.messages).to_have_count(2)
    expect(chat.messages.last).to_contain_text("end.")
    chat.ended()
    assert len(server.asked) == len([asked for asked in server.asked if asked.prompt == "Hello"])
    page.get_by_role("button", name="New chat").click()
    expect(page.get_by_role("heading", name="What would you like to ask?")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="What would you like to ask?")).to_be_visible()


def test_after_a_kill_the_question_and_the_half_answer_are_there_and_can_be_continued(
    page: Page, server: FakeAPI, tmp_path: Path
) -> None:
    server.play([stream("The first half ", HANG), stream("and the second.")])
    first = start(server, tmp_path)
    chat = Chat(page).open(first.url).send("Tell me")
    expect(chat.messages.last).to_contain_text("The first half")
    page.wait_for_timeout(1500)
    conversation = page.url.partition("?")[2]
    first.process.send_signal(signal.SIGKILL)
    first.close()
    second = start(server, tmp_path)
    try:
        chat.open(f"{second.url}/?{conversation}")
        expect(chat.messages).to_have_count(2)
        expect(chat.messages.last).to_contain_text("interrupted")
        chat.messages.last.get_by_role("button", name="Continue").click()
        expect(chat.messages.last).to_contain_text("The first half and the second.")
    finally:
        second.close()


def test_the_list_finds_opens_renames_and_deletes_with_undo(page: Page, keeping: App, server: FakeAPI) -> None:
    server.play(lambda asked: stream(f"about {asked.prompt}"))
    chat = Chat(page).open(keeping.url)
    for topic in ("volcanoes", "gardening"):
        chat.send(topic).ended()
        page.get_by_role("button", name="New chat").click()
        expect(chat.messages).to_have_count(0)
    page.get_by_role("link", name="History").click()
    expect(page.get_by_role("button", name="gardening")).to_be_visible()
    page.get_by_role("searchbox").fill("volcan")
    expect(page.get_by_role("button", name="gardening")).to_have_count(0)
    page.get_by_role("button", name="More").click()
    page.get_by_text("Rename and tag").click()
    page.get_by_role("dialog").get_by_role("textbox", name="Title").fill("Fire mountains")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Fire mountains")).to_be_visible()
    page.get_by_role("button", name="More").click()
    page.get_by_text("Delete", exact=True).click()
    expect(page.get_by_text("Deleted: Fire mountains")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Fire mountains").click()
    expect(chat.messages).to_have_count(2)
    expect(chat.messages.first).to_contain_text("volcanoes")


def test_guests_of_a_shared_app_never_see_each_others_conversations(
    browser: Browser, server: FakeAPI, tmp_path: Path
) -> None:
    server.play(stream("ok"))
    shared = start(server, tmp_path, 'PLAYGROUND_SHARED = "1"\n')
    try:
        ann, bob = Chat(browser.new_context().new_page()), Chat(browser.new_context().new_page())
        ann.open(shared.url).send("a secret of mine").ended()
        bob.open(f"{shared.url}/?{ann.page.url.partition('?')[2]}")
        expect(bob.messages).to_have_count(0)
        bob.page.get_by_role("link", name="History").click()
        expect(bob.page.get_by_text("Nothing here yet")).to_be_visible()
        ann.page.get_by_role("link", name="History").click()
        expect(ann.page.get_by_role("button", name="a secret of mine")).to_be_visible()
    finally:
        shared.close()
