"""The pages through Streamlit's AppTest: a visitor who opens, sets, says and reads, as fixtures and helpers."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from basics import KEY, ROOT
from fake_api import FakeAPI
from stores import ready
from streamlit.testing.v1 import AppTest

from backend import env_file, settings
from backend.catalog import Catalogue, catalogue
from backend.compare.race import Race
from backend.parameters import GROUPS
from components.session import services
from components.view.component import Footer, Item

TOOLS = "pages/1_Tools.py"
Open = Callable[..., AppTest]


FOLDS = ("fold.more", "fold.connection")
PLAIN = {"AIMLAPI_API_KEY", "AIMLAPI_BASE_URL"}


@pytest.fixture
def nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Settings are read once per process: here, once per test, and from nowhere but the test."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(env_file, "FILE", tmp_path / ".env")
    monkeypatch.setenv("DATABASE_URL", ready(tmp_path / "playground.db"))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # nobody is there: no test asks the real provider
    services.configured.cache_clear()
    services.journals.cache_clear()  # each test has a database of its own
    yield
    services.configured.cache_clear()
    if services.jobs.cache_info().currsize:
        services.jobs().close()
        services.jobs.cache_clear()
    if services.journals.cache_info().currsize:
        kept = services.journals()
        kept.recorder.close()
        kept.store.close()  # its files: four descriptors for each test
        services.journals.cache_clear()


@pytest.fixture
def folds_open() -> None:
    """For tests of what is in the two folds of the sidebar: `visit` opens them, for AppTest cannot click on one.

    Elsewhere they are closed, as for a new visitor: with them a run costs a quarter more.
    """


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch, nothing_of_this_machine: None, request: pytest.FixtureRequest) -> Open:
    """Opens the app for a new visitor, at a page, with an environment and an address."""
    folds = FOLDS if "folds_open" in request.fixturenames else ()

    def opened(
        page: str = "app.py",
        secrets: dict[str, Any] | None = None,
        query: dict[str, str] | None = None,
        **environment: str,
    ) -> AppTest:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        known = list_of_models() if not secrets and environment.keys() == PLAIN else None
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
        at.secrets.update(secrets or {"NOTHING": "here"})  # with no secrets at all, a file's would be read
        for name, value in (query or {}).items():
            at.query_params[name] = value
        for fold in folds:
            at.session_state[fold] = True
        well((at if page == "app.py" else at.switch_page(page)).run())
        return at if known and catalogue_of(at) is known else with_models(at)

    return opened


def list_of_models() -> Catalogue:
    """What the server of the environment lists, once it has said so: as where another visitor was here before.

    So the first run of a page draws the list. Otherwise each visit costs a second run, see `with_models`.
    """
    known = catalogue(settings.load([os.environ]).endpoint)
    _ = known.listing
    assert known.wait(10)
    return known


@pytest.fixture
def at(visit: Open, api: FakeAPI) -> AppTest:
    """The front page, connected to `api` with a key."""
    return visit(AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)


@pytest.fixture
def tools(visit: Open, api: FakeAPI) -> AppTest:
    """The Tools page, connected to `api` with a key."""
    return visit(TOOLS, AIMLAPI_API_KEY=KEY, AIMLAPI_BASE_URL=api.url)


def well(at: AppTest) -> AppTest:
    """Nothing went wrong that a visitor would see."""
    assert not at.exception, [found.value for found in at.exception]
    return at


def with_models(at: AppTest) -> AppTest:
    """As the page is drawn once its server has said which models it has."""
    catalogue = catalogue_of(at)
    return well(at.run()) if catalogue and catalogue.wait(10) else at


def catalogue_of(at: AppTest) -> Catalogue | None:
    """What the server in use says about its models."""
    connections = at.session_state["session"].connections
    chosen = at.session_state["connection"] if "connection" in at.session_state else ""  # noqa: SIM401
    # Not `connections.current`: out here, beside the app, no widget has a value.
    connection = connections.all.get(chosen, connections.default)
    return at.session_state["session"].models.catalogue(connection)


def reload_tab(visit: Open, at: AppTest, page: str = "app.py") -> AppTest:
    """The conversation of a tab in a new tab, as after a reload: only the store knows what went over the wire."""
    assert services.journals().recorder.flush()
    return visit(page, query={"c": at.session_state["session"].chats.id})


def say(at: AppTest, text: str) -> AppTest:
    """Send a message. An answer that has ended is saved then: the app does it within 50 ms."""
    well(at.chat_input[0].set_value(text).run())
    assert services.journals().recorder.flush()
    return at


def answered(at: AppTest, text: str) -> AppTest:
    """Say it, and wait for the answer where AppTest follows none: after a change of page, or in an open dialog."""
    say(at, text)
    for turn in [thread for thread in threading.enumerate() if thread.name == "turn"]:
        turn.join(20)
    return at


def items(at: AppTest) -> list[dict[str, Any]]:
    """The messages that the view draws, as it is handed them (components.view.component.Item)."""
    drawn = [found.proto for found in at.get("bidi_component") if found.proto.component_name == "conversation"]
    told = [item for proto in drawn for item in json.loads(proto.bytes).get("items", ())]
    footer, item = json.loads(json.dumps([asdict(Footer()), asdict(Item("", "", ""))]))
    return [item | one | {"footer": footer | one["footer"] if "footer" in one else None} for one in told]


def conversation(at: AppTest) -> list[tuple[str, str]]:
    """Who said what; an answer that is drawn in two parts once."""
    return [(item["role"], item["text"]) for item in items(at) if item["part"] != "foot" or _headless(at, item)]


def _headless(at: AppTest, foot: dict[str, Any]) -> bool:
    """An answer without words has no head."""
    return not any(item["id"] == foot["id"] and item["part"] == "head" for item in items(at))


def open_folds(at: AppTest) -> AppTest:
    """With every group of parameters drawn."""
    for fold in FOLDS:
        at.session_state[fold] = True
    for group in GROUPS:
        at.session_state[f"group.{group}"] = True
    return well(at.run())


def press(at: AppTest, key: str) -> AppTest:
    return well(at.button(key=key).click().run())


def set_(at: AppTest, name: str, value: object) -> AppTest:
    """Set a widget of the sidebar, whatever kind it is."""
    if name.startswith("model."):
        return well(picker(at).set_value(value).run())
    found = _in_the_sidebar(at, name) or _in_the_sidebar(open_folds(at), name)
    return well(found[0].set_value(value).run())


def _in_the_sidebar(at: AppTest, name: str) -> list[Any]:
    widgets = [*at.sidebar.select_slider, *at.sidebar.number_input, *at.sidebar.multiselect]
    widgets += [*at.sidebar.text_area, *at.sidebar.toggle, *at.sidebar.selectbox, *at.sidebar.text_input]
    return [widget for widget in widgets if widget.key == name]


class Picker:
    """The list of models as the page hands it to the browser, and what the browser says when one is chosen."""

    def __init__(self, at: AppTest) -> None:
        self._at = at
        (self._proto,) = [
            found.proto for found in at.get("bidi_component") if found.proto.component_name == "model_list"
        ]
        head, _, rows = self._proto.bytes.partition(b"\n")
        self.head: dict[str, Any] = json.loads(head)
        self.rows: list[list[Any]] = json.loads(rows)
        self._choice: dict[str, object] | None = None

    @property
    def value(self) -> str:
        """The id of the model in use."""
        return str(self.head["chosen"])

    @property
    def options(self) -> list[str]:
        """The ids on offer: the one in use, those used last, then all others in the order of the list."""
        ids = [str(row[0]) for row in self.rows]
        own = [self.value] if self.value and self.value not in ids else []
        return [*dict.fromkeys([*own, *[id_ for id_ in self.head["recent"] if id_ in ids], *ids])]

    def set_value(self, model: object) -> Picker:
        """Choose a row; what is in no row is typed, and taken as typed."""
        self._choice = {"model": str(model), "typed": str(model) not in self.options}
        return self

    def run(self) -> AppTest:
        states = self._at._tree.get_widget_states()
        trigger = states.widgets.add()
        trigger.id = f"$$STREAMLIT_INTERNAL_KEY_{self._proto.id}__events"
        trigger.json_trigger_value = json.dumps([{"event": "choose", "value": self._choice}])
        return self._at._run(states)


def picker(at: AppTest) -> Picker:
    """The choice of models."""
    return Picker(at)


def everything(at: AppTest) -> str:
    """All that is on the screen, and what the widgets hold. What is in a block is an element of its own."""
    return "\n".join(_describe(element) for element in (*at.main, *at.sidebar))


def _describe(element: Any) -> str:
    held = {
        name: value for name, value in vars(element).items() if name not in ("children", "parent", "root", "proto")
    }
    return f"{held} {element.proto}"


def race_of(at: AppTest) -> Race:
    """The race of the Compare page."""
    race: Race = at.session_state["session"].chats.race_chat.race
    return race


def cards(at: AppTest) -> list[str]:
    """The titles on the page History: each is the link of its card."""
    return [link.proto.label for link in at.get("page_link") if link.proto.query_string.startswith("c=")]
