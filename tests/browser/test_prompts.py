"""The prompt library in the browser: found, filled in, used, kept; nothing is sent before the visitor sends it."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from basics import KEY
from browser import App, Chat
from fake_api import FakeAPI, Pause, stream
from playwright.sync_api import Locator, Page, expect


@pytest.fixture
def new(page: Page, keeping: App, server: FakeAPI) -> Iterator[Chat]:
    """The front page of an app in which nothing was kept."""
    server.play(stream("ok"))
    found = Chat(page).open(keeping.url)
    yield found
    assert not found.errors, found.errors


def start(server: FakeAPI, folder: Path, more: str = "") -> App:
    secrets = f'AIMLAPI_API_KEY = "{KEY}"\nAIMLAPI_BASE_URL = "{server.url}"\n{more}'
    return App(secrets, DATABASE_URL=f"sqlite:///{folder / 'kept.db'}")


def library(chat: Chat) -> Locator:
    """The open dialog."""
    dialog = chat.page.get_by_role("dialog")
    if not dialog.count():
        chat.page.get_by_role("button", name="Prompts", exact=True).click()
    expect(dialog.get_by_role("searchbox")).to_be_visible()
    return dialog


def button(within: Locator | Page, name: str) -> Locator:
    return within.get_by_role("button", name=name, exact=True)


def system(chat: Chat) -> Locator:
    return chat.page.get_by_role("textbox", name="System prompt", exact=True)


def asked(server: FakeAPI, prompt: str) -> list[dict[str, Any]]:
    """The messages of the last request, which was for this prompt."""
    assert server.asked[-1].prompt == prompt
    found: list[dict[str, Any]] = server.asked[-1].body["messages"]
    return found


def imported(chat: Chat, *rows: dict[str, str]) -> Locator:
    """The dialog after a file with these prompts was taken in."""
    dialog = library(chat)
    dialog.get_by_text("Import prompts from a file").click()
    data = json.dumps({"format": "llm-playground/prompts", "version": 1, "prompts": rows})
    dialog.locator("input[type=file]").set_input_files(
        {"name": "prompts.json", "mimeType": "application/json", "buffer": data.encode()}
    )
    expect(dialog.get_by_text(f"New prompts from the file: {len(rows)}")).to_be_visible()
    return dialog


def test_a_filled_system_prompt_is_what_the_server_is_sent(new: Chat, server: FakeAPI) -> None:
    dialog = library(new)
    dialog.get_by_role("searchbox").fill("transl")
    expect(button(dialog, "Socratic tutor")).to_have_count(0)
    button(dialog, "Translator").click()
    button(dialog, "Use as system prompt").click()
    expect(dialog.get_by_text("Still empty: Language.")).to_be_visible()
    dialog.get_by_role("textbox", name="Language").fill("Klingon")
    expect(dialog.locator(".st-key-prompts-preview")).to_contain_text("every message into Klingon")
    expect(dialog.locator(".st-key-prompts-preview")).to_contain_text("natural and friendly")
    button(dialog, "Use as system prompt").click()
    expect(dialog).to_have_count(0)
    new.send("Good morning").ended()
    first, second = asked(server, "Good morning")
    assert first["role"] == "system" and second["role"] == "user"
    assert "into Klingon. The tone: natural and friendly." in first["content"] and "{{" not in first["content"]


def test_a_message_goes_into_the_box_and_is_sent_by_the_visitor_alone(new: Chat, server: FakeAPI) -> None:
    before = len(server.asked)
    dialog = library(new)
    dialog.get_by_role("radio", name="Messages").click()
    expect(button(dialog, "Translator")).to_have_count(0)
    button(dialog, "Email rewriter").click()
    dialog.get_by_role("textbox", name="Email").fill("send me {{tone}} now\nthx")
    button(dialog, "Put into the message box").click()
    expect(dialog).to_have_count(0)
    expect(new.composer).to_have_value(
        re.compile(r"^Rewrite this email so that it is friendly, clear and short\.\n\n")
    )
    expect(new.composer).to_have_value(re.compile(r"The email:\n\nsend me \{\{tone\}\} now\nthx$"))
    expect(new.messages).to_have_count(0)
    assert len(server.asked) == before
    new.settled().enter()
    new.ended()
    assert server.asked[-1].prompt.endswith("send me {{tone}} now\nthx")


def test_a_system_prompt_that_was_replaced_is_one_click_away(new: Chat) -> None:
    system(new).fill("My own words.")
    system(new).blur()
    dialog = library(new)
    button(dialog, "Devil's advocate").click()
    expect(dialog.get_by_text("There is a system prompt already")).to_be_visible()
    button(dialog, "Use as system prompt").click()
    expect(system(new)).to_have_value(re.compile("^You are a fair but tough"))
    expect(new.page.get_by_text("Undo brings back what stood here before.")).to_be_visible()
    button(new.page, "Undo").click()
    expect(system(new)).to_have_value("My own words.")
    expect(button(new.page, "Undo")).to_have_count(0)


def test_ones_own_prompt_outlives_a_kill_of_the_app(page: Page, server: FakeAPI, tmp_path: Path) -> None:
    server.play(stream("ok"))
    first = start(server, tmp_path)
    chat = Chat(page).open(first.url)
    system(chat).fill("Answer in {{language=Latin}}.")
    system(chat).blur()
    dialog = library(chat)
    button(dialog, "Save the current system prompt").click()
    button(dialog, "Save").click()
    expect(dialog.get_by_text("A prompt needs a name and a text.")).to_be_visible()
    dialog.get_by_role("textbox", name="Name").fill("Roman")
    dialog.get_by_role("textbox", name="Name").blur()
    expect(dialog.get_by_text("Fields to fill in: Language")).to_be_visible()
    button(dialog, "Save").click()
    expect(dialog.get_by_text("Saved.")).to_be_visible()
    first.process.send_signal(signal.SIGKILL)
    first.close()
    second = start(server, tmp_path)
    try:
        chat.open(second.url)
        dialog = library(chat)
        dialog.get_by_role("radio", name="My own").click()
        button(dialog, "Roman").click()
        expect(dialog.locator(".st-key-prompts-preview")).to_have_text("Answer in Latin.")
        button(dialog, "Use as system prompt").click()
        expect(dialog).to_have_count(0)
        chat.send("Salve").ended()
        assert asked(server, "Salve")[0] == {"role": "system", "content": "Answer in Latin."}
    finally:
        second.close()


def test_a_copy_is_changed_deleted_and_had_back(new: Chat) -> None:
    dialog = library(new)
    button(dialog, "Socratic tutor").click()
    button(dialog, "Change a copy").click()
    dialog.get_by_role("textbox", name="Name").fill("My tutor")
    dialog.get_by_role("textbox", name="Text").fill("Teach me {{subject}}.")
    button(dialog, "Save").click()
    expect(dialog.get_by_role("textbox", name="Subject")).to_be_visible()
    button(dialog, "Edit").click()
    dialog.get_by_role("textbox", name="Name").fill("Our tutor")
    button(dialog, "Save").click()
    expect(dialog.get_by_role("heading", name="Our tutor")).to_be_visible()
    button(dialog, "All prompts").click()
    expect(button(dialog, "Socratic tutor")).to_be_visible()
    button(dialog, "Our tutor").click()
    expect(dialog.get_by_role("heading", name="Our tutor")).to_be_visible()
    new.settled()  # the buttons of the list and of the prompt change places until then
    button(dialog, "Delete").click()
    expect(dialog.get_by_text("Deleted: Our tutor")).to_be_visible()
    expect(button(dialog, "Our tutor")).to_have_count(0)
    button(dialog, "Undo").click()
    expect(button(dialog, "Our tutor")).to_be_visible()
    expect(dialog.get_by_text("Deleted: Our tutor")).to_have_count(0)


def test_a_name_in_use_is_said_and_nothing_typed_is_lost(new: Chat) -> None:
    dialog = imported(new, {"name": "Mine", "text": "first"})
    button(dialog, "New prompt").click()
    dialog.get_by_role("textbox", name="Name").fill("MINE")
    dialog.get_by_role("textbox", name="Text").fill("second")
    button(dialog, "Save").click()
    expect(dialog.get_by_text("Another prompt has this name already.")).to_be_visible()
    expect(dialog.get_by_role("textbox", name="Text")).to_have_value("second")


def test_a_change_in_another_tab_is_not_overwritten_unknowingly(new: Chat, keeping: App) -> None:
    dialog = imported(new, {"name": "Shared", "text": "first"})
    button(dialog, "Shared").click()
    button(dialog, "Edit").click()
    dialog.get_by_role("textbox", name="Text").fill("mine")
    other = library(Chat(new.page.context.new_page()).open(keeping.url))
    button(other, "Shared").click()
    button(other, "Edit").click()
    other.get_by_role("textbox", name="Text").fill("theirs")
    button(other, "Save").click()
    expect(other.get_by_text("Saved.")).to_be_visible()
    button(dialog, "Save").click()
    expect(dialog.get_by_text("It was changed in another tab.")).to_be_visible()
    expect(dialog.get_by_role("textbox", name="Text")).to_have_value("mine")
    button(dialog, "Cancel").click()
    expect(dialog.locator(".st-key-prompts-preview")).to_have_text("theirs")


HOSTILE = (
    "**bold** <img src=x onerror=alert(1)> ![x](http://127.0.0.1:9/leak) :red[red] $x$ [a](javascript:alert(1))"
)


def test_a_strangers_file_is_drawn_as_plain_text(new: Chat) -> None:
    fetched: list[str] = []
    new.page.on("request", lambda request: fetched.append(request.url))
    text = HOSTILE + " {{**field** ![y](http://127.0.0.1:9/field)}} {{red_line}}"
    dialog = imported(new, {"name": HOSTILE[:100], "about": HOSTILE, "text": text})
    card = dialog.locator('[class*="st-key-prompts-card"]').first
    expect(card).to_contain_text("**bold** <img src=x onerror=alert(1)> ![x](http:")
    card.get_by_role("button").click()
    expect(dialog.locator(".st-key-prompts-preview")).to_contain_text(text)
    expect(dialog.get_by_role("textbox")).to_have_count(1)
    expect(dialog.locator("img, strong, .katex, a[href]")).to_have_count(0)
    assert not [url for url in fetched if ":9/" in url]


def test_a_file_that_is_none_is_said_and_an_export_can_be_taken_in_again(new: Chat, tmp_path: Path) -> None:
    dialog = library(new)
    dialog.get_by_text("Import prompts from a file").click()
    wrong = {"name": "wrong.json", "mimeType": "application/json", "buffer": b'{"format": "x"}'}
    dialog.locator("input[type=file]").set_input_files(wrong)  # type: ignore[arg-type]
    expect(dialog.get_by_text("does not hold prompts of this playground")).to_be_visible()
    new.page.reload()
    dialog = imported(new, {"name": "One", "text": "1"}, {"name": "Two", "text": "2", "kind": "message"})
    with new.page.expect_download() as download:
        button(dialog, "Export my prompts").click()
    rows = json.loads(Path(download.value.path()).read_text("utf-8"))["prompts"]
    assert [(row["name"], row["kind"], row["text"]) for row in rows] == [
        ("One", "system", "1"),
        ("Two", "message", "2"),
    ]


def test_the_library_answers_while_an_answer_runs_and_the_answer_is_not_lost(new: Chat, server: FakeAPI) -> None:
    server.play(stream(*(step for number in range(60) for step in (f"word{number} ", Pause(0.1))), "end."))
    new.send("Hello")
    expect(new.messages.last).to_contain_text("word2 ")
    dialog = library(new)
    button(dialog, "Devil's advocate").click()
    button(dialog, "Use as system prompt").click()
    expect(dialog).to_have_count(0)
    expect(new.stop).to_be_visible()
    expect(new.messages.last).to_contain_text("end.")
    new.ended()
    expect(system(new)).to_have_value(re.compile("^You are a fair but tough"))


def test_an_answer_that_ends_behind_the_open_library_is_there_when_it_is_closed(new: Chat, server: FakeAPI) -> None:
    server.play(stream("begun ", Pause(1.5), "and done."))
    new.send("Hello")
    dialog = library(new)
    new.page.wait_for_timeout(2500)
    button(dialog, "Close").click()
    expect(new.messages.last).to_contain_text("begun and done.")
    new.ended()
    server.play(stream("second answer"))
    new.send("Again").ended()
    assert "second answer" in new.answer()


def test_from_a_page_without_a_message_box_it_goes_to_the_chat(new: Chat) -> None:
    new.page.get_by_role("link", name="History").click()
    expect(new.page.get_by_role("heading", name="History")).to_be_visible()
    dialog = library(new)
    button(dialog, "Meeting notes to action items").click()
    dialog.get_by_role("textbox", name="Notes").fill("Ann buys cake.")
    button(dialog, "Put into the message box").click()
    expect(dialog).to_have_count(0)
    expect(new.composer).to_be_visible()
    expect(new.composer).to_have_value(re.compile("Ann buys cake.$"))


def test_guests_of_a_shared_app_never_see_each_others_prompts(
    guest: Callable[[], Page], server: FakeAPI, tmp_path: Path
) -> None:
    shared = start(server, tmp_path, 'PLAYGROUND_SHARED = "1"\n')
    try:
        ann, bob = (Chat(guest()).open(shared.url) for _ in range(2))
        dialog = imported(ann, {"name": "A secret of Ann", "text": "1"})
        expect(button(dialog, "A secret of Ann")).to_be_visible()
        dialog = library(bob)
        dialog.get_by_role("radio", name="My own").click()
        expect(dialog.get_by_text("No prompts of your own yet")).to_be_visible()
    finally:
        shared.close()


def test_on_a_phone_all_of_it_is_in_reach(page: Page, keeping: App, server: FakeAPI) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    chat = Chat(page).open(keeping.url)
    button(page, "More ready-made prompts").click()
    dialog = page.get_by_role("dialog")
    for name in ("Data extractor (JSON)", "Change a copy", "Cancel"):
        button(dialog, name).click()
        expect(button(dialog, name)).to_have_count(0)
        overflow = "() => document.documentElement.scrollWidth - window.innerWidth"
        assert page.evaluate(overflow) <= 0
        for found in dialog.get_by_role("button").all():
            box = found.bounding_box()
            assert box is None or (box["x"] >= 0 and box["x"] + box["width"] <= 390), found.inner_text()
    dialog.get_by_role("textbox", name="Text").fill("Ann paid 5 euros.")
    button(dialog, "Put into the message box").click()
    expect(dialog).to_have_count(0)
    expect(chat.composer).not_to_have_value("")  # the words come with the next run
    chat.settled().enter()
    chat.ended()
    assert server.asked[-1].prompt.endswith("Ann paid 5 euros.")
