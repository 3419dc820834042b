"""The bar that says what was deleted, with Undo: over the page for as long as it can be undone. One on a page.

It goes away by itself in the browser, so no page has to be drawn for that. It is there, empty, when there is
nothing to say: only then does a screen reader hear what comes into it.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from components.session import tab
from components.session.session import Session

# What visitors read. What was deleted is said by components/session/words.py.
UNDO = "Undo"

_HERE = Path(__file__).parent
_HTML = '<div class="bar"><span class="text" role="status"></span><button type="button" hidden></button></div>'
_bar = st.components.v2.component(
    "undo_bar", html=_HTML, css=(_HERE / "undo.css").read_text(), js=(_HERE / "undo.js").read_text()
)


def undo_bar(session: Session, place: str = "page") -> None:
    """Draw it. `place`: a dialog has one of its own, as nothing under it can be reached."""
    if place == "page" and session.dialogs.is_open("prompts"):
        return
    last, key = session.deletions.undoable, f"undo.{place}"
    trouble = session.deletions.trouble
    said = {"id": trouble and f"trouble {trouble}", "text": trouble, "undo": "", "left": 8.0}
    if last is not None:
        said = {"id": last.id, "text": last.text, "undo": UNDO, "left": last.left}
    with st.container(key=key):
        _bar(data=said, key=f"{key}.bar", on_undo_change=lambda: _undo(session, f"{key}.bar"))


def _undo(session: Session, key: str) -> None:
    held = tab.value(key)
    id_ = held.get("undo") if hasattr(held, "get") else None
    if id_:
        session.deletions.undo(str(id_))
