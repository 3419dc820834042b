"""Guests of a shared app who come back: they find what was theirs, and nobody else does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from browser import SLOWLY, App, Chat
from fake_api import USAGE, FakeAPI, stream
from playwright.sync_api import BrowserContext, Page, expect
from sharing import GATE, enter, start


@pytest.fixture(scope="module")
def gated(server: FakeAPI) -> Iterator[App]:
    with closing(start(server, GATE, PLAYGROUND_TIMEOUT_ABANDONED="60")) as app:
        yield app


def test_a_guest_finds_the_conversation_again_in_mid_stream_and_in_a_new_tab_until_leaving_and_nobody_else_does(
    gated: App, guest: Callable[[], Page], server: FakeAPI
) -> None:
    server.requests.clear()
    server.play(stream("It ", "begins ", *SLOWLY, usage=USAGE))
    anna = enter(guest(), gated.url)
    anna.send("Tell me a story.")
    expect(anna.messages.last).to_contain_text("begins")
    anna.page.reload()
    expect(anna.messages.last).to_contain_text("begins")
    anna.stop.click()
    anna.wait_until_ended()
    expect(anna.page.get_by_text("1 of 20 messages today")).to_be_visible()
    assert len(server.asked) == 1, "the answer that was paid for ran on"

    context, address = anna.page.context, anna.page.url
    anna.page.close()
    again = Chat(context.new_page()).open(address)
    expect(again.messages.last).to_contain_text("begins")
    again.page.get_by_role("link", name="History").click()
    expect(again.page.get_by_role("button", name="Tell me a story.")).to_be_visible()

    stolen = cookie(context)
    second = Chat(context.new_page()).open(address)
    again.page.get_by_role("button", name="Leave").click()
    again.page.get_by_role("button", name="Delete and leave").click()
    expect(again.page.get_by_role("heading", name="Welcome")).to_be_visible()
    second.composer.fill("And then?")
    second.composer.press("Enter")  # a tab of the same browser that was left open
    expect(second.page.get_by_role("heading", name="Welcome")).to_be_visible()
    mallorys = guest()  # another browser, with the password, the address and a cookie that has ended
    mallorys.context.add_cookies([stolen])
    mallory = enter(mallorys, address)
    expect(mallory.messages).to_have_count(0)
    anna = enter(again.page, address)
    expect(anna.messages).to_have_count(0)
    expect(anna.page.get_by_text("1 of 20 messages today")).to_be_visible()  # leaving is no way to a new budget
    assert len(server.asked) == 1
    assert cookie(context)["value"] != stolen["value"]


def cookie(context: BrowserContext) -> dict[str, str]:
    """The cookie of a guest, as a browser keeps it."""
    found = next(one for one in context.cookies() if "playground-guest-" in str(one.get("name")))
    assert found["httpOnly"] and found["sameSite"] == "Lax" and found["path"] == "/"
    return {name: str(found[name]) for name in ("name", "value", "domain", "path")}  # type: ignore[literal-required]
