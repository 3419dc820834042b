"""Before the first step: the choice of a script, or the title of the chosen one and the keys."""

from __future__ import annotations

import streamlit as st

from backend.demos.script import Script, Step
from backend.demos.script_file import LARGEST, read
from backend.demos.tour import tour
from backend.untrusted import Unreadable
from components.elements.markdown import plain
from components.session import tab
from components.session.session import Session
from components.stage import words
from components.stage.kept_scripts import kept_scripts
from components.stage.open_script import troubles, use

_FILE = "stage.file"


def beginning(session: Session) -> None:
    """Draw it."""
    script = session.stage.script
    if script is None:
        st.header(words.TITLE, anchor=False)
        if not session.dialogs.is_open("script"):  # which has the same choice
            choices(session)
            st.markdown(words.OPENS)
        return
    st.header(plain(script.title or words.STAGE), anchor=False)
    if script.about:
        st.markdown(plain(script.about))
    if unknown := sum(step.kind == "unknown" for step in script.steps):
        st.markdown(words.UNKNOWN_STEPS.format(count=unknown))
    st.markdown(words.BEGIN)
    if not session.dialogs.is_open("script"):
        troubles(session)


def choices(session: Session) -> None:
    """The scripts to choose from: the bundled one, the previous conversation, one's own, and a file."""
    stage, ready = session.stage, tour()
    label = words.TOUR.format(title=plain(ready.title), count=len(ready.steps), about=plain(ready.about))
    _card(session, "tour", label, "slideshow", ready)
    if stage.offered:
        label = words.OWN.format(count=len(stage.offered.steps))
        _card(session, "own", label, "forum", stage.offered)
    if st.button(words.EMPTY, key="script.empty", icon=":material/edit_note:", width="stretch", wrap=True):
        _write(session)
    kept_scripts(session)
    with st.expander(words.OPEN_FILE, icon=":material/upload_file:"):
        megabytes = LARGEST // 1_000_000
        st.markdown(words.OPEN_FILE_EXPLAINED.format(limit=megabytes))
        st.file_uploader(
            words.OPEN_FILE, type="json", key=_FILE, max_upload_size=megabytes, label_visibility="collapsed"
        )
        if file := tab.upload(_FILE):
            _open(session, file.getvalue())
    troubles(session)


def _card(session: Session, name: str, label: str, icon: str, script: Script) -> None:
    if st.button(label, key=f"script.{name}", icon=f":material/{icon}:", width="stretch", wrap=True):
        use(session, script)


def _write(session: Session) -> None:
    """Begin a script of one step and open the list of steps, unless that dialog was open with another script."""
    script = Script(words.EMPTY_TITLE, (Step("words", words.NEW_WORDS),))
    if session.dialogs.is_open("script"):
        use(session, script)
    session.stage.use(script)
    session.dialogs.open("script")
    st.rerun()


def _open(session: Session, content: bytes) -> None:
    """Open an untrusted file: checked before anything of it is shown."""
    try:
        script = read(content)
    except Unreadable as refused:
        session.stage.problem = str(refused)
        return
    use(session, script)
