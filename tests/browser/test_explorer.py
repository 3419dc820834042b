"""A grid of five by three in a real browser: reloaded in the middle it goes on; a click on its map opens a cell."""

from __future__ import annotations

import threading

import axe
from browser import App, Chat
from fake_api import FakeAPI, Reply, Request, stream
from playwright.sync_api import Page, expect


def test_a_grid_is_reloaded_while_it_runs_and_read_on_its_map(page: Page, keeping: App, server: FakeAPI) -> None:
    go_on, lock, count = threading.Event(), threading.Lock(), [0]

    def play(request: Request) -> Reply:
        with lock:
            count[0] += 1
            late = count[0] > 20
        text = f"Heat {request.body['temperature']} of {request.body['top_p']}"
        return stream(text, go_on, "!") if late else stream(text)

    server.play(play)
    chat = Chat(page).open(f"{keeping.url}/Compare")
    page.get_by_role("radio", name="Explorer").click()
    page.get_by_role("button", name="Use an example").click()
    start = page.get_by_role("button", name="Start", exact=True)
    expect(page.get_by_text("30 requests to")).to_be_visible()
    start.click()
    expect(page.get_by_text("20 of 30")).to_be_visible()

    page.reload()
    expect(page.get_by_text("20 of 30")).to_be_visible()
    go_on.set()
    expect(page.get_by_text("30 of 30")).to_be_visible()
    assert len(server.asked) == 30

    expect(page.get_by_role("button", name="Export")).to_be_visible()  # the timer is over
    assert axe.violations(chat.wait_until_settled().page) == []  # the other modes: test_accessibility.py
    box = page.get_by_test_id("stVegaLiteChart").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] * 0.85, box["y"] + box["height"] * 0.55)
    expect(page.get_by_role("combobox", name="Read a cell")).to_have_value("temperature 0.8 · top_p 1")
    expect(page.get_by_text("Heat 0.8 of 1", exact=False).first).to_be_visible()
    assert not chat.errors, chat.errors
