"""Experiments and runs of suites in the list of conversations: a card each, its menu, and all of them as files."""

from __future__ import annotations

from functools import partial

import streamlit as st

from backend.answer import cost
from backend.backups.parts import Part, grouped
from backend.compare import job_files
from backend.jobs.job import Job
from backend.store import Sort
from components.elements.dates import ago
from components.elements.markdown import plain
from components.history import words
from components.session.experiments import ADDRESS
from components.session.pages import PATHS
from components.session.session import Session

_PAGE = PATHS["Compare"]
_TITLE = 80  # letters


def listed(session: Session, search: str, tag: str) -> list[Job]:
    """Those that are found; none has a tag."""
    return [] if tag else [job for job in session.experiments.saved.all("", search) if job.kind in job_files.KINDS]


def place(job: Job, sort: Sort) -> tuple[float, str]:
    """Where it stands in the list, among conversations that are not pinned: smaller is further up."""
    if sort == "title":
        return 0.0, job.title.casefold()
    return -(job.created if sort == "created" else job.updated), ""


def card(session: Session, job: Job) -> None:
    """Draw one, as a conversation is drawn."""
    with (
        st.container(border=True, key=f"conversation.{job.id}", gap="xxsmall"),
        st.container(horizontal=True, vertical_alignment="center", wrap=False, gap="small"),
    ):
        with st.container(gap="xxsmall"):
            title = plain(job.title[:_TITLE]) or words.UNTITLED
            st.page_link(_PAGE, label=title, icon=":material/science:", query_params={ADDRESS: job.id})
            parts = [words.KINDS_OF_EXPERIMENTS[job.kind], ago(job.updated)]
            parts += [words.ANSWERS.format(ended=job.ended, total=job.total)]
            parts += [cost.dollars(job.usd)] if job.usd else []
            st.caption(plain(" · ".join(parts)))
        _menu(session, job)


def _menu(session: Session, job: Job) -> None:
    options = ["export", "delete"]
    chosen = st.menu_button(
        words.MORE, options, key=f"row.{job.id}", format_func=words.ACTIONS.__getitem__, type="tertiary"
    )
    if chosen == "export":
        _export(session, job)
    elif chosen == "delete":
        session.experiments.delete(job)
        st.rerun()


@st.dialog(words.EXPORT_TITLE, width="medium")
def _export(session: Session, job: Job) -> None:
    """A menu cannot download; a button can."""
    st.caption(plain(job.title[:_TITLE]) or words.UNTITLED)
    download(session, job, f"row.{job.id}.json")
    st.caption(words.FILE_OF_EXPERIMENT)


def download(session: Session, job: Job, key: str) -> None:
    """A button for its file, which is made when it is asked for."""
    st.download_button(
        words.JSON,
        data=partial(_file, session, job.id),
        file_name=job_files.name_of(job),
        mime="application/json",
        key=key,
        on_click="ignore",
        icon=":material/data_object:",
    )


def _file(session: Session, id_: str) -> bytes:
    saved = session.experiments.saved
    job = saved.job(id_)
    return job_files.export(job, saved.steps(id_)).encode() if job else b""


def parts(jobs: list[Job]) -> list[Part]:
    """How a backup of these is split."""
    return grouped("experiments", [(job.id, job.bytes) for job in jobs])
