"""Two replicas of the app behind the shipped nginx.conf, on one PostgreSQL.

A replica dies in mid-answer, and the page works under the policy of nginx. A budget that is used from both sides:
tests/unit/guests/test_metering.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import psycopg
import pytest
from basics import KEY
from browser import CHEAPLY, WAIT, App, Chat, chromium
from fake_api import USAGE, FakeAPI, stream
from files_to_attach import picture
from nginx import Nginx
from page_parts import close, inspect, share_it, tab, upload
from playwright.sync_api import Browser, BrowserContext, Page, expect
from postgres import Cluster
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

SECRET = "the same on every replica, and long enough"
LOGIN = f"""
PLAYGROUND_SHARED = "1"
PLAYGROUND_GATE = "oidc"
PLAYGROUND_GATE_ALLOWED = ["example.com"]
[auth]
redirect_uri = "http://localhost/oauth2callback"
cookie_secret = "{SECRET}"
client_id = "x"
client_secret = "x"
server_metadata_url = "http://127.0.0.1:9/"
"""
BUDGET = (
    'PLAYGROUND_SHARED = "1"\nPLAYGROUND_ALL_MESSAGES_PER_DAY = 4\nPLAYGROUND_ALL_MESSAGES_PER_MINUTE = "none"\n'
)
WORDS = tuple(f"word{number} " for number in range(400))


class Replicas:
    """Two processes of the app that share a database, and nginx before them."""

    def __init__(self, server: FakeAPI, database: str, secrets: str = "") -> None:
        common = f'AIMLAPI_API_KEY = "{KEY}"\nAIMLAPI_BASE_URL = "{server.url}"\n'
        with ThreadPoolExecutor(2) as together:  # as a host starts them; one of them makes the tables
            self.apps = list(together.map(lambda _: App(common + secrets, DATABASE_URL=database), range(2)))
        first, second = (int(app.url.rpartition(":")[2]) for app in self.apps)
        self.front = Nginx(first, second)
        self.url = self.front.url

    def serving(self, context: BrowserContext) -> App:
        """The replica that holds the visitor's tab: the cookie of nginx tells."""
        values = {cookie.get("name"): cookie.get("value") for cookie in context.cookies()}
        return self.apps[int(values["playground_replica"] or 0) - 1]

    def close(self) -> None:
        self.front.close()
        for app in self.apps:
            app.close()


@pytest.fixture
def database(cluster: Cluster) -> str:
    return cluster.new_database()


@contextmanager
def logged_in(browser: Browser, url: str, address: str = "anna@example.com") -> Iterator[Page]:
    """A browser with the cookie that Streamlit sets after a login, signed with the secret of the replicas."""
    claims = {"is_logged_in": True, "origin": url, "iss": "i", "sub": address, "email": address}
    value = create_signed_value(SECRET, "_streamlit_user", json.dumps({**claims, "email_verified": True}))
    with closing(browser.new_context(viewport={"width": 1280, "height": 900})) as context:
        context.add_cookies([{"name": "_streamlit_user", "value": value.decode(), "url": url}])
        page = context.new_page()
        page.set_default_timeout(WAIT)
        yield page


def written(page: Page, database: str, words: str) -> None:
    """Wait until an answer with these words in it is in the database."""
    with psycopg.connect(database, autocommit=True) as connection:
        for _ in range(WAIT // 100):
            found = connection.execute(
                "SELECT count(*) FROM messages WHERE body LIKE %s", [f"%{words}%"]
            ).fetchone()
            if found and found[0]:
                return
            page.wait_for_timeout(100)
    raise AssertionError(f"{words!r} was never written")


def test_a_visitor_whose_replica_dies_in_mid_answer_finds_the_conversation_on_the_other(
    page: Page, browser: Browser, server: FakeAPI, database: str
) -> None:
    """A guest without a login: which conversations are whose, the cookie of the browser tells both replicas."""
    with closing(Replicas(server, database, BUDGET)) as replicas:
        server.play(stream(*WORDS, pause=0.1))
        chat = Chat(page).open(replicas.url)
        chat.send("Tell me a long story.")
        expect(chat.messages.last).to_contain_text("word5 ")
        written(page, database, "word4 ")
        assert "c=" in page.url
        chat.composer.fill("And then")
        killed(replicas, page)  # nobody reloads: Streamlit's page looks for its server, at growing intervals
        expect(chat.messages.last).to_contain_text("interrupted", timeout=3 * WAIT)
        expect(chat.messages.last).to_contain_text("word4 ")
        chat.wait_until_ended()
        expect(chat.composer).to_have_value("And then")
        page.reload()
        expect(chat.messages.last).to_contain_text("interrupted")
        chat.wait_until_ended()
        server.play(stream("The rest of it.", usage=USAGE))
        chat.send("Go on.").wait_until_ended()
        assert "The rest of it." in chat.answer()
        asked = [message["role"] for message in server.asked[-1].body["messages"]]
        assert asked == ["user", "assistant", "user"], "the half answer is part of the conversation"
        with closing(browser.new_context()) as other:
            expect(Chat(other.new_page()).open(page.url).messages).to_have_count(0)
        assert not chat.errors


@pytest.mark.long  # how a replica dies in mid-answer of a guest is in `make test`
def test_a_login_counts_on_every_replica_and_its_conversation_goes_on_when_one_has_died_at_rest(
    browser: Browser, server: FakeAPI, database: str
) -> None:
    server.play(stream("fine", usage=USAGE))
    server.requests.clear()
    with closing(Replicas(server, database, LOGIN)) as replicas, logged_in(browser, replicas.url) as page:
        chat = Chat(page).open(replicas.url)
        chat.send("First.").wait_until_ended()
        address, home = page.url, replicas.serving(page.context)
        other = 2 if home is replicas.apps[0] else 1
        page.context.add_cookies([{"name": "playground_replica", "value": str(other), "url": replicas.url}])
        chat.open(address)
        expect(chat.messages.last).to_contain_text("fine")
        assert replicas.serving(page.context) is not home
        with logged_in(browser, replicas.url, "ben@example.com") as bens:
            expect(Chat(bens).open(address).messages).to_have_count(0)
        killed(replicas, page)
        chat.send("Second.").wait_until_ended()
        expect(chat.messages).to_have_count(4)
        asked = [message["content"] for message in server.asked[-1].body["messages"]]
        assert asked == ["First.", "fine", "Second."]
        assert len(server.asked) == 2
        assert not chat.errors


def killed(replicas: Replicas, page: Page) -> None:
    """The visitor's replica is killed, and the page has found the other one."""
    dead = replicas.serving(page.context)
    dead.process.kill()
    dead.process.wait()
    for _ in range(WAIT // 100):
        if replicas.serving(page.context) is not dead:
            return
        page.wait_for_timeout(100)
    raise AssertionError("the page did not look for another replica")


# ---- the policy -----------------------------------------------------------------------------------------


@pytest.fixture
def seeing(browser: Browser) -> Iterator[Page]:
    """A browser with a camera and a microphone, both of them made up."""
    devices = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    with closing(
        browser.browser_type.launch(executable_path=chromium(), args=["--no-sandbox", *CHEAPLY, *devices])
    ) as with_devices:
        page = with_devices.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(WAIT)
        yield page


@pytest.fixture(scope="module")
def two(server: FakeAPI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replicas]:
    with closing(Replicas(server, f"sqlite:///{tmp_path_factory.mktemp('two')}/both.db")) as replicas:
        yield replicas


def test_everything_that_loads_works_under_the_policy(seeing: Page, two: Replicas, server: FakeAPI) -> None:
    """Nothing is refused while a visitor chats, attaches, photographs, records, copies, prints, saves and looks."""
    complaints: list[str] = []
    seeing.on("console", lambda said: complaints.append(said.text) if "olicy" in said.text else None)
    seeing.add_init_script(
        "window.print = () => { window.top.document.body.dataset.printed = document.body.innerText }"
    )
    server.play(stream("# Seen\n\n```python\nprint(1)\n```\n\nIt is $x^2$.", usage=USAGE))
    chat = Chat(seeing).open(two.url)
    _photograph(chat)
    _record(chat)
    image, recording = server.asked[-1].body["messages"][-1]["content"]
    assert image["image_url"]["url"].startswith("data:image/jpeg;base64,")
    assert recording["input_audio"]["format"] == "wav"
    upload(seeing, ("red.png", picture()))
    chat.send("Look").wait_until_ended()
    expect(seeing.get_by_role("img", name="red.png")).to_be_visible()
    _copy(chat)
    _share(chat)
    dialog = inspect(chat)
    expect(dialog.get_by_test_id("stVegaLiteChart").locator("svg, canvas").first).to_be_visible()
    for name in ("Request", "Response", "Chunks", "Code"):
        chat.wait_until_settled()  # a click into a dialog that is being drawn may get lost
        tab(dialog, name)
    close(chat)
    for name in ("Models", "History", "Tools"):
        seeing.get_by_role("link", name=name).click()
        expect(seeing).to_have_title(f"{name} · Playground")
        chat.wait_until_settled()
    assert complaints == []
    assert not chat.errors


def _photograph(chat: Chat) -> None:
    chat.page.get_by_role("button", name="Attach").click()
    chat.page.get_by_text("Camera", exact=True).click()
    expect(chat.page.locator("video")).to_have_js_property("readyState", 4)
    chat.wait_until_settled()
    taken = chat.page.get_by_role("button", name="Clear photo")
    for _ in range(3):  # Streamlit's camera takes none before its own stream is ready, and says nothing
        if not taken.is_visible():
            chat.page.get_by_role("button", name="Take Photo").click()
            chat.page.wait_for_timeout(1500)
    expect(chat.page.locator(".st-key-attached").get_by_role("img", name="photo.jpg")).to_be_visible()
    chat.page.keyboard.press("Escape")
    chat.wait_until_settled()


def _record(chat: Chat) -> None:
    """A recording goes off at once, with what is attached."""
    chat.page.get_by_role("button", name="Start recording").click()
    chat.page.wait_for_timeout(1500)  # something has to be recorded
    chat.page.get_by_role("button", name="Submit recording").click()
    expect(chat.messages.last).to_contain_text("Seen")
    chat.wait_until_ended()
    expect(chat.page.get_by_test_id("stAudio")).to_be_visible()


def _copy(chat: Chat) -> None:
    actions = chat.messages.last.locator(".pg-footer")
    actions.get_by_role("button", name="Copy").click()
    expect(actions.get_by_role("button", name="Copied")).to_be_visible()


def _share(chat: Chat) -> None:
    dialog = share_it(chat)
    dialog.get_by_role("button", name="Print or save as PDF").click()
    expect(chat.page.locator("body")).to_have_attribute("data-printed", re.compile("Seen"))
    with chat.page.expect_download() as saved:
        dialog.get_by_role("button", name="Markdown").click()
    assert saved.value.failure() is None
    close(chat)


def test_the_policy_stops_a_picture_and_a_request_that_would_leave(page: Page, two: Replicas) -> None:
    Chat(page).open(two.url)
    refused = """(address) => new Promise((done) => {
        document.addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective));
        const picture = new Image(); picture.src = `${address}/x.png`;
    })"""
    assert page.evaluate(refused, "https://example.com") == "img-src"
    asked = "(address) => fetch(address).then(() => 'let out', () => 'kept in')"
    assert page.evaluate(asked, "https://example.com/") == "kept in"
    # Later, when it is no longer the test that runs it: a test may do more than a page.
    later = "() => new Promise((done) => setTimeout(() => { try { done(eval('1')) } catch { done('no') } }))"
    assert page.evaluate(later) == "no"
