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
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_api import FakeAPI, Pause
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

ROOT = Path(__file__).parents[1]
KEY = "sk-test-0123456789abcdefghijklmnop"
WAIT = 30_000  # milliseconds; generous, the machine may be busy
TIMEOUTS = {
    "PLAYGROUND_TIMEOUT_IDLE": "3",
    "PLAYGROUND_TIMEOUT_HEADERS": "5",
    "PLAYGROUND_TIMEOUT_ABANDONED": "3",
    "PLAYGROUND_TIMEOUT_FIRST_DATA": "5",
}
# The rest of an answer that arrives for longer than anybody waits: silence (HANG) would end it after IDLE seconds.
SLOWLY = (Pause(0.5), "and ") * 120
expect.set_options(timeout=WAIT)


def chromium() -> str:
    """A browser to drive; where there is none the test is skipped, and under CI it fails."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = os.environ.get("PLAYGROUND_BROWSER") or next(filter(None, map(shutil.which, names)), None)
    if not found:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no Chromium: `make test` says how to get one")
    return found


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
        return self.settled()

    @property
    def composer(self) -> Locator:
        return self.page.get_by_test_id("stChatInputTextArea")

    @property
    def stop(self) -> Locator:
        return self.page.get_by_test_id("stBottomBlockContainer").get_by_role("button", name="Stop")

    @property
    def messages(self) -> Locator:
        return self.page.get_by_test_id("stChatMessage")

    def send(self, text: str) -> Chat:
        self.composer.fill(text)
        self.enter()
        expect(self.messages.filter(has_text=text[:60]).first).to_be_visible()
        return self

    def enter(self) -> None:
        """Enter does nothing, as the button beside it says, while a file is on its way to the app."""
        expect(self.page.get_by_role("button", name="Send message")).to_be_enabled()
        self.composer.press("Enter")

    def ended(self) -> Chat:
        """Wait until no answer runs and the last one has its actions."""
        expect(self.messages.last.get_by_role("button", name="Regenerate").or_(self.again)).to_be_visible()
        expect(self.stop).to_have_count(0)
        # The parts of the page are drawn one by one: under load the sidebar was a second behind the answer.
        return self.settled()

    def settled(self) -> Chat:
        """Wait for the end of the run: a key pressed in the middle may meet a composer that is being filled."""
        expect(self.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
        return self

    @property
    def again(self) -> Locator:
        return self.messages.last.get_by_role("button", name="Try again")

    def answer(self) -> str:
        return self.messages.last.inner_text()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="module")
def server() -> Iterator[FakeAPI]:
    with FakeAPI() as found:
        yield found


@pytest.fixture(scope="module")
def app(server: FakeAPI) -> Iterator[App]:
    """The app with a configured key, talking to the scripted server."""
    found = App(f'AIMLAPI_API_KEY = "{KEY}"\nAIMLAPI_BASE_URL = "{server.url}"\n')
    yield found
    found.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    found = context.new_page()
    found.set_default_timeout(WAIT)
    yield found
    context.close()


@pytest.fixture
def chat(page: Page, app: App) -> Iterator[Chat]:
    found = Chat(page).open(app.url)
    yield found
    assert not found.errors, found.errors
