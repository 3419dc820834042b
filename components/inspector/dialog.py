"""The inspector: everything about one answer, in a dialog. Nothing of it is made before it is opened.

Each tab is a module of components/inspector/, drawn when it is in view. All of it comes from outside or from the
visitor: it is shown as plain text, and no key is in it.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from backend.conversation.tree import Node
from components.elements.dates import ago
from components.inspector import overview, tokens, wire, words
from components.inspector.diff import differences
from components.inspector.state import Inspection
from components.session.session import Session

_TABS: tuple[tuple[str, Callable[[Inspection, Node], None]], ...] = (
    (words.OVERVIEW_TAB, overview.overview),
    (words.REQUEST_TAB, wire.request),
    (words.RESPONSE_TAB, wire.response),
    (words.CHUNKS_TAB, wire.chunks),
    (words.CODE_TAB, wire.code),
    (words.DIFF_TAB, differences),
    (words.TOKENS_TAB, tokens.tokens),
)


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


@st.dialog(words.INSPECTOR_TITLE, width="large", icon=":material/search_insights:", on_dismiss=_dismissed)
def _dialog() -> None:
    inspection = Inspection.current()
    node = inspection.node
    if node is None:  # the last click in here closed it, which only a run of the whole page shows
        st.rerun()
    inspection.begin(node.id)
    record = inspection.record(node)
    if record is not None and record.kept:
        st.caption(words.KEPT_FROM.format(ago=ago(record.began)))
    tabs = st.tabs([title for title, _ in _TABS], key=f"inspect.tabs.{node.id}", on_change="rerun")
    for tab, (_, draw) in zip(tabs, _TABS, strict=True):
        if tab.open:
            with tab:
                draw(inspection, node)
