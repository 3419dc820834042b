"""The apps that are compared, and a page of one of them: bench/side_by_side.py has the measurements."""

from __future__ import annotations

import base64
import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from browser import App  # noqa: E402
from fake_api import FakeAPI  # noqa: E402
from playwright.sync_api import Browser, Page  # noqa: E402

OWN, PLAIN, FLOOR = "this app", "plain Streamlit", "bare page"
APPS = (OWN, PLAIN, FLOOR)

# Notes when a text is first on the page, and for each token t<ms>. how late it is.
WATCH = """messages => {
  const now = () => performance.timeOrigin + performance.now();
  window.seen = {};
  window.lags = [];
  window.wanted = [];
  let last = 0;
  const look = () => {
    const text = [...document.querySelectorAll(messages)].slice(-2).map((one) => one.textContent).join(" ");
    for (const word of window.wanted) if (!(word in window.seen) && text.includes(word)) window.seen[word] = now();
    for (const [, sent] of text.slice(-4000).matchAll(/t(\\d+\\.\\d)\\./g)) {
      if (+sent > last) { window.lags.push(now() - +sent); last = +sent; }
    }
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
  document.addEventListener("keydown", () => { window.pressed = now(); }, { capture: true });
}"""

# Records when the box is drawn. Polled from outside, as by `wait_for`, it would be noticed up to 0.1 s later.
OPENED = """(() => {
  const look = new MutationObserver(() => {
    if (!document.querySelector(%r)) return;
    look.disconnect();
    requestAnimationFrame(() => { window.opened = performance.now(); });
  });
  look.observe(document, { subtree: true, childList: true });
})()"""


@dataclass
class Site:
    """One of the apps, and the process that serves it."""

    name: str
    url: str
    pid: int
    box: str  # the text box
    messages: str  # the messages


@contextlib.contextmanager
def sites(api: FakeAPI) -> Iterator[list[Site]]:
    """All three, talking to the scripted server."""
    app = App(f'AIMLAPI_API_KEY = "sk-bench-0123456789abcdef"\nAIMLAPI_BASE_URL = "{api.url}"\n')
    streamlit_box = "[data-testid=stChatInputTextArea]"
    plain, plain_url = _serve(api, "streamlit", "run", "bench/plain_streamlit.py", "--server.port", "{port}")
    floor, floor_url = _serve(api, "bench.floor", "{port}", api.url)
    try:
        yield [
            Site(OWN, app.url, app.process.pid, streamlit_box, ".pg-echo, .pg-message"),
            Site(PLAIN, plain_url, plain.pid, streamlit_box, "[data-testid=stChatMessage]"),
            Site(FLOOR, floor_url, floor.pid, "textarea", "article"),
        ]
    finally:
        for process in (plain, floor):
            process.kill()
        app.close()


def _serve(api: FakeAPI, module: str, *arguments: str) -> tuple[subprocess.Popen[bytes], str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", module, *(word.format(port=port) for word in arguments)]
    environment = {**os.environ, "UPSTREAM": api.url}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    for _ in range(200):
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=1):
            return process, url
        time.sleep(0.1)
    raise RuntimeError(f"{module} did not start")


def _frame(response: dict[str, Any]) -> int:
    """The bytes of a frame: a binary one is given in base64."""
    text = str(response["payloadData"])
    return len(base64.b64decode(text)) if response["opcode"] == 2 else len(text.encode())


class Visit:
    """A page of one site."""

    def __init__(self, browser: Browser, site: Site, api: FakeAPI) -> None:
        self.site, self.api = site, api
        self.page: Page = browser.new_page()
        self.bytes = self.requests = 0
        session = self.page.context.new_cdp_session(self.page)
        session.send("Network.enable")
        session.send("Performance.enable")
        session.on("Network.dataReceived", lambda event: self._count(event["dataLength"]))
        session.on("Network.webSocketFrameReceived", lambda event: self._count(_frame(event["response"])))
        session.on("Network.requestWillBeSent", lambda event: self._ask())
        self._session = session
        self.page.add_init_script(OPENED % site.box)
        self.opened = self.open()  # seconds, with an empty cache

    def open(self) -> float:
        """Load or reload the page: seconds until one can type."""
        self.requests = 0
        self.page.goto(self.site.url)
        self.page.locator(self.site.box).wait_for()
        self.page.wait_for_function("window.opened")
        seconds = float(self.page.evaluate("window.opened")) / 1000
        self.page.evaluate(WATCH, self.site.messages)
        self._settle()
        return seconds

    def _settle(self) -> None:
        """Wait until nothing more loads: it must not affect the next measurement."""
        before = -1
        while before != self.bytes:
            before = self.bytes
            self.page.wait_for_timeout(500)

    def _count(self, length: int) -> None:
        self.bytes += length

    def _ask(self) -> None:
        self.requests += 1

    @property
    def busy(self) -> float:
        """Seconds of work on the main thread of the page."""
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))

    def send(self, text: str, *wanted: str) -> None:
        self.page.evaluate("words => { window.wanted = words; window.seen = {}; window.lags = []; }", list(wanted))
        self.type(text)
        self.page.wait_for_timeout(200)
        self.enter()

    def type(self, text: str) -> None:
        self.page.locator(self.site.box).fill(text)

    def enter(self) -> None:
        self.page.locator(self.site.box).press("Enter")

    def until(self, word: str) -> None:
        self.page.wait_for_function("word => word in window.seen", arg=word, timeout=120_000)
        self.page.wait_for_timeout(400)

    def after_enter(self, word: str) -> float:
        """Milliseconds from Enter until a word was on the page."""
        return float(self.page.evaluate("word => window.seen[word] - window.pressed", word))

    def lags(self) -> list[float]:
        """Milliseconds from sent to shown of the tokens since the last question, the shortest first."""
        return sorted(self.page.evaluate("window.lags"))
