"""Parts of a page that several browser tests use: the composer's files, the inspector, the Share dialog."""

from __future__ import annotations

from browser import Chat
from playwright.sync_api import FilePayload, Locator, Page, expect


def upload(page: Page, *files: tuple[str, bytes]) -> None:
    payloads: list[FilePayload] = [
        {"name": name, "mimeType": "application/octet-stream", "buffer": data} for name, data in files
    ]
    page.locator("[data-testid=stChatInput] input[type=file]").set_input_files(payloads)
    for name, _ in files:
        expect(page.get_by_test_id("stChatInput").get_by_text(name)).to_be_visible()


def inspect(chat: Chat) -> Locator:
    chat.messages.last.get_by_role("button", name="Inspect").click()
    dialog = chat.page.get_by_role("dialog")
    expect(dialog.get_by_role("tab", name="Overview")).to_be_visible()
    return dialog


def tab(dialog: Locator, name: str) -> Locator:
    # A click while the dialog is being drawn can meet a tab that is replaced under it (seen on a busy machine).
    expect(dialog.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    dialog.get_by_role("tab", name=name).click()
    expect(dialog.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
    return dialog


def more_settings(page: Page) -> Locator:
    """The fold of the sidebar with all that is seldom set, open."""
    fold = page.locator(".st-key-fold-more")
    if not fold.get_by_role("button", name="Presets").count():
        fold.get_by_text("More settings", exact=True).click()
    expect(fold.get_by_role("button", name="Presets")).to_be_visible()
    return fold


def open_connection(page: Page) -> None:
    """The part of the sidebar about the server and its key, open."""
    page.get_by_role("button", name="Connection", exact=True).click()
    expect(page.get_by_role("combobox", name="Where the model runs")).to_be_visible()


def close(chat: Chat) -> None:
    chat.page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(chat.page.get_by_role("dialog")).to_have_count(0)


def share_it(chat: Chat) -> Locator:
    chat.page.get_by_role("button", name="Share", exact=True).click()
    expect(chat.page.get_by_role("dialog").get_by_text("See exactly what goes")).to_be_visible()
    return chat.page.get_by_role("dialog")
