"""Results of the Studio in the list of conversations: a card each, its menu, and all of them as files."""

from __future__ import annotations

from functools import partial

import streamlit as st

from backend.answer import cost
from backend.backups.parts import Part, grouped
from backend.jobs.job import Job
from backend.studio import run_files
from backend.studio.families import KIND
from components.elements.dates import ago
from components.elements.markdown import plain
from components.history import words
from components.session.pages import PATHS
from components.session.session import Session
from components.session.studio import ADDRESS

_PAGE = PATHS["Studio"]
_TITLE = 80  # letters


def listed(session: Session, search: str, tag: str) -> list[Job]:
    """Those that are found; none has a tag."""
    return [] if tag else session.studio.saved.all(KIND, search)


def card(session: Session, job: Job) -> None:
    """Draw one, as a conversation is drawn."""
    with (
        st.container(border=True, key=f"conversation.{job.id}", gap="xxsmall"),
        st.container(horizontal=True, vertical_alignment="center", wrap=False, gap="small"),
    ):
        with st.container(gap="xxsmall"):
            title = plain(job.title[:_TITLE]) or words.UNTITLED
            st.page_link(_PAGE, label=title, icon=":material/palette:", query_params={ADDRESS: job.id})
            parts = [words.RESULT, ago(job.updated), *([cost.dollars(job.usd)] if job.usd else [])]
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
        session.studio.delete(job.id, job.title)
        st.rerun()


@st.dialog(words.EXPORT_TITLE, width="medium")
def _export(session: Session, job: Job) -> None:
    """A menu cannot download; a button can."""
    st.caption(plain(job.title[:_TITLE]) or words.UNTITLED)
    steps = session.studio.saved.steps(job.id)
    _, left = run_files.chosen(steps, session.studio.shelf, run_files.ALONE)
    st.download_button(
        words.RESULT_ZIP,
        data=partial(_packed, session, (job.id,), run_files.ALONE),
        file_name=f"result-{job.id[:8]}.zip",
        mime="application/zip",
        key=f"row.{job.id}.zip",
        on_click="ignore",
        icon=":material/folder_zip:",
    )
    st.caption(words.FILE_OF_RESULT)
    _told(left)


def _told(left: list[run_files.LeftOut]) -> None:
    for one in left:
        st.caption(words.LEFT_OUT.format(size=f"{one.bytes / 1e6:,.1f}", why=one.why))


def _packed(session: Session, ids: tuple[str, ...], most: int) -> bytes:
    saved = session.studio.saved
    whole = ((job, saved.steps(job.id)) for id_ in ids if (job := saved.job(id_)))
    return run_files.packed(whole, session.studio.shelf, most)


# ---- a backup ---------------------------------------------------------------------------------------------


def parts(session: Session, jobs: list[Job]) -> tuple[list[Part], str]:
    """How a backup of these is split, and a sentence about what is not in it; "" where everything is."""
    studio, count, left_bytes = session.studio, 0, 0
    sizes: list[tuple[str, int]] = []
    for job in jobs:
        kept, left = run_files.chosen(studio.saved.steps(job.id), studio.shelf)
        sizes.append((job.id, job.bytes + sum(file.bytes for file in kept)))
        count, left_bytes = count + len(left), left_bytes + sum(one.bytes for one in left)
    said = words.RESULTS_LEFT_OUT.format(count=count, size=f"{left_bytes / 1e6:,.1f}", most=run_files.FILE // 2**20)
    return grouped("results", sizes), said if count else ""


def packed(session: Session, part: Part) -> bytes:
    """The zip of a part. A result that was deleted meanwhile is not in it."""
    return _packed(session, part.ids, run_files.FILE)
