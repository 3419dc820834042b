"""Conversations as files: the download buttons of one, the zip of many, and taking files in.

What a file holds is made and read by the backend (archive, readable, zip, imports); this only draws.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import streamlit as st

from backend.formats import archive, imports, readable
from backend.formats.archive import Record
from backend.formats.zip import bundle, file_name
from backend.store import Store, StoreError, Summary
from components.elements.markdown import plain
from components.history import words
from components.session import services, tab
from components.session.session import Session

_OUTCOME, _ROUND = "import.outcome", "import.round"
PAGES = {"Chat": "app.py", "Tools": "pages/1_Tools.py"}  # of a conversation
_PAGE = 1000  # conversations the store lists at once

_web_page = st.components.v2.component("web_page", js=(Path(__file__).parent / "web_page.js").read_text())


def downloads(record: Record, key: str) -> None:
    """Buttons that give this conversation away. A file is made when it is asked for. `key` is unique."""
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
    st.caption(words.FILES_EXPLAINED)
    if saving or printing:
        _page(record, key, file_name(record, "html") if saving else "")


def _encoded(render: Callable[[Record], str], record: Record) -> bytes:
    return render(record).encode()


def _page(record: Record, key: str, name: str) -> None:
    """Let the browser keep the web page as a file of this name; without a name, print it.

    The browser draws its texts as they are on the screen, formulas too (components/view/src/export.js). What the
    print dialog calls a destination may be a PDF.
    """
    data = {"html": readable.page(record), "texts": readable.texts(record), "name": name}
    with st.container(key=f"page.{key}", height=1, border=False):
        # The time makes every click news to the browser, also of a page that it has printed already.
        _web_page(data={**data, "at": time.time_ns()}, key=f"{key}.page", height=1)


# ---- many ----------------------------------------------------------------------------------------------


def export_all(session: Session, search: str, tag: str) -> None:
    """A button for a zip of every conversation that search and tag match, also of those not on the screen."""
    store, owner = services.journals().store, session.owner
    st.download_button(
        words.EXPORT_ALL_FOUND if search or tag else words.EXPORT_ALL,
        data=partial(_zipped, store, owner, search, tag),
        file_name="conversations.zip",
        mime="application/zip",
        key="export.all",
        on_click="ignore",
        type="tertiary",
        icon=":material/folder_zip:",
        help=words.EXPORT_ALL_HELP,
    )


def export_some(session: Session, summaries: Sequence[Summary]) -> None:
    """A button for a zip of these conversations."""
    store, owner = services.journals().store, session.owner
    st.download_button(
        words.EXPORT_CHOSEN,
        data=lambda: bundle(_records(store, owner, summaries)),
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


def _zipped(store: Store, owner: str, search: str, tag: str) -> bytes:
    return bundle(_found(store, owner, search, tag))


def _found(store: Store, owner: str, search: str, tag: str) -> Iterator[Record]:
    offset = 0
    while page := store.conversations(owner, search, tag, "created", _PAGE, offset):
        offset += len(page)
        yield from _records(store, owner, page)


# ---- in ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Outcome:
    """What became of the last file: conversations, or words about what is wrong with it."""

    name: str
    ids: tuple[str, ...] = ()
    trouble: str = ""


def import_button(session: Session) -> None:
    """A place to drop a file. It is taken once; then the place is empty again, for the next one."""
    key = _place()
    with st.popover(words.IMPORT, type="tertiary", icon=":material/upload_file:", key=f"{key}.place"):
        st.file_uploader(
            words.IMPORT_FILE,
            type=["json", "jsonl", "zip"],
            max_upload_size=imports.LIMIT // 2**20,
            key=key,
            on_change=_take,
            args=(session, key),
        )
        st.caption(words.IMPORT_EXPLAINED)


def _place() -> str:
    """The key of the place for a file: a new one after every file, so that the popover closes on the outcome."""
    return f"import.{tab.value(_ROUND, 0)}"


def _take(session: Session, key: str) -> None:
    file = tab.upload(key)
    if file is None or key != _place():  # taken already: a browser may send it again until it sees the new place
        return
    try:
        records = imports.read(file.getvalue(), file.name)
        outcome = _Outcome(file.name, tuple(services.journals().store.add_all(session.owner, records)))
    except (imports.Unreadable, StoreError) as error:
        outcome = _Outcome(file.name, trouble=str(error))
    tab.put(_OUTCOME, outcome)
    tab.put(_ROUND, int(tab.value(_ROUND, 0)) + 1)


def imported(session: Session) -> None:
    """What became of the file that was taken in, until it is put away."""
    outcome = tab.value(_OUTCOME)
    if outcome is None:
        return
    if outcome.trouble:
        trouble = words.NOTHING_IMPORTED.format(file=plain(outcome.name[:80]), reason=plain(outcome.trouble))
        st.error(trouble, icon=":material/error:")
    else:
        count = len(outcome.ids)
        template = words.IMPORTED_CONVERSATIONS if count > 1 else words.IMPORTED_CONVERSATION
        st.success(template.format(count=count), icon=":material/check_circle:")
    with st.container(horizontal=True, gap="small"):
        if outcome.ids and st.button(
            words.OPEN_FIRST_IMPORTED if len(outcome.ids) > 1 else words.OPEN_IMPORTED,
            key="import.open",
            on_click=session.chats.open,
            args=(outcome.ids[0],),
        ):
            tab.drop(_OUTCOME)
            st.switch_page(PAGES[session.chats.opened_on])
        st.button(words.CLOSE_IMPORTED, key="import.close", on_click=tab.drop, args=(_OUTCOME,), type="tertiary")
