"""Before the first step: which script, or the title of the one that is chosen and the keys."""

from __future__ import annotations

import streamlit as st

from backend.demos.script import Script
from backend.demos.script_file import LARGEST, looked_through, read
from backend.demos.tour import tour
from backend.untrusted import Unreadable
from components.elements.markdown import plain
from components.session import tab
from components.session.session import Session
from components.stage import words

_FILE = "stage.file"


def beginning(session: Session) -> None:
    """Draw it."""
    script = session.stage.script
    if script is None:
        st.header(words.TITLE, anchor=False)
        choices(session)
        return
    st.header(plain(script.title or words.STAGE), anchor=False)
    if script.about:
        st.markdown(plain(script.about))
    if unknown := sum(step.kind == "unknown" for step in script.steps):
        st.markdown(words.UNKNOWN_STEPS.format(count=unknown))
    st.markdown(words.BEGIN)


def choices(session: Session) -> None:
    """The scripts there are: what comes with the app, the conversation one came from, and a file."""
    stage, ready = session.stage, tour()
    label = words.TOUR.format(title=plain(ready.title), count=len(ready.steps), about=plain(ready.about))
    _card(session, "tour", label, "slideshow", ready)
    if stage.offered:
        label = words.OWN.format(count=len(stage.offered.steps))
        _card(session, "own", label, "forum", stage.offered)
    with st.expander(words.OPEN_FILE, icon=":material/upload_file:"):
        megabytes = LARGEST // 1_000_000
        st.markdown(words.OPEN_FILE_EXPLAINED.format(limit=megabytes))
        st.file_uploader(
            words.OPEN_FILE, type="json", key=_FILE, max_upload_size=megabytes, label_visibility="collapsed"
        )
        if file := tab.upload(_FILE):
            _open(session, file.getvalue())
    if stage.problem:
        st.error(words.NOT_OPENED.format(reason=plain(stage.problem)), icon=":material/block:")


def _card(session: Session, name: str, label: str, icon: str, script: Script) -> None:
    if st.button(label, key=f"script.{name}", icon=f":material/{icon}:", width="stretch", wrap=True):
        use(session, script)


def _open(session: Session, content: bytes) -> None:
    """A stranger's file: looked through before anything of it is shown."""
    try:
        script = read(content)
    except Unreadable as refused:
        session.stage.problem = str(refused)
        return
    use(session, script)


def use(session: Session, script: Script) -> None:
    """Begin with it; where something in it looks like a key, say so."""
    try:
        session.stage.use(looked_through(script, session.connections.keys))
    except Unreadable as refused:
        session.stage.problem = str(refused)
        return
    session.dialogs.close("script")
    st.rerun()
