"""All that leans on the inside of Streamlit, in one place. Read it when Streamlit is updated.

Nothing here is promised by Streamlit's documentation, so requirements.txt pins 1.67. Each function names what it
leans on; tests/unit/elements/test_streamlit_internals.py checks each lean, and says in a sentence what is gone.
Three leans have to be elsewhere: the last section of components/style.css goes by Streamlit's test ids, `breathe`
in components/session/tab.py looks into the session state to give Streamlit a chance to interrupt, and
components/elements/theme.js asks the front end for another theme.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from streamlit import runtime
from streamlit.proto.Common_pb2 import ChatInputValue
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import (
    RerunData,
    ScriptRequests,
    ScriptRequestType,
)
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileManager, UploadedFileRec

__all__ = [
    "UploadedFile",
    "clicks_are_of_the_page",
    "hear_every_click",
    "is_connected",
    "is_served",
    "limit_uploads",
    "remove_uploads",
    "tab_id",
]

_CALLBACKS = "on_script_will_rerun"  # a method of SafeSessionState
_INTERRUPT = "on_scriptrunner_yield"  # a method of ScriptRequests
_REQUESTED = "_request_rerun_locked"  # a method of ScriptRequests
_BEHIND = "_playground_behind"  # what waits behind its request: ScriptRequests, each with one
_MOST_BEHIND = 50  # of one tab; what it sends beyond is taken together with the last
_SAID = ("chat_input_value", "json_trigger_value")  # what a widget says once, with words in it
_PRESSED = ("trigger_value", "string_trigger_value", *_SAID)  # what a widget says once
_MOST_FRAGMENTS = 100  # their ids are made of their code and their place: a few
_of_the_page: set[str] = set()  # the ids of fragments after `clicks_are_of_the_page`
_limited: list[UploadedFileManager] = []  # the one of this process, once its add_file is replaced


def hear_every_click() -> None:
    """Let every callback run to its end, whatever the tab sends meanwhile, and hear all that it sends.

    May be called any number of times.

    A tab's message is a request to run the page anew, with the click in it. Streamlit loses clicks in two ways:

    - A newer request interrupts an older one at any touch of Streamlit, also in the middle of a callback: a
      question was lost in 19 of 25 cases when something else on the page changed at once
      (tests/browser/test_clicks.py). With this, a page can be interrupted once its callbacks have run, and not
      before; `fastReruns = false` in .streamlit/config.toml makes a newer request wait until then.
    - While a run has not come to its callbacks, what the tab sends waits as one request. Of two messages sent with
      the message box, or two clicks in a conversation, the newer is kept: of four first questions with a second one
      right behind them, two were lost. With this the newer one, and all that comes after it, waits behind the older
      until the callbacks of that have run. Two that say the same stay one: a double click.

    Replaces the private methods `SafeSessionState.on_script_will_rerun`, which runs the callbacks, and
    `ScriptRequests._request_rerun_locked`; reads `ScriptRunContext.script_requests` and `_lock`, `_state`,
    `_rerun_data` of that. What asks whether a run is interrupted, hundreds of times a run, stays as it is. Where a
    method is missing, nothing is replaced.
    """
    call = getattr(SafeSessionState, _CALLBACKS, None)
    request = getattr(ScriptRequests, _REQUESTED, None)
    if call is None or request is None or hasattr(call, "__wrapped__"):
        return

    @wraps(call)
    def call_all(state: Any, *states: Any, **options: Any) -> None:
        context = get_script_run_ctx(suppress_warning=True)
        requests = context.script_requests if context else None
        if requests is not None:
            setattr(requests, _INTERRUPT, _nothing_came)  # of this object alone, and for now
        try:
            call(state, *states, **options)
        finally:
            if requests is not None:
                delattr(requests, _INTERRUPT)
                _come_forward(requests, request)

    @wraps(request)
    def wait(requests: Any, new: RerunData) -> bool:
        new = _whole(new)
        if requests._state == ScriptRequestType.STOP:
            return bool(request(requests, new))
        behind = requests.__dict__.setdefault(_BEHIND, deque())
        last = behind[-1] if behind else requests
        waits = last._state == ScriptRequestType.RERUN and _says_both(last._rerun_data, new)
        if waits and len(behind) < _MOST_BEHIND:
            behind.append(last := ScriptRequests())
        return bool(request(last, new))

    setattr(SafeSessionState, _CALLBACKS, call_all)
    setattr(ScriptRequests, _REQUESTED, wait)


def _nothing_came() -> None:
    """In place of `ScriptRequests.on_scriptrunner_yield`: neither a newer request nor a stop."""


def _come_forward(requests: Any, request: Callable[[Any, RerunData], bool]) -> None:
    """The request of this run was taken: the next one comes forward from behind it."""
    if behind := requests.__dict__.get(_BEHIND):
        with requests._lock:
            if requests._state == ScriptRequestType.CONTINUE:
                request(requests, behind.popleft()._rerun_data)


def clicks_are_of_the_page() -> None:
    """Called in a fragment: a click that the browser sends together with what was typed here draws the whole page.

    The press of a button leaves a field. Where it is as short as a tap, the browser sends both at once, as said in
    the fragment, also where the button is outside of it: its callback ran, and the page stayed as it was ("New
    chat" left the old messages in view). Takes effect after `hear_every_click`.

    Leans on `ThreadState.fragment_id` and `RerunData.fragment_id`.
    """
    fragment = ThreadState.get().fragment_id
    if fragment and len(_of_the_page) < _MOST_FRAGMENTS:
        _of_the_page.add(fragment)


def _whole(new: RerunData) -> RerunData:
    if new.fragment_id in _of_the_page and _said(new.widget_states, _PRESSED):
        return replace(new, fragment_id=None)
    return new


def _says_both(old: RerunData, new: RerunData) -> bool:
    """Whether a widget says one thing in the older request and another in the newer."""
    before, now = _said(old.widget_states), _said(new.widget_states)
    return any(before[id_] != value for id_, value in now.items() if id_ in before)


def _said(states: WidgetStates | None, kinds: tuple[str, ...] = _SAID) -> dict[str, Any]:
    widgets = [] if states is None else states.widgets
    said = {widget.id: (widget.WhichOneof("value"), widget) for widget in widgets}
    values = {id_: getattr(widget, kind) for id_, (kind, widget) in said.items() if kind in kinds}
    return {id_: value for id_, value in values.items() if value not in (False, "", ChatInputValue())}


def tab_id() -> str:
    """The id that Streamlit gave to the tab of the current run; "" outside of a run.

    Leans on `get_script_run_ctx()` and `ScriptRunContext.session_id`.
    """
    context = get_script_run_ctx()
    return context.session_id if context else ""


def is_connected(tab: str) -> bool:
    """Is this tab still connected? From any thread. True where there is no server, as under AppTest.

    Leans on `runtime.exists()` and `Runtime.is_active_session`.
    """
    return not runtime.exists() or runtime.get_instance().is_active_session(tab)


def is_served() -> bool:
    """Does a server run the page, and a browser draw it? Not so under AppTest, which puts a mock in its place.

    Leans on `runtime.exists()` and `runtime.get_instance()`.
    """
    return runtime.exists() and type(runtime.get_instance()) is runtime.Runtime


def limit_uploads(allowed: Callable[[str], bool], of_tab: int, of_all: int) -> None:
    """Keep a file that a tab uploads only where `allowed(id of the tab)`, and no more bytes than these of one tab
    and of all: the oldest of the tab go first, then those of the tab that has most. Takes effect once per process.

    Streamlit takes uploads on a route of its own, from any connected tab, before any page has run; before the
    first page run of the process no tab is connected.
    Leans on `ScriptRunContext.uploaded_file_mgr`, its `file_storage` (by tab, in the order in which they came) and
    `remove_file`, and replaces its `add_file`.
    """
    context = get_script_run_ctx()
    files = context.uploaded_file_mgr if context else None
    if files is None or files in _limited or not hasattr(files, "add_file"):
        return
    _limited[:] = [files]
    add = files.add_file

    def add_file(session_id: str, file: UploadedFileRec) -> None:
        if allowed(session_id):
            add(session_id, file)
            _make_room(files, session_id, of_tab, of_all)

    files.add_file = add_file


def _make_room(files: Any, tab: str, of_tab: int, of_all: int) -> None:
    """Let the oldest files go: of this tab, then of the tab that has most."""
    while _bytes(files, tab) > of_tab:
        _drop_oldest(files, tab)
    sizes = {each: _bytes(files, each) for each in list(files.file_storage)}
    while sum(sizes.values()) > of_all:
        most = max(sizes, key=sizes.__getitem__)
        _drop_oldest(files, most)
        sizes[most] = _bytes(files, most)


def _bytes(files: Any, tab: str) -> int:
    return sum(len(file.data) for file in list(files.file_storage.get(tab, {}).values()))


def _drop_oldest(files: Any, tab: str) -> None:
    files.remove_file(tab, next(iter(files.file_storage[tab])))


def remove_uploads() -> None:
    """Let go of all files that the tab of the current run has uploaded.

    Leans on `ScriptRunContext.uploaded_file_mgr` and its `remove_session_files`.
    """
    if context := get_script_run_ctx():
        context.uploaded_file_mgr.remove_session_files(context.session_id)
