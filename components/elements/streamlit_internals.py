"""All that leans on the inside of Streamlit, in one place. Read it when Streamlit is updated.

Nothing here is promised by Streamlit's documentation, so requirements.txt pins 1.67. Each function names what it
leans on; tests/unit/elements/test_streamlit_internals.py checks each lean, and says in a sentence what is gone.
Three leans have to be elsewhere: the last section of components/style.css goes by Streamlit's test ids, `breathe`
in components/session/tab.py looks into the session state to give Streamlit a chance to interrupt, and
components/elements/theme.js asks the front end for another theme.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileManager, UploadedFileRec

__all__ = [
    "UploadedFile",
    "hear_every_click",
    "is_connected",
    "is_served",
    "limit_uploads",
    "remove_uploads",
    "tab_id",
]

_INTERRUPT = "_maybe_handle_execution_control_request"  # a method of ScriptRunner
_limited: list[UploadedFileManager] = []  # the one of this process, once its add_file is replaced


def hear_every_click() -> None:
    """Let every callback run to its end, whatever the tab sends meanwhile. May be called any number of times.

    A tab's message is a request to run the page anew, with the click in it. Streamlit lets a newer request
    interrupt an older one at any touch of Streamlit, also before the callback of the older click has run, or in
    the middle of it, and then the click is gone: a question was lost in 19 of 25 cases when something else on the
    page changed at once (tests/browser/test_clicks.py). With this, a page can be interrupted from its first line
    on, and not before; `fastReruns = false` in .streamlit/config.toml makes a newer request wait until then.

    Replaces the private method `ScriptRunner._maybe_handle_execution_control_request`; reads
    `ScriptRunContext.has_script_started`. Where the method is missing, nothing is replaced.
    """
    interrupt = getattr(ScriptRunner, _INTERRUPT, None)
    if interrupt is None or hasattr(interrupt, "__wrapped__"):
        return

    @wraps(interrupt)
    def later(runner: Any) -> None:
        context = get_script_run_ctx(suppress_warning=True)
        if context is None or context.has_script_started:
            interrupt(runner)

    setattr(ScriptRunner, _INTERRUPT, later)


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


def limit_uploads(allowed: Callable[[str], bool]) -> None:
    """Keep a file that a tab uploads only where `allowed(id of the tab)`. Takes effect once per process.

    Streamlit takes uploads on a route of its own, from any connected tab, before any page has run; before the
    first page run of the process no tab is connected.
    Leans on `ScriptRunContext.uploaded_file_mgr` and replaces its `add_file`.
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

    files.add_file = add_file


def remove_uploads() -> None:
    """Let go of all files that the tab of the current run has uploaded.

    Leans on `ScriptRunContext.uploaded_file_mgr` and its `remove_session_files`.
    """
    if context := get_script_run_ctx():
        context.uploaded_file_mgr.remove_session_files(context.session_id)
