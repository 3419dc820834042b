"""Attachments in a real browser: upload, paste, a model that cannot look, answers that hold pictures and sound."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

from browser import Chat
from fake_api import FakeAPI, reply, stream
from files_to_attach import pdf, picture, sound
from page_parts import upload
from PIL import Image
from playwright.sync_api import Locator, Page, expect

_PASTE = """async ([area, data]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], "image.png", { type: "image/png" }));
  area.focus();
  area.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
}"""


_DROP = """([name, data, size]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes, new Uint8Array(size)], name));
  const drop = new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true });
  document.querySelector(".stMain").dispatchEvent(drop);
}"""


def parts(api: FakeAPI) -> list[Any]:
    content: list[Any] = api.asked[-1].body["messages"][-1]["content"]
    return content


def held(page: Page) -> Locator:
    return page.locator(".st-key-held")


def test_uploaded_files_go_with_the_question_are_shown_in_it_and_are_sent_again_after_a_reload(
    chat: Chat, server: FakeAPI, tmp_path: Path
) -> None:
    server.play(stream("A red square."))
    files = {"red.png": picture(size=(60, 40)), "notes.md": b"# Notes\nHello", "paper.pdf": pdf("Deep")}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    chat.page.get_by_role("button", name="Attach").click()
    with chat.page.expect_file_chooser() as chooser:
        chat.page.get_by_role("button", name="Files and pictures").click()
    chooser.value.set_files([tmp_path / name for name in files])
    for name in files:
        expect(chat.page.get_by_test_id("stChatInput").get_by_text(name)).to_be_visible()
    expect(chat.page.get_by_role("button", name="Files and pictures")).to_have_count(0)
    chat.composer.fill("What is this?")  # 3 tokens, 4 for any message, and 4 for the notes
    expect(chat.page.locator(".pg-ahead")).to_have_text("next: ~11 tokens, and 2 files")
    chat.send("What is this?").wait_until_ended()
    expect(chat.page.locator(".pg-ahead")).to_be_hidden()
    chat.composer.fill("And this?")
    expect(chat.page.locator(".st-key-toolbar").get_by_text("next: ").filter(visible=True)).to_have_count(1)
    chat.composer.fill("")
    question = chat.messages.first
    expect(question.get_by_role("img", name="red.png")).to_be_visible()
    expect(question.get_by_text("60 x 40, about 258 tokens")).to_be_visible()
    expect(question.get_by_text("paper.pdf (1 page)")).to_be_visible()
    chat.page.reload()
    expect(question.get_by_role("img", name="red.png")).to_be_visible()
    server.play(stream("Twice."))
    chat.messages.last.get_by_role("button", name="Regenerate").click()
    expect(chat.messages.last).to_contain_text("Twice.")
    text, image, notes, paper = parts(server)
    assert text == {"type": "text", "text": "What is this?"}
    assert image["image_url"]["url"].startswith("data:image/png;base64,")
    assert "# Notes\nHello" in notes["text"]
    assert "[Page 1]\nDeep" in paper["text"]  # nobody knows whether this server takes files: the text always works


def test_a_pasted_and_a_dropped_picture_are_sent_and_a_picture_by_address_is_not_fetched_here(
    talk: Chat, server: FakeAPI
) -> None:
    server.play(stream("A cat."))
    asked: list[str] = []
    talk.page.on("request", lambda request: asked.append(request.url))
    area = talk.composer.element_handle()
    talk.page.evaluate(_PASTE, [area, base64.b64encode(picture(size=(32, 32))).decode()])
    expect(talk.page.get_by_test_id("stChatInput").get_by_text("image.png")).to_be_visible()
    talk.page.get_by_role("button", name="Attach").click()
    link = talk.page.get_by_role("textbox", name="Picture from the web")
    link.fill("https://pictures.test/cat.png")
    link.press("Enter")
    expect(talk.page.locator(".st-key-attached")).to_contain_text("cat.png")
    talk.page.keyboard.press("Escape")
    expect(talk.page.get_by_test_id("stChatInput").get_by_text("image.png")).to_be_visible()
    talk.composer.fill("Who is it?")
    ahead = talk.page.locator(".pg-ahead")
    expect(ahead).to_contain_text("next: ")  # what hears of files is there
    talk.page.evaluate(_DROP, ["red.png", base64.b64encode(picture()).decode(), 0])
    expect(talk.page.get_by_test_id("stChatInput").get_by_text("red.png")).to_be_visible()
    talk.page.evaluate(_DROP, ["large.txt", "", 21 * 2**20])
    expect(ahead).to_have_text("large.txt is larger than 20 MB and does not go along. Choose a smaller file.")
    talk.page.get_by_role("button", name="Remove large.txt").click()
    expect(ahead).to_contain_text("next: ")
    talk.send("Who is it?").wait_until_ended()
    assert [part["type"] for part in parts(server)] == ["text", "image_url", "image_url", "image_url"]
    assert "https://pictures.test/cat.png" in [part["image_url"]["url"] for part in parts(server)[1:]]
    assert not [url for url in asked if "pictures.test" in url]


def test_a_file_that_cannot_be_attached_holds_the_message_and_loses_nothing(chat: Chat, server: FakeAPI) -> None:
    server.play(stream("Fine."))
    before = len(server.asked)
    letter = ("letter.txt", "Привет, как дела".encode("koi8_r"))
    upload(chat.page, ("setup.exe", b"MZ" + bytes(range(256))), ("red.png", picture()), letter)
    chat.composer.fill("Look at both")
    chat.enter()
    expect(held(chat.page)).to_contain_text("setup.exe is no picture")
    expect(held(chat.page)).to_contain_text("Привет, как дела")
    held(chat.page).get_by_role("combobox", name="Read as").click()
    chat.page.get_by_role("option", name="Windows-1251 (Cyrillic)").click()
    expect(held(chat.page)).to_contain_text("рТЙЧЕФ")
    assert len(server.asked) == before
    held(chat.page).get_by_role("button", name="Edit").click()
    expect(chat.composer).to_have_value("Look at both")
    expect(chat.page.locator(".st-key-attached").get_by_role("img", name="red.png")).to_be_visible()
    chat.enter()
    expect(chat.messages.last).to_contain_text("Fine.")
    assert [part["type"] for part in parts(server)] == ["text", "image_url", "text"]
    assert "рТЙЧЕФ" in parts(server)[2]["text"]
    expect(chat.messages.first).to_contain_text("read as Windows-1251 (Cyrillic)")


def test_an_answer_shows_its_pictures_plays_its_sound_and_numbers_its_sources(talk: Chat, server: FakeAPI) -> None:
    image = base64.b64encode(picture(size=(64, 64))).decode()
    message = {
        "role": "assistant",
        "content": "Here you are [1].",
        "images": [
            {"image_url": {"url": f"data:image/png;base64,{image}"}},
            {"image_url": {"url": "https://tracker.test/a.png"}},
            {"image_url": {"url": "data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+"}},
        ],
        "audio": {"data": base64.b64encode(sound()).decode(), "transcript": "Good day"},
        "annotations": [
            {"type": "url_citation", "url_citation": {"url": "https://news.test/a?b=1", "title": "News [x](y)"}},
            {"type": "url_citation", "url_citation": {"url": "javascript:alert(1)", "title": "Evil"}},
        ],
    }
    body = {"id": "a", "object": "chat.completion", "choices": [{"index": 0, "message": message}]}
    server.play(reply(body))
    asked: list[str] = []
    talk.page.on("request", lambda request: asked.append(request.url))
    talk.send("Draw").wait_until_ended()
    answer = talk.messages.last
    expect(answer.get_by_role("img", name="Picture")).to_be_visible()
    expect(answer.locator("audio")).to_be_visible()
    expect(answer).to_contain_text("Good day")
    expect(answer.get_by_role("link", name="News [x](y)")).to_have_attribute("href", "https://news.test/a?b=1")
    expect(answer.get_by_role("link", name="[1]")).to_have_attribute("href", "https://news.test/a?b=1")
    expect(answer.get_by_role("link", name="Evil")).to_have_count(0)
    expect(answer).to_contain_text("in a format that cannot be shown")
    with talk.page.expect_download() as saved:
        answer.get_by_role("button", name="Save").first.click()
    assert Image.open(io.BytesIO(saved.value.path().read_bytes())).size == (64, 64)
    assert not [url for url in asked if "tracker.test" in url]
