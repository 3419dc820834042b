"""The shelf of recordings: the bundled ones, and a file uploader."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from backend.demos.document import LARGEST
from backend.demos.recording import Recording
from backend.demos.shelf import shelf
from components.demos import words
from components.demos.opening import open_file
from components.elements.markdown import plain
from components.session import tab
from components.session.pages import PATHS
from components.session.session import Session

_FILE = "shelf.file"
_STYLE = Path(__file__).parent / "demos.css"


def way_in(session: Session, key: str, label: str = words.WATCH, *, card: bool = False) -> None:
    """A button that opens the shelf: a quiet one, or a card among the examples."""
    icon, show = ":material/play_circle:", session.dialogs.open
    if card:
        st.button(label, key=key, on_click=show, args=("shelf",), icon=icon, width="stretch", wrap=True)
    else:
        st.button(label, key=key, on_click=show, args=("shelf",), icon=icon, type="tertiary")


def open_shelf(session: Session) -> None:
    """The dialog, while it is open."""
    if session.dialogs.is_open("shelf"):
        _dialog(session)


def _on_close() -> None:
    session = Session.current()
    session.plays.problem = ""
    session.dialogs.close("shelf")


@st.dialog(words.SHELF_TITLE, width="medium", icon=":material/play_circle:", on_dismiss=_on_close)
def _dialog(session: Session) -> None:
    st.html(_STYLE)
    st.caption(words.SHELF_EXPLAINED)
    with st.container(key="shelf", gap="small"):
        for name, recording in shelf().items():
            _line(session, name, recording)
    with st.expander(words.OPEN_FILE, icon=":material/upload_file:"):
        megabytes = LARGEST // 1_000_000
        st.caption(words.OPEN_FILE_EXPLAINED.format(limit=megabytes))
        st.file_uploader(
            words.OPEN_FILE, type="json", key=_FILE, max_upload_size=megabytes, label_visibility="collapsed"
        )
        if (file := tab.upload(_FILE)) and (opened := open_file(session, file.getvalue())):
            _play(session, opened)
    if session.plays.problem:
        st.error(words.NOT_PLAYED.format(reason=plain(session.plays.problem)), icon=":material/block:")


def _line(session: Session, name: str, recording: Recording) -> None:
    """A card that plays it."""
    seconds = max(1, round(recording.seconds))
    label = words.LINE.format(title=plain(recording.title), seconds=seconds, about=plain(recording.about))
    icon = ":material/play_circle:"
    if st.button(label, key=f"play.{name}", icon=icon, width="stretch", wrap=True):
        _play(session, recording)


def _play(session: Session, recording: Recording) -> None:
    """Go to the page that it plays on."""
    session.dialogs.close("shelf")
    session.plays.begin(recording)
    st.switch_page(PATHS[recording.page])
