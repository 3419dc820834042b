"""A shared app in a process of its own, and its gate as a visitor sees it."""

from __future__ import annotations

from basics import KEY
from browser import App, Chat
from fake_api import FakeAPI
from playwright.sync_api import Locator, Page, expect

from backend.guests import access

PASSWORD = "open sesame"
GATE = f"""
PLAYGROUND_SHARED = "1"
PLAYGROUND_GATE = "password"
PLAYGROUND_GATE_PASSWORD = "{access.hashed(PASSWORD)}"
"""


def start(server: FakeAPI, secrets: str, **environment: str) -> App:
    return App(f'AIMLAPI_API_KEY = "{KEY}"\nAIMLAPI_BASE_URL = "{server.url}"\n{secrets}', **environment)


def field(page: Page, label: str) -> Locator:
    return page.locator(f'input[aria-label="{label}"]')


def enter(page: Page, address: str) -> Chat:
    """Open an address and come in by the password."""
    page.goto(address)
    field(page, "Password").fill(PASSWORD)
    page.get_by_role("button", name="Come in").click()
    chat = Chat(page)
    expect(chat.composer).to_be_visible()
    return chat.wait_until_settled()
