"""Hostile text through the real app in Chromium: no script runs, nothing foreign is asked for, nothing breaks.

Text comes from a model (also half-arrived), a tool call, an error, a list of models, a file, a link, saved prompts.
Whoever would be asked for something is a server that counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from basics import KEY, cases, collections
from browser import App, Chat
from fake_api import HANG, FakeAPI, Reply, Request, chunk, data, error, reply, stream, tool_stream
from playwright.sync_api import Page, expect

from backend.formats import archive, share
from backend.formats.share import Shared
from backend.library import presets
from backend.library.presets import Preset
from backend.library.prompts import Prompt
from backend.library.saved_documents import PRESETS, SavedDocuments
from backend.library.saved_prompts import SavedPrompts
from backend.store import Store
from backend.types import Message

pytestmark = pytest.mark.timeout(300)
BATCH = 35  # recorded texts in one answer
OUTSIDE = "http://127.0.0.1:9"  # nobody is there; each test names a server that counts instead
PICTURES = (
    "![a](LEAK)",
    '![a]( LEAK "t")',
    "![a][r]\n\n[r]: LEAK",
    "![](<LEAK>)",
    "[![a](LEAK)](http://example.invalid)",
    "- ![a](LEAK)",
    "> ![a](LEAK)",
    "| a |\n|---|\n| ![a](LEAK) |",
    "# ![a](LEAK)",
    '<img src="LEAK">',
    "<img src=LEAK onerror=alert(1)>",
    "$\\includegraphics{LEAK}$",
    "$$\n\\includegraphics{LEAK}\n$$",
    ":red[![a](LEAK)]",
    "![a\nb](LEAK)",
    "![a](LEAK\n)",
    "![a](//LEAK)",
)
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
# Of what a page of the app itself is made; in a message none of it is anything but text.
FOREIGN = "script, iframe, object, embed, form, base, link, meta, frame, portal, video[src], [onerror], [onload]"
LINKS = """() => [...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))
  .filter(href => /^[^/?#]*:/.test(href) && !/^(https?|mailto):/i.test(href))"""


class Watched:
    """One page, and everything in it that hostile text must not make happen."""

    def __init__(self, page: Page, app: App) -> None:
        self.page, self.app, self.chat = page, app, Chat(page)
        self.dialogs: list[str] = []
        self.asked: list[str] = []
        page.on("dialog", self._dialog)
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("websocket", lambda socket: self.asked.append(socket.url.replace("ws", "http", 1)))
        page.context.on("page", lambda other: self.asked.append(f"http://another.page/{other.url}"))

    def _dialog(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    @property
    def foreign(self) -> list[str]:
        """Requests that went anywhere but to the app; what a page holds in itself goes nowhere."""
        return [url for url in self.asked if not url.startswith((f"{self.app.url}/", "data:", "blob:"))]

    def harmless(self) -> None:
        assert self.dialogs == []
        assert self.foreign == []
        assert self.chat.errors == []
        inside = self.page.get_by_test_id("stChatMessage").locator(FOREIGN)
        assert inside.count() == 0, inside.first.evaluate("element => element.outerHTML")
        assert self.page.evaluate(LINKS) == []
        pictures = self.page.locator("[data-testid=stMain] img[src]").evaluate_all("all => all.map(img => img.src)")
        assert [src for src in pictures if not src.startswith((self.app.url, "data:", "blob:"))] == []


@pytest.fixture
def page(fresh: Page) -> Page:
    """A tab that nobody else listens to."""
    return fresh


@pytest.fixture
def watched(page: Page, app: App) -> Watched:
    return Watched(page, app)


@pytest.fixture
def outside() -> Iterator[FakeAPI]:
    """A server that has nothing to do with the app. Nobody may come."""
    with FakeAPI() as found:
        yield found
        assert found.connections == 0, [request.path for request in found.requests]


def leaking(texts: Any, outside: FakeAPI) -> list[str]:
    """Texts that would ask `outside`, each under an address of its own."""
    return [text.replace("LEAK", f"{outside.origin}/{place}") for place, text in enumerate(texts)]


def payloads(collection: Path, outside: FakeAPI) -> list[str]:
    """The recorded texts; those with a fence last, as it swallows what follows."""
    texts = [case["text"] for case in cases(collection)]
    return leaking(sorted(texts, key=lambda text: "```" in text or "~~~" in text), outside)


def pieces(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


# ---- what a model says ----------------------------------------------------------------------------------


@pytest.mark.parametrize("collection", collections("markdown_payloads.jsonl"))
def test_no_recorded_text_does_anything_as_an_answer_or_as_reasoning(
    watched: Watched, server: FakeAPI, outside: FakeAPI, collection: Path
) -> None:
    texts = payloads(collection, outside)
    batches = [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]
    said = ["\n\n".join(f"{text}\n\nEnd of {place}." for place, text in enumerate(batch)) for batch in batches]
    chat = watched.chat
    for number, text in enumerate(said):
        if number % 4 == 0:
            chat.open(watched.app.url)
        server.play(stream(*pieces(text, 900), reasoning=text))
        chat.send(f"Batch {number}").ended()
        expect(chat.messages.last).to_contain_text("End of 0.")
        chat.messages.last.get_by_text("Reasoning", exact=True).click()
        watched.harmless()


def test_a_picture_that_arrives_letter_by_letter_is_at_no_moment_fetched(
    watched: Watched, server: FakeAPI, outside: FakeAPI
) -> None:
    chat = watched.chat.open(watched.app.url)
    text = "\n\n".join(leaking(PICTURES, outside))
    server.play(stream(*pieces(text, 6), pause=0.06))
    chat.send("Draw").ended()
    watched.harmless()
    server.play(stream(*pieces(text, 6), pause=0.06, reasoning=text))
    expect(chat.messages.last.get_by_role("link").first).to_be_visible()


@pytest.mark.parametrize("ending", ["", ")", " ", '"t', "\n"])
def test_a_picture_that_never_arrives_whole_is_not_fetched(
    watched: Watched, server: FakeAPI, outside: FakeAPI, ending: str
) -> None:
    chat = watched.chat.open(watched.app.url)
    server.play(stream(f"Look: ![a]({outside.origin}/half{ending}", HANG))
    chat.send("Draw")
    expect(chat.messages.last).to_contain_text("Look:")
    watched.page.wait_for_timeout(500)
    watched.harmless()
    chat.ended()  # silence ended it
    watched.harmless()


def test_a_picture_is_fetched_when_the_visitor_wants_it_and_nothing_else_is(
    watched: Watched, server: FakeAPI
) -> None:
    chat = watched.chat.open(watched.app.url)
    server.play(stream(f"![A map]({OUTSIDE}/map.png) and [a page]({OUTSIDE}/page) and <mailto:a@b.example>"))
    chat.send("Draw").ended()
    link = chat.messages.last.get_by_role("link", name="A map")
    expect(link).to_have_attribute("href", f"{OUTSIDE}/map.png")
    assert "noopener" in (link.get_attribute("rel") or "") or "noreferrer" in (link.get_attribute("rel") or "")
    watched.harmless()


def content(text: str) -> dict[str, Any]:
    return chunk({"content": text})


def typed(*items: Any) -> Reply:
    """A stream of any events, a lone surrogate in ASCII, and its end."""
    return Reply(data(*items, chunk(finish="stop"), "[DONE]"), 200, {"Content-Type": "text/event-stream"})


ODDITIES: dict[str, Reply] = {
    "half a character": typed(*map(json.dumps, map(content, ("a \ud83d b \udc00 c", "\ud83d", "\ude00 end")))),
    "controls and directions": stream("a\x00b\x07c\x1b[31md \u202e dcba \u2066 e \ufeff \u2028 f \ufffe end"),
    "usage that is no number": typed(
        content("end"),
        '{"choices": [], "usage": {"prompt_tokens": NaN, "completion_tokens": Infinity, "total_tokens": -1e999}}',
        '{"choices": [], "usage": {"prompt_tokens": "x", "completion_tokens": [], "total_tokens": %s}}'
        % ("9" * 400),
        '{"choices": [], "usage": ' + '{"a":' * 500 + "1" + "}" * 500 + "}",
    ),
    "nested too deeply": typed(content("end"), '{"choices": ' + "[" * 100_000),
    "blocks in blocks": stream("> " * 300 + "a\n\n", "- " * 300 + "b\n\n", "[" * 3000 + "](" * 3000 + "\n\nend"),
    "a line of two megabytes": stream(*["word " * 13_107] * 32, "end"),
    "marks without an end": stream("*_" * 4000 + "\n\n", "`" * 999 + "\n\n", "$" * 999 + "\n\nend"),
    "fields of other types": typed(
        '{"id": 1, "choices": [{"index": "x", "delta": {"content": {"a": 1}, "tool_calls": 7}}, null, 5]}',
        '{"choices": [{"delta": {"role": [], "content": "end", "annotations": {"a": 1}, "reasoning_content": 4}}]}',
    ),
}


@pytest.mark.parametrize("kind", ODDITIES)
def test_odd_answers_are_drawn_and_kept_and_nothing_breaks(watched: Watched, server: FakeAPI, kind: str) -> None:
    chat = watched.chat.open(watched.app.url)
    server.play(ODDITIES[kind])
    chat.send("Hello").ended()
    expect(chat.messages.last).to_contain_text("end")
    watched.page.reload()
    expect(chat.messages.last).to_contain_text("end")
    chat.settled()
    assert watched.page.get_by_test_id("stException").count() == 0
    watched.harmless()


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
    store.add_all("local", [archive.read(hostile_conversation(text)) for text in texts])
    with Hostile() as server:
        server.names = tuple(text.replace("\n", " ") for text in texts)
        secrets = f'AIMLAPI_API_KEY = "{KEY}"\nAIMLAPI_BASE_URL = "{server.url}"\n'
        app = App(secrets, DATABASE_URL=address)
        yield app, server, texts
        app.close()


def test_no_name_and_no_saved_text_does_anything_on_any_page(
    page: Page, seeded: tuple[App, Hostile, list[str]]
) -> None:
    app, _, _ = seeded
    watched = Watched(page, app)
    chat = watched.chat.open(app.url)
    page.get_by_role("combobox", name="Model", exact=True).click()
    expect(page.get_by_role("option").first).to_be_visible()
    watched.harmless()
    page.get_by_role("option").first.click()
    chat.settled()
    page.get_by_role("button", name="Presets").click()
    expect(page.get_by_text("Your own", exact=True)).to_be_visible()
    watched.harmless()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Prompts", exact=True).click()
    expect(page.get_by_role("dialog").get_by_role("searchbox")).to_be_visible()
    page.get_by_role("dialog").get_by_text("alert(1)").first.scroll_into_view_if_needed()
    watched.harmless()
    for name in ("Models", "History"):
        chat.open(app.url)
        page.get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", name=name)).to_be_visible()
        chat.settled()
        page.wait_for_timeout(1000)
        watched.harmless()
    assert page.get_by_test_id("stException").count() == 0


def test_no_saved_conversation_does_anything_when_it_is_opened(
    page: Page, seeded: tuple[App, Hostile, list[str]], tmp_path: Path
) -> None:
    app, _, texts = seeded
    watched = Watched(page, app)
    chat = watched.chat
    # Many texts in one conversation: to open each in a page of its own would take a minute.
    store = Store.open(f"sqlite:///{tmp_path / 'kept.db'}")
    groups = ["\n\n".join(texts[start::4]) for start in range(4)]
    for id_ in store.add_all("local", [archive.read(hostile_conversation(text)) for text in groups]):
        page.goto(f"{app.url}/?c={id_}")
        expect(chat.messages.last).to_contain_text("The last word.")
        chat.settled()
        assert page.get_by_test_id("stException").count() == 0
        watched.harmless()


def test_no_imported_file_and_no_link_does_anything(page: Page, app: App, outside: FakeAPI) -> None:
    watched = Watched(page, app)
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
    watched.chat.settled()
    watched.harmless()
    said = (Message("user", text), Message("assistant", text[:2500]))
    page.goto(f"{app.url}/?s={share.encode(Shared(text[:100].replace(chr(10), ' '), text[:500], messages=said))}")
    expect(page.get_by_text("Nothing was sent.").or_(page.get_by_text("could not be opened"))).to_be_visible()
    watched.chat.settled()
    watched.harmless()


def test_no_error_and_no_file_name_does_anything(watched: Watched, server: FakeAPI, outside: FakeAPI) -> None:
    page, chat = watched.page, watched.chat.open(watched.app.url)
    text = " ".join(leaking([*PICTURES[:6], *SCRIPTS[:-1]], outside))
    server.play([error(400, text, code=text, type=text, request_id=text[:100]), stream("Fine.")])
    chat.send(text).ended()  # a title, too
    page.get_by_role("button", name="Details").last.click()
    expect(page.get_by_text("The server's own words")).to_be_visible()
    watched.harmless()
    page.keyboard.press("Escape")
    name = '"><img src=x onerror=alert(1)>![a](' + urlsplit(outside.origin).netloc + ").txt"
    field = page.locator("[data-testid=stChatInput] input[type=file]")
    field.set_input_files({"name": name, "mimeType": "text/plain", "buffer": text.encode()})
    expect(page.get_by_test_id("stChatInput").get_by_text("alert(1)").first).to_be_visible()
    chat.composer.fill("What is in it?")
    chat.enter()
    chat.ended()
    expect(chat.messages.last).to_contain_text("Fine.")
    watched.harmless()


def test_no_tool_call_does_anything(watched: Watched, server: FakeAPI, outside: FakeAPI) -> None:
    texts = leaking([*PICTURES[:6], *SCRIPTS[:-1]], outside)
    calls = [(f"c{place}", text, json.dumps({"text": text})) for place, text in enumerate(texts)]
    calls += [("k", "calculator", json.dumps({"expression": texts[0]})), ("l", "find_order", texts[1])]
    server.play(lambda request: _after(request, tool_stream(*calls, text=" ".join(texts)), stream("All done.")))
    page, chat = watched.page, watched.chat.open(f"{watched.app.url}/Tools")
    chat.send("Call them").settled()
    expect(page.get_by_text("calculator").last).to_be_visible()
    page.wait_for_timeout(1000)
    watched.harmless()
    assert page.get_by_test_id("stException").count() == 0


def _after(request: Request, first: Reply, then: Reply) -> Reply:
    return then if any(message["role"] == "tool" for message in request.body["messages"]) else first
