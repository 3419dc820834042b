"""Everything that depends on the internals of Streamlit, in one place. Read it when Streamlit is updated.

Streamlit documents none of what is used here, so requirements.txt pins 1.67. Each function names what it depends
on; tests/unit/elements/test_streamlit_internals.py checks each dependency, and names the one that is missing.
Three of them have to be elsewhere: the last section of components/style.css goes by Streamlit's test ids, `breathe`
in components/session/tab.py looks into the session state to give Streamlit a chance to interrupt, and
components/elements/theme.js asks the front end for another theme.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import suppress
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
_BEHIND = "_playground_behind"  # the waiting requests: ScriptRequests, each with one
_MOST_BEHIND = 50  # of one tab; further ones are merged into the last
_SAID = ("chat_input_value", "json_trigger_value")  # values that a widget sends once, with text
_PRESSED = ("trigger_value", "string_trigger_value", *_SAID)  # values that a widget sends once
_MOST_FRAGMENTS = 100  # far more than there are: an id is made from the code of a fragment and its place
_of_the_page: set[str] = set()  # the ids of fragments that called `clicks_are_of_the_page`
_limited: list[UploadedFileManager] = []  # the manager of this process, once its add_file is replaced


def hear_every_click() -> None:
    """Let every callback run to its end, whatever the tab sends meanwhile, and lose no click.

    May be called any number of times.

    A message from a tab is a request to rerun the page, and contains the click. Streamlit loses clicks in two ways:

    - A newer request interrupts an older one whenever the page uses Streamlit, even in the middle of a callback: a
      question was lost in 19 of 25 cases when something else on the page changed at once
      (tests/browser/test_clicks.py). With this, a page can only be interrupted after its callbacks have run;
      `fastReruns = false` in .streamlit/config.toml makes a newer request wait until then.
    - Until a run reaches its callbacks, everything that the tab sends is merged into one request. Of two messages
      sent with the message box, or two clicks in a conversation, only the newer is kept: of four first questions
      with a second one right behind them, two were lost. With this the newer one, and all that follows it, waits
      until the callbacks of the older one have run. Two with the same content stay one: a double click.

    Replaces the private methods `SafeSessionState.on_script_will_rerun`, which runs the callbacks, and
    `ScriptRequests._request_rerun_locked`; reads `ScriptRunContext.script_requests` and its `_lock`, `_state` and
    `_rerun_data`. The check for interruptions, made hundreds of times in a run, is not replaced. Where a method is
    missing, nothing is replaced.
    """
    call = getattr(SafeSessionState, _CALLBACKS, None)
    request = getattr(ScriptRequests, _REQUESTED, None)
    if call is None or request is None or hasattr(request, "__wrapped__"):
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
    """Replaces `ScriptRequests.on_scriptrunner_yield` for a while: reports neither a newer request nor a stop."""


def _come_forward(requests: Any, request: Callable[[Any, RerunData], bool]) -> None:
    """Make the next waiting request the current one; the one of this run has been taken."""
    if behind := requests.__dict__.get(_BEHIND):
        with requests._lock:
            if requests._state == ScriptRequestType.CONTINUE:
                request(requests, behind.popleft()._rerun_data)


def clicks_are_of_the_page() -> None:
    """Rerun the whole page for a click that arrives together with text typed in this fragment. Call it in one.

    Pressing a button leaves a field. If the press is as short as a tap, the browser sends both at once, as a
    request of the fragment, even if the button is outside it: its callback ran, but the page was not redrawn ("New
    chat" left the old messages in view). Takes effect after `hear_every_click`.

    Depends on `ThreadState.fragment_id` and `RerunData.fragment_id`.
    """
    fragment = ThreadState.get().fragment_id
    if fragment and len(_of_the_page) < _MOST_FRAGMENTS:
        _of_the_page.add(fragment)


def _whole(new: RerunData) -> RerunData:
    if new.fragment_id in _of_the_page and _widget_values(new.widget_states, _PRESSED):
        return replace(new, fragment_id=None)
    return new


def _says_both(old: RerunData, new: RerunData) -> bool:
    """Whether a widget sends different one-time values in the older and in the newer request."""
    before, now = _widget_values(old.widget_states), _widget_values(new.widget_states)
    return any(before[id_] != value for id_, value in now.items() if id_ in before)


def _widget_values(states: WidgetStates | None, kinds: tuple[str, ...] = _SAID) -> dict[str, Any]:
    widgets = [] if states is None else states.widgets
    said = {widget.id: (widget.WhichOneof("value"), widget) for widget in widgets}
    values = {id_: getattr(widget, kind) for id_, (kind, widget) in said.items() if kind in kinds}
    return {id_: value for id_, value in values.items() if value not in (False, "", ChatInputValue())}


def tab_id() -> str:
    """Streamlit's id of the tab of the current run; "" outside of a run.

    Depends on `get_script_run_ctx()` and `ScriptRunContext.session_id`.
    """
    context = get_script_run_ctx()
    return context.session_id if context else ""


def is_connected(tab: str) -> bool:
    """Whether this tab is still connected. From any thread. True if there is no server, as under AppTest.

    Depends on `runtime.get_instance()` and `Runtime.is_active_session`.
    """
    server: runtime.Runtime | None = None
    with suppress(RuntimeError):  # in one call: AppTest takes its mock away while an answer still ends
        server = runtime.get_instance()
    return server is None or server.is_active_session(tab)


def is_served() -> bool:
    """Whether a server runs the page and a browser draws it. False under AppTest, which replaces both by a mock.

    Depends on `runtime.exists()` and `runtime.get_instance()`.
    """
    return runtime.exists() and type(runtime.get_instance()) is runtime.Runtime


def limit_uploads(allowed: Callable[[str], bool], of_tab: int, of_all: int) -> None:
    """Keep an uploaded file only if `allowed(id of its tab)`, and at most `of_tab` bytes of one tab and `of_all`
    of all: the oldest files of the tab are removed first, then those of the tab that has most. Once per process.

    Streamlit accepts uploads on a route of its own, from any connected tab, before any page has run; before the
    first page run of the process no tab is connected.
    Depends on `ScriptRunContext.uploaded_file_mgr`, its `file_storage` (by tab, in order of arrival) and
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
    """Remove the oldest files: of this tab, then of the tab that has most."""
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
    """Remove all files that the tab of the current run has uploaded.

    Depends on `ScriptRunContext.uploaded_file_mgr` and its `remove_session_files`.
    """
    if context := get_script_run_ctx():
        context.uploaded_file_mgr.remove_session_files(context.session_id)
