"""A shared app in a real browser: two guests and one budget, the owner's switch, and a gate that nothing passes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest
import requests
from basics import KEY, ROOT
from browser import App, Chat
from fake_api import USAGE, FakeAPI, stream
from playwright.sync_api import Locator, Page, expect
from wire import Wire, drawn, said

from backend.guests import access

PASSWORD, OWNERS = "open sesame", "mine alone"
OWN_KEY = "sk-visitor-0a1b2c3d4e5f6071829a"
PAGES = ["", *(path.stem.partition("_")[2] for path in sorted((ROOT / "pages").glob("*.py")))]
SHARED = f"""
PLAYGROUND_SHARED = "1"
PLAYGROUND_OWNER_PASSWORD = "{access.hashed(OWNERS)}"
PLAYGROUND_GUEST_MESSAGES_PER_DAY = 2
PLAYGROUND_ALL_MESSAGES_PER_DAY = 3
"""
GATE = f"""
PLAYGROUND_SHARED = "1"
PLAYGROUND_GATE = "password"
PLAYGROUND_GATE_PASSWORD = "{access.hashed(PASSWORD)}"
"""
Start = Callable[..., App]


@pytest.fixture
def start(server: FakeAPI) -> Iterator[Start]:
    """An app of its own: budgets are kept, so each test has its own."""
    started: list[App] = []

    def made(secrets: str) -> App:
        common = f'AIMLAPI_API_KEY = "{KEY}"\nAIMLAPI_BASE_URL = "{server.url}"\n'
        started.append(App(common + secrets))
        return started[-1]

    server.play(lambda _: stream("fine", usage=USAGE))
    server.requests.clear()
    yield made
    for app in started:
        app.close()


def field(page: Page, label: str) -> Locator:
    return page.locator(f'input[aria-label="{label}"]')


def refused(chat: Chat, words: str) -> None:
    expect(chat.page.get_by_text(words).last).to_be_visible()
    chat.ended()


# ---- budgets --------------------------------------------------------------------------------------------


def test_a_budget_runs_out_in_words_and_a_key_of_ones_own_goes_on(
    start: Start, guest: Callable[[], Page], server: FakeAPI
) -> None:
    app = start(SHARED)
    anna = Chat(guest()).open(app.url)
    expect(anna.page.get_by_text("0 of 2 messages today")).to_be_visible()
    anna.send("one").ended()
    expect(anna.page.get_by_text("1 of 2 messages today")).to_be_visible()
    anna.send("two").ended()
    expect(anna.page.get_by_text("2 of 2 messages today")).to_be_visible()
    anna.send("the third question")
    refused(anna, "You have used your budget for today: 2 messages.")
    expect(anna.composer).to_have_value("the third question")
    assert len(server.asked) == 2

    ben = Chat(guest()).open(app.url)
    expect(ben.page.get_by_text("0 of 2 messages today")).to_be_visible()
    ben.send("from Ben").ended()
    ben.send("one more from Ben")
    refused(ben, "All guests together have used the budget for today: 3 messages.")
    assert len(server.asked) == 3

    field(anna.page, "Use your own key instead").fill(OWN_KEY)
    field(anna.page, "Use your own key instead").press("Enter")
    expect(anna.page.get_by_text(f"ending in {OWN_KEY[-4:]}")).to_be_visible()
    expect(anna.page.get_by_text("messages today")).to_have_count(0)
    anna.enter()
    expect(anna.messages.last).to_contain_text("fine")
    assert server.asked[-1].headers["authorization"] == f"Bearer {OWN_KEY}"
    assert "max_tokens" not in server.asked[-1].body, "nothing is limited on one's own key"
    assert server.asked[0].body["max_tokens"] == 2048
    assert not anna.errors and not ben.errors


def test_a_new_tab_does_not_give_a_new_budget_for_all(start: Start, guest: Callable[[], Page]) -> None:
    app = start(SHARED)
    page = guest()
    for number in range(3):
        Chat(page).open(app.url).send(f"question {number}").ended()
        page.reload()
    refused(Chat(page).open(app.url).send("question 4"), "All guests together have used the budget for today")


def test_the_owner_sees_the_use_and_pauses_guests_at_once(
    start: Start, guest: Callable[[], Page], server: FakeAPI
) -> None:
    app = start(SHARED)
    anna = Chat(guest()).open(app.url)
    anna.send("one").ended()
    owner = guest()
    owner.goto(f"{app.url}/Owner")
    expect(owner.get_by_role("link", name="Owner")).to_have_count(0)
    field(owner, "The owner's password").fill("guess")
    owner.get_by_role("button", name="Sign in").click()
    expect(owner.get_by_text("That is not the password.")).to_be_visible()
    field(owner, "The owner's password").fill(OWNERS)
    owner.get_by_role("button", name="Sign in").click()
    expect(owner.get_by_text("1 of 3")).to_be_visible()
    expect(owner.get_by_role("link", name="Owner")).to_be_visible()
    expect(owner.get_by_test_id("stDataFrame")).to_be_visible()
    owner.get_by_role("button", name="Pause guests").click()
    expect(owner.get_by_role("button", name="Open again")).to_be_visible()
    anna.send("two")
    refused(anna, "Paused by the owner.")
    assert len(server.asked) == 1
    owner.get_by_role("button", name="Open again").click()
    expect(owner.get_by_role("button", name="Pause guests")).to_be_visible()
    anna.again.click()
    expect(anna.messages.last).to_contain_text("fine")
    assert not anna.errors


def test_a_longer_answer_is_told_beside_the_control(
    start: Start, guest: Callable[[], Page], server: FakeAPI
) -> None:
    app = start('PLAYGROUND_SHARED = "1"\nPLAYGROUND_GUEST_MAX_TOKENS = 300\n')
    chat = Chat(guest()).open(f"{app.url}?max_tokens=5000")
    expect(chat.page.get_by_text("300 is sent: that is the most for guests.")).to_be_visible()
    chat.settled().send("Hi").ended()
    assert server.asked[-1].body["max_tokens"] == 300


# ---- the gate -------------------------------------------------------------------------------------------


def enter(page: Page, password: str = PASSWORD) -> None:
    field(page, "Password").fill(password)
    page.get_by_role("button", name="Come in").click()


def test_every_deep_link_ends_at_the_gate_and_opens_behind_it(
    start: Start, guest: Callable[[], Page], server: FakeAPI
) -> None:
    app = start(GATE)
    for name in PAGES:
        page = guest()
        errors: list[str] = []
        page.on("pageerror", lambda error, errors=errors: errors.append(str(error)))
        page.goto(f"{app.url}/{name}?model=fake/beta&c={'0' * 32}")
        expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
        expect(page.get_by_test_id("stSidebar")).to_have_count(0)
        expect(page.get_by_test_id("stChatInput")).to_have_count(0)
        assert name or not server.requests, "nobody was asked anything"
        enter(page)
        expect(page.get_by_test_id("stSidebar")).to_be_visible()
        expect(page.get_by_role("heading", name="Welcome")).to_have_count(0)
        expect(field(page, "Password")).to_have_count(0)
        assert not errors
        assert PASSWORD not in page.content()


def test_a_wrong_password_waits_and_the_right_one_works_after_it(start: Start, guest: Callable[[], Page]) -> None:
    page = guest()
    page.goto(start(GATE).url)
    for _ in range(3):
        enter(page, "guess")
        expect(field(page, "Password")).to_have_value("")  # taken: two clicks at once would be one
        expect(page.get_by_text("That is not the password.")).to_be_visible()
    expect(page.get_by_text(re.compile(r"Wait \d+ second"))).to_be_visible()
    page.wait_for_timeout(2500)
    enter(page)
    expect(page.get_by_test_id("stChatInput")).to_be_visible()


def test_a_login_counts_when_its_address_is_on_the_list(start: Start, guest: Callable[[], Page]) -> None:
    """The cookie is what Streamlit itself sets after a login: signed with the secret of the app."""
    from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

    app = start(
        'PLAYGROUND_SHARED = "1"\nPLAYGROUND_GATE = "oidc"\nPLAYGROUND_GATE_ALLOWED = ["example.com"]\n'
        '[auth]\nredirect_uri = "http://localhost/oauth2callback"\ncookie_secret = "of-this-test-only"\n'
        'client_id = "x"\nclient_secret = "x"\nserver_metadata_url = "http://127.0.0.1:9/"\n'
    )
    for address, secret, heading in (
        ("anna@example.com", "of-this-test-only", "What would you like to ask?"),
        ("eve@evil.org", "of-this-test-only", "Not on the list"),
        ("anna@example.com", "guessed", "Welcome"),
    ):
        said = {"is_logged_in": True, "origin": app.url, "iss": "i", "sub": address, "email": address}
        value = create_signed_value(secret, "_streamlit_user", json.dumps({**said, "email_verified": True}))
        page = guest()
        page.context.add_cookies([{"name": "_streamlit_user", "value": value.decode(), "url": app.url}])
        page.goto(app.url)
        expect(page.get_by_role("heading", name=heading)).to_be_visible()


# ---- without a browser, as somebody who knows the protocol ------------------------------------------------


def test_nothing_that_is_sent_past_the_gate_does_anything(start: Start, server: FakeAPI) -> None:
    app = start(GATE)
    inside = Wire(app)
    assert not drawn(inside.seen, "composer")
    inside.enter(PASSWORD)
    composer = inside.widget("composer")
    inside.run(**{composer: said("from inside")})
    stale = inside.widget("new_chat")
    assert [request.prompt for request in server.asked] == ["from inside"]

    outside = Wire(app)
    came = outside.run(**{composer: said("from outside")})
    for page in PAGES:
        came += outside.run(page, **{composer: said("from outside"), "session": {"string_value": "x"}})
        came += outside.run(page, **{stale: {"trigger_value": True}, "admission": {"string_value": "open"}})
    assert len(server.asked) == 1
    assert b"Welcome" in came and not drawn(came, "composer") and b"from inside" not in came


def test_whoever_has_left_can_do_nothing_any_more(start: Start, server: FakeAPI) -> None:
    wire = Wire(start(GATE))
    wire.enter(PASSWORD)
    composer, leave = wire.widget("composer"), wire.widget("gate.leave")
    assert b"Welcome" in wire.run(**{leave: {"trigger_value": True}})
    came = wire.run(**{composer: said("after leaving"), leave: {"trigger_value": True}})
    assert not server.asked and b"Welcome" in came and not drawn(came, "composer")


def test_an_upload_before_the_gate_is_not_kept(start: Start) -> None:
    outside, inside, left = start(GATE), start(GATE), start(GATE)
    assert Wire(outside).upload() == 204, "taken off the wire, and dropped"
    assert _kept(outside) == 0
    wires = [Wire(inside), Wire(left)]
    for wire in wires:
        wire.enter(PASSWORD)
        assert wire.upload() == 204
    wires[1].run(**{wires[1].widget("gate.leave"): {"trigger_value": True}})
    assert _kept(inside) > 0 and _kept(left) == 0


def _kept(app: App) -> int:
    """Bytes of uploads that the app holds, as it says itself; for some time after, it says the same again."""
    text = requests.get(f"{app.url}/_stcore/metrics", timeout=10).text
    found = re.search(r'cache_type="UploadedFileManager"[^}]*\} (\d+)', text)
    return int(found[1]) if found else 0
