"""The cost of one run of the chat page: calls of this project's functions, and wall time.

    python -m bench.calls                 this checkout
    python -m bench.calls ../before       another checkout of this project, to compare with

Two runs are measured, through Streamlit's AppTest and against the tests' scripted server, with a key: a rerun in
which nothing changed, and a run that sends the first question of a chat and draws its answer. Calls are counted
with `sys.setprofile` in the thread that runs the page and in no other; a generator that is resumed counts as
a call. Wall time is measured in runs of their own, without the profiler.
"""

from __future__ import annotations

import logging
import os
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType

ROOT = Path(__file__).parents[1]
TREE = Path(sys.argv[1]).resolve() if __name__ == "__main__" and sys.argv[1:] else ROOT
sys.path[:0] = [str(TREE), str(ROOT / "tests" / "support")]

from fake_api import USAGE, FakeAPI, stream  # noqa: E402
from streamlit.testing.v1 import AppTest  # noqa: E402

OWN = ("app.py", "pages/", "components/", "backend/")  # paths below the root that count as this project's
COUNTED, TIMED = 5, 15  # runs of each kind; the median is printed
TOP = 25  # functions listed
ANSWER = stream("One ", "two ", "three.", usage=USAGE)

Calls = Counter[str]  # "components/frame.py:page" -> number of calls
Scenario = Callable[[], Callable[[], object]]  # prepares a run, and returns the function that runs it


class Profiler:
    """Counts calls of our own functions in the thread that runs the page: AppTest starts one for every run."""

    def __init__(self) -> None:
        self._calls: dict[int, Calls] = {}  # by thread: those of answers and of saving are left out
        self._names: dict[CodeType, str] = {}

    def count(self, run: Callable[[], object]) -> Calls:
        self._calls = {}
        threading.setprofile(self._event)
        try:
            run()
        finally:
            threading.setprofile(None)  # type: ignore[arg-type]  # None ends it (documentation of threading)
        (calls,) = [calls for calls in self._calls.values() if calls["app.py:<module>"]]
        return calls

    def _event(self, frame: FrameType, event: str, arg: object) -> None:
        if event != "call":
            return
        code = frame.f_code
        name = self._names.get(code)
        if name is None:
            name = self._names[code] = _name(code)
        if name:
            self._calls.setdefault(threading.get_ident(), Counter())[name] += 1


def _name(code: CodeType) -> str:
    """`components/frame.py:page` for a function of ours, "" for any other."""
    path = Path(code.co_filename)
    if not path.is_relative_to(TREE):
        return ""
    relative = path.relative_to(TREE).as_posix()
    return f"{relative}:{code.co_qualname}" if relative.startswith(OWN) else ""


def visitor(api: FakeAPI) -> AppTest:
    """A new visitor on the chat page, drawn until the models are listed and nothing changes any more."""
    page = AppTest.from_file(str(TREE / "app.py"), default_timeout=30)
    page.secrets["NOTHING"] = "here"  # without any secrets, those of a file would be read
    page.run()
    until = time.monotonic() + 5
    while not _wait_for_model_list(api) and time.monotonic() < until:
        time.sleep(0.05)
    for _ in range(3):
        page.run()
    assert not page.exception, [shown.value for shown in page.exception]
    return page


def _wait_for_model_list(api: FakeAPI) -> bool:
    """Wait for the request of the list of models, which is made once per process, in the background."""
    return any(request.path.endswith("/models") and request.played.is_set() for request in api.requests)


def nothing_changed(api: FakeAPI) -> Scenario:
    page = visitor(api)
    return lambda: page.run


def question(api: FakeAPI) -> Scenario:
    def prepared() -> Callable[[], object]:
        page = visitor(api)
        return page.chat_input[0].set_value("How many?").run

    return prepared


def measure(title: str, scenario: Scenario) -> None:
    profiler = Profiler()
    counted = [profiler.count(scenario()) for _ in range(COUNTED)]
    seconds = [_seconds(scenario()) for _ in range(TIMED)]
    calls = sorted(counted, key=Counter.total)[COUNTED // 2]
    print(f"\n{title}")
    print(f"  calls of our own   {calls.total():>8,}   (median of {COUNTED}: {_range(counted)})")
    middle, fastest = statistics.median(seconds) * 1000, min(seconds) * 1000
    print(
        f"  wall time          {middle:>8.1f} ms (median of {TIMED} without the profiler; fastest {fastest:.1f} ms)"
    )
    print(f"  the {TOP} functions called most:")
    for name, number in calls.most_common(TOP):
        print(f"  {number:>8,}  {name}")


def _range(counted: list[Calls]) -> str:
    totals = [calls.total() for calls in counted]
    return f"{min(totals):,} to {max(totals):,}"


def _seconds(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def main() -> None:
    logging.disable(logging.WARNING)  # AppTest warns about the missing browser, and each answer logs a line
    os.chdir(TREE)  # for .streamlit/config.toml
    with FakeAPI(ANSWER) as api, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ |= {
            "AIMLAPI_API_KEY": "sk-bench-0123456789abcdef",
            "AIMLAPI_BASE_URL": api.url,
            "DATABASE_URL": f"sqlite:///{folder}/playground.db",
            "HTTPS_PROXY": "http://127.0.0.1:9",  # a port where nothing listens: no public server is contacted
        }
        measure("A rerun in which nothing changed", nothing_changed(api))
        measure("A question", question(api))


if __name__ == "__main__":
    main()
