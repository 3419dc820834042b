"""The mode Explorer: one prompt over a grid of settings. A form, or the experiment named in the address."""

from __future__ import annotations

from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from backend.compare import grid_setup, job_files
from backend.compare.experiment import KIND
from backend.compare.grid import BadGrid
from backend.compare.grid_setup import SetUp
from backend.formats.share import Shared
from backend.jobs.job import Draft, Job
from components.compare import words
from components.compare.experiment_view import experiment_view
from components.compare.grid_form import grid_form, tools, typed
from components.compare.kept_jobs import kept_jobs
from components.elements.page_title import page_title
from components.history.opened_link import notice
from components.history.share import Given, share_button
from components.inspector.dialog import inspector
from components.session import tab
from components.session.session import Session

_SHOWN = "explorer.shown"  # the experiment of the last run
_FILE = ("experiment.json", "application/json")


def draw(session: Session) -> None:
    """Draw the mode."""
    bar = session.bar or st.container()
    with bar:
        page_title(words.UNTITLED)
    notice(session, st.container(key="explorer.notice"))
    id_ = session.experiments.id_in_view
    job = session.experiments.saved_jobs.job(id_) if id_ else None
    inspector(session)
    place = st.empty()
    if id_ != tab.value(_SHOWN):
        place.empty()  # otherwise old elements stay below the new ones until all of those are drawn
    tab.put(_SHOWN, id_)
    with place.container(key="explorer"):
        if job is not None:
            _share_job(session, bar, job)
            experiment_view(session, job)
            return
        if id_:
            st.warning(words.NO_EXPERIMENT, icon=":material/delete:")
        with st.container(key="about"):
            st.header(words.EXPLORER_TITLE, anchor=False)
            st.markdown(words.EXPLORER_ABOUT)
        if (draft := grid_form(session)) is not None:
            with bar:
                share_button(session, partial(_form_given, session, draft))
        kept_jobs(session, KIND)


# ---- as a link ------------------------------------------------------------------------------------------------


def _form_given(session: Session, draft: Draft) -> Given:
    """The set-up in the form, with the settings of the sidebar."""
    values = session.setup.values
    shared = Shared(
        session.setup.model,
        values.system_prompt,
        values.set_parameters,
        values.streaming,
        tools=tools(session),
        experiment=typed().as_json(),
    )
    return Given(shared, partial(job_files.planned_job_file, draft), *_FILE)


def _share_job(session: Session, bar: DeltaGenerator, job: Job) -> None:
    """The set-up of an experiment that was run, without its answers; nothing if its values cannot be typed."""
    try:
        setup = grid_setup.of_job(job)
    except BadGrid:
        return
    with bar:
        share_button(session, partial(_job_given, session, job, setup))


def _job_given(session: Session, job: Job, setup: SetUp) -> Given:
    shared = Shared(
        str(job.plan.get("model") or ""),
        str(job.plan.get("system_prompt") or ""),
        grid_setup.parameters_of(job),
        job.plan.get("stream") is not False,
        tools=grid_setup.tools_of(job),
        experiment=setup.as_json(),
    )
    steps = session.experiments.saved_jobs.steps
    return Given(shared, lambda: job_files.export(job, steps(job.id)), *_FILE)
