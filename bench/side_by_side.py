"""This app, the shortest Streamlit chat and a bare page in one Chromium: `python -m bench.side_by_side`.

Takes about eight minutes. Each token carries the time at which the scripted server sent it, so a lag is how long it
took to the screen. Numbers of one run compare with each other, not with another machine's.
"""

from __future__ import annotations

import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from browser import chromium  # noqa: E402
from fake_api import HANG, FakeAPI, Pause, Reply, Step, chunk, data, stream  # noqa: E402
from playwright.sync_api import Browser, sync_playwright  # noqa: E402

from bench.people import cpu_seconds  # noqa: E402
from bench.sites import APPS, OWN, PLAIN, Site, Visit, sites  # noqa: E402

TRIES = 7
PAGES = 8  # pages that stream at once
Numbers = dict[str, float]


def timed_tokens(count: int, each_second: float) -> Reply:
    """An answer of this many tokens, each with the time at which it was sent; the last word is LAST."""

    def steps() -> Iterator[Step]:
        for number in range(count):
            paragraph = "\n\n" if number % 60 == 59 else ""
            yield from data(chunk({"content": f"t{time.time() * 1000:.1f}. {paragraph}"}))
            yield Pause(1 / each_second)
        yield from stream("LAST.").steps

    return Reply(steps(), headers={"Content-Type": "text/event-stream"})


def percentile(values: list[float], share: float) -> float:
    return values[int(len(values) * share)]


def opening(visit: Visit) -> Numbers:
    """The page with an empty cache, and reloaded."""
    first, requests = visit.opened, visit.requests
    again = statistics.median(visit.open() for _ in range(TRIES))
    return {
        "page until one can type, empty cache, ms": first * 1000,
        "the same, requests": requests,
        "page until one can type, again, ms": again * 1000,
    }


def short(visit: Visit, messages: int) -> Numbers:
    """A question and a first token, in a conversation of this many messages."""
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


def long(visit: Visit, count: int, each_second: int) -> Numbers:
    """An answer of many tokens."""
    visit.api.play(timed_tokens(count, each_second))
    before, busy, server = visit.bytes, visit.busy, cpu_seconds(visit.site.pid)
    visit.send("Tell me a lot.", "LAST.")
    visit.until("LAST.")
    lags = visit.lags()
    return {
        f"{each_second} tokens/s: lag p50, ms": percentile(lags, 0.5),
        f"{each_second} tokens/s: lag p95, ms": percentile(lags, 0.95),
        f"{each_second} tokens/s: to the browser, kB": (visit.bytes - before) / 1000,
        f"{each_second} tokens/s: server CPU, s": cpu_seconds(visit.site.pid) - server,
        f"{each_second} tokens/s: browser main thread, s": visit.busy - busy,
    }


def at_once(visit: Visit) -> Numbers:
    """16,000 tokens as fast as they come: how long after the last one was sent it is on the screen.

    Plain Streamlit draws the whole text again for each token, and needs minutes.
    """
    if visit.site.name == PLAIN:
        return {}
    sent: list[float] = []

    def steps() -> Iterator[Step]:
        words = (f"word{number} " + ("\n\n" if number % 60 == 59 else "") for number in range(16_000))
        yield from (step for word in words for step in data(chunk({"content": word})))
        sent.append(time.time() * 1000)
        yield from stream("LAST.").steps

    visit.api.play(Reply(steps(), headers={"Content-Type": "text/event-stream"}))
    visit.send("All at once.", "LAST.")
    visit.until("LAST.")
    return {
        "16,000 tokens at once: the last sent -> shown, ms": visit.page.evaluate("window.seen['LAST.']") - sent[0]
    }


def stopping(visit: Visit) -> Numbers:
    """The time from a click on Stop, which only this app has, until the model's server notices it."""
    took = []
    for number in range(TRIES if visit.site.name == OWN else 0):
        visit.api.play(stream(f"begun{number}. ", HANG))
        visit.send("Go on for ever.", f"begun{number}.")
        visit.until(f"begun{number}.")
        left = threading.Thread(target=visit.api.asked[-1].left.wait, args=(20,))
        left.start()
        button = visit.page.locator(".st-key-stop button")
        box = button.bounding_box()
        assert box
        began = time.perf_counter()
        visit.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        left.join()
        took.append((time.perf_counter() - began) * 1000)
        button.wait_for(state="detached")
    return {"Stop -> upstream closed, ms": statistics.median(took)} if took else {}


def together(chrome: Browser, site: Site, api: FakeAPI) -> Numbers:
    """Eight pages that stream at once, each 30 tokens a second."""
    api.play(lambda asked: timed_tokens(300, 30))
    pages = [Visit(chrome, site, api) for _ in range(PAGES)]
    for number, visit in enumerate(pages):
        visit.page.evaluate("words => { window.wanted = words; }", ["t1", "LAST."])
        visit.type(f"Page {number}.")
    for visit in pages:
        visit.enter()
    for visit in pages:
        visit.until("LAST.")
    firsts = [visit.after_enter("t1") for visit in pages]
    lags = sorted(lag for visit in pages for lag in visit.lags())
    for visit in pages:
        visit.page.close()
    return {
        "8 pages at 30 tokens/s: lag p95, ms": percentile(lags, 0.95),
        "8 pages at 30 tokens/s: Enter -> first token, ms": statistics.median(firsts),
    }


MEASURES: tuple[Callable[[Visit], Numbers], ...] = (
    opening,
    lambda visit: short(visit, 2),
    lambda visit: long(visit, 2_000, 200),
    lambda visit: long(visit, 400, 50),
    at_once,
    stopping,
    lambda visit: short(visit, 200),
)


def main() -> None:
    table: dict[str, Numbers] = {}

    def take(site: Site, numbers: Numbers) -> None:
        for name, value in numbers.items():
            table.setdefault(name, {})[site.name] = value
            print(f"{site.name}: {name}: {value:.1f}", file=sys.stderr, flush=True)

    with FakeAPI() as api, sites(api) as all_, sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for measure in MEASURES:
            for site in all_:
                visit = Visit(chrome, site, api)
                take(site, measure(visit))
                visit.page.close()
        for site in all_:
            take(site, together(chrome, site, api))
        chrome.close()
    _print(table)


def _print(table: dict[str, Numbers]) -> None:
    print(f"{'':<52}" + "".join(f"{name:>18}" for name in APPS) + f"{'this / plain':>14}")
    for name, values in table.items():
        cells = "".join(f"{values[app]:>18.1f}" if app in values else f"{'-':>18}" for app in APPS)
        plain = values.get(PLAIN)
        print(f"{name:<52}{cells}" + (f"{values[OWN] / plain:>14.2f}" if plain else ""))


if __name__ == "__main__":
    main()
