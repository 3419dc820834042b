"""Experiments and runs of suites in the list of conversations: a card each, its menu, and all of them as files."""

from __future__ import annotations

from functools import partial

import streamlit as st

from backend.backups.parts import BackupPart, grouped
from backend.compare import job_files
from backend.jobs.job import Job
from backend.store import Sort, complete_read
from components.history import job_card, words
from components.session import services
from components.session.experiments import ADDRESS
from components.session.pages import PATHS
from components.session.session import Session


def matching_jobs(session: Session, search: str, tag: str) -> list[Job]:
    """Those that match; none has a tag."""
    return (
        []
        if tag
        else [job for job in session.experiments.saved_jobs.all("", search) if job.kind in job_files.KINDS]
    )


def place(job: Job, sort: Sort) -> tuple[float, str]:
    """The sort key in the list, among conversations that are not pinned: smaller is further up."""
    if sort == "title":
        return 0.0, job.title.casefold()
    return -(job.created if sort == "created" else job.updated), ""


def card(session: Session, job: Job) -> None:
    """Draw one, like a conversation."""
    answers = words.ANSWERS.format(ended=job.ended_steps, total=job.total)
    job_card.card(
        job,
        PATHS["Compare"],
        ADDRESS,
        ":material/science:",
        lambda used: (words.KINDS_OF_EXPERIMENTS[job.kind], used, answers),
        partial(_export, session, job),
        partial(session.experiments.delete, job),
    )


@st.dialog(words.EXPORT_TITLE, width="medium")
def _export(session: Session, job: Job) -> None:
    """The export buttons: a menu cannot download."""
    st.caption(job_card.title(job))
    download(session, job, f"row.{job.id}.json")
    st.caption(words.FILE_OF_EXPERIMENT)


def download(session: Session, job: Job, key: str) -> None:
    """A button for its file, which is made on demand."""
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
    saved = session.experiments.saved_jobs

    def content() -> bytes:
        job = saved.job(id_)
        return job_files.export(job, saved.steps(id_)).encode() if job else b""

    return complete_read(services.journals().store, content)


def parts(jobs: list[Job]) -> list[BackupPart]:
    """The parts of a backup of these."""
    return grouped("experiments", [(job.id, job.bytes) for job in jobs])
