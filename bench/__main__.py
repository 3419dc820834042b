"""`make bench`: the numbers behind the claims. Prints a table; takes about two minutes.

    python -m bench            everything
    python -m bench wire       only what needs no browser

The far end of the wire is the tests' scripted server on loopback; the browser is a real Chromium. Numbers of
one machine compare with each other, not with another machine's.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from browser import App, chromium  # noqa: E402
from fake_api import HANG, FakeAPI, Pause, stream  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402

from backend.answer.turn import Turn  # noqa: E402
from backend.protocol import wire  # noqa: E402
from backend.protocol.accumulator import Accumulator  # noqa: E402
from backend.protocol.body import decode  # noqa: E402
from backend.transport import sse  # noqa: E402
from backend.transport.client import ChatClient, Endpoint  # noqa: E402
from backend.types import ChatRequest, Message  # noqa: E402

WORDS = "The quick brown fox jumps over the lazy dog and writes a paragraph of prose. "
REQUEST = ChatRequest("fake/alpha", (Message("user", "go"),))


def tokens(count: int) -> list[str]:
    """About `count` tokens of Markdown with paragraphs, lists and code."""
    words = (WORDS * (count // 15 + 1)).split(" ")[:count]
    return [word + ("\n\n" if place % 60 == 59 else " ") for place, word in enumerate(words)]


def row(name: str, value: str) -> None:
    print(f"{name:<68} {value:>18}", flush=True)


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


# ---- without a browser ------------------------------------------------------------------------------------


def wire_rows() -> None:
    with FakeAPI(stream(*tokens(16_000))) as api:
        client = ChatClient(Endpoint(api.url, "sk-bench-0123456789abcdef"))
        client.complete(REQUEST)
        seconds = min(timed(lambda: client.complete(REQUEST)) for _ in range(3))
        row("client: 16,000 tokens from socket to message", f"{seconds * 1000:.0f} ms")
        row("client: tokens per second it can take in", f"{16_000 / seconds:,.0f}")
    block = b"data: " + b"x" * 2_000_000 + b"\n\n"
    row("sse: one event of 2 MB, read in 64 kB pieces", f"{timed(lambda: list(_events(block))) * 1000:.0f} ms")
    raw = b"".join(b'data: {"choices":[{"index":0,"delta":{"content":"word "}}]}\n\n' for _ in range(16_000))
    row("sse + wire + draft: 16,000 events in memory", f"{timed(lambda: _assemble(raw)) * 1000:.0f} ms")
    for state, script in (("headers", [HANG]), ("mid-stream", ["word ", HANG])):
        row(f"turn.stop() on a server silent in {state}, until the server sees it", _stop(script))


def _events(raw: bytes) -> Iterator[sse.ServerSentEvent]:
    return sse.events(raw[at : at + 65536] for at in range(0, len(raw), 65536))


def _assemble(raw: bytes) -> None:
    draft = Accumulator()
    for event in _events(raw):
        chunk = decode(event.data)
        assert isinstance(chunk, dict)
        for item in wire.events(chunk):
            draft.apply(item)
    assert draft.message().content


def _stop(script: list[object]) -> str:
    with FakeAPI(stream(*script)) as api:  # type: ignore[arg-type]
        turn = Turn(ChatClient(Endpoint(api.url)), REQUEST).start()
        time.sleep(0.3)
        began = time.perf_counter()
        turn.stop()
        api.asked[-1].left.wait(5)
        return f"{(time.perf_counter() - began) * 1000:.0f} ms"


# ---- in the browser ---------------------------------------------------------------------------------------


class Meter:
    """Bytes over the websocket and main-thread seconds of a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.bytes = 0
        page.on("websocket", lambda socket: socket.on("framereceived", self._count))
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable")

    def _count(self, data: str | bytes) -> None:
        self.bytes += len(data)

    def busy(self) -> float:
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")


def browser_rows() -> None:
    with FakeAPI() as api, sync_playwright() as playwright:
        app = App(f'AIMLAPI_API_KEY = "sk-bench-0123456789abcdef"\nAIMLAPI_BASE_URL = "{api.url}"\n')
        chrome = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        try:
            row("first page, cold process, until the composer is there", f"{_open(chrome, app) * 1000:.0f} ms")
            row("first page, warm process", f"{min(_open(chrome, app) for _ in range(3)) * 1000:.0f} ms")
            page = chrome.new_page()
            meter = Meter(page)
            page.goto(app.url)
            page.get_by_test_id("stChatInputTextArea").wait_for()
            _first_words(page, api)
            for count, pause in ((1_000, 0.01), (4_000, 0.0), (16_000, 0.0)):
                _long(page, meter, api, count, pause)
            _stop_seen(page, api)
        finally:
            chrome.close()
            app.close()


def _open(chrome: object, app: App) -> float:
    page = chrome.new_page()  # type: ignore[attr-defined]

    def load() -> None:
        page.goto(app.url)
        page.get_by_test_id("stChatInputTextArea").wait_for()

    seconds = timed(load)
    page.close()
    return seconds


def _send(page: Page, text: str) -> None:
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(text)
    box.press("Enter")


def _first_words(page: Page, api: FakeAPI) -> None:
    seconds = []
    for number in range(5):
        api.play(stream(f"first{number} ", Pause(0.3), "end"))
        began = time.perf_counter()
        _send(page, f"question {number}")
        page.get_by_text(f"first{number}").wait_for()
        seconds.append(time.perf_counter() - began)
        page.get_by_text(f"first{number} end").wait_for()
    row("Enter until the first words are on the screen, median of 5", f"{sorted(seconds)[2] * 1000:.0f} ms")


def _long(page: Page, meter: Meter, api: FakeAPI, count: int, pause: float) -> None:
    api.play(stream(*tokens(count), f"LAST{count}", pause=pause))
    before, busy = meter.bytes, meter.busy()
    began = time.perf_counter()
    _send(page, "go")
    page.get_by_text(f"LAST{count}").wait_for(timeout=120_000)
    seconds = time.perf_counter() - began
    pace = f"{1 / pause:.0f} tokens/s" if pause else "at once"
    row(f"{count:,} tokens {pace}: until the last is on the screen", f"{seconds:.1f} s")
    row(f"{count:,} tokens {pace}: over the websocket", f"{(meter.bytes - before) / 1000:.0f} kB")
    row(f"{count:,} tokens {pace}: browser main thread", f"{meter.busy() - busy:.1f} s")
    page.get_by_role("button", name="New chat").click()
    page.get_by_role("heading", name="What would you like to ask?").wait_for()


def _stop_seen(page: Page, api: FakeAPI) -> None:
    api.play(stream("kept ", HANG))
    _send(page, "go")
    page.get_by_text("kept").wait_for()
    began = time.perf_counter()
    page.keyboard.press("Escape")
    page.get_by_text("stopped by you").wait_for()
    row("Stop on a silent server: until the page says so", f"{(time.perf_counter() - began) * 1000:.0f} ms")


if __name__ == "__main__":
    wire_rows()
    if "wire" not in sys.argv[1:]:
        browser_rows()
