"""Questions as steps of a job: nothing is paid for twice, whatever breaks, and a guest's whole job is paid for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest
from basics import KEY, QUICK, ROOT
from fake_api import CUT, HANG, RESET, USAGE, FakeAPI, Reply, Request, completion, echo, error, stream
from sqlalchemy import text
from stores import forget_the_process, open_store

from backend.answer.cost import Price
from backend.answer.turn import Source
from backend.catalog import ModelInfo
from backend.guests import metering
from backend.guests.ledger import Ledger
from backend.guests.metering import Account, OverBudget
from backend.guests.terms import GuestPolicy, Limit
from backend.jobs.asking import Asked
from backend.jobs.endpoints import Endpoints
from backend.jobs.guest_budget import Reserved
from backend.jobs.job import Draft, Job, JobTask
from backend.jobs.workers import Jobs
from backend.store import Store
from backend.transport.client import ChatClient, Endpoint
from backend.types import JSON, ChatRequest, Message

OWNER = "guest-anna"
PATIENCE = 30.0


def request_of(task: Mapping[str, JSON]) -> ChatRequest:
    messages: list[JSON] = [{"role": "user", "content": str(task["prompt"])}]
    body: dict[str, JSON] = {"model": "m", "messages": messages, "stream": True, "max_tokens": 50}
    return ChatRequest("m", (Message("user", str(task["prompt"])),), raw=body, again=True)


def draft(*prompts: str) -> Draft:
    return Draft("test", "A title", {}, [JobTask({"prompt": prompt}) for prompt in prompts])


def asked(api: FakeAPI, source: Source | None = None, at_once: int = 1) -> Asked:
    client = ChatClient(Endpoint(api.url, KEY), QUICK)
    return Asked(source or client, request_of, api.origin, Price(1.0, 2.0), at_once)


@pytest.fixture
def kept(tmp_path: Path) -> Store:
    return open_store(f"sqlite:///{tmp_path / 'kept.db'}")


def run(jobs: Jobs, api: FakeAPI, *prompts: str) -> tuple[Job, str]:
    id_ = jobs.submit(OWNER, draft(*prompts), asked(api))
    job = jobs.join(id_, PATIENCE).saved_jobs(OWNER).job(id_)
    assert job is not None
    return job, states(jobs, id_)


def states(jobs: Jobs, id_: str) -> str:
    return " ".join(step.state for step in jobs.saved_jobs(OWNER).steps(id_))


def prompts(api: FakeAPI) -> list[str]:
    return [request.prompt for request in api.asked]


def test_an_answer_is_kept_with_what_it_cost(kept: Store) -> None:
    with FakeAPI(stream("Hello", usage=USAGE)) as api:
        jobs = Jobs(kept)
        job, _ = run(jobs, api, "Hi")
    (step,) = jobs.saved_jobs(OWNER).steps(job.id)
    message = step.result["message"]
    assert isinstance(message, dict) and message["content"] == "Hello"
    assert step.usd == pytest.approx((3 * 1 + 5 * 2) / 1e6)


@pytest.mark.parametrize(
    ("reply", "state", "of_step"),
    [
        pytest.param(error(401), "paused", "waiting", id="key refused"),
        pytest.param(error(402), "paused", "waiting", id="no credit"),
        pytest.param(error(404, code="model_not_found"), "paused", "waiting", id="no such model"),
        pytest.param(error(400), "done", "failed", id="refused as it was"),
        pytest.param(Reply([RESET], framing="raw"), "done", "unknown", id="broken after it left"),
        pytest.param(stream("Half an", CUT), "done", "unknown", id="broken in the answer"),
        pytest.param(Reply([b"<html>"], 200, {"Content-Type": "text/html"}), "done", "unknown", id="no answer"),
    ],
)
def test_each_ending_of_an_answer_sets_the_state_of_its_step(
    kept: Store, reply: Reply, state: str, of_step: str
) -> None:
    with FakeAPI(reply) as api:
        job, steps = run(Jobs(kept), api, "Hi")
        assert (job.state, steps) == (state, of_step)
        assert len(api.asked) == 1, "nothing that may have been charged is sent again"


def test_text_that_came_before_a_break_is_kept(kept: Store) -> None:
    jobs = Jobs(kept)
    with FakeAPI(stream("Half an", CUT)) as api:
        job, _ = run(jobs, api, "Hi")
    (step,) = jobs.saved_jobs(OWNER).steps(job.id)
    message = step.result["message"]
    assert isinstance(message, dict) and message["content"] == "Half an" and message["state"] == "failed"


def test_a_wait_that_the_server_asks_for_holds_the_endpoint(kept: Store) -> None:
    held: list[float] = []

    class Watched(Endpoints):
        def hold(self, endpoint: str, seconds: float) -> None:
            held.append(seconds)

    with FakeAPI([error(429, headers={"Retry-After": "1"}), stream("Hello")]) as api:
        _, steps = run(Jobs(kept, Watched()), api, "Hi")
    assert steps == "done" and held == [1.0]


def test_a_server_that_is_away_costs_nothing_and_is_asked_when_it_is_back(kept: Store) -> None:
    with FakeAPI() as gone:
        pass
    tried = threading.Event()

    class Watched(Endpoints):
        def trouble(self, endpoint: str, seconds: float | None) -> None:
            tried.set()
            super().hold(endpoint, 0.1)

    jobs = Jobs(kept, Watched())
    id_ = jobs.submit(OWNER, draft("Hi"), asked(gone))
    assert tried.wait(PATIENCE)
    with FakeAPI(echo, gone.port) as api:
        jobs.join(id_, PATIENCE)
        assert states(jobs, id_) == "done" and prompts(api) == ["Hi"]


def test_a_refused_request_that_waits_for_its_retry_is_not_in_doubt_after_a_stop(kept: Store) -> None:
    waits = threading.Event()

    class Watched(Endpoints):
        def hold(self, endpoint: str, seconds: float) -> None:
            waits.set()

    with FakeAPI(error(429, headers={"Retry-After": "30"})) as api:
        jobs = Jobs(kept, Watched())
        id_ = jobs.submit(OWNER, draft("Hi"), asked(api))
        assert waits.wait(PATIENCE)
        jobs.cancel(OWNER, id_)
        jobs.join(id_, PATIENCE)
        assert states(jobs, id_) == "cancelled"


_PROGRAM = """
import sys
sys.path.insert(0, "tests/unit/jobs"); sys.path.insert(0, "tests/support")
from test_asking import *
jobs = Jobs(open_store(sys.argv[1]))
client = ChatClient(Endpoint(sys.argv[2], KEY))
print(jobs.submit(OWNER, draft("one", "two", "three"), Asked(client, request_of, "far", at_once=1)), flush=True)
jobs.join(jobs.saved_jobs(OWNER).all()[0].id)
"""


@pytest.mark.slow
def test_after_kill_9_a_job_goes_on_by_its_id_and_asks_nothing_twice(tmp_path: Path) -> None:
    reached = threading.Event()

    def script(request: Request) -> Reply:
        if request.prompt == "two":
            reached.set()
            return stream("Half", HANG)
        return echo(request)

    url = f"sqlite:///{tmp_path / 'kept.db'}"
    with FakeAPI(script) as api:
        command = [sys.executable, "-c", _PROGRAM, url, api.url]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            id_ = process.stdout.readline().strip()
            assert reached.wait(PATIENCE)
            os.kill(process.pid, signal.SIGKILL)
        store = open_store(url)
        forget_the_process(store)
        jobs = Jobs(store)
        jobs.go_on(OWNER, id_, asked(api))
        jobs.join(id_, PATIENCE)
        assert states(jobs, id_) == "done unknown done"
        assert prompts(api) == ["one", "two", "three"]


# ---- at the expense of a guest's budget --------------------------------------------------------------------


def budget(store: Store, *limits: Limit) -> tuple[Account, Reserved]:
    info = ModelInfo("m", price_in=1.0, price_out=2.0)
    account = Account(Ledger(store), OWNER, GuestPolicy(limits, max_tokens=50), lambda model: info)
    return account, Reserved(account, lambda task: metering.most(account, request_of(task)))


def messages(most: int, window: str = "day") -> Limit:
    return Limit("guest", "messages", window, most)  # type: ignore[arg-type]


def test_a_job_over_the_budget_is_refused_as_a_whole_and_nothing_is_asked_or_kept(kept: Store) -> None:
    account, reserved = budget(kept, messages(2))
    with FakeAPI() as api, pytest.raises(OverBudget):
        Jobs(kept).submit(OWNER, draft("one", "two", "three"), asked(api), budget=reserved)
    assert api.asked == [] and Jobs(kept).saved_jobs(OWNER).all() == []
    assert account.ledger.usage(OWNER).messages == 0


def test_the_whole_is_set_aside_first_and_what_was_not_asked_is_given_back(kept: Store) -> None:
    account, reserved = budget(kept, messages(3))
    set_aside: list[int] = []

    def script(request: Request) -> Reply:
        set_aside.append(account.ledger.usage(OWNER).messages)
        return error(401) if request.prompt == "two" else stream("Hello", usage=USAGE)

    with FakeAPI(script) as api:
        jobs, client = Jobs(kept), ChatClient(Endpoint(api.url, KEY), QUICK)
        id_ = jobs.submit(OWNER, draft("one", "two", "three"), asked(api, reserved.source(client)), budget=reserved)
        jobs.join(id_, PATIENCE)
    assert set_aside == [3, 3]
    assert states(jobs, id_) == "done waiting waiting"
    used = account.ledger.usage(OWNER)
    assert (used.messages, used.tokens) == (1, 8)


def test_a_job_keeps_the_limit_of_a_minute_by_waiting(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.jobs.guest_budget._SOON", 0.05)
    account, reserved = budget(kept, messages(9), messages(2, "minute"))
    with FakeAPI(completion()) as api:
        jobs, client = Jobs(kept), ChatClient(Endpoint(api.url, KEY), QUICK)
        id_ = jobs.submit(OWNER, draft("one", "two", "three"), asked(api, reserved.source(client)), budget=reserved)
        while not api.asked or jobs.saved_jobs(OWNER).steps(id_)[0].state != "done":
            jobs.join(id_, 0.05)
        kept.edit(
            lambda connection: connection.execute(text("UPDATE guest_spending SET began = began - 61")) and None
        )
        jobs.join(id_, PATIENCE)
        kept.edit(
            lambda connection: connection.execute(text("UPDATE guest_spending SET began = began - 61")) and None
        )
    assert states(jobs, id_).startswith("done done") and jobs.saved_jobs(OWNER).steps(id_)[1].tries == 1
    assert account


def test_budget_reserved_by_a_killed_run_is_returned_when_it_goes_on(kept: Store) -> None:
    account, first = budget(kept, messages(3))
    go = threading.Event()
    with FakeAPI(stream("Hello", go, usage=USAGE)) as api:
        jobs, client = Jobs(kept), ChatClient(Endpoint(api.url, KEY), QUICK)
        first.release = lambda id_="": None  # type: ignore[method-assign]  # a process that was killed releases nothing
        id_ = jobs.submit(OWNER, draft("one", "two"), asked(api, first.source(client)), budget=first)
        while not api.asked:
            jobs.join(id_, 0.01)
        forget_the_process(kept)
        _, second = budget(kept, messages(3))
        other = Jobs(kept)
        other.go_on(OWNER, id_, asked(api, second.source(client)), budget=second)
        go.set()
        other.join(id_, PATIENCE)
        jobs.join(id_, PATIENCE)
    assert account.ledger.usage(OWNER).messages == 2
