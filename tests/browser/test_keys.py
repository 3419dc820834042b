"""Keys in a real browser: the owner's reaches no visitor and no other server, a visitor's own stays its own."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from browser import App, Chat
from fake_api import FakeAPI, error, stream
from playwright.sync_api import Locator, Page, WebSocket, expect

CANARY = "sk-canary/7f3a9c51e2b84d60+a1c5d9"
OWN = "sk-visitor-0a1b2c3d4e5f6071829a"


def forms(key: str) -> list[bytes]:
    half = len(key) // 2
    shapes = [key, quote(key, safe=""), base64.b64encode(key.encode()).decode().rstrip("="), key[:half], key[half:]]
    return [shape.encode() for shape in shapes]


class Frames:
    """Everything that crosses the page's websocket, both ways."""

    def __init__(self, page: Page) -> None:
        self.seen: list[bytes] = []
        page.on("websocket", self._watch)

    def _watch(self, socket: WebSocket) -> None:
        for direction in ("framesent", "framereceived"):
            socket.on(direction, lambda data: self.seen.append(data.encode() if isinstance(data, str) else data))

    def hold(self, key: str) -> bool:
        return any(form in frame for frame in self.seen for form in forms(key))


@pytest.fixture
def page(fresh: Page) -> Page:
    """A tab that nobody else listens to."""
    return fresh


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[FakeAPI, FakeAPI]]:
    with FakeAPI() as owners, FakeAPI() as strangers:
        yield owners, strangers


@pytest.fixture(scope="module")
def app(servers: tuple[FakeAPI, FakeAPI]) -> Iterator[App]:
    found = App(f'AIMLAPI_API_KEY = "{CANARY}"\nAIMLAPI_BASE_URL = "{servers[0].url}"\n')
    yield found
    found.close()


def keys_at(server: FakeAPI) -> set[str]:
    return {request.headers.get("authorization", "") for request in server.asked}


def test_the_owners_key_never_reaches_the_browser(page: Page, app: App, servers: tuple[FakeAPI, FakeAPI]) -> None:
    owners, _ = servers
    frames = Frames(page)
    chat = Chat(page).open(app.url)
    replies = [
        stream("fine"),
        error(401, f"Incorrect API key provided: {CANARY}."),
        error(400, f"Authorization: Bearer {quote(CANARY, safe='')}"),
        error(500, CANARY[:17] + " and " + CANARY[17:]),
        error(500, CANARY),
        error(500, CANARY),
    ]
    owners.play(replies)
    for number in range(4):
        chat.send(f"question {number}").ended()
    page.get_by_role("button", name="Details").last.click()
    page.get_by_role("button", name="Test connection").click()
    page.wait_for_timeout(1000)
    assert f"Bearer {CANARY}" in keys_at(owners)
    assert frames.seen
    assert not frames.hold(CANARY)
    for text in (page.content(), page.url, str(page.context.cookies()), app.log.read_text()):
        assert not any(form.decode() in text for form in forms(CANARY))


def test_another_base_url_never_gets_the_owners_key(page: Page, app: App, servers: tuple[FakeAPI, FakeAPI]) -> None:
    _, strangers = servers
    strangers.play(stream("hello from elsewhere"))
    chat = Chat(page).open(app.url)
    choose(page, "Another server")
    field(page, "Base URL").fill(strangers.url)
    field(page, "Base URL").press("Enter")
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_text("Connected")).to_be_visible()
    chat.send("Hello").ended()
    expect(chat.messages.last).to_contain_text("hello from elsewhere")
    assert keys_at(strangers) == {""}
    field(page, "Your API key").fill(OWN)
    field(page, "Your API key").press("Enter")
    expect(page.get_by_text(f"ending in {OWN[-4:]}")).to_be_visible()
    chat.send("Again").ended()
    assert keys_at(strangers) == {"", f"Bearer {OWN}"}


def test_a_visitors_key_is_used_shown_as_its_end_and_forgotten(
    page: Page, app: App, servers: tuple[FakeAPI, FakeAPI]
) -> None:
    owners, _ = servers
    owners.play(stream("ok"))
    chat = Chat(page).open(app.url)
    field(page, "Use your own key instead").fill(f" {OWN}\n")
    field(page, "Use your own key instead").press("Enter")
    expect(page.get_by_text(f"ending in {OWN[-4:]}")).to_be_visible()
    chat.send("Hello").ended()
    assert owners.asked[-1].headers["authorization"] == f"Bearer {OWN}"
    expect(field(page, "Use your own key instead")).to_have_count(0)
    assert OWN not in page.content()
    page.get_by_role("button", name="Forget my key").click()
    expect(page.get_by_text("Key found in the configuration")).to_be_visible()
    chat.send("Again").ended()
    assert owners.asked[-1].headers["authorization"] == f"Bearer {CANARY}"


def field(page: Page, label: str) -> Locator:
    return page.locator(f'input[aria-label="{label}"]')


def choose(page: Page, connection: str) -> None:
    page.get_by_role("combobox", name=re.compile("Where the model runs")).click()
    page.get_by_role("option", name=connection).click()


def test_guests_of_a_shared_app_cannot_type_an_address(page: Page, servers: tuple[FakeAPI, FakeAPI]) -> None:
    shared = App(f'AIMLAPI_API_KEY = "{CANARY}"\nAIMLAPI_BASE_URL = "{servers[0].url}"\nPLAYGROUND_SHARED = "1"\n')
    try:
        Chat(page).open(shared.url)
        page.get_by_role("combobox", name=re.compile("Where the model runs")).click()
        expect(page.get_by_role("option")).to_have_count(2)
        expect(page.get_by_role("option", name="Another server")).to_have_count(0)
    finally:
        shared.close()
