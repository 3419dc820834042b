"""The list of stored experiments or runs of suites."""

from __future__ import annotations

import time

import streamlit as st

from backend.jobs.job import Job
from components.compare import words
from components.compare.job_bar import delete_button
from components.elements.dates import day_and_time
from components.elements.markdown import plain
from components.session.session import Session

_LISTED = 30
_TITLE = 80  # letters


def state(job: Job) -> str:
    """A key of EXPERIMENT_STATES."""
    return "interrupted" if job.state == "running" and not job.at_work(time.time()) else job.state


def kept_jobs(session: Session, kind: str) -> None:
    """Draw it; nothing if there are none."""
    jobs = session.experiments.saved_jobs.all(kind, most=_LISTED)
    if not jobs:
        return
    st.subheader(words.KEPT_JOBS[kind], anchor=False)
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
                        ended=job.ended_steps,
                        total=job.total,
                        when=day_and_time(job.created),
                    )
                )
            delete_button(session, job, f"experiment.delete.{job.id}")
