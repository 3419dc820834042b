"""The run of a suite that the one in view is compared with: the one before it, unless another is chosen."""

from __future__ import annotations

import streamlit as st

from backend.compare.suite import job
from backend.jobs.job import Job
from components.elements.dates import day_and_time
from components.session import tab
from components.session.session import Session
from components.session.suites import SuiteDesk
from components.suite import words

_MOST, _WIDTH = 50, 360  # runs to choose from; pixels


def compared_run(session: Session, desk: SuiteDesk, run: Job) -> None:
    """Draw the choice, where there is one."""
    others = {one.id: one for one in session.experiments.saved_jobs.all(job.KIND, most=_MOST)}
    others = {id_: one for id_, one in others.items() if one.title == run.title and id_ != run.id}
    if len(others) < 2:
        return
    key = f"suite.compared.{run.id}"
    compared, numbers = desk.compared(session), dict(zip(others, range(len(others), 0, -1), strict=True))
    st.selectbox(
        words.COMPARED,
        list(others),
        index=list(others).index(compared) if compared in others else None,
        key=key,
        format_func=lambda id_: _name(others[id_], numbers[id_]),
        placeholder=words.COMPARED_NOT,
        on_change=lambda: desk.compare(run.id, str(tab.value(key) or "")),
        width=_WIDTH,
    )


def _name(run: Job, number: int) -> str:
    """No two have the same: Streamlit tells options by their labels."""
    return words.RUN_OF.format(
        number=number, when=day_and_time(run.created), ended=run.ended_steps, total=run.total
    )
