"""Shared fixtures of all tests: no network except loopback, nothing from the environment, a scripted server."""

from __future__ import annotations

import functools
import gc
import threading
from collections.abc import Iterator

import pytest
from basics import KEY, QUICK
from browser import (  # noqa: F401  (fixtures)
    _keeping,
    _open_tab,
    _parlour,
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
    talk,
    window,
)
from fake_api import FakeAPI
from hypothesis import HealthCheck, settings
from postgres import cluster, store, url  # noqa: F401  (fixtures)
from secure import secure  # noqa: F401  (a fixture)
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner import ScriptRunnerEvent
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import app_test, local_script_runner
from tls import certificate, https  # noqa: F401  (fixtures)
from visiting import (  # noqa: F401  (fixtures)
    at,
    folds_open,
    nothing_of_this_machine,
    tools,
    visit,
)

from backend.transport import client as client_module
from backend.transport.client import ChatClient, Endpoint

# The same examples on every run, fewer in `make quick`; `make long` looks for new ones.
settings.register_profile(
    "steady",
    max_examples=50,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("brief", settings.get_profile("steady"), max_examples=10)
settings.register_profile("thorough", settings.get_profile("steady"), derandomize=False, max_examples=2000)
settings.load_profile("steady")

SHUTDOWN = ScriptRunnerEvent.SHUTDOWN

# Fixture -> marker: what a test needs is seen by what it takes, so that no test has to say it.
NEEDS = {"browser": "browser", "runtime": "local_model", "cluster": "postgresql", "machine": "slow"}


# Every run of an AppTest asks each installed package whether it brings components, a server once when it starts:
# that took a third of the tests of pages. No test installs a package.
manifest_scanner.scan_component_manifests = functools.cache(manifest_scanner.scan_component_manifests)

# Nor does a test change a page: a server compiles each once, an AppTest twice in every run.
app_test.ScriptCache = local_script_runner.ScriptCache = functools.cache(ScriptCache)


def until_it_ends(runner: local_script_runner.LocalScriptRunner, timeout: float) -> None:
    """In place of a look each millisecond: that took a twentieth of the tests of pages."""
    ended = threading.Event()
    runner.on_event.connect(lambda _, event, **more: event is SHUTDOWN and ended.set(), weak=False)
    if not runner.script_stopped() and not ended.wait(timeout):
        runner.request_stop()
        raise RuntimeError(f"The page did not come to rest within {timeout} s.")


local_script_runner.require_widgets_deltas = until_it_ends


# Thousands of tests are found without looking for garbage in between: that took 4 of 10 s. Then they are set aside,
# for a later look would go through all of them for half a second.
gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)  # 30 looks where there were 950, and a third less of their time
    gc.enable()


@pytest.hookimpl(tryfirst=True)  # before the tests are chosen by their markers
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for fixture in NEEDS.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(NEEDS[fixture])


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
