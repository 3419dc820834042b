"""A server of tools in the browser: a command that is started, called by the model, and asks the visitor back."""

from __future__ import annotations

import sys
from pathlib import Path

from browser import App, Chat
from fake_api import FakeAPI, stream, tool_stream
from playwright.sync_api import Page, expect

PROGRAM = Path(__file__).parents[1] / "support" / "bad_tool_server.py"


def start(page: Page, behaviour: str) -> None:
    """Add the program of the tests as a server, and start it."""
    page.get_by_text("Toolbox", exact=True).click()
    page.get_by_text("Add an MCP server").click()
    page.get_by_role("textbox", name="Address, command").fill(f"'{sys.executable}' '{PROGRAM}' {behaviour}")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Added:")).to_be_visible()
    page.get_by_role("button", name="Start this command").last.click()  # those of other tests are kept
    expect(page.get_by_text("connected", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_focused()
    page.get_by_text("Toolbox", exact=True).click()


def test_a_command_starts_and_asks_the_visitor_during_a_call(page: Page, app: App, server: FakeAPI) -> None:
    chat = Chat(page).open(f"{app.url}/Tools")
    start(page, "ask")
    server.play([tool_stream(("c1", "add", "{}")), stream("It is blue.")])
    chat.send("Choose a colour")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("Which **colour**?")).to_be_visible()
    expect(page.get_by_role("button", name="Edit arguments")).to_have_count(0)
    page.get_by_role("textbox", name="colour").fill("blue")
    page.get_by_role("button", name="Answer").click()
    expect(page.get_by_text("It is blue.")).to_be_visible()
    assert [message["content"] for message in server.asked[-1].body["messages"][-1:]] == ["blue"]
    assert not chat.errors, chat.errors
