"""Pages are drawn one after the other, and none waits for one that waits itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from components.elements import streamlit_internals
from components.elements.page_runs import PAGE_RUNS, PageRuns

LONG = 60.0  # seconds that no test takes


def on_threads(*work: Callable[[], object]) -> None:
    threads = [threading.Thread(target=each, daemon=True) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive(), "it waits for ever"


def test_pages_that_are_asked_for_at_once_are_drawn_one_after_the_other() -> None:
    runs, drawn = PageRuns(1, LONG, LONG), list[str]()

    def draw(name: str) -> None:
        runs.begin()
        for _ in range(3):
            drawn.append(name)
            time.sleep(0.001)
        runs.end()

    names = "abcdef"
    on_threads(*[lambda name=name: draw(name) for name in names])  # type: ignore[misc]
    assert [drawn[at : at + 3] for at in range(0, 18, 3)] == [[name] * 3 for name in drawn[::3]]
    assert sorted(drawn[::3]) == [*names]


@pytest.mark.parametrize(
    ("lease", "patience"), [(0.01, LONG), (LONG, 0.01)], ids=["its lease ends", "patience ends"]
)
def test_a_page_that_is_never_finished_keeps_nobody_waiting(lease: float, patience: float) -> None:
    runs = PageRuns(1, lease, patience)
    runs.begin()
    on_threads(runs.begin, runs.begin)


def test_a_page_that_waits_for_something_lets_another_one_be_drawn_meanwhile() -> None:
    runs = PageRuns(1, LONG, LONG)
    runs.begin()
    with runs.paused():
        on_threads(lambda: (runs.begin(), runs.end()))
    other = threading.Thread(target=runs.begin, daemon=True)
    other.start()
    other.join(0.05)
    assert other.is_alive(), "this page is drawn again"
    runs.end()
    other.join(20)
    assert not other.is_alive()


def test_what_draws_no_page_takes_no_place() -> None:
    runs = PageRuns(1, LONG, LONG)
    runs.end()
    with runs.paused():
        pass
    on_threads(runs.begin)


@pytest.mark.parametrize("ending", ["pass", "st.stop()", "1 / 0", "st.rerun() if len(drawn) < 3 else None"])
def test_a_run_is_over_however_it_ends(ending: str) -> None:
    streamlit_internals.surround_runs(PAGE_RUNS.begin, PAGE_RUNS.end)
    script = f"""
import threading
import streamlit as st
from components.elements.page_runs import PAGE_RUNS
drawn = st.session_state.setdefault("drawn", [])
drawn.append(threading.get_ident() in PAGE_RUNS._until)
{ending}
"""
    page = AppTest.from_string(script).run().run()
    message = "SafeSessionState.on_script_will_rerun or ScriptRunner._run_script works in another way"
    assert page.session_state["drawn"][-1], message
    assert not PAGE_RUNS._until, message
