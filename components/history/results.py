"""Results of the Studio in the list of conversations: a card each, its menu, and all of them as files."""

from __future__ import annotations

from functools import partial

import streamlit as st

from backend.backups.parts import BackupPart, grouped
from backend.jobs.job import Job
from backend.store import complete_read
from backend.studio import run_files
from backend.studio.families import KIND
from backend.studio.shelf import MB
from components.history import job_card, words
from components.history.importing import UPLOAD
from components.session import services
from components.session.pages import PATHS
from components.session.session import Session
from components.session.studio import ADDRESS


def matching_jobs(session: Session, search: str, tag: str) -> list[Job]:
    """Those that match; none has a tag."""
    return [] if tag else session.studio.kept.saved_jobs.all(KIND, search)


def card(session: Session, job: Job) -> None:
    """Draw one, like a conversation."""
    job_card.card(
        job,
        PATHS["Studio"],
        ADDRESS,
        ":material/palette:",
        lambda used: (words.RESULT, used),
        partial(_export, session, job),
        partial(session.studio.kept.delete, job.id, job.title),
    )


@st.dialog(words.EXPORT_TITLE, width="medium")
def _export(session: Session, job: Job) -> None:
    """The export button: a menu cannot download."""
    st.caption(job_card.title(job))
    steps = session.studio.kept.saved_jobs.steps(job.id)
    kept, left = run_files.files_for_zip(steps, session.studio.shelf, run_files.ALONE)
    st.download_button(
        words.RESULT_ZIP,
        data=partial(_packed, session, (job.id,), run_files.ALONE),
        file_name=f"result-{job.id[:8]}.zip",
        mime="application/zip",
        key=f"row.{job.id}.zip",
        on_click="ignore",
        icon=":material/folder_zip:",
    )
    large = sum(file.bytes for file in kept) > UPLOAD * MB
    st.caption(words.FILE_OF_RESULT_LARGE.format(limit=UPLOAD) if large else words.FILE_OF_RESULT)
    _left_out_notes(left)


def _left_out_notes(left: list[run_files.LeftOut]) -> None:
    for one in left:
        st.caption(words.LEFT_OUT.format(size=f"{one.bytes / 1e6:,.1f}", why=one.why))


def _packed(session: Session, ids: tuple[str, ...], most: int) -> bytes:
    saved = session.studio.kept.saved_jobs
    whole = ((job, saved.steps(job.id)) for id_ in ids if (job := saved.job(id_)))
    return complete_read(services.journals().store, lambda: run_files.packed(whole, session.studio.shelf, most))


# ---- a backup ---------------------------------------------------------------------------------------------


def parts(session: Session, jobs: list[Job]) -> tuple[list[BackupPart], str]:
    """The parts of a backup of these, and a sentence about what is left out; "" if nothing is."""
    studio, count, left_bytes = session.studio, 0, 0
    sizes: list[tuple[str, int]] = []
    for job in jobs:
        kept, left = run_files.files_for_zip(studio.kept.saved_jobs.steps(job.id), studio.shelf)
        sizes.append((job.id, job.bytes + sum(file.bytes for file in kept)))
        count, left_bytes = count + len(left), left_bytes + sum(one.bytes for one in left)
    note = words.RESULTS_LEFT_OUT.format(count=count, size=f"{left_bytes / 1e6:,.1f}", most=run_files.FILE // 2**20)
    return grouped("results", sizes), note if count else ""


def packed(session: Session, part: BackupPart) -> bytes:
    """The zip of a part. A result that was deleted meanwhile is not in it."""
    return _packed(session, part.ids, run_files.FILE)
