"""A presenter with no network at all: run in a network namespace of its own, which has nothing but a loopback.

    PYTHONPATH=.:tests/support unshare --map-root-user --net .venv/bin/python tests/support/offline_stage.py

The app and the browser are both in there. The script that comes with the app plays to its end, and the next group
sees nothing of it. Prints what it saw; fails where something is not so.
"""

from __future__ import annotations

import fcntl
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

from browser import App, Chat, chromium
from playwright.sync_api import Page, expect, sync_playwright

from backend.demos.script import Step
from backend.demos.tour import tour
from backend.demos.trial import rehearse

_SIOCSIFFLAGS, _UP = 0x8914, 0x1  # linux/sockios.h, linux/if.h
ROOM = "Is Anna in the room?"


def only_loopback() -> None:
    """Bring it up, and make sure that there is no other way out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh", b"lo", _UP))
    for address in (("192.0.2.1", 443), ("8.8.8.8", 53)):
        try:
            socket.create_connection(address, timeout=2).close()
        except OSError as error:
            print(f"{address[0]}: {error.strerror}")
        else:
            raise AssertionError(f"{address[0]} can be reached")


@contextmanager
def presenter(app: App) -> Iterator[tuple[Page, list[str]]]:
    """A browser, and the addresses that it asked for."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{app.url}/?stage")
        yield page, asked
        browser.close()


def through(page: Page, chat: Chat, step: Step) -> None:
    """One step, as a remote turns it, to the end of its recording."""
    page.keyboard.press("PageDown")
    expect(page.get_by_text(step.caption)).to_be_visible()
    if step.recording:
        said = rehearse(step.recording)[-1].content.replace("**", "").splitlines()[-1].split(". ")[-1]
        expect(chat.messages.last).to_contain_text(said, timeout=60_000)
        expect(page.get_by_text("Composed for this demo").filter(visible=True).first).to_be_visible()
    if step.reveal:
        page.keyboard.press("PageDown")
        expect(page.get_by_text(step.reveal)).to_be_visible()
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


def main() -> None:
    """All of it."""
    only_loopback()
    expect.set_options(timeout=30_000)
    app = App(PLAYGROUND_LOCAL_MODEL="none")
    with presenter(app) as (page, asked):
        chat, script = Chat(page), tour()
        page.get_by_role("button", name=script.title).click()
        expect(page.locator(".st-key-bar")).to_contain_text(f"0 / {len(script.steps)}")
        for place, step in enumerate(script.steps, 1):
            through(page, chat, step)
            expect(page.locator(".st-key-bar")).to_contain_text(f"{place} / {len(script.steps)}")
        expect(page.get_by_role("button", name="Next", exact=True)).to_be_disabled()
        chat.composer.fill(ROOM)
        page.get_by_role("button", name="Start over").click()
        expect(page.locator(".st-key-bar")).to_contain_text(f"0 / {len(script.steps)}")
        expect(chat.messages).to_have_count(0)
        expect(chat.composer).to_have_value("")
        expect(page.get_by_role("button", name="Next", exact=True)).to_be_enabled()
        through(page, chat, script.steps[0])
        assert ROOM not in page.content()
        assert not chat.errors, chat.errors
    app.close()
    away = {url for url in asked if not url.startswith((app.url, app.url.replace("http", "ws"), "data:", "blob:"))}
    assert not away, away
    recordings = sum(step.recording is not None for step in script.steps)
    print(f"{len(script.steps)} steps with {recordings} recordings to their end")
    print(f"{len(asked)} requests, all of them to the app")


if __name__ == "__main__":
    main()
