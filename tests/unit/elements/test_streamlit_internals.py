"""What the app leans on inside Streamlit, one test for each. When one fails after an update of Streamlit, its
sentence says what is gone and which place of the app needs it."""

from __future__ import annotations

import inspect
import re
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import pytest
import streamlit
from basics import ROOT
from packaging.requirements import Requirement
from streamlit import runtime
from streamlit.proto.Common_pb2 import ChatInputValue
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import script_runner
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests, ScriptRequestType
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import SessionState
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from streamlit.testing.v1 import AppTest

from components.elements import streamlit_internals

MODULE = "components/elements/streamlit_internals.py"
SECTION = "==== Streamlit's own HTML ===="
RELEASE = ">=1.67,<1.68"
# Where Streamlit keeps what its documentation does not promise. `streamlit.testing` is documented.
INSIDE = ("streamlit.runtime", "streamlit.web", "streamlit.elements", "streamlit.proto", "streamlit.config")


def gone(what: str, who: str) -> str:
    return f"Streamlit {streamlit.__version__} has no {what} any more, or it works in another way: see {who}"


# ---- one place, one version -----------------------------------------------------------------------------


def test_no_other_file_imports_from_the_inside_of_streamlit() -> None:
    lines = re.compile(r"^\s*(?:from|import) (streamlit[\w.]*)(?: import (.+))?", re.MULTILINE)
    leaning = set()
    for path in [ROOT / "app.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "components").rglob("*.py")]:
        for module, names in lines.findall(path.read_text("utf-8")):
            if f"{module}.".startswith(tuple(f"{inside}." for inside in INSIDE)) or "runtime" in names.split(", "):
                leaning.add(path.relative_to(ROOT).as_posix())
    assert leaning == {MODULE}


def test_streamlit_is_pinned_to_the_release_that_all_this_was_checked_with() -> None:
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    assert f"streamlit{RELEASE}" in lines, "another release is pinned once every test of this file passes with it"
    assert Requirement(f"streamlit{RELEASE}").specifier.contains(version("streamlit")), (
        "pip install -r requirements.txt"
    )


# ---- clicks ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("owner", "name", "parameters"),
    [
        (
            SafeSessionState,
            "on_script_will_rerun",
            ["fresh_widget_states", "replay_trigger_states", "replay_trigger_values", "is_history_navigation"],
        ),
        (ScriptRequests, "_request_rerun_locked", ["new_data"]),
        (ScriptRequests, "on_scriptrunner_yield", []),
    ],
)
def test_clicks_are_heard_by_methods_that_can_be_replaced(owner: type, name: str, parameters: list[str]) -> None:
    method = vars(owner).get(name)
    assert method is not None, gone(f"{owner.__name__}.{name}", f"hear_every_click in {MODULE}")
    assert list(inspect.signature(method).parameters)[1:] == parameters, gone(
        f"{name}({', '.join(parameters)})", f"hear_every_click in {MODULE}"
    )


def _asks(text: str | None, prompt: str) -> RerunData:
    """A tab's request: what is sent with the message box, if anything is, and what is in another box."""
    box = WidgetState(id="box", chat_input_value=ChatInputValue(data=text))
    return RerunData(widget_states=WidgetStates(widgets=[box, WidgetState(id="prompt", string_value=prompt)]))


def _told(requests: ScriptRequests) -> list[tuple[str, str]]:
    """What the runs are told that follow, one after the other. Each begins with its callbacks."""
    runs = []
    while (request := requests.on_scriptrunner_ready()).type == ScriptRequestType.RERUN:
        assert request.rerun_data.widget_states is not None
        _calls_back(requests)
        box, prompt = sorted(request.rerun_data.widget_states.widgets, key=lambda widget: widget.id)
        runs.append((box.chat_input_value.data, prompt.string_value))
    return runs


def _calls_back(requests: ScriptRequests) -> None:
    context = SimpleNamespace(script_requests=requests)
    with patch.object(streamlit_internals, "get_script_run_ctx", lambda **_: context):
        SafeSessionState(SessionState(), lambda: None).on_script_will_rerun(None)


def test_two_messages_that_wait_for_one_run_get_a_run_each_and_the_last_state_is_the_last() -> None:
    streamlit_internals.hear_every_click()
    requests = ScriptRequests()
    for text, prompt in [("one", "a"), (None, "b"), ("two", "c"), (None, "d"), ("three", "e"), ("three", "f")]:
        assert requests.request_rerun(_asks(text, prompt))
    assert _told(requests) == [("one", "b"), ("two", "d"), ("three", "f")], gone(
        "ScriptRequests that coalesces like this", f"hear_every_click in {MODULE}"
    )
    assert not requests.request_rerun(_asks("four", "g")), "one that has stopped takes nothing"


def _draws_a_fragment() -> None:
    import streamlit as st

    from components.elements.streamlit_internals import clicks_are_of_the_page

    st.fragment(clicks_are_of_the_page)()


@pytest.mark.parametrize(("clicked", "of_the_fragment"), [(True, False), (False, True)])
def test_a_click_outside_a_fragment_draws_the_whole_page(
    clicked: bool, of_the_fragment: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streamlit_internals, "_of_the_page", known := set[str]())
    streamlit_internals.hear_every_click()
    assert not AppTest.from_function(_draws_a_fragment).run().exception
    (fragment,) = known or [gone("ThreadState.fragment_id", f"clicks_are_of_the_page in {MODULE}")]
    said = [WidgetState(id="length", int_value=55), WidgetState(id="new chat", trigger_value=clicked)]
    for id_, queue in ((fragment, [fragment] * of_the_fragment), ("another", ["another"])):
        requests = ScriptRequests()
        requests.request_rerun(RerunData(widget_states=WidgetStates(widgets=said), fragment_id=id_))
        assert requests.on_scriptrunner_ready().rerun_data.fragment_id_queue == queue


def test_a_message_that_comes_while_another_waits_behind_does_not_overtake_it() -> None:
    streamlit_internals.hear_every_click()
    requests = ScriptRequests()
    for text in ("one", "two", "three"):
        requests.request_rerun(_asks(text, ""))
    assert requests.on_scriptrunner_yield() is not None
    requests.request_rerun(_asks("four", ""))
    _calls_back(requests)
    assert [text for text, _ in _told(requests)] == ["two", "three", "four"]


def test_a_tab_that_sends_without_end_makes_no_endless_line() -> None:
    streamlit_internals.hear_every_click()
    requests = ScriptRequests()
    for number in range(2000):
        requests.request_rerun(_asks(f"{number}", ""))
    told = [text for text, _ in _told(requests)]
    assert len(told) < 100 and told[-1] == "1999"


@pytest.mark.parametrize("newer", ["request_stop()", "request_rerun(RerunData())"])
def test_a_callback_runs_to_its_end_and_the_page_is_interrupted_after_it(newer: str) -> None:
    """Without the replaced method the first touch of Streamlit after the newer request ends the callback."""
    streamlit_internals.hear_every_click()
    page = AppTest.from_string(_CALLED_AT_THE_SAME_TIME.replace("NEWER", newer)).run()
    page.button[0].click().run()
    assert page.session_state["called"] == 1, gone("interruption like this", f"hear_every_click in {MODULE}")
    assert page.session_state["drawn"] == (2 if "rerun" in newer else 1), "the click's own page was not drawn"


_CALLED_AT_THE_SAME_TIME = """
import streamlit as st
from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx

def call():
    get_script_run_ctx().script_requests.NEWER
    st.session_state["called"] = st.session_state.get("called", 0) + 1

st.button("Call", on_click=call)
st.session_state["drawn"] = st.session_state.get("drawn", 0) + 1
"""


def test_a_look_into_the_session_state_is_a_chance_to_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    chances = 0

    def counted(runner: object) -> None:
        nonlocal chances
        chances += 1

    monkeypatch.setattr(script_runner.ScriptRunner, "_maybe_handle_execution_control_request", counted)
    AppTest.from_string("import streamlit as st").run()
    without, chances = chances, 0
    AppTest.from_string("import streamlit as st\n_ = 'session' in st.session_state").run()
    assert chances > without, gone("interruption at st.session_state", "breathe in components/session/tab.py")


# ---- tabs -----------------------------------------------------------------------------------------------


def test_a_run_knows_the_id_of_its_tab() -> None:
    page = AppTest.from_string(
        "import streamlit as st\n"
        "from components.elements import streamlit_internals\n"
        "st.session_state['id'] = streamlit_internals.tab_id()"
    ).run()
    assert page.session_state["id"], gone("get_script_run_ctx().session_id", f"tab_id in {MODULE}")
    assert streamlit_internals.tab_id() == "", gone("get_script_run_ctx() outside of a run", f"tab_id in {MODULE}")


def test_the_server_knows_which_tabs_are_connected(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [name for name in ("exists", "get_instance", "Runtime") if not hasattr(runtime, name)]
    assert not names, gone(f"streamlit.runtime.{names}", f"is_connected in {MODULE}")
    method = getattr(runtime.Runtime, "is_active_session", None)
    assert method is not None, gone("Runtime.is_active_session", f"is_connected in {MODULE}")
    assert list(inspect.signature(method).parameters) == ["self", "session_id"]
    assert streamlit_internals.is_connected("any"), "without a server, as here, every tab counts as connected"


def test_no_browser_is_waited_for_where_no_server_runs_the_page() -> None:
    page = AppTest.from_string(
        "import streamlit as st\n"
        "from components.elements import streamlit_internals\n"
        "st.session_state['served'] = streamlit_internals.is_served()"
    ).run()
    assert page.session_state["served"] is False, gone("mock of AppTest that can be told", f"is_served in {MODULE}")


# ---- uploads --------------------------------------------------------------------------------------------


def test_files_are_kept_by_a_method_that_can_be_replaced() -> None:
    method = getattr(MemoryUploadedFileManager, "add_file", None)
    assert method is not None, gone("MemoryUploadedFileManager.add_file", f"limit_uploads in {MODULE}")
    assert list(inspect.signature(method).parameters) == ["self", "session_id", "file"]


def test_a_run_knows_who_keeps_its_files() -> None:
    assert "uploaded_file_mgr" in ScriptRunContext.__annotations__, gone(
        "ScriptRunContext.uploaded_file_mgr", f"limit_uploads in {MODULE}"
    )


def test_the_files_of_one_tab_can_be_removed() -> None:
    files = MemoryUploadedFileManager("/upload")
    for tab in ("one", "two"):
        files.add_file(tab, UploadedFileRec("file", "a.txt", "text/plain", b"a"))
    files.remove_session_files("one")
    message = gone("MemoryUploadedFileManager.remove_session_files", f"remove_uploads in {MODULE}")
    assert not files.get_files("one", ["file"]), message
    assert files.get_files("two", ["file"]), message


def test_uploads_have_limited_room_and_the_oldest_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a tab, and of all: of the tab that has most. A tab that is not admitted has none."""
    files = MemoryUploadedFileManager("/upload")
    monkeypatch.setattr(streamlit_internals, "_limited", [])
    monkeypatch.setattr(streamlit_internals, "get_script_run_ctx", lambda: SimpleNamespace(uploaded_file_mgr=files))
    streamlit_internals.limit_uploads({"one", "two", "three"}.__contains__, of_tab=30, of_all=50)

    def kept() -> list[str]:
        return [f"{tab} {id_}" for tab, each in files.file_storage.items() for id_ in each]

    for number, tab in enumerate(["one", "one", "two", "one", "four", "one", "two", "three"]):
        files.add_file(tab, UploadedFileRec(str(number), "a.txt", "text/plain", b"x" * 10))
    assert kept() == ["one 3", "one 5", "two 2", "two 6", "three 7"], gone(
        "MemoryUploadedFileManager.file_storage or remove_file", f"limit_uploads in {MODULE}"
    )
    files.add_file("two", UploadedFileRec("8", "a.txt", "text/plain", b"x" * 40))
    assert kept() == ["one 3", "one 5", "three 7"], "one that is larger than all that there is room for"


def test_an_uploader_gives_the_class_that_is_asked_for() -> None:
    page = AppTest.from_string("import streamlit as st\nst.file_uploader('File', key='file')").run()
    page.file_uploader[0].upload("a.txt", b"a", "text/plain").run()
    message = gone("UploadedFile as the value of an uploader", "upload in components/session/tab.py")
    assert isinstance(page.session_state["file"], streamlit_internals.UploadedFile), message


# ---- addresses that deploy/ knows -----------------------------------------------------------------------


@pytest.mark.parametrize("path", ["_stcore/stream", "_stcore/health", "_stcore/metrics"])
def test_the_server_has_the_addresses_that_a_deployment_knows(path: str) -> None:
    folder = Path(streamlit.__file__).parent / "web" / "server"
    source = "".join(file.read_text("utf-8") for file in folder.rglob("*.py"))
    known = path in source or f'{{BASE_ROUTE_CORE}}/{path.removeprefix("_stcore/")}"' in source
    assert known, gone(f"/{path}", "deploy/nginx.conf and deploy/Dockerfile")


# ---- style sheets ---------------------------------------------------------------------------------------


def test_only_a_section_of_the_style_sheets_goes_by_test_ids() -> None:
    private = re.compile(r"data-testid|st-emotion|\.st[A-Z]|aria-label[$^*]")
    sheets = {path.name: path.read_text("utf-8").partition(SECTION)[0] for path in _sheets()}
    leaning = {name: names for name, sheet in sheets.items() if (names := private.findall(sheet))}
    assert not leaning, f'below "{SECTION}"'
    assert sum(SECTION in path.read_text("utf-8") for path in _sheets()) == 5, (
        "style.css, empty.css, compare/compare.css, stage/stage.css, stage/race.css"
    )


def _sheets() -> list[Path]:
    return [*(ROOT / "components").rglob("*.css")]


def _test_ids() -> list[str]:
    leaning = "".join(path.read_text("utf-8").partition(SECTION)[2] for path in _sheets())
    leaning += (ROOT / "components/elements/page_keys.js").read_text("utf-8")
    return sorted(set(re.findall(r'data-testid="(\w+)"', leaning)))


@cache
def _scripts() -> tuple[str, ...]:
    """Streamlit's scripts as a browser gets them."""
    folder = Path(streamlit.__file__).parent / "static"
    return tuple(path.read_text("utf-8") for path in folder.rglob("*.js"))


@cache
def _words() -> frozenset[str]:
    """The texts of one word in them: gone through once, and not for each of the words that are looked for."""
    return frozenset(word for script in _scripts() for word in re.findall(r'["`\'](\w+)(?=["`\'])', script))


@pytest.mark.parametrize("test_id", _test_ids())
def test_the_front_end_has_the_test_id_that_a_rule_goes_by(test_id: str) -> None:
    assert test_id in _words(), gone(test_id, f'"{SECTION}" in components/style.css')


def test_the_class_of_a_keyed_container_is_made_of_its_key() -> None:
    rules = "every rule of components/style.css"
    assert any("st-key-" in script for script in _scripts()), gone("class st-key-...", rules)


def test_a_screen_is_narrow_for_our_rules_where_it_is_for_streamlit() -> None:
    """At 768 px, an iPad's width, its sidebar lay over the page, and our bar over the first line of text."""
    assert any("md:`768px`" in script for script in _scripts()), gone("breakpoint md of 768 px", "max-width: 768px")
    sources = (path.read_text("utf-8") for path in (*_sheets(), ROOT / "components/elements/page_keys.js"))
    near = {limit for source in sources for limit in re.findall(r"\((m\w+-width: 76[789][.\d]*px)\)", source)}
    assert near == {"max-width: 768px", "min-width: 768.02px"}


# ---- light and dark -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "written"),
    [
        ("key of the theme in localStorage", r"`stActiveTheme-\$\{window\.location\.pathname\}`"),
        ("version in that key", r"ACTIVE_THEME:`\$\{\w+\}-v\$\{\w+\}`"),
        ("version 2 of that key", r"=2,\w+=`stActiveTheme-"),
        ("name of the light theme", "`Custom Theme Light`"),
        ("name of the dark theme", "`Custom Theme Dark`"),
        ("name of the theme that goes by the computer", "`Custom Theme Auto`"),
        ("themes to choose from, and a way to choose", r"\{setTheme:\w+,activeTheme:\w+,.{0,40}availableThemes:"),
        ("part with these as its `theme`", r"\(\w+,\{theme:\w+,streamlitExecutionStartedAt:"),
    ],
)
def test_the_front_end_changes_its_theme_as_the_switch_asks(what: str, written: str) -> None:
    assert any(re.search(written, script) for script in _scripts()), gone(what, "components/elements/theme.js")
