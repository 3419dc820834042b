"""The explorer: one prompt over a grid of settings. A form, or the experiment that the address names."""

from __future__ import annotations

import streamlit as st

from backend.compare.experiment import KIND
from components.compare import words
from components.compare.experiment_view import experiment_view
from components.compare.grid_form import grid_form
from components.compare.kept_jobs import kept_jobs
from components.elements.page_title import page_title
from components.session import tab
from components.session.session import Session

_SHOWN = "explorer.shown"  # the experiment in the last run


def draw(session: Session) -> None:
    """Draw the mode."""
    if session.bar is not None:
        with session.bar:
            page_title(words.UNTITLED)
    id_ = session.experiments.id_in_view
    job = session.experiments.saved.job(id_) if id_ else None
    place = st.empty()
    if id_ != tab.value(_SHOWN):
        place.empty()  # else what was there stays below the new until all of that is drawn
    tab.put(_SHOWN, id_)
    with place.container(key="explorer"):
        if job is not None:
            experiment_view(session, job)
            return
        if id_:
            st.warning(words.NO_EXPERIMENT, icon=":material/delete:")
        with st.container(key="about"):
            st.header(words.EXPLORER_TITLE, anchor=False)
            st.markdown(words.EXPLORER_ABOUT)
        grid_form(session)
        kept_jobs(session, KIND)
