"""The app in a process of its own and a real Chromium in front of it, as fixtures.

def test_something(chat: Chat, api: FakeAPI) -> None:
    api.play(stream("Hello"))
    chat.send("Hi")
    chat.ended()
    assert "Hello" in chat.answer()
"""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from basics import KEY, ROOT
from fake_api import FakeAPI, Pause, echo
from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect, sync_playwright
from store_talks import say

from backend.store import Store

# Messages in a segment, and those in a container of their own with elements of Streamlit's in their middle.
MESSAGES = '[class*="st-key-message-"], .pg-message:not([class*="st-key-message-"] *)'
SCREEN = ViewportSize(width=1280, height=900)
WAIT = 30_000  # milliseconds; generous, the machine may be busy
TIMEOUTS = {
    "PLAYGROUND_TIMEOUT_IDLE": "3",
    "PLAYGROUND_TIMEOUT_HEADERS": "5",
    "PLAYGROUND_TIMEOUT_ABANDONED": "3",
    "PLAYGROUND_TIMEOUT_FIRST_DATA": "5",
}
# The rest of an answer that arrives for longer than anybody waits: silence (HANG) would end it after IDLE seconds.
SLOWLY = (Pause(0.5), "and ") * 120
# What a page leaves behind is collected less often, and nothing moves: with that the browser loads the app with a
# quarter less work of all its threads.
CHEAPLY = ("--js-flags=--min-semi-space-size=32 --max-semi-space-size=64", "--force-prefers-reduced-motion")
expect.set_options(timeout=WAIT)


def chromium() -> str:
    """A browser to drive; where there is none the test is skipped, and under CI it fails."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = os.environ.get("PLAYGROUND_BROWSER") or next(filter(None, map(shutil.which, names)), None)
    if not found:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no Chromium: `make test` says how to get one")
    return found


KEPT = {"conversations", "messages", "tags", "documents", "prompts", "votes", "jobs", "job_steps", "saved_scripts"}


class App:
    """`streamlit run app.py` as its own process, with nothing of this machine's settings in it."""

    def __init__(self, secrets: str = "", **environment: str) -> None:
        self._folder = tempfile.TemporaryDirectory()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        secrets_file = Path(self._folder.name, "secrets.toml")
        secrets_file.write_text(secrets.replace("APP_URL", self.url))
        self.log = Path(self._folder.name, "log.txt")
        clean = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AIMLAPI_", "PLAYGROUND_TIMEOUT", "PLAYGROUND_MODEL", "PLAYGROUND_SHARED"))
            and name.lower() not in ("http_proxy", "https_proxy", "all_proxy")
        }
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
        command += ["--server.address", "127.0.0.1", "--secrets.files", str(secrets_file)]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**clean, "AIMLAPI_API_KEY": "", "DATABASE_URL": self._database(), **TIMEOUTS, **environment},
            stdout=self.log.open("wb"),
            stderr=subprocess.STDOUT,
        )
        self._wait()

    def _database(self) -> str:
        return f"sqlite:///{Path(self._folder.name, 'kept.db')}"

    def forget(self) -> None:
        """Empty its database, so that nothing was ever kept."""
        with closing(sqlite3.connect(Path(self._folder.name, "kept.db"), timeout=10)) as database, database:
            tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            for table in tables & KEPT:
                database.execute(f"DELETE FROM {table}")

    def keep(self, *contents: str) -> str:
        """A conversation of these messages, by turns, as if it had been had before; its id."""
        with closing(Store.open(self._database())) as store:
            return say(store, *contents, owner="local")[0]

    def _wait(self) -> None:
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1):
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError(f"the app did not start:\n{self.log.read_text()}")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._folder.cleanup()


class Chat:
    """What a visitor does on a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, url: str) -> Chat:
        self.page.goto(url)
        expect(self.composer).to_be_visible()
        return self.wait_until_settled()

    @property
    def composer(self) -> Locator:
        return self.page.get_by_test_id("stChatInputTextArea")

    @property
    def stop(self) -> Locator:
        return self.page.get_by_test_id("stBottomBlockContainer").get_by_role("button", name="Stop")

    @property
    def messages(self) -> Locator:
        return self.page.locator(MESSAGES)

    def send(self, text: str) -> Chat:
        self.composer.fill(text)
        self.enter()
        expect(self.messages.filter(has_text=text[:60]).first).to_be_visible()
        return self

    def enter(self) -> None:
        """Enter does nothing, as the button beside it says, while a file is on its way to the app."""
        expect(self.page.get_by_role("button", name="Send message")).to_be_enabled()
        self.composer.press("Enter")

    def wait_until_ended(self) -> Chat:
        """Wait until no answer runs and the last one has its actions, or says what failed."""
        self.wait_until_settled()  # what failed before stays until the run that draws the question is over
        last = self.messages.last
        over = last.get_by_role("button", name="Regenerate").or_(last.get_by_test_id("stAlert"))
        expect(over.first).to_be_visible()
        expect(self.stop).to_have_count(0)
        # The parts of the page are drawn one by one: under load the sidebar was a second behind the answer.
        return self.wait_until_settled()

    def wait_until_settled(self) -> Chat:
        """Wait for the end of the run: a key pressed in the middle may meet a composer that is being filled."""
        expect(self.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
        return self

    @property
    def again(self) -> Locator:
        return self.messages.last.get_by_role("button", name="Try again")

    def another(self, url: str) -> Chat:
        """An empty chat: in the page that is open if nothing goes on there, or else as of somebody who comes."""
        here = self.page.url.partition("?")[0].rstrip("/") == url
        if not here or self.page.get_by_role("dialog").or_(self.stop).count() or self.composer.input_value():
            return self.open(url)
        if self.messages.count():
            self.page.get_by_role("button", name="New chat").click()
            expect(self.messages).to_have_count(0)
        return self.wait_until_settled()

    def answer(self) -> str:
        return self.messages.last.inner_text()


def at_rest(page: Page, script: str) -> object:
    """What a script gives once it gives the same three times in a row, 200 ms apart: nothing moves any more."""
    seen = [page.evaluate(script)]
    while len(seen) < 3 or seen[-1] != seen[-2] or seen[-2] != seen[-3]:
        page.wait_for_timeout(200)
        seen.append(page.evaluate(script))
        assert len(seen) < WAIT / 200, "it never came to rest"
    return seen[-1]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", *CHEAPLY])
        yield found
        found.close()


@pytest.fixture(scope="session")
def far_end() -> Iterator[FakeAPI]:
    with FakeAPI() as found:
        yield found


@pytest.fixture(scope="module")
def server(far_end: FakeAPI) -> FakeAPI:
    """The scripted server: asked nothing yet, and an echo until it is told otherwise."""
    far_end.requests.clear()
    return far_end.play(echo)


@pytest.fixture(scope="session")
def app(far_end: FakeAPI) -> Iterator[App]:
    """The app with a configured key, talking to the scripted server. One for all tests: a start takes seconds."""
    found = App(f'AIMLAPI_API_KEY = "{KEY}"\nAIMLAPI_BASE_URL = "{far_end.url}"\n')
    yield found
    found.close()


@pytest.fixture(scope="session")
def _keeping(far_end: FakeAPI) -> Iterator[App]:
    found = App(f'AIMLAPI_API_KEY = "{KEY}"\nAIMLAPI_BASE_URL = "{far_end.url}"\n')
    yield found
    found.close()


@pytest.fixture
def keeping(_keeping: App, server: FakeAPI) -> App:
    """The app with an empty database, talking to the scripted server."""
    _keeping.forget()
    return _keeping


@pytest.fixture(scope="session")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """One visitor after another sits down at it: what was loaded once is read from its cache."""
    with _window(browser) as found:
        yield found


@pytest.fixture(scope="session")
def tab(window: BrowserContext) -> Page:
    """Never closed: it loads the app with half the work of a new one, and loading was half the work of a test."""
    return window.new_page()


@pytest.fixture
def page(window: BrowserContext, tab: Page) -> Iterator[Page]:
    """Somebody who was never here."""
    tab.set_viewport_size(SCREEN)
    yield tab
    _leave(window, tab)


@pytest.fixture
def fresh(window: BrowserContext, tab: Page) -> Iterator[Page]:
    """The same in a new tab, to be listened to and meddled with."""
    yield window.new_page()
    _leave(window, tab)


@pytest.fixture
def guest(browser: Browser) -> Iterator[Callable[[], Page]]:
    """One new person after another, each with a browser of their own."""
    with ExitStack() as windows:
        yield lambda: windows.enter_context(_window(browser)).new_page()


@pytest.fixture
def chat(page: Page, app: App) -> Iterator[Chat]:
    """The front page."""
    found = Chat(page).open(app.url)
    yield found
    assert not found.errors, found.errors


@pytest.fixture(scope="session")
def _parlour(browser: Browser) -> Iterator[BrowserContext]:
    """Another window, where nobody sets anything."""
    with _window(browser) as found:
        yield found


@pytest.fixture(scope="module")
def _open_tab(_parlour: BrowserContext) -> Iterator[Page]:
    found = _parlour.new_page()
    yield found
    if not found.url.startswith("about:"):
        found.evaluate("localStorage.clear()")
    found.close()  # nobody looks at it for a while


@pytest.fixture
def talk(_open_tab: Page, app: App) -> Iterator[Chat]:
    """An empty chat on the front page, for whoever sets nothing there: the next one in the tab of the one before.

    That costs a sixth of loading the app.
    """
    found = Chat(_open_tab).another(app.url)
    yield found
    assert not found.errors, found.errors


@contextmanager
def _window(browser: Browser) -> Iterator[BrowserContext]:
    """An empty one, closed at the end."""
    found = browser.new_context(viewport=SCREEN)
    found.set_default_timeout(WAIT)
    with found:
        yield found


def _leave(window: BrowserContext, tab: Page) -> None:
    """Nothing is left of a visitor: no page, no cookie, nothing stored, no permission."""
    for page in window.pages:
        origin = "/".join(page.url.split("/")[:3])
        if origin.startswith("http"):  # told to the browser, not to the page: that one may be busy
            browser = window.new_cdp_session(page)
            browser.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "local_storage"})
        if page is not tab:
            page.close()
        elif origin.startswith("http"):
            page.evaluate("sessionStorage.clear()")
            page.goto("about:blank")
    window.clear_cookies()
    window.clear_permissions()
