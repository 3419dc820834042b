"""Files of a tab that the gate has not let in are not kept.

Streamlit takes uploads on a route of its own, from any tab that is connected and before any page has run: 20 MB at
a time, into memory. So where there is a gate, its keeper of files is told whose to keep. It does NOT limit whoever
is in.
"""

from __future__ import annotations

from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFileManager, UploadedFileRec

_REMEMBERED = 1_000  # tabs, before those that are gone are forgotten
_inside: set[str] = set()
_guarded: list[UploadedFileManager] = []


def keep(inside: bool) -> None:
    """Keep the uploads of this tab from now on; or keep none, and let go of those that came."""
    context = get_script_run_ctx()
    if context is None:
        return
    _guard(context.uploaded_file_mgr)
    if inside:
        _inside.add(context.session_id)
        _forget_gone()
    else:
        _inside.discard(context.session_id)
        context.uploaded_file_mgr.remove_session_files(context.session_id)


def _guard(files: UploadedFileManager) -> None:
    """From the first page run of the process on; before it, no tab is connected."""
    if files in _guarded or not hasattr(files, "add_file"):
        return
    _guarded[:] = [files]
    add = files.add_file

    def add_file(session_id: str, file: UploadedFileRec) -> None:
        if session_id in _inside:
            add(session_id, file)

    files.add_file = add_file


def _forget_gone() -> None:
    if len(_inside) > _REMEMBERED and runtime.exists():
        active = runtime.get_instance().is_active_session
        _inside.intersection_update([found for found in _inside if active(found)])
