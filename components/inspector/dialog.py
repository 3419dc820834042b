"""The inspector: everything about one answer, in a dialog. Nothing of it is made before it is opened.

Each tab is a module of components/inspector/, drawn when it is in view. All of it comes from outside or from the
visitor: it is shown as plain text, and no key is in it.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from backend.conversation.tree import Node
from components.inspector import overview, tokens, wire
from components.inspector.diff import differences
from components.inspector.state import Inspection
from components.session.session import Session

_TABS: dict[str, Callable[[Inspection, Node], None]] = {
    "Overview": overview.overview,
    "Request": wire.request,
    "Response": wire.response,
    "Chunks": wire.chunks,
    "Code": wire.code,
    "Diff": differences,
    "Tokens": tokens.tokens,
}


def inspector(session: Session) -> None:
    """The dialog, when an answer is to be inspected."""
    if not session.dialogs.is_open("inspector"):
        return
    if Inspection.current().node is None:
        session.close_inspector()  # another conversation came into view
    else:
        _dialog()


def _dismissed() -> None:
    Inspection.current().close()


@st.dialog("Inspect this answer", width="large", icon=":material/search_insights:", on_dismiss=_dismissed)
def _dialog() -> None:
    inspection = Inspection.current()
    node = inspection.node
    if node is None:  # the last click in here closed it, which only a run of the whole page shows
        st.rerun()
    inspection.begin(node.id)
    for tab, draw in zip(
        st.tabs(list(_TABS), key=f"inspect.{node.id}", on_change="rerun"), _TABS.values(), strict=True
    ):
        if tab.open:
            with tab:
                draw(inspection, node)
