"""The explorer: one prompt over a grid of settings. A form, or the experiment that the address names."""

from __future__ import annotations

import time

import streamlit as st

from backend.compare.experiment import KIND
from backend.jobs.job import Job
from components.compare import words
from components.compare.experiment_view import begun, delete_button, experiment_view
from components.compare.grid_form import grid_form
from components.elements.markdown import plain
from components.elements.page_title import page_title
from components.session import tab
from components.session.session import Session

_LISTED = 30
_SHOWN = "explorer.shown"  # the experiment in the last run
_TITLE = 80  # letters


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
        _kept(session)


def state(job: Job) -> str:
    """A key of EXPERIMENT_STATES."""
    return "interrupted" if job.state == "running" and not job.at_work(time.time()) else job.state


def _kept(session: Session) -> None:
    jobs = session.experiments.saved.all(KIND)[:_LISTED]
    if not jobs:
        return
    st.subheader(words.EXPERIMENTS, anchor=False)
    st.caption(words.EXPERIMENTS_KEPT.format(days=session.experiments.bounds.days))
    for job in jobs:
        with st.container(horizontal=True, vertical_alignment="center", key=f"experiment.{job.id}", gap="small"):
            with st.container(gap=None):
                st.button(
                    plain(job.title[:_TITLE]) or words.UNTITLED,
                    key=f"experiment.open.{job.id}",
                    on_click=session.experiments.show,
                    args=(job.id,),
                    type="tertiary",
                    wrap=True,
                )
                st.caption(
                    words.EXPERIMENT_LINE.format(
                        state=words.EXPERIMENT_STATES[state(job)],
                        ended=job.ended,
                        total=job.total,
                        when=begun(job),
                    )
                )
            delete_button(session, job.id, f"experiment.delete.{job.id}")
