"""Hostile names, files, links, errors and tool calls through the real app in Chromium: nothing happens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from basics import KEY
from browser import App
from fake_api import FakeAPI, Reply, Request, error, reply, stream, tool_stream
from page_parts import more_settings
from playwright.sync_api import Page, expect
from watched import PICTURES, Watched, leaking

from backend.formats import archive, share
from backend.formats.share import Shared
from backend.library import presets
from backend.library.presets import Preset
from backend.library.prompts import Prompt
from backend.library.saved_documents import PRESETS, SavedDocuments
from backend.library.saved_prompts import SavedPrompts
from backend.store import Store
from backend.types import Message, Tool

pytestmark = pytest.mark.timeout(300)
SCRIPTS = (
    "<script>alert(1)</script>",
    "<svg onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<details open ontoggle=alert(1)>x</details>",
    "[x](javascript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:alert(1))",
    "[x](file:///etc/passwd)",
    "<javascript:alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "$\\href{javascript:alert(1)}{x}$",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "{{constructor.constructor('alert(1)')()}}",
    "\u202egnp.exe\u2066 \ufeff\u200b \ud83d \x00 \x1b[31m \U000e0041 \ufffe",
)


# ---- whatever else has words ----------------------------------------------------------------------------


class Hostile(FakeAPI):
    """A server whose models have hostile names, and whose answers do as they are told."""

    names: tuple[str, ...] = ()

    def _reply_to(self, request: Request) -> Reply:
        if request.method == "GET" and request.path.split("?")[0].endswith("/models"):
            rows = [{"id": name, "name": name, "object": "model", "owned_by": name} for name in self.names]
            return reply({"object": "list", "data": rows})
        return super()._reply_to(request)


def hostile_conversation(text: str) -> bytes:
    """A file in which every field is the text."""
    answer = {"id": 2, "parent": 1, "role": "assistant", "content": text, "reasoning": text, "model": text}
    answer |= {"refusal": text, "finish_reason": text, "request_id": text, "state": "failed"}
    answer |= {"failure": dict.fromkeys(("title", "hint", "detail", "request_id", "kind", "body"), text)}
    answer |= {"tool_calls": [{"id": "c", "name": text, "arguments": text}]}
    answer |= {"citations": [{"url": text, "title": text}, {"url": "javascript:alert(1)", "title": text}]}
    media = {"kind": "image", "url": f"{text.partition('](')[2].rstrip(')') or text}", "name": text, "text": text}
    messages: list[dict[str, Any]] = [
        {"id": 1, "parent": None, "role": "user", "content": text, "name": text, "media": [media]},
        {**answer, "media": [media, {**media, "kind": "file"}, {**media, "kind": "audio"}]},
        {"id": 3, "parent": 2, "role": "tool", "content": text, "name": text, "tool_call_id": "c"},
        {"id": 4, "parent": 3, "role": "developer", "content": text, "name": text},
        {"id": 5, "parent": 4, "role": "assistant", "content": "The last word."},
    ]
    settings = {"model": text, "system_prompt": text}
    file = {"format": "llm-playground/conversation", "version": 1, "title": text, "tags": [text]}
    return json.dumps({**file, "settings": settings, "messages": messages}).encode()


@pytest.fixture
def seeded(outside: FakeAPI, tmp_path: Path) -> Iterator[tuple[App, Hostile, list[str]]]:
    """An app in whose database every name and every text is hostile, connected to a server that is no better."""
    texts = leaking([*PICTURES[:6], *SCRIPTS], outside)
    address = f"sqlite:///{tmp_path / 'kept.db'}"
    store = Store.open(address)
    for text in (text.encode("utf-8", "replace").decode() for text in texts):
        SavedPrompts(store, "local").save(Prompt(text[:90], f"{text} {{{{a field}}}}", "system", text))
        SavedDocuments(store, "local", PRESETS).save(
            presets.document(Preset(text[:90], {"temperature": 0.5}, model=text))
        )
    for text in texts:
        store.take("local", archive.read(hostile_conversation(text)))
    with Hostile() as server:
        server.names = tuple(text.replace("\n", " ") for text in texts)
        secrets = f'AIMLAPI_API_KEY = "{KEY}"\nAIMLAPI_BASE_URL = "{server.url}"\n'
        app = App(secrets, DATABASE_URL=address)
        yield app, server, texts
        app.close()


def test_no_name_and_no_saved_text_does_anything_on_any_page_and_no_conversation_when_it_is_opened(
    fresh: Page, seeded: tuple[App, Hostile, list[str]], tmp_path: Path
) -> None:
    app, _, texts = seeded
    page, watched = fresh, Watched(fresh, app)
    linked = texts[0] + SCRIPTS[0]
    chat = watched.chat.open(f"{app.url}/?model={quote(linked)}")
    expect(page.get_by_role("combobox", name="Model", exact=True)).to_have_value(linked)
    watched.harmless()
    page.get_by_role("combobox", name="Model", exact=True).click()
    expect(page.get_by_role("option").first).to_be_visible()
    watched.harmless()
    page.get_by_role("option").first.click()
    chat.wait_until_settled()
    more_settings(page).get_by_role("button", name="Presets").click()
    expect(page.get_by_text("Your own", exact=True)).to_be_visible()
    watched.harmless()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Prompts", exact=True).click()
    expect(page.get_by_role("dialog").get_by_role("searchbox")).to_be_visible()
    card = page.locator('[class*="st-key-prompts-card"]').filter(has_text="![a](").first
    card.scroll_into_view_if_needed()
    watched.harmless()
    card.get_by_role("button").click()
    expect(page.locator(".st-key-prompts-preview")).to_contain_text("{{a field}}")
    expect(page.get_by_role("dialog").locator("img, strong, .katex, a[href]")).to_have_count(0)
    watched.harmless()
    for name in ("Models", "History"):
        chat.open(app.url)
        page.get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", name=name)).to_be_visible()
        chat.wait_until_settled()
        page.wait_for_timeout(1000)
        watched.harmless()
    assert page.get_by_test_id("stException").count() == 0
    # Many texts in one conversation: to open each in a page of its own would take a minute.
    store = Store.open(f"sqlite:///{tmp_path / 'kept.db'}")
    groups = ["\n\n".join(texts[start::2]) for start in range(2)]
    for text in groups:
        id_, _ = store.take("local", archive.read(hostile_conversation(text)))
        page.goto(f"{app.url}/?c={id_}")
        expect(chat.messages.last).to_contain_text("The last word.")
        chat.wait_until_settled()
        assert page.get_by_test_id("stException").count() == 0
        watched.harmless()


def test_no_imported_file_and_no_link_does_anything(watched: Watched, app: App, outside: FakeAPI) -> None:
    page = watched.page
    text = "\n\n".join(leaking([*PICTURES, *SCRIPTS], outside))
    page.goto(f"{app.url}/History")
    page.get_by_role("button", name="Import").click()
    payload = {
        "name": "<img src=x onerror=alert(1)>![a](" + outside.origin + ").json",
        "mimeType": "application/json",
    }
    field = page.get_by_test_id("stFileUploader").locator("input[type=file]")
    field.set_input_files({**payload, "buffer": b'{"no": "conversation"}'})
    expect(page.get_by_text("Nothing was imported")).to_be_visible()
    watched.harmless()
    page.get_by_role("button", name="Import").click()
    field.set_input_files({**payload, "buffer": hostile_conversation(text)})
    expect(page.get_by_text("1 conversation imported")).to_be_visible()
    watched.harmless()
    page.get_by_test_id("stMainBlockContainer").get_by_test_id("stBaseButton-secondary").get_by_text("Open").click()
    expect(watched.chat.messages.last).to_contain_text("The last word.")
    watched.chat.wait_until_settled()
    watched.harmless()
    said = (Message("user", text), Message("assistant", text[:2500]))
    tools = (Tool("f", text[:500], {"default": text[:500]}),)
    model, values = text[:100].replace("\n", " "), {"stop": [text[:50]], "seed": 2**60}
    given = Shared(model, text[:500], values, messages=said, tools=tools)
    page.goto(f"{app.url}/?s={share.encode(given)}")
    notice = page.locator(".st-key-opened")
    expect(notice).to_contain_text("Nothing was sent.")
    expect(notice).to_contain_text("Seed must be between -9007199254740991 and 9007199254740991.")
    watched.chat.wait_until_settled()
    watched.harmless()
    notice.get_by_role("button", name="Contents").click()
    expect(page.get_by_text("none is switched on")).to_be_visible()
    watched.harmless()


def test_no_error_and_no_file_name_does_anything(watched: Watched, server: FakeAPI, outside: FakeAPI) -> None:
    page, chat = watched.page, watched.chat.open(watched.app.url)
    text = " ".join(leaking([*PICTURES[:6], *SCRIPTS[:-1]], outside))
    server.play([error(400, text, code=text, type=text, request_id=text[:100]), stream("Fine.")])
    chat.send(text).wait_until_ended()  # a title, too
    page.get_by_role("button", name="Details").last.click()
    expect(page.get_by_text("The server's own words")).to_be_visible()
    watched.harmless()
    page.keyboard.press("Escape")
    name = '"><img src=x onerror=alert(1)>![a](' + urlsplit(outside.origin).netloc + ").txt"
    field = page.locator("[data-testid=stChatInput] input[type=file]")
    field.set_input_files({"name": name, "mimeType": "text/plain", "buffer": text.encode()})
    expect(page.get_by_test_id("stChatInput").get_by_text('"><img').first).to_be_visible()
    chat.composer.fill("What is in it?")
    chat.enter()
    chat.wait_until_ended()
    expect(chat.messages.last).to_contain_text("Fine.")
    watched.harmless()


def test_no_tool_call_does_anything(watched: Watched, server: FakeAPI, outside: FakeAPI) -> None:
    texts = leaking([*PICTURES[:6], *SCRIPTS[:-1]], outside)
    calls = [(f"c{place}", text, json.dumps({"text": text})) for place, text in enumerate(texts)]
    calls += [("k", "calculator", json.dumps({"expression": texts[0]})), ("l", "find_order", texts[1])]
    server.play(lambda request: _after(request, tool_stream(*calls, text=" ".join(texts)), stream("All done.")))
    page, chat = watched.page, watched.chat.open(f"{watched.app.url}/Tools")
    chat.send("Call them").wait_until_settled()
    expect(page.get_by_text("calculator").last).to_be_visible()
    page.wait_for_timeout(1000)
    watched.harmless()
    assert page.get_by_test_id("stException").count() == 0


def _after(request: Request, first: Reply, then: Reply) -> Reply:
    return then if any(message["role"] == "tool" for message in request.body["messages"]) else first
