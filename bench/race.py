"""Six lanes that stream at once on the Compare page, beside one answer on the Chat page: `python -m bench.race`.

Takes about a minute. An answer comes at 100 tokens a second, and each token carries the time at which the scripted
server sent it, so a lag is how long it took to the screen. Numbers of one run compare with each other, not with
another machine's.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from browser import App, chromium  # noqa: E402
from fake_api import FakeAPI  # noqa: E402
from playwright.sync_api import Browser, CDPSession, expect, sync_playwright  # noqa: E402

from bench.__main__ import row  # noqa: E402
from bench.people import cpu_seconds  # noqa: E402
from bench.side_by_side import percentile, timed_tokens  # noqa: E402

LANES, TOKENS, EACH_SECOND = 6, 1_000, 100
# Notes for each token t<ms>. of each message how late it is; of what has changed only the end is looked at.
WATCH = """() => {
  window.lags = [];
  const last = new Map();
  const look = (changes) => {
    const now = performance.timeOrigin + performance.now();
    const elements = changes.map(({ target }) => target.nodeType === 1 ? target : target.parentElement);
    for (const message of new Set(elements.map((element) => element?.closest(".pg-message")))) {
      const { message: id } = message?.dataset ?? {};
      const block = message?.querySelector(".pg-text")?.lastElementChild;
      for (const [, sent] of block?.textContent.matchAll(/t(\\d+\\.\\d)\\./g) ?? []) {
        if (+sent > (last.get(id) ?? 0)) { window.lags.push(now - +sent); last.set(id, +sent); }
      }
    }
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


@contextmanager
def server() -> Iterator[str]:
    """The scripted server in a process of its own, as its threads would otherwise be measured."""
    command = [sys.executable, "-m", "bench.race", "serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.kill()


def serve() -> None:
    with FakeAPI(lambda asked: timed_tokens(TOKENS, EACH_SECOND)) as api:
        print(api.url, flush=True)
        threading.Event().wait()


def measure(chrome: Browser, app: App, name: str, path: str, lanes: int) -> None:
    """A fresh page with this many lanes; 1 is the Chat page."""
    page = chrome.new_page(viewport={"width": 1920, "height": 1000})
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})  # CPU: on a busy machine a task waits as well
    page.goto(f"{app.url}{path}")
    box = page.get_by_test_id("stChatInputTextArea")
    box.wait_for()
    for count in range(3, lanes + 1):
        page.get_by_role("button", name="Add a lane").click()
        expect(page.locator(".st-key-lanes > *")).to_have_count(count)
    page.evaluate(WATCH)
    busy, server_cpu = _cpu(session), cpu_seconds(app.process.pid)
    box.fill("Tell me a lot.")
    box.press("Enter")
    expect(page.get_by_text("LAST.")).to_have_count(lanes, timeout=60_000)
    lags = sorted(page.evaluate("window.lags"))
    row(f"{name}: lag p50, p95", f"{percentile(lags, 0.5):.0f}, {percentile(lags, 0.95):.0f} ms")
    row(f"{name}: server CPU", f"{cpu_seconds(app.process.pid) - server_cpu:.1f} s")
    row(f"{name}: browser main thread, CPU", f"{_cpu(session) - busy:.1f} s")
    row(f"{name}: tokens seen on their way", f"{len(lags):,} of {lanes * TOKENS:,}")
    page.close()


def _cpu(session: CDPSession) -> float:
    """Seconds of CPU of the page's main thread."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))


def main() -> None:
    with server() as url, sync_playwright() as playwright:
        app = App(f'AIMLAPI_API_KEY = "sk-bench-0123456789abcdef"\nAIMLAPI_BASE_URL = "{url}"\n')
        chrome = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        try:
            chrome.new_page().goto(app.url)  # warm-up: the first page of a process is slower
            seconds = TOKENS // EACH_SECOND
            pace = f"{EACH_SECOND} tokens/s for {seconds} s"
            measure(chrome, app, f"Chat, one answer at {pace}", "/", 1)
            measure(chrome, app, f"Compare, {LANES} lanes at {pace} each", "/Compare", LANES)
        finally:
            chrome.close()
            app.close()


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        serve()
    else:
        main()
