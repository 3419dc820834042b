"""Puts a script on the stage, after checking it, whatever its origin."""

from __future__ import annotations

import streamlit as st

from backend.demos.script import Script
from backend.untrusted import Unreadable
from components.elements.markdown import plain
from components.session.session import Session
from components.stage import words


def use(session: Session, script: Script) -> None:
    """Begin with it; if something in it looks like a key, say so."""
    try:
        session.stage.use(session.stage.kept.check(script))
    except Unreadable as refused:
        session.stage.problem = str(refused)
        return
    _begin(session)


def use_kept(session: Session, id_: str) -> None:
    """The same with a saved script."""
    try:
        session.stage.use(session.stage.kept.open(id_), id_)
    except Unreadable as refused:
        session.stage.problem = str(refused)
        return
    _begin(session)


def _begin(session: Session) -> None:
    session.dialogs.close("script")
    st.rerun()


def troubles(session: Session) -> None:
    """Why a script cannot be used, and why one is not saved."""
    stage = session.stage
    if stage.problem:
        st.error(words.NOT_OPENED.format(reason=plain(stage.problem)), icon=":material/block:")
    if stage.kept.trouble:
        st.warning(plain(stage.kept.trouble), icon=":material/save:")
