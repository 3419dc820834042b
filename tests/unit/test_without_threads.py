"""A machine that has no thread left for a moment: what needed one goes on later, and nothing waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from store_talks import ME, contents, say
from stores import open_store, well

from backend.jobs.job import Draft, Hands, JobTask, StepOutcome
from backend.jobs.workers import Jobs
from backend.store import Store
from backend.tools.runner import ToolRunner
from backend.types import JSON, ToolCall


@pytest.fixture
def threads_left(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], object]:
    """Inside of this context only so many threads start; then the system refuses, in Python's words."""
    start = threading.Thread.start

    @contextmanager
    def only(count: int) -> Iterator[None]:
        started: list[threading.Thread] = []

        def refused_after(thread: threading.Thread) -> None:
            if len(started) == count:
                raise RuntimeError("can't start new thread")
            started.append(thread)
            start(thread)

        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", refused_after)
            yield

    return only


class _Work:
    endpoint, at_once = "here", 4

    def __call__(self, task: Mapping[str, JSON], hands: Hands) -> StepOutcome:
        return StepOutcome("done", {}, 0.1)


@pytest.mark.parametrize("left", [0, 1, 2])
def test_a_job_is_paused_or_done_by_the_threads_that_there_are(
    tmp_path: Path, threads_left: Callable[[int], contextmanager[None]], left: int
) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'kept.db'}")
    jobs = Jobs(store)
    with threads_left(left):
        id_ = jobs.submit(ME, Draft("test", "T", {}, [JobTask({"number": at}) for at in range(3)]), _Work())
        jobs.join(id_, 20.0)
    (job,) = jobs.saved_jobs(ME).all()
    assert job.state == ("done" if left == 2 else "paused")
    if left < 2:
        jobs.go_on(ME, id_, _Work())
        assert jobs.join(id_, 20.0).saved_jobs(ME).all()[0].state == "done"
    jobs.close()
    store.close()


def test_a_message_that_could_not_be_written_is_written_when_there_is_a_thread_again(
    tmp_path: Path, threads_left: Callable[[int], contextmanager[None]]
) -> None:
    file = tmp_path / "kept.db"
    store = Store.open(f"sqlite:///{file}", pauses=(0.05,))
    say(store, "before")
    with threads_left(0):
        file.with_name("kept.db-wal").unlink()
        file.unlink()
        file.mkdir()
        during, _ = say(store, "in trouble")
        assert store.trouble
    file.rmdir()
    after, _ = say(store, "there is a thread again")
    assert well(store)
    assert contents(store, during) == ["in trouble"] and contents(store, after)
    store.close()


def test_a_deletion_is_made_for_good_by_the_next_one(
    tmp_path: Path, threads_left: Callable[[int], contextmanager[None]]
) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'kept.db'}")
    first, second = (say(store, words)[0] for words in ("one", "two"))
    assert store.cleaner.wait(20.0)
    with threads_left(0):
        store.delete(ME, first)
        assert store.cleaner.wait(0.0), "nothing seems to run"
    store.purge(ME, second)
    assert not store.cleaner.wait(0.0)
    store.close()


def test_a_tool_that_could_not_begin_has_an_outcome(threads_left: Callable[[int], contextmanager[None]]) -> None:
    runner = ToolRunner()
    with threads_left(0):
        call = runner.start(ToolCall("call_1", "calculator", '{"expression": "6 * 7"}'))
    assert call.outcome is not None and "too busy" in call.outcome.content
    runner.close()
