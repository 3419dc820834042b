"""Many people at once in one app: `python -m bench.people [how many]`; needs about a minute.

Each opens the page and sends one message at the same moment as all others; each answer is 200 words at 50 words per
second. They use the protocol without a browser: 50 Chromiums would measure the machine, not the app.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

import requests  # noqa: E402
from browser import App  # noqa: E402
from fake_api import FakeAPI, stream  # noqa: E402
from wire import Wire, sent_text  # noqa: E402

from bench.__main__ import row  # noqa: E402
from components.view.route import PATH  # noqa: E402

_RELAY = re.compile(rb'"relay": "([^"]+)"')
WORDS, PACE = 200, 0.02  # words of an answer, seconds between two


@dataclass
class Person:
    """Seconds since the message was sent."""

    opened: float = 0.0
    drawn: float = 0.0
    first: float = 0.0
    last: float = 0.0


@contextmanager
def server() -> Iterator[str]:
    """The scripted server in a process of its own, as its threads would otherwise be measured."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.people", "serve"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.kill()


def serve() -> None:
    with FakeAPI(stream(*(f"word{number} " for number in range(WORDS)), "LAST", pause=PACE)) as api:
        print(api.url, flush=True)
        threading.Event().wait()


def main(people: int) -> None:
    with server() as url:
        app = App(f'AIMLAPI_API_KEY = "sk-bench-0123456789abcdef"\nAIMLAPI_BASE_URL = "{url}"\n')
        try:
            Wire(app)  # warm-up: the first page of a process is slower
            together = threading.Barrier(people)
            cpu = cpu_seconds(app.process.pid)
            with ThreadPoolExecutor(people) as pool:
                found = list(pool.map(lambda _: _visit(app, together), range(people)))
            cpu = cpu_seconds(app.process.pid) - cpu
            _rows(people, found, cpu, app.process.pid)
        finally:
            app.close()


def _visit(app: App, together: threading.Barrier) -> Person:
    person = Person()
    began = time.perf_counter()
    wire = Wire(app)
    person.opened = time.perf_counter() - began
    composer, relay = wire.widget("composer"), _RELAY.findall(wire.seen)[-1].decode()
    listens = threading.Event()

    def note(piece: bytes) -> None:
        listens.set()
        if not person.first and b"word0 " in piece:
            person.first = time.perf_counter() - began
        if not person.last and b"LAST" in piece:
            person.last = time.perf_counter() - began

    reading = threading.Thread(target=_read, args=(f"{app.url}/{PATH}?id={relay}", note))
    reading.start()
    listens.wait(30)
    together.wait()
    began = time.perf_counter()
    wire.run(**{composer: sent_text("Go")})
    person.drawn = time.perf_counter() - began
    reading.join()
    return person


def _read(address: str, note: Callable[[bytes], None]) -> None:
    """Read answers by the route, as a browser does: it listens before there is one."""
    with requests.get(address, headers={"Sec-Fetch-Site": "same-origin"}, stream=True, timeout=60) as reply:
        for piece in reply.iter_content(None):
            note(piece)


def _rows(people: int, found: list[Person], cpu: float, pid: int) -> None:
    ideal = WORDS * PACE
    row(f"{people} people open the page: median, slowest", _two(found, lambda one: one.opened))
    row(f"{people} send at once: first word, median, slowest", _two(found, lambda one: one.first))
    row(f"{people} send at once: page drawn, median, slowest", _two(found, lambda one: one.drawn))
    row(f"{people} at once: end later than the server's ({ideal:.0f} s)", _two(found, lambda one: one.last - ideal))
    row(f"{people} at once: lost answers", str(sum(not one.last for one in found)))
    row(f"{people} at once: CPU of the app, opening and answering", f"{cpu:.1f} s")
    if sys.platform == "linux":
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        row("memory of the app afterwards", f"{pages * os.sysconf('SC_PAGE_SIZE') / 1e6:.0f} MB")


def _two(found: list[Person], what: Callable[[Person], float]) -> str:
    values = sorted(map(what, found))
    return f"{values[len(values) // 2]:.2f} s, {values[-1]:.2f} s"


def cpu_seconds(pid: int) -> float:
    """Seconds of CPU used by a process; 0 where the system does not tell."""
    if sys.platform != "linux":
        return 0.0
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        serve()
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
