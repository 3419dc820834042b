"""A job in the list of conversations, drawn like one of them: a title that links to it, a line about it, a menu."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from backend.answer import cost
from backend.jobs.job import Job
from components.elements.dates import ago
from components.elements.markdown import plain
from components.history import words

_TITLE = 80  # letters


def title(job: Job) -> str:
    """Its title as Markdown, truncated."""
    return plain(job.title[:_TITLE]) or words.UNTITLED


def card(
    job: Job,
    page: str,
    address: str,
    icon: str,
    said: Callable[[str], Sequence[str]],
    export: Callable[[], None],
    delete: Callable[[], None],
) -> None:
    """Draw it. `address` is the query parameter of its id on the `page`; `said` returns the parts of the line
    about it, which is followed by the time of its last use and its cost.
    """
    with (
        st.container(border=True, key=f"conversation.{job.id}", gap="xxsmall"),
        st.container(horizontal=True, vertical_alignment="center", wrap=False, gap="small"),
    ):
        with st.container(gap="xxsmall"):
            st.page_link(page, label=title(job), icon=icon, query_params={address: job.id})
            parts = [*said(ago(job.updated)), *([cost.dollars(job.usd)] if job.usd else [])]
            st.caption(plain(" · ".join(parts)))
        _menu(job, export, delete)


def _menu(job: Job, export: Callable[[], None], delete: Callable[[], None]) -> None:
    options = ["export", "delete"]
    chosen = st.menu_button(
        words.MORE, options, key=f"row.{job.id}", format_func=words.ACTIONS.__getitem__, type="tertiary"
    )
    if chosen == "export":
        export()
    elif chosen == "delete":
        delete()
        st.rerun()
