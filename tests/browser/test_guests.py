"""A shared app in a real browser: two guests and one budget, the owner's switch, and a gate that nothing passes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing

import axe
import pytest
import requests
from basics import ROOT
from browser import App, Chat
from fake_api import USAGE, FakeAPI, stream
from page_parts import open_connection
from playwright.sync_api import Page, expect
from sharing import GATE, PASSWORD, field, start
from wire import Wire, sent_text, was_drawn

from backend.guests import access

OWNERS = "mine alone"
OWN_KEY = "sk-visitor-0a1b2c3d4e5f6071829a"
PAGES = ["", *(path.stem.partition("_")[2] for path in sorted((ROOT / "pages").glob("*.py")))]
SHARED = f"""
PLAYGROUND_SHARED = "1"
PLAYGROUND_OWNER_PASSWORD = "{access.hashed(OWNERS)}"
PLAYGROUND_GUEST_MESSAGES_PER_DAY = 2
PLAYGROUND_ALL_MESSAGES_PER_DAY = 3
"""


@pytest.fixture(autouse=True)
def _asked_nothing(server: FakeAPI) -> None:
    server.play(lambda _: stream("fine", usage=USAGE))
    server.requests.clear()


@pytest.fixture
def shared(server: FakeAPI) -> Iterator[App]:
    """With a budget that nobody has used."""
    with closing(start(server, SHARED)) as app:
        yield app


@pytest.fixture(scope="module")
def gated(server: FakeAPI) -> Iterator[App]:
    with closing(start(server, GATE)) as app:
        yield app


def refused(chat: Chat, words: str) -> None:
    expect(chat.page.get_by_text(words).last).to_be_visible()
    chat.wait_until_ended()


# ---- budgets --------------------------------------------------------------------------------------------


def test_a_budget_runs_out_in_words_and_the_owner_pauses_guests(
    shared: App, guest: Callable[[], Page], server: FakeAPI
) -> None:
    anna = Chat(guest()).open(shared.url)
    expect(anna.page.get_by_text("0 of 2 messages today")).to_be_visible()
    anna.send("one").wait_until_ended()
    expect(anna.page.get_by_text("1 of 2 messages today")).to_be_visible()
    owner = guest()
    sign_in(owner, shared)
    expect(owner.get_by_text("1 of 3")).to_be_visible()
    expect(owner.get_by_test_id("stDataFrame")).to_be_visible()
    expect(owner.get_by_role("button", name="Pause guests")).to_be_visible()
    assert axe.violations(owner) == []
    owner.get_by_role("button", name="Pause guests").press("Enter")
    expect(owner.get_by_role("button", name="Open again")).to_be_focused()  # it takes the place of what was pressed
    anna.send("two")
    refused(anna, "Paused by the owner.")
    assert len(server.asked) == 1
    owner.get_by_role("button", name="Open again").click()
    expect(owner.get_by_role("button", name="Pause guests")).to_be_visible()
    anna.again.click()
    expect(anna.page.get_by_text("2 of 2 messages today")).to_be_visible()
    anna.send("the third question")
    refused(anna, "You have used your budget for today: 2 messages.")
    expect(anna.composer).to_have_value("")  # it is in the chat
    assert len(server.asked) == 2

    open_connection(anna.page)
    field(anna.page, "Use your own key instead").fill(OWN_KEY)
    field(anna.page, "Use your own key instead").press("Enter")
    expect(anna.page.get_by_text(f"ending in {OWN_KEY[-4:]}")).to_be_visible()
    expect(anna.page.get_by_text("messages today")).to_have_count(0)
    anna.again.click()
    expect(anna.messages.last).to_contain_text("fine")
    assert server.asked[-1].headers["authorization"] == f"Bearer {OWN_KEY}"
    assert "max_tokens" not in server.asked[-1].body, "nothing is limited on one's own key"
    assert server.asked[0].body["max_tokens"] == 2048
    assert not anna.errors


def sign_in(owner: Page, app: App) -> None:
    owner.goto(f"{app.url}/Owner")
    expect(owner.get_by_role("link", name="Owner")).to_have_count(0)
    field(owner, "The owner's password").fill(OWNERS)
    owner.get_by_role("button", name="Sign in").click()
    expect(owner.get_by_role("link", name="Owner")).to_be_visible()


# ---- the gate -------------------------------------------------------------------------------------------


def test_a_deep_link_stops_at_the_gate_and_opens_behind_it(
    gated: App, guest: Callable[[], Page], server: FakeAPI
) -> None:
    """Every page and what waits how long: tests/unit/guests/test_access.py."""
    chat = Chat(guest())
    page = chat.page
    page.goto(f"{gated.url}/Tools?model=fake/beta&c={'0' * 32}")
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    expect(page.get_by_test_id("stSidebar")).to_have_count(0)
    expect(page.get_by_test_id("stChatInput")).to_have_count(0)
    assert axe.violations(page) == []
    for password in ("guess", PASSWORD):
        assert not server.requests, "nobody was asked anything"
        field(page, "Password").fill(password)
        page.get_by_role("button", name="Come in").click()
        if password != PASSWORD:
            expect(page.get_by_text("That is not the password.")).to_be_visible()
            expect(field(page, "Password")).to_have_value("")  # taken: two clicks at once would be one
    expect(page.get_by_role("heading", name="Give the model a tool")).to_be_visible()
    expect(field(page, "Password")).to_have_count(0)
    assert not chat.errors
    assert PASSWORD not in page.content()


# ---- without a browser, as somebody who knows the protocol ------------------------------------------------


def test_nothing_that_is_sent_past_the_gate_does_anything(gated: App, server: FakeAPI) -> None:
    inside = Wire(gated)
    assert not was_drawn(inside.seen, "composer")
    inside.enter(PASSWORD)
    composer = inside.widget("composer")
    inside.run(**{composer: sent_text("from inside")})
    stale = inside.widget("new_chat")
    assert [request.prompt for request in server.asked] == ["from inside"]

    outside = Wire(gated)
    came = outside.run(**{composer: sent_text("from outside")})
    for page in PAGES:
        came += outside.run(page, **{composer: sent_text("from outside"), "session": {"string_value": "x"}})
        came += outside.run(page, **{stale: {"trigger_value": True}, "admission": {"string_value": "open"}})
    assert len(server.asked) == 1
    assert b"Welcome" in came and not was_drawn(came, "composer") and b"from inside" not in came


def test_a_guest_who_has_left_can_do_nothing_any_more(gated: App, server: FakeAPI) -> None:
    wire = Wire(gated)
    wire.enter(PASSWORD)
    composer, leave = wire.widget("composer"), wire.widget("gate.leave")
    assert b"Welcome" in wire.run(**{leave: {"trigger_value": True}})
    came = wire.run(**{composer: sent_text("after leaving"), leave: {"trigger_value": True}})
    assert not server.asked and b"Welcome" in came and not was_drawn(came, "composer")


def test_an_upload_is_kept_behind_the_gate_alone(gated: App, server: FakeAPI) -> None:
    inside = Wire(gated)
    inside.enter(PASSWORD)
    assert inside.upload() == 204 and _kept(gated) > 0
    with closing(start(server, GATE)) as empty:
        assert Wire(empty).upload() == 204, "taken off the wire, and dropped"
        left = Wire(empty)
        left.enter(PASSWORD)
        assert left.upload() == 204
        left.run(**{left.widget("gate.leave"): {"trigger_value": True}})
        assert _kept(empty) == 0


def _kept(app: App) -> int:
    """Bytes of uploads that the app holds, as it says itself; for some time after, it says the same again."""
    text = requests.get(f"{app.url}/_stcore/metrics", timeout=10).text
    found = re.search(r'cache_type="UploadedFileManager"[^}]*\} (\d+)', text)
    return int(found[1]) if found else 0
