"""Attachments in a real browser: upload, paste, a model that cannot look, answers that hold pictures and sound."""

from __future__ import annotations

import base64
import io
from typing import Any

from browser import App, Chat, chromium
from fake_api import FakeAPI, reply, stream
from files_to_attach import pdf, picture, sound
from page_parts import upload
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

_PASTE = """async ([area, data]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], "image.png", { type: "image/png" }));
  area.focus();
  area.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
}"""


def parts(api: FakeAPI) -> list[Any]:
    content: list[Any] = api.asked[-1].body["messages"][-1]["content"]
    return content


def held(page: Page) -> Locator:
    return page.locator(".st-key-held")


def test_uploaded_files_go_with_the_question_and_are_shown_in_it(chat: Chat, server: FakeAPI) -> None:
    server.play(stream("A red square."))
    upload(
        chat.page, ("red.png", picture(size=(60, 40))), ("notes.md", b"# Notes\nHello"), ("paper.pdf", pdf("Deep"))
    )
    chat.send("What is this?").ended()
    question = chat.messages.first
    expect(question.get_by_role("img", name="red.png")).to_be_visible()
    expect(question.get_by_text("60 x 40, about 255 tokens")).to_be_visible()
    expect(question.get_by_text("paper.pdf (1 page)")).to_be_visible()
    text, image, notes, paper = parts(server)
    assert text == {"type": "text", "text": "What is this?"}
    assert image["image_url"]["url"].startswith("data:image/png;base64,")
    assert "# Notes\nHello" in notes["text"]
    assert "[Page 1]\nDeep" in paper["text"]  # nobody knows whether this server takes files: the text always works


def test_a_pasted_picture_goes_with_the_question(chat: Chat, server: FakeAPI) -> None:
    server.play(stream("Seen."))
    area = chat.composer.element_handle()
    chat.page.evaluate(_PASTE, [area, base64.b64encode(picture(size=(32, 32))).decode()])
    expect(chat.page.get_by_test_id("stChatInput").get_by_text("image.png")).to_be_visible()
    chat.send("Look").ended()
    assert [part["type"] for part in parts(server)] == ["text", "image_url"]


def test_attachments_survive_a_reload_and_are_sent_again_on_regenerate(chat: Chat, server: FakeAPI) -> None:
    server.play(stream("Once."))
    upload(chat.page, ("red.png", picture()))
    chat.send("Look").ended()
    chat.page.reload()
    expect(chat.messages.first.get_by_role("img", name="red.png")).to_be_visible()
    server.play(stream("Twice."))
    chat.messages.last.get_by_role("button", name="Regenerate").click()
    expect(chat.messages.last).to_contain_text("Twice.")
    assert [part["type"] for part in parts(server)] == ["text", "image_url"]


def test_a_file_that_cannot_be_attached_holds_the_message_and_loses_nothing(chat: Chat, server: FakeAPI) -> None:
    server.play(stream("Fine."))
    before = len(server.asked)
    upload(chat.page, ("setup.exe", b"MZ" + bytes(range(256))), ("red.png", picture()))
    chat.composer.fill("Look at both")
    chat.enter()
    expect(held(chat.page)).to_contain_text("setup.exe is no picture")
    assert len(server.asked) == before
    held(chat.page).get_by_role("button", name="Edit").click()
    expect(chat.composer).to_have_value("Look at both")
    expect(chat.page.locator(".st-key-attached").get_by_role("img", name="red.png")).to_be_visible()
    chat.enter()
    expect(chat.messages.last).to_contain_text("Fine.")
    assert [part["type"] for part in parts(server)] == ["text", "image_url"]


def test_a_picture_by_address_is_sent_but_never_fetched_here(chat: Chat, server: FakeAPI) -> None:
    server.play(stream("A cat."))
    asked: list[str] = []
    chat.page.on("request", lambda request: asked.append(request.url))
    chat.page.get_by_role("button", name="Attach").click()
    link = chat.page.get_by_role("textbox", name="Picture from the web")
    link.fill("https://pictures.test/cat.png")
    link.press("Enter")
    expect(chat.page.locator(".st-key-attached")).to_contain_text("cat.png")
    chat.page.keyboard.press("Escape")
    chat.send("Who is it?").ended()
    assert parts(server)[1]["image_url"]["url"] == "https://pictures.test/cat.png"
    assert not [url for url in asked if "pictures.test" in url]


def test_a_model_that_reads_text_only_says_so_before_anything_is_sent(page: Page) -> None:
    app = App()
    try:
        chat = Chat(page).open(app.url)
        upload(page, ("red.png", picture()))
        chat.composer.fill("What colour?")
        chat.enter()
        expect(held(page)).to_contain_text("does not take pictures")
        expect(chat.messages).to_have_count(0)
        page.set_viewport_size({"width": 390, "height": 800})
        held(page).get_by_role("button", name="Use Gemini 2.5 Flash").click()
        expect(held(page)).to_contain_text("Put your key into the sidebar")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    finally:
        app.close()


def test_an_answer_shows_its_pictures_plays_its_sound_and_numbers_its_sources(chat: Chat, server: FakeAPI) -> None:
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
    chat.page.on("request", lambda request: asked.append(request.url))
    chat.send("Draw").ended()
    answer = chat.messages.last
    expect(answer.get_by_role("img", name="Picture")).to_be_visible()
    expect(answer.locator("audio")).to_be_visible()
    expect(answer).to_contain_text("Good day")
    expect(answer.get_by_role("link", name="News [x](y)")).to_have_attribute("href", "https://news.test/a?b=1")
    expect(answer.get_by_role("link", name="[1]")).to_have_attribute("href", "https://news.test/a?b=1")
    expect(answer.get_by_role("link", name="Evil")).to_have_count(0)
    expect(answer).to_contain_text("in a format that cannot be shown")
    with chat.page.expect_download() as saved:
        answer.get_by_role("button", name="Save").first.click()
    assert Image.open(io.BytesIO(saved.value.path().read_bytes())).size == (64, 64)
    assert not [url for url in asked if "tracker.test" in url]


def test_a_photo_and_a_recording_are_one_click_each(browser: Browser, app: App, server: FakeAPI) -> None:
    fakes = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    with browser.browser_type.launch(executable_path=chromium(), args=fakes) as chrome:
        page = chrome.new_context(permissions=["camera", "microphone"]).new_page()
        chat = Chat(page).open(app.url)
        page.get_by_role("button", name="Attach").click()
        page.get_by_text("Camera", exact=True).click()
        page.wait_for_function("(document.querySelector('video') || {}).readyState === 4")
        chat.settled()
        page.get_by_role("button", name="Take Photo").click()
        expect(page.locator(".st-key-attached").get_by_role("img", name="photo.jpg")).to_be_visible()
        page.keyboard.press("Escape")
        server.play(stream("Heard and seen."))
        page.get_by_role("button", name="Start recording").click()
        page.wait_for_timeout(1500)  # something has to be recorded
        page.get_by_role("button", name="Submit recording").click()
        expect(chat.messages.last).to_contain_text("Heard and seen.")
    image, recording = parts(server)
    assert image["image_url"]["url"].startswith("data:image/jpeg;base64,")
    assert recording["input_audio"]["format"] == "wav"
