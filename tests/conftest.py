"""What every test gets: no network but loopback, nothing from the environment, a server to talk to."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(path) for path in (ROOT, ROOT / "tests") if str(path) not in sys.path]

from browser import (  # noqa: E402, F401  (fixtures)
    KEY,
    _keeping,
    app,
    browser,
    chat,
    far_end,
    fresh,
    guest,
    keeping,
    page,
    server,
    tab,
    window,
)
from fake_api import FakeAPI  # noqa: E402
from postgres import cluster, store, url  # noqa: E402, F401  (fixtures)
from secure import secure  # noqa: E402, F401  (a fixture)
from visiting import at, nothing_of_this_machine, tools, visit  # noqa: E402, F401  (fixtures)

from backend.transport import client as client_module  # noqa: E402
from backend.transport.client import ChatClient, Deadlines, Endpoint  # noqa: E402
from backend.types import ChatRequest, Message  # noqa: E402

CORPUS = ROOT.parent / "shared" / "corpus"
# Short enough for a test, long enough for a busy machine.
QUICK = Deadlines(connect=2, headers=2, blocking=2, first_data=2, idle=1, tail=0.3, total=10)

# The same examples on every run; `--hypothesis-profile=thorough` looks for new ones.
settings.register_profile(
    "steady", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("thorough", settings.get_profile("steady"), derandomize=False, max_examples=2000)
settings.load_profile("steady")


def corpus(name: str) -> list[Any]:
    """The rows of a recorded corpus file as test parameters; one skipped test where the corpus is not there."""
    path = CORPUS / name
    if not path.exists():
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"no recorded corpus: ../shared/corpus/{name}"))]
    rows = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line.strip()]
    return [pytest.param(row, id=str(row.get("id", place))) for place, row in enumerate(rows)]


def ask(prompt: str = "Hi", **fields: Any) -> ChatRequest:
    """A question with one user message."""
    return ChatRequest("fake/alpha", (Message("user", prompt),), **fields)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy and no key of the machine that runs the tests."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("AIMLAPI_API_KEY", "AIMLAPI_BASE_URL", "PLAYGROUND_MODEL", "PLAYGROUND_SHARED", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def no_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pause before a retry has a test of its own; elsewhere it would only cost time."""
    monkeypatch.setattr(client_module.random, "uniform", lambda low, high: 0.02)


@pytest.fixture
def api() -> Iterator[FakeAPI]:
    """A server that echoes until it is given a script: `api.play(stream("Hello"))`."""
    with FakeAPI() as fake:
        yield fake


@pytest.fixture
def client(api: FakeAPI) -> Iterator[ChatClient]:
    """A client of `api`, with short deadlines and a key."""
    made = ChatClient(Endpoint(api.url, KEY), QUICK)
    yield made
    made.close()
