"""The owner's key in a tab: nothing that is remembered or drawn holds it, nothing takes it to another server."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_api import FakeAPI, error, html, stream
from keys import CANARY, ODD, QUOTED, leaked
from streamlit.testing.v1 import AppTest
from visiting import Open, everything, say, well, with_models

from backend.formats.archive import export
from backend.keys.endpoint import Endpoint

pytestmark = pytest.mark.usefixtures("folds_open")

# Modules, functions and numbers; the log is looked at as it is written.
NOT_WALKED = (type, type(json), type(json.dumps), int, float, logging.Logger, logging.Handler)


def walk(root: object, seen: dict[int, object]) -> Iterator[str]:
    """Every text that is reachable: through containers, attributes, slots and fields; and how each thing prints."""
    waiting = [root]
    while waiting:
        found = waiting.pop()
        if id(found) in seen or isinstance(found, NOT_WALKED):
            continue
        seen[id(found)] = found
        if isinstance(found, str | bytes):
            yield found if isinstance(found, str) else found.decode("latin-1")
            continue
        with contextlib.suppress(Exception):  # a library's object may not know how to print itself
            yield repr(found)[:100_000]
        if isinstance(found, dict):
            waiting += [*found.keys(), *found.values()]
        elif isinstance(found, list | tuple | set | frozenset):
            waiting += found
        slots = [name for kind in type(found).__mro__ for name in getattr(kind, "__slots__", ())]
        waiting += [*getattr(found, "__dict__", {}).values()]
        for name in slots:
            with contextlib.suppress(Exception):
                waiting.append(getattr(found, name))


def dump(at: AppTest) -> list[str]:
    seen: dict[int, object] = {}
    state = at.session_state._state  # AppTest's own view of it cannot be listed
    return [text for name in state.filtered_state for text in (name, *walk(state[name], seen))]


FAILURES = {"fine": stream(f"You sent {CANARY}"), "401": error(401, CANARY), "500": html(CANARY, 500)}


@pytest.mark.slow
@pytest.mark.parametrize("case", FAILURES)
@pytest.mark.parametrize("page", ["app.py", "pages/1_Tools.py"])
def test_nothing_a_tab_remembers_holds_the_owners_key(visit: Open, api: FakeAPI, case: str, page: str) -> None:
    api.play(FAILURES[case])
    at = say(visit(page, AIMLAPI_API_KEY=CANARY, AIMLAPI_BASE_URL=api.url), "Hello")
    assert api.asked[-1].headers["authorization"] == f"Bearer {CANARY}"
    texts = dump(at)
    assert any(api.url in text for text in texts), "the endpoint was reached"
    assert leaked(CANARY, *texts, everything(at)) == []


@pytest.mark.slow
@pytest.mark.parametrize("key", [QUOTED, *ODD])
def test_an_odd_key_in_the_secrets_is_on_no_page(
    visit: Open, api: FakeAPI, key: str, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    api.play(lambda asked: stream(f"You sent {asked.headers['authorization']}"))
    at = say(visit(secrets={"AIMLAPI_API_KEY": key, "AIMLAPI_BASE_URL": api.url}), "Hello")
    at.button(key="test").click().run() if "test" in [button.key for button in at.button] else None
    exported = export(at.session_state["session"].chats.record())
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert leaked(key, *dump(at), everything(at), caplog.text, exported, files) == []
    sent = "".join(key.split("\n")) if key == ODD[0] else key  # it was broken into lines
    assert {request.headers.get("authorization") for request in api.asked} <= {f"Bearer {sent}"}
    if key in ODD[1:]:
        assert api.asked == []
        assert "characters that no key has" in everything(at)


# ---- to another server ----------------------------------------------------------------------------------


@pytest.fixture
def stranger() -> Iterator[FakeAPI]:
    with FakeAPI() as found:
        yield found


def test_no_address_of_the_page_moves_the_key(visit: Open, api: FakeAPI, stranger: FakeAPI) -> None:
    names = ("base_url", "AIMLAPI_BASE_URL", "address", "url", "connection", "server", "endpoint", "Base URL")
    at = visit(query=dict.fromkeys(names, stranger.url), AIMLAPI_API_KEY=CANARY, AIMLAPI_BASE_URL=api.url)
    say(at, "Hello")
    assert api.asked and stranger.requests == []


def test_no_file_moves_the_key(visit: Open, api: FakeAPI, stranger: FakeAPI) -> None:
    """A file brings settings by their names alone, and no name is an address or a key."""
    from import_files import read_file

    from backend.library import presets

    names = ("base_url", "AIMLAPI_BASE_URL", "endpoint", "connection.url")
    moved: dict[str, Any] = {**dict.fromkeys(names, stranger.url), "connection": "other", "api_key": "sk-stranger"}
    moved |= {"parameters": {"base_url": stranger.url, "temperature": 0.5}, "extra": {"base_url": stranger.url}}
    preset = presets.read(json.dumps({"format": presets.FORMAT, "version": 1, "name": "x", **moved}))
    file = {"format": "llm-playground/conversation", "version": 1, "title": "x", "settings": moved}
    file["messages"] = [{"id": 1, "parent": None, "role": "user", "content": "Hi"}]
    (record,) = read_file(json.dumps(file).encode(), "x.json")
    for settings in (preset.settings, record.settings):
        assert stranger.url not in repr(settings) and "sk-stranger" not in repr(settings)
    at = visit(AIMLAPI_API_KEY=CANARY, AIMLAPI_BASE_URL=api.url)
    at.session_state["session"].settings.put(record.settings)
    say(well(with_models(at)), "Hello")
    assert api.asked and stranger.requests == []
    assert api.asked[-1].headers["authorization"] == f"Bearer {CANARY}"


def test_the_same_host_at_another_port_is_another_server(visit: Open, api: FakeAPI, stranger: FakeAPI) -> None:
    at = visit(AIMLAPI_API_KEY=CANARY, AIMLAPI_BASE_URL=api.url)
    session = at.session_state["session"]
    for address in (stranger.url, stranger.url.replace("127.0.0.1", "localhost")):
        session.connections.use_base_url(address)
        at.session_state["connection"] = "other"
        say(well(at.run()), "Hello")
    assert stranger.asked
    assert {request.headers.get("authorization") for request in stranger.requests} == {None}
    assert all(CANARY.encode() not in request.raw for request in stranger.requests)


def test_a_typed_key_is_cleared_when_the_address_changes(visit: Open, api: FakeAPI, stranger: FakeAPI) -> None:
    own = "sk-visitor-0a1b2c3d4e5f6071829a"
    at = visit(AIMLAPI_API_KEY=CANARY, AIMLAPI_BASE_URL=api.url)
    session = at.session_state["session"]
    at.session_state["connection"] = "other"
    session.connections.use_base_url(stranger.url)
    session.connections.put_key(Endpoint(stranger.url).origin, own)
    say(with_models(well(at.run())), "Hello")
    assert stranger.asked[-1].headers["authorization"] == f"Bearer {own}"
    (field,) = [found for found in at.sidebar.text_input if found.label == "Base URL"]
    with_models(field.set_value(api.url).run())
    assert own not in session.connections.keys
    say(at, "Hello")
    assert "authorization" not in api.asked[-1].headers
    (field,) = [found for found in at.sidebar.text_input if found.label == "Base URL"]
    with_models(field.set_value(stranger.url).run())
    say(at, "Hello")
    assert "authorization" not in stranger.asked[-1].headers
    assert leaked(own, *dump(at)) == []
