"""Pages are drawn one after the other, and none waits for one that waits itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from streamlit.testing.v1 import AppTest

from components.elements.page_runs import PAGE_RUNS, PageRuns

LONG = 60.0  # seconds that no test takes


@pytest.fixture
def runs() -> PageRuns:
    return PageRuns(1, LONG, LONG)


def on_threads(*work: Callable[[], object]) -> None:
    threads = [threading.Thread(target=each, daemon=True) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive(), "it waits for ever"


def draw(runs: PageRuns) -> None:
    with runs.drawing():
        pass


@pytest.fixture
def drawn_elsewhere() -> Iterator[Callable[[PageRuns], None]]:
    """Draw a page on another thread until the test is over."""
    over = threading.Event()

    def begin(runs: PageRuns) -> None:
        begun = threading.Event()

        def page() -> None:
            with runs.drawing():
                begun.set()
                over.wait(LONG)

        threading.Thread(target=page, daemon=True).start()
        assert begun.wait(20)

    yield begin
    over.set()


def test_pages_that_are_asked_for_at_once_are_drawn_one_after_the_other(runs: PageRuns) -> None:
    drawn = list[str]()

    def page(name: str) -> None:
        with runs.drawing():
            for _ in range(3):
                drawn.append(name)
                time.sleep(0.001)

    names = "abcdef"
    on_threads(*[lambda name=name: page(name) for name in names])  # type: ignore[misc]
    assert [drawn[at : at + 3] for at in range(0, 18, 3)] == [[name] * 3 for name in drawn[::3]]
    assert sorted(drawn[::3]) == [*names]


@pytest.mark.parametrize(
    ("lease", "patience"), [(0.01, LONG), (LONG, 0.01)], ids=["its lease ends", "patience ends"]
)
def test_a_page_that_takes_long_keeps_nobody_waiting(
    lease: float, patience: float, drawn_elsewhere: Callable[[PageRuns], None]
) -> None:
    runs = PageRuns(1, lease, patience)
    drawn_elsewhere(runs)
    on_threads(lambda: draw(runs), lambda: draw(runs))


def test_a_page_that_waits_for_something_lets_another_one_be_drawn_meanwhile(runs: PageRuns) -> None:
    with runs.drawing():
        with runs.paused():
            on_threads(lambda: draw(runs))
        other = threading.Thread(target=lambda: draw(runs), daemon=True)
        other.start()
        other.join(0.05)
        assert other.is_alive(), "this page is drawn again"
    other.join(20)
    assert not other.is_alive()


def test_a_page_that_is_drawn_but_watches_for_news_lets_others_be_drawn(runs: PageRuns) -> None:
    with runs.drawing():
        runs.end()
        on_threads(lambda: draw(runs))


def test_a_question_that_is_sent_goes_before_the_pages(runs: PageRuns) -> None:
    with runs.sending(), runs.sending():
        page = threading.Thread(target=lambda: draw(runs), daemon=True)
        page.start()
        page.join(0.05)
        assert page.is_alive(), "no page begins meanwhile"
    page.join(20)
    assert not page.is_alive()


def test_what_draws_no_page_takes_no_place(runs: PageRuns) -> None:
    runs.end()
    with runs.paused():
        pass
    on_threads(lambda: draw(runs))


def test_a_page_that_fails_gives_its_place_up(runs: PageRuns) -> None:
    with suppress(ZeroDivisionError), runs.drawing():
        raise ZeroDivisionError
    on_threads(lambda: draw(runs))


@pytest.mark.parametrize("ending", ["st.stop()", "st.rerun() if drawn < 3 else None", "1 / 0"])
def test_streamlit_ends_a_page_so_that_its_place_is_given_up(ending: str) -> None:
    script = f"""
import streamlit as st
from components.elements.page_runs import PAGE_RUNS
drawn = st.session_state["drawn"] = st.session_state.get("drawn", 0) + 1
with PAGE_RUNS.drawing():
    {ending}
"""
    page = AppTest.from_string(script).run()
    assert page.session_state["drawn"] == (3 if "rerun" in ending else 1)
    assert not PAGE_RUNS._until
