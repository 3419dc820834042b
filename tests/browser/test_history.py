"""Conversations that are kept: a reload in mid-stream, a killed app, the list, search, and two people apart."""

from __future__ import annotations

import json
import signal
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from basics import KEY
from browser import App, Chat
from fake_api import FakeAPI, Pause, stream
from playwright.sync_api import Page, expect


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
    server.play([stream("The first half ", *(Pause(0.5), "") * 60), stream("and the second.")])
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
    guest: Callable[[], Page], server: FakeAPI, tmp_path: Path
) -> None:
    server.play(stream("ok"))
    shared = start(server, tmp_path, 'PLAYGROUND_SHARED = "1"\n')
    try:
        ann, bob = Chat(guest()), Chat(guest())
        ann.open(shared.url).send("a secret of mine").ended()
        bob.open(f"{shared.url}/?{ann.page.url.partition('?')[2]}")
        expect(bob.messages).to_have_count(0)
        bob.page.get_by_role("link", name="History").click()
        expect(bob.page.get_by_text("Nothing here yet")).to_be_visible()
        ann.page.get_by_role("link", name="History").click()
        expect(ann.page.get_by_role("button", name="a secret of mine")).to_be_visible()
    finally:
        shared.close()


def test_two_tabs_on_one_conversation_lose_nothing_and_the_slower_one_is_told(
    guest: Callable[[], Page], keeping: App, server: FakeAPI
) -> None:
    server.play([stream("First answer."), stream("From the other tab."), stream("From the slow tab.")])
    pages = [guest() for _ in range(2)]
    slow = Chat(pages[0]).open(keeping.url).send("Hello").ended()
    fast = Chat(pages[1]).open(pages[0].url)
    expect(fast.messages).to_have_count(2)
    fast.send("I was faster").ended()
    slow.send("I was slower").ended()
    expect(slow.messages.last).to_contain_text("From the slow tab.")
    expect(pages[0].get_by_text("changed elsewhere")).to_be_visible()
    pages[0].get_by_role("button", name="Show the changes").click()
    expect(pages[0].get_by_text("changed elsewhere")).to_have_count(0)
    slow.messages.nth(2).get_by_role("button", name="Previous").or_(
        pages[0].get_by_role("button", name="Previous")
    ).first.click()
    expect(slow.messages.last).to_contain_text("From the other tab.")


# ---- files -------------------------------------------------------------------------------------------------


def lines(count: int) -> bytes:
    """Training data, as a file to import."""
    system = {"role": "system", "content": "Be brief."}
    talks = ([system, {"role": "user", "content": f"Question {place}"}, ANSWER] for place in range(count))
    return "\n".join(json.dumps({"messages": talk}) for talk in talks).encode()


ANSWER = {"role": "assistant", "content": "An **answer**. <img src=x onerror=alert(1)>"}


def take_in(page: Page, name: str, content: bytes) -> None:
    page.get_by_role("button", name="Import").click()
    file: Any = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    page.locator("input[type=file]").set_input_files(file)


def in_menu(page: Page, place: int, chosen: str) -> None:
    page.get_by_role("button", name="More").nth(place).click()
    page.get_by_role("menuitem", name=chosen).or_(page.get_by_text(chosen, exact=True)).first.click()


def saved(page: Page, button: str, folder: Path) -> Path:
    """What the browser saves when this button is pressed."""
    with page.expect_download() as found:
        page.get_by_role("button", name=button, exact=True).click()
    path = folder / found.value.suggested_filename
    found.value.save_as(path)
    return path


def test_a_file_is_taken_in_once_and_its_conversations_can_be_opened(page: Page, keeping: App) -> None:
    chat = Chat(page)
    page.goto(f"{keeping.url}/History")
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    take_in(page, "train.jsonl", lines(3))
    expect(page.get_by_text("3 conversations imported")).to_be_visible()
    expect(page.get_by_role("button", name="Question")).to_have_count(3)
    page.get_by_role("searchbox").fill("Question 2")  # another run of the page takes nothing in again
    expect(page.get_by_role("button", name="Question")).to_have_count(1)
    page.get_by_role("button", name="Open the first").click()
    expect(chat.messages).to_have_count(2)
    expect(chat.messages.first).to_contain_text("Question 0")
    expect(page.get_by_label("System prompt")).to_have_value("Be brief.")
    page.get_by_role("link", name="History").click()
    expect(page.get_by_role("button", name="Question")).to_have_count(3)
    expect(page.get_by_text("imported")).to_have_count(0)


def test_a_file_that_cannot_be_read_is_refused_in_words_and_nothing_is_kept(page: Page, keeping: App) -> None:
    page.goto(f"{keeping.url}/History")
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    take_in(page, "*odd*.jsonl", lines(2) + b'\n{"messages": [{"role": "king"}]}')
    expect(page.get_by_text("Nothing was imported from *odd*.jsonl.")).to_be_visible()
    expect(page.get_by_text("Line 3: Message 1 has a role that is not known here: “king”.")).to_be_visible()
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_text("Nothing was imported")).to_have_count(0)


def test_a_conversation_is_saved_as_a_page_as_markdown_and_as_json(
    page: Page, keeping: App, tmp_path: Path
) -> None:
    page.goto(f"{keeping.url}/History")
    take_in(page, "train.jsonl", lines(1))
    expect(page.get_by_text("1 conversation imported")).to_be_visible()
    in_menu(page, 0, "Export")
    expect(page.get_by_role("dialog")).to_be_visible()
    web = saved(page, "Web page", tmp_path)
    markdown = saved(page, "Markdown", tmp_path)
    data = saved(page, "JSON", tmp_path)
    assert [path.name for path in (web, markdown, data)] == ["Question-0.html", "Question-0.md", "Question-0.json"]
    assert "<strong>answer</strong>" in web.read_text("utf-8")
    assert "## Assistant\n\nAn **answer**." in markdown.read_text("utf-8")
    assert json.loads(data.read_text("utf-8"))["settings"]["system_prompt"] == "Be brief."
    page.goto(web.as_uri())
    expect(page.get_by_role("heading", name="Question 0")).to_be_visible()


def test_the_page_of_a_conversation_is_printed_as_often_as_asked_and_nothing_in_it_runs(
    fresh: Page, keeping: App
) -> None:
    page, dialogs = fresh, list[str]()
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.add_init_script("window.print = () => { (window.top.printed ??= []).push(document.body.innerText); }")
    page.goto(f"{keeping.url}/History")
    take_in(page, "train.jsonl", lines(1))
    in_menu(page, 0, "Export")
    for times in (1, 2):
        page.get_by_role("button", name="Print or save as PDF").click()
        page.wait_for_function(f"window.printed?.length === {times}")
    assert all("An answer. <img src=x onerror=alert(1)>" in text for text in page.evaluate("window.printed"))
    assert dialogs == []
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_everything_that_is_found_is_saved_as_a_zip_that_can_be_imported(
    page: Page, keeping: App, tmp_path: Path
) -> None:
    page.goto(f"{keeping.url}/History")
    take_in(page, "train.jsonl", lines(35))  # more than the list shows at once
    expect(page.get_by_text("35 conversations imported")).to_be_visible()
    everything = saved(page, "Export all", tmp_path)
    with zipfile.ZipFile(everything) as packed:
        assert len(packed.namelist()) == 35
    page.get_by_role("searchbox").fill("Question 17")
    expect(page.get_by_role("button", name="Question")).to_have_count(1)
    with zipfile.ZipFile(saved(page, "Export all found", tmp_path)) as packed:
        assert packed.namelist() == ["Question-17.json"]
    take_in(page, "conversations.zip", everything.read_bytes())
    expect(page.get_by_text("35 conversations imported")).to_be_visible()
    expect(page.get_by_role("button", name="Question")).to_have_count(2)


def test_the_model_names_a_conversation_when_it_is_asked_to(page: Page, keeping: App, server: FakeAPI) -> None:
    server.play([stream("Flour and water."), stream("Baking bread")])
    Chat(page).open(keeping.url).send("How do I bake bread?").ended()
    page.get_by_role("link", name="History").click()
    expect(page.get_by_role("button", name="More")).to_have_count(1)
    page.get_by_role("button", name="More").click()
    page.get_by_text("Rename and tag").click()
    page.get_by_role("button", name="Let the model suggest one").click()
    expect(page.get_by_role("textbox", name="Title")).to_have_value("Baking bread")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Baking bread")).to_be_visible()


def test_an_old_conversation_brings_its_settings_back(page: Page, keeping: App, server: FakeAPI) -> None:
    server.play(stream("Fine."))
    chat = Chat(page).open(f"{keeping.url}/?temperature=0.35&seed=7")
    chat.send("Hello").ended()
    assert server.asked[-1].body["temperature"] == 0.35
    page.get_by_role("button", name="New chat").click()
    page.get_by_role("button", name="2 set. Reset").click()
    expect(page.get_by_text("Nothing set")).to_be_visible()
    chat.send("Another").ended()
    assert "seed" not in server.asked[-1].body
    page.get_by_role("link", name="History").click()
    page.get_by_role("button", name="Hello").click()
    expect(page.get_by_text("2 set. Reset")).to_be_visible()
    chat.send("Again").ended()
    assert (server.asked[-1].body["temperature"], server.asked[-1].body["seed"]) == (0.35, 7)
