"""This app, the shortest Streamlit chat and a bare page in one Chromium: `python -m bench.side_by_side`.

Takes about four minutes. Each token carries the time at which the scripted server sent it, so a lag is how long it
took to the screen. Numbers of one run compare with each other, not with another machine's.
"""

from __future__ import annotations

import contextlib
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from browser import App, chromium  # noqa: E402
from fake_api import FakeAPI, Pause, Reply, Step, chunk, data, stream  # noqa: E402
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from bench.people import cpu_seconds  # noqa: E402

TRIES = 7
TOKENS, PACE = 2_000, 0.005  # of the long answer: 200 tokens a second
OWN, APPS = "this app", ("this app", "plain Streamlit", "bare page")

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


@dataclass
class Site:
    """One of the apps, and the process that serves it."""

    name: str
    url: str
    pid: int
    box: str  # where one types
    messages: str  # where they are shown


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
            Site(APPS[1], plain_url, plain.pid, streamlit_box, "[data-testid=stChatMessage]"),
            Site(APPS[2], floor_url, floor.pid, "textarea", "article"),
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


class Visit:
    """A page of one site."""

    def __init__(self, browser: Browser, site: Site, api: FakeAPI) -> None:
        self.site, self.api = site, api
        self.page: Page = browser.new_page()
        self.bytes = 0
        session = self.page.context.new_cdp_session(self.page)
        session.send("Network.enable")
        session.send("Performance.enable")
        session.on("Network.dataReceived", lambda event: self._count(event["dataLength"]))
        session.on(
            "Network.webSocketFrameReceived", lambda event: self._count(len(event["response"]["payloadData"]))
        )
        self._session = session
        self.page.goto(site.url)
        self.page.locator(site.box).wait_for()
        self.page.evaluate(WATCH, site.messages)

    def _count(self, length: int) -> None:
        self.bytes += length

    @property
    def busy(self) -> float:
        """Seconds that the main thread of the page has worked."""
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))

    def send(self, text: str, *wanted: str) -> None:
        self.page.evaluate("words => { window.wanted = words; window.seen = {}; window.lags = []; }", list(wanted))
        box = self.page.locator(self.site.box)
        box.fill(text)
        self.page.wait_for_timeout(200)
        box.press("Enter")

    def until(self, word: str) -> None:
        self.page.wait_for_function("word => word in window.seen", arg=word, timeout=120_000)
        self.page.wait_for_timeout(400)

    def after_enter(self, word: str) -> float:
        """Milliseconds from Enter until a word was on the page."""
        return float(self.page.evaluate("word => window.seen[word] - window.pressed", word))


# ---- what is measured -----------------------------------------------------------------------------------


def short(visit: Visit, messages: int) -> dict[str, float]:
    """A question and a first token, in a conversation of so many messages."""
    visit.api.play(stream("An answer of **some** words with `code`.\n\n- one\n- two\n"))
    for number in range(messages // 2):
        visit.send(f"Question {number}.", f"Question {number}.")
        visit.until(f"Question {number}.")
    own, first, leaves = [], [], []
    for number in range(TRIES):
        visit.api.play(stream(f"first{number}.", Pause(0.2), " The end."))
        visit.send(f"asked{number}.", f"asked{number}.", f"first{number}.")
        visit.until(f"first{number}.")
        own.append(visit.after_enter(f"asked{number}."))
        first.append(visit.after_enter(f"first{number}."))
        pressed = float(visit.page.evaluate("window.pressed"))
        left = time.time() - (time.monotonic() - visit.api.asked[-1].at)
        leaves.append(left * 1000 - pressed)
    name = f"{messages} messages"
    return {
        f"Enter -> request leaves, ms ({name})": statistics.median(leaves),
        f"Enter -> own message shown, ms ({name})": statistics.median(own),
        f"Enter -> first token shown, ms ({name})": statistics.median(first),
    }


def long(visit: Visit) -> dict[str, float]:
    """An answer of many tokens, each with its time."""

    def steps() -> Iterator[Step]:
        for number in range(TOKENS):
            yield from data(
                chunk({"content": f"t{time.time() * 1000:.1f}. " + ("\n\n" if number % 60 == 59 else "")})
            )
            yield Pause(PACE)
        yield from stream("LAST.").steps

    visit.api.play(Reply(steps(), headers={"Content-Type": "text/event-stream"}))
    before, busy, server = visit.bytes, visit.busy, cpu_seconds(visit.site.pid)
    visit.send("Tell me a lot.", "LAST.")
    visit.until("LAST.")
    lags = sorted(visit.page.evaluate("window.lags"))
    return {
        "200 tokens/s: lag p50, ms": lags[len(lags) // 2],
        "200 tokens/s: lag p95, ms": lags[int(len(lags) * 0.95)],
        "200 tokens/s: to the browser, kB": (visit.bytes - before) / 1000,
        "200 tokens/s: server CPU, s": cpu_seconds(visit.site.pid) - server,
        "200 tokens/s: browser main thread, s": visit.busy - busy,
    }


def main() -> None:
    table: dict[str, dict[str, float]] = {}
    works: list[Callable[[Visit], dict[str, Any]]] = [
        lambda visit: short(visit, 2),
        long,
        lambda visit: short(visit, 100),
    ]
    with FakeAPI() as api, sites(api) as all_, sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for work in works:
            for site in all_:
                visit = Visit(chrome, site, api)
                for name, value in work(visit).items():
                    table.setdefault(name, {})[site.name] = value
                    print(f"{site.name}: {name}: {value:.1f}", file=sys.stderr, flush=True)
                visit.page.close()
        chrome.close()
    print(f"{'':<46}" + "".join(f"{name:>18}" for name in APPS) + f"{'this / plain':>14}")
    for name, values in table.items():
        ratio = values[OWN] / values[APPS[1]] if values[APPS[1]] else float("nan")
        print(f"{name:<46}" + "".join(f"{values[app]:>18.1f}" for app in APPS) + f"{ratio:>14.2f}")


if __name__ == "__main__":
    main()
