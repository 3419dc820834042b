"""The inspector: everything about one answer, in a dialog. Nothing is computed before it is opened.

Each tab is a module of components/inspector/, drawn when it is visible. All of it is untrusted:
it is shown as plain text, and contains no key.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from backend.conversation.tree import Node
from components.demos.player_bar import badge
from components.elements.dates import ago
from components.elements.markdown import plain
from components.glossary.glossary import glossary_button
from components.inspector import overview, tokens, wire, words
from components.inspector.diff import differences
from components.inspector.explained import sentences
from components.inspector.state import Inspection
from components.session import tab, widgets
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
    """The dialog, if an answer is to be inspected or explained."""
    explained = session.dialogs.is_open("explained")
    if not (explained or session.dialogs.is_open("inspector")):
        return
    if Inspection.current().node is None:
        session.close_inspector()  # another conversation came into view
    elif explained:
        _explained()
    else:
        _dialog()


def _on_dismiss() -> None:
    Inspection.current().close()


@st.dialog(words.INSPECTOR_TITLE, width="large", icon=":material/search_insights:", on_dismiss=_on_dismiss)
def _dialog() -> None:
    inspection = Inspection.current()
    node = inspection.node
    if node is None:  # the last click closed it, which only a run of the whole page shows
        st.rerun()
    inspection.begin(node.id)
    session = Session.current()
    if session.inspects_tokens:
        session.inspects_tokens = False
        tab.put(widgets.inspector_tabs(node.id), words.TOKENS_TAB)
    record = inspection.record(node)
    if record is not None and record.kept:
        st.caption(words.KEPT_FROM.format(ago=ago(record.began)))
    tabs = st.tabs([title for title, _ in _TABS], key=widgets.inspector_tabs(node.id), on_change="rerun")
    for shown, (_, draw) in zip(tabs, _TABS, strict=True):
        if shown.open:
            with shown:
                draw(inspection, node)


@st.dialog(words.EXPLAINED_TITLE, icon=":material/help:", on_dismiss=_on_dismiss)
def _explained() -> None:
    inspection, session = Inspection.current(), Session.current()
    node = inspection.node
    if node is None:
        st.rerun()
    if player := session.plays.player:
        st.caption(words.RECORDED_RUN.format(badge=plain(badge(player.recording))))
    explanation = sentences(node.message, inspection.record(node), inspection.circumstances(node))
    st.markdown(
        "\n".join(f"{number}. {sentence}" for number, sentence in enumerate(explanation, 1)) or words.NOTHING_KNOWN
    )
    with st.container(horizontal=True, gap="small"):
        figures = st.button(words.ALL_FIGURES, key="explained.figures", icon=":material/search_insights:")
        glossary_button(session, "explained.glossary")
    if figures:
        session.inspect(node.id)
        st.rerun()
    if session.dialogs.is_open("glossary"):
        st.rerun()
