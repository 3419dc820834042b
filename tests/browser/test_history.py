"""Conversations that are kept, in the browser: a reload in mid-stream, the list, and files both ways.

What guests see of each other, two tabs on one conversation, files that are none: tests/pages/test_history_page.py.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

from browser import App, Chat
from fake_api import FakeAPI, stream
from playwright.sync_api import Locator, Page, expect

# Of a text: what a click on its middle meets is a link.
LEADS_ON = """text => {
  const { x, y, width, height } = text.getBoundingClientRect();
  return Boolean(document.elementFromPoint(x + width / 2, y + height / 2)?.closest("a"));
}"""


def listed(page: Page) -> Locator:
    """The list of the page: the sidebar has the latest ones too."""
    return page.get_by_test_id("stMain")


def test_the_history_finds_renames_and_deletes_with_undo(page: Page, keeping: App, server: FakeAPI) -> None:
    server.play([stream("Lava."), stream("Roses."), stream("Fire mountains"), stream("Ash.")])
    chat = Chat(page).open(f"{keeping.url}/?temperature=0.35&seed=7")
    chat.send("volcanoes").wait_until_ended()
    page.get_by_role("button", name="New chat").click()
    page.get_by_role("button", name="2 set. Reset").click()
    expect(page.get_by_text("Nothing set")).to_be_visible()
    chat.send("gardening").wait_until_ended()
    assert "seed" not in server.asked[-1].body
    page.get_by_role("link", name="History").click()
    expect(listed(page).get_by_role("link", name="gardening")).to_be_visible()
    page.get_by_role("searchbox").fill("volcan")
    expect(listed(page).get_by_role("link", name="gardening")).to_have_count(0)
    listed(page).get_by_role("button", name="More").click()
    page.get_by_text("Rename and tag").click()
    page.get_by_role("button", name="Let the model suggest one").click()
    expect(page.get_by_role("textbox", name="Title")).to_have_value("Fire mountains")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(listed(page).get_by_role("link", name="Fire mountains")).to_be_visible()
    listed(page).get_by_role("button", name="More").click()
    page.get_by_text("Delete", exact=True).click()
    expect(page.get_by_text("Deleted: Fire mountains")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(listed(page).get_by_role("link", name="Fire mountains")).to_be_visible()
    assert listed(page).get_by_test_id("stCaptionContainer").last.evaluate(LEADS_ON), "the whole card is a link"
    listed(page).get_by_role("link", name="Fire mountains").click()
    expect(chat.messages).to_have_count(2)
    expect(chat.messages.first).to_contain_text("volcanoes")
    expect(page.get_by_text("2 set. Reset")).to_be_visible()
    chat.send("Again").wait_until_ended()
    assert (server.asked[-1].body["temperature"], server.asked[-1].body["seed"]) == (0.35, 7)


def test_back_and_forward_walk_between_chats_and_open_a_hit(page: Page, keeping: App, server: FakeAPI) -> None:
    server.play([stream("Lava. " * 2000 + "\n\nA **needle** in it.\n\n" + "Ash. " * 2000), stream("Roses.")])
    chat = Chat(page).open(keeping.url)
    chat.send("volcanoes").wait_until_ended()
    page.get_by_role("button", name="New chat").click()
    chat.send("gardening").wait_until_ended()
    page.go_back()
    expect(chat.messages.first).to_contain_text("volcanoes")
    page.go_forward()
    expect(chat.messages.first).to_contain_text("gardening")
    page.get_by_role("link", name="History").click()
    page.get_by_role("searchbox").fill("needle")
    card = page.locator('[class*="st-key-conversation"]')
    expect(card).to_have_count(1)
    expect(card.get_by_role("link")).to_have_attribute("href", re.compile("c=.*hit="))
    box = card.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] - 8)  # anywhere on it
    expect(page.locator(".pg-hit")).to_contain_text("needle")
    expect(page.locator(".pg-hit")).to_be_in_viewport()
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("needle")
    page.evaluate("history.pushState({}, '', '?family=image')")  # as Streamlit does it for a page that was left
    assert "family" not in page.url


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
    listed(page).get_by_role("button", name="More").nth(place).click()
    page.get_by_role("menuitem", name=chosen).or_(page.get_by_text(chosen, exact=True)).first.click()


def saved(page: Page, button: str, folder: Path) -> Path:
    """What the browser saves when this button is pressed."""
    with page.expect_download() as found:
        page.get_by_role("button", name=button, exact=True).click()
    path = folder / found.value.suggested_filename
    found.value.save_as(path)
    return path


def test_files_are_imported_opened_and_exported_alone_or_as_a_zip(page: Page, keeping: App, tmp_path: Path) -> None:
    chat = Chat(page)
    page.goto(f"{keeping.url}/History")
    expect(page.get_by_text("Nothing here yet")).to_be_visible()
    take_in(page, "train.jsonl", lines(35))  # more than the list shows at once
    expect(page.get_by_text("35 conversations imported")).to_be_visible()
    page.get_by_role("button", name="Export all", exact=True).click()
    everything = saved(page, "Download", tmp_path).read_bytes()
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    with zipfile.ZipFile(io.BytesIO(everything)) as packed:
        assert len(packed.namelist()) == 35
    page.get_by_role("searchbox").fill("Question 17")
    expect(listed(page).get_by_role("link", name="Question")).to_have_count(1)
    page.get_by_role("button", name="Export all found").click()
    with zipfile.ZipFile(saved(page, "Download", tmp_path)) as packed:
        assert packed.namelist() == ["Question-17.json"]
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Open the first").click()
    expect(chat.messages).to_have_count(2)
    expect(chat.messages.first).to_contain_text("Question 0")
    expect(page.get_by_role("textbox", name="System prompt")).to_have_value("Be brief.")

    page.get_by_role("link", name="History").click()
    expect(listed(page).get_by_role("link", name="Question").first).to_be_visible()
    expect(page.get_by_text("imported")).to_have_count(0)
    take_in(page, "conversations.zip", everything)
    expect(page.get_by_text("35 already here")).to_be_visible()
    page.get_by_role("searchbox").fill("Question 17")
    expect(listed(page).get_by_role("link", name="Question")).to_have_count(1)
    in_menu(page, 0, "Export")
    expect(page.get_by_role("dialog")).to_be_visible()
    files = [saved(page, kind, tmp_path) for kind in ("Web page", "Markdown", "JSON")]
    assert [path.name for path in files] == ["Question-17.html", "Question-17.md", "Question-17.json"]
    web, markdown, data = (path.read_text("utf-8") for path in files)
    assert "<strong>answer</strong>" in web and "## Assistant\n\nAn **answer**." in markdown
    assert json.loads(data)["settings"]["system_prompt"] == "Be brief."
    page.goto(files[0].as_uri())
    expect(page.get_by_role("heading", name="Question 17")).to_be_visible()


def test_the_page_of_a_conversation_prints_and_runs_no_script(fresh: Page, keeping: App) -> None:
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
