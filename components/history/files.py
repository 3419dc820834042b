"""Exports of conversations: the download buttons of one, and a backup of many in parts.

The backend makes the content of a file (archive, readable, zip, backups). `importing` imports files.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from backend.backups.parts import PART, BackupPart, packed, parts
from backend.compare import job_files
from backend.formats import archive, readable
from backend.formats.archive import Record
from backend.formats.blind import waits_for_vote
from backend.formats.zip import bundle, file_name
from backend.jobs.job import Job
from backend.store import Store, Summary, Unavailable, complete_read
from backend.studio.families import KIND
from components.history import experiments, results, words
from components.session import services
from components.session.session import Session

_web_page = st.components.v2.component("web_page", js=(Path(__file__).parent / "web_page.js").read_text())


def downloads(record: Record, key: str) -> None:
    """The export buttons of this conversation. A file is made on demand. `key` is unique."""
    with st.container(horizontal=True, gap="small", key=f"files.{key}"):
        saving = st.button(words.WEB_PAGE, key=f"{key}.html", icon=":material/language:")
        for label, ending, mime, icon, render in (
            (words.MARKDOWN, "md", "text/markdown", "markdown", readable.markdown),
            (words.JSON, "json", "application/json", "data_object", archive.export),
        ):
            st.download_button(
                label,
                data=partial(_encoded, render, record),
                file_name=file_name(record, ending),
                mime=mime,
                key=f"{key}.{ending}",
                on_click="ignore",
                icon=f":material/{icon}:",
            )
        printing = st.button(words.PRINT, key=f"{key}.print", icon=":material/print:")
    st.caption(words.FILES_OF_BLIND if waits_for_vote(record) else words.FILES_EXPLAINED)
    if saving or printing:
        _page(record, key, file_name(record, "html") if saving else "")


def _encoded(render: Callable[[Record], str], record: Record) -> bytes:
    return render(record).encode()


def _page(record: Record, key: str, name: str) -> None:
    """Have the browser save the web page under this name; without a name, print it.

    The browser renders its texts as on the screen, formulas included (components/view/src/export.js). A destination
    in the print dialog may be a PDF.
    """
    data = {"html": readable.page(record), "texts": tuple(readable.texts(record)), "name": name}
    with st.container(key=f"page.{key}", height=1, border=False):
        # The time makes every click new to the browser, even for a page that it has printed already.
        _web_page(data={**data, "at": time.time_ns()}, key=f"{key}.page", height=1)


# ---- many ----------------------------------------------------------------------------------------------


def export_all(session: Session, search: str, tag: str, jobs: Sequence[Job]) -> None:
    """A button for a backup of every conversation that search and tag match, visible or not, and of these
    experiments and results.
    """
    if st.button(
        words.EXPORT_ALL_FOUND if search or tag else words.EXPORT_ALL,
        key="export.all",
        type="tertiary",
        icon=":material/folder_zip:",
        help=words.EXPORT_ALL_HELP,
    ):
        _backup(session, search, tag, jobs)


@st.dialog(words.BACKUP_TITLE, width="medium")
def _backup(session: Session, search: str, tag: str, jobs: Sequence[Job]) -> None:
    """The parts, each with its button. They are small enough to be imported again, and to be made in memory."""
    store, owner = services.journals().store, session.owner
    with st.spinner(words.BACKUP_MEASURING):
        try:
            found = complete_read(store, partial(parts, store, owner, search, tag))
        except Unavailable as error:
            st.error(str(error))
            return
        of_experiments = experiments.parts([job for job in jobs if job.kind != KIND])
        of_results, left_out = results.parts(session, [job for job in jobs if job.kind == KIND])
    count = len(found) + len(of_experiments) + len(of_results)
    st.markdown(words.BACKUP_PARTS.format(count=count) if count > 1 else words.BACKUP_EXPLAINED)
    with st.container(height=360 if count > 8 else "content", border=False, key="backup.parts"):
        for number, part in enumerate(found, 1):
            label = words.PART.format(number=number) if len(found) > 1 else words.BACKUP
            _part_button(part, label, partial(packed, store, owner, part))
        for part in of_experiments:
            saved = session.experiments.saved_jobs
            _part_button(
                part, words.PART_EXPERIMENTS, partial(job_files.packed, saved, part.ids), words.EXPERIMENTS
            )
        for part in of_results:
            _part_button(part, words.PART_RESULTS, partial(results.packed, session, part), words.EXPERIMENTS)
    if left_out:
        st.caption(left_out)


def export_some(session: Session, summaries: Sequence[Summary]) -> None:
    """A button for a zip of these conversations."""
    store, owner = services.journals().store, session.owner
    st.download_button(
        words.EXPORT_CHOSEN,
        data=lambda: complete_read(store, lambda: bundle(_records(store, owner, summaries))),
        file_name="conversations.zip",
        mime="application/zip",
        key="chosen.export",
        on_click="ignore",
        type="tertiary",
        icon=":material/folder_zip:",
        help=words.EXPORT_ALL_HELP,
    )


def _records(store: Store, owner: str, summaries: Iterable[Summary]) -> Iterator[Record]:
    return (record for summary in summaries if (record := store.load(owner, summary.id)))


def _part_button(part: BackupPart, label: str, data: Callable[[], bytes], several: str = "") -> None:
    """A button for one part. `several`: what it contains, if not conversations."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.download_button(
            label,
            data=partial(complete_read, services.journals().store, data),
            file_name=part.name,
            mime="application/zip",
            key=f"export.{part.name}",
            on_click="ignore",
            icon=":material/download:",
        )
        template = several or (words.PART_CONVERSATIONS if len(part.ids) > 1 else words.PART_CONVERSATION)
        st.caption(template.format(count=len(part.ids), size=f"{part.size / 1e6:,.1f}"))
    if part.size > PART:
        st.caption(words.PART_TOO_LARGE)
