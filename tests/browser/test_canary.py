"""A canary key in the secrets, a real browser, a log at DEBUG, servers that repeat the key: it comes out nowhere.

What is looked at: every websocket frame both ways, the page, its address, cookies and storage, every file that can
be had, the share link, the programs, the database's files and the log of the process.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from browser import WAIT, App, Chat
from fake_api import FakeAPI, Reply, Request, chunk, error, events, html, reply, stream
from keys import CANARY, every, leaked
from page_parts import close, inspect, open_connection, tab
from playwright.sync_api import Page, WebSocket, expect

from backend.snippets import LANGUAGES

pytestmark = pytest.mark.timeout(360)
OWN = "sk-visitor-0a1b2c3d4e5f6071829a"
TABS = ("Overview", "Request", "Response", "Chunks", "Code", "Diff", "Tokens")


class Surfaces:
    """All places in which one browser, and the app behind it, can show a key."""

    def __init__(self, page: Page, app: App) -> None:
        self.page, self.app = page, app
        self.seen: dict[str, list[bytes]] = {"sent": [], "received": [], "files": [], "pages": []}
        page.on("websocket", self._watch)

    def _watch(self, socket: WebSocket) -> None:
        for name in ("sent", "received"):
            frames = self.seen[name]
            socket.on(f"frame{name}", lambda data, frames=frames: frames.append(_bytes(data)))

    def look(self) -> None:
        """Note what the page shows now, and what the browser keeps."""
        storage = self.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
        fields = self.page.evaluate(
            "[...document.querySelectorAll('input, textarea')].map(f => f.value).join('\\n')"
        )
        cookies = json.dumps(self.page.context.cookies())
        self.seen["pages"] += map(_bytes, (self.page.content(), self.page.url, storage, fields, cookies))

    def download(self, label: str) -> bytes:
        """A file by its button. A zip's contents count, too."""
        with self.page.expect_download() as download:
            self.page.get_by_role("button", name=label, exact=True).first.click()
        content = download.value.path().read_bytes()
        self.seen["files"].append(content)
        if zipfile.is_zipfile(io.BytesIO(content)):
            archive = zipfile.ZipFile(io.BytesIO(content))
            self.seen["files"] += [archive.read(name) for name in archive.namelist()]
        return content

    def behind(self) -> dict[str, bytes]:
        """The log, and the files of the database as they lie on the disk."""
        folder = self.app.log.parent
        return {path.name: path.read_bytes() for path in (self.app.log, *folder.glob("kept.db*"))}

    def leaks(self, key: str) -> dict[str, list[str]]:
        """Where a key is, and in which forms; {} for nowhere."""
        self.look()
        places = {name: b"\n".join(found) for name, found in self.seen.items()} | self.behind()
        return {name: found for name, text in places.items() if (found := leaked(key, text))}


def _bytes(data: str | bytes) -> bytes:
    return data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data


@pytest.fixture
def page(fresh: Page) -> Page:
    """A tab that nobody else listens to."""
    return fresh


@pytest.fixture
def loud(tmp_path: Path) -> dict[str, str]:
    """An environment in which every logger of the process speaks at DEBUG."""
    lines = "import logging\nlogging.basicConfig(level=logging.DEBUG)\n"
    (tmp_path / "sitecustomize.py").write_text(lines)
    return {"PYTHONPATH": str(tmp_path), "STREAMLIT_LOGGER_LEVEL": "debug", "PLAYGROUND_LOG_LEVEL": "DEBUG"}


@pytest.fixture
def owners() -> Iterator[FakeAPI]:
    with FakeAPI() as found:
        yield found


@pytest.fixture
def strangers() -> Iterator[FakeAPI]:
    with FakeAPI() as found:
        yield found


def start(server: FakeAPI, key: str, loud: dict[str, str]) -> App:
    secrets = {"AIMLAPI_API_KEY": key, "AIMLAPI_BASE_URL": server.url}
    lines = (f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in secrets.items())
    return App("".join(lines), **loud)


def repeats(request: Request) -> Reply:
    """A server that repeats the key in every way there is, as the question says."""
    half, forms = len(CANARY) // 2, " and ".join(every(CANARY))
    echo = f"before {forms} after"
    replies = {
        "whole": stream(echo, reasoning=echo),
        "pieces": stream(*(echo[at : at + 5] for at in range(0, len(echo), 5))),
        "refused": error(401, f"Incorrect API key provided: {CANARY}.", {"x-request-id": CANARY}, code=CANARY),
        "halves": error(400, f"{CANARY[:half]} ... {CANARY[half:]}"),
        "broken": html(echo, 500),
        "middle": events(chunk({"content": "Half an answer"}), {"error": {"message": echo}}),
        "elsewhere": reply(echo, 307, {"Location": f"http://127.0.0.1:9/?key={CANARY}"}),
    }
    return next((made for word, made in replies.items() if word in request.prompt), stream("Fine."))


REPLIES = ("whole", "pieces", "refused", "halves", "broken", "middle", "elsewhere", "nobody")


@pytest.mark.parametrize("inspected", ["pieces", pytest.param(" ".join(REPLIES), marks=pytest.mark.long, id="all")])
def test_a_key_in_the_secrets_comes_out_nowhere_whatever_the_server_does(
    page: Page, owners: FakeAPI, loud: dict[str, str], inspected: str
) -> None:
    with closing(start(owners.play(repeats), CANARY, loud)) as app:
        surfaces = Surfaces(page, app)
        chat = Chat(page).open(app.url)
        for word in REPLIES[:-1]:
            chat.send(f"Say {word}").wait_until_ended()
            details = page.get_by_role("button", name="Details")
            if details.count():
                details.last.click()
                expect(page.get_by_text("Request id, for the provider's support").last).to_be_visible()
                surfaces.look()
                page.keyboard.press("Escape")
            surfaces.look()
            if word in inspected:
                look_inside(surfaces, chat, languages=word == "pieces")
        expect(chat.messages.nth(1)).to_contain_text("before [key] and [key]")
        open_connection(page)
        page.get_by_role("button", name="Test connection").click()
        expect(page.get_by_text("Connected")).to_be_visible()
        give_away(surfaces, chat)
        owners.close()
        chat.send("Is anybody there?").wait_until_ended()
        expect(chat.messages.last).to_contain_text("Nothing answers at the server's address")
        if "nobody" in inspected:
            look_inside(surfaces, chat)
        take_all(surfaces)
        assert {request.headers.get("authorization") for request in owners.asked} == {f"Bearer {CANARY}"}
        everything = b"".join(surfaces.seen["received"])
        assert b"Half an answer" in everything and b"before [key]" in everything, "frames are read"
        behind = surfaces.behind()
        assert b"Half an answer" in b"".join(behind[name] for name in behind if name.startswith("kept.db"))
        assert b"DEBUG" in behind[app.log.name] and b"urllib3" in behind[app.log.name]
        assert surfaces.leaks(CANARY) == {}
        assert not chat.errors, chat.errors


def look_inside(surfaces: Surfaces, chat: Chat, *, languages: bool = False) -> None:
    """Every tab of the inspector, and the files it gives away; the request in each language when asked for."""
    if not chat.messages.last.get_by_role("button", name="Inspect").count():
        return
    dialog = inspect(chat)
    for name in TABS:
        chat.wait_until_settled()
        tab(dialog, name)
        chat.wait_until_settled()
        if name == "Request":
            sent = dialog.get_by_text("Bearer [key]").or_(dialog.get_by_text("Nothing left this computer"))
            expect(sent).to_be_visible()
        surfaces.look()
        if dialog.get_by_role("button", name="Download", exact=True).count():
            surfaces.download("Download")
        if name == "Code" and languages:
            for language in LANGUAGES.values():
                dialog.get_by_role("radio", name=language.label, exact=True).click()
                chat.wait_until_settled()
                surfaces.look()
                assert b"API_KEY" in surfaces.download("Download")
    close(chat)


def give_away(surfaces: Surfaces, chat: Chat) -> None:
    """The share dialog: the link with all messages, and the conversation as every kind of file."""
    page = chat.page
    page.get_by_role("button", name="Share", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("With the messages").click()
    expect(
        dialog.get_by_test_id("stCode").filter(has_text="?s=").first.or_(dialog.get_by_text("Too long"))
    ).to_be_visible()
    dialog.get_by_text("See exactly what goes").click()
    chat.wait_until_settled()
    surfaces.look()
    for label in ("Web page", "Markdown", "JSON"):
        content = surfaces.download(label)
        assert b"Half an answer" in content
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)


def take_all(surfaces: Surfaces) -> None:
    """A backup of all conversations."""
    page = surfaces.page
    page.get_by_role("link", name="History").click()
    page.get_by_role("button", name="Export all").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Download", exact=True)).to_be_visible()
    content = surfaces.download("Download")
    assert zipfile.is_zipfile(io.BytesIO(content)), "the contents are looked at"
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)


def test_a_typed_key_goes_out_once_and_is_kept_nowhere(
    page: Page, owners: FakeAPI, strangers: FakeAPI, loud: dict[str, str]
) -> None:
    """Typed, it must go from the browser to the app: in one frame, and in none that comes back."""
    strangers.play(lambda request: stream(f"You sent {request.headers.get('authorization')}."))
    with closing(start(owners.play(stream("You sent ", CANARY)), CANARY, loud)) as app:
        surfaces = Surfaces(page, app)
        chat = Chat(page).open(app.url)
        open_connection(page)
        page.get_by_role("combobox", name="Where the model runs").click()
        page.get_by_role("option", name="Another server").click()
        field(page, "Base URL", strangers.url)
        field(page, "Your API key", OWN)
        expect(page.get_by_text(f"ending in {OWN[-4:]}")).to_be_visible()
        chat.wait_until_settled().send("Hello").wait_until_ended()
        expect(chat.messages.last).to_contain_text("You sent Bearer [key].")
        take_all(surfaces)
        page.get_by_role("link", name="Chat", exact=True).click()
        expect(chat.composer).to_be_visible()
        chat.wait_until_settled()
        field(page, "Base URL", strangers.url.replace("127.0.0.1", "localhost"))
        expect(page.get_by_text(f"ending in {OWN[-4:]}")).to_have_count(0)
        chat.wait_until_settled().send("And now?").wait_until_ended()
        assert [request.headers.get("authorization") for request in strangers.asked] == [f"Bearer {OWN}", None]
        found = surfaces.leaks(OWN)
        assert list(found) == ["sent"]
        assert sum(bool(leaked(OWN, frame)) for frame in surfaces.seen["sent"]) == 1
        assert surfaces.leaks(CANARY) == {}


def field(page: Page, label: str, text: str) -> None:
    found = page.locator(f'input[aria-label="{label}"]')
    expect(found).to_be_visible(timeout=WAIT)
    found.fill(text)
    found.press("Enter")
