"""Imports files: an uploader, the progress, and the result.

The backend reads and writes the files (`backend.backups.import_job`), on a thread: it continues when
the visitor opens another page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import BinaryIO

import streamlit as st

from backend.backups.import_job import LISTED, ImportJob
from backend.formats.imports import LARGEST, PROGRAMS, Experiment, RefusedPart
from backend.studio.families import KIND
from components.elements.markdown import plain
from components.elements.watching import watch
from components.history import words
from components.session import services, tab
from components.session.admission import owner_is_in
from components.session.pages import PATHS
from components.session.services import configured
from components.session.session import Session

UPLOAD = 20  # MB of one file, as in the form of the Studio; Streamlit keeps it in memory until it has been read
GUESTS = 10  # a guest's limits are this many times smaller: the memory is shared
_TAKING, _ROUND, _AGAIN = "import.taking", "import.round", "import.again"
_AT_ONCE = 2.0  # seconds: most files are in before a bar could be seen
_PASTED = 200_000  # characters
_SHOWN = 30  # lines of what did not come in


def import_button(session: Session) -> None:
    """An uploader. Files are taken once; then it is empty again, for the next ones."""
    key = _place()
    times = _times()
    with st.popover(words.IMPORT, type="tertiary", icon=":material/upload_file:", key=f"{key}.place"):
        st.file_uploader(
            words.IMPORT_FILE,
            type=["json", "jsonl", "zip", "har", "txt", "sh"],
            accept_multiple_files=True,
            max_upload_size=UPLOAD,
            key=key,
            on_change=_take,
            args=(session, key),
        )
        pasted = f"{key}.pasted"
        st.text_area(words.IMPORT_PASTED, key=pasted, max_chars=_PASTED, help=words.IMPORT_PASTED_HELP)
        st.button(words.IMPORT_PASTE, key=f"{key}.paste", on_click=_take_pasted, args=(session, key, pasted))
        st.checkbox(words.IMPORT_AGAIN, key=_AGAIN, help=words.IMPORT_AGAIN_HELP)
        template = words.IMPORT_LIMITS if times == 1 else words.IMPORT_LIMITS_GUEST
        limits = template.format(limit=UPLOAD, largest=LARGEST // times // 2**20)
        st.caption(words.IMPORT_EXPLAINED.format(programs=PROGRAMS, limits=limits))


def _times() -> int:
    """By how many times the limits are smaller than those of the app's owner."""
    return GUESTS if configured().shared and not owner_is_in() else 1


def _place() -> str:
    """The key of the uploader: a new one after every import, so that the popover closes and shows the outcome."""
    return f"import.{tab.value(_ROUND, 0)}"


def _take(session: Session, key: str) -> None:
    files = tab.uploads(key)
    if not files or key != _place():  # taken already: a browser may send it again until it sees the new uploader
        return
    _begin(session, [(file.name, file, file.size) for file in files])


def _take_pasted(session: Session, key: str, pasted: str) -> None:
    text = str(tab.value(pasted, "")).strip().encode("utf-8", "replace")
    if text and key == _place():  # as above
        _begin(session, [(words.PASTED, BytesIO(text), len(text))])


def _begin(session: Session, files: Sequence[tuple[str, BinaryIO, int]]) -> None:
    taking = ImportJob(
        services.journals().store,
        session.owner,
        files,
        again=tab.value(_AGAIN) is True,
        largest=LARGEST // _times(),
        experiment=_taker(session),
    )
    taking.start()
    taking.wait(_AT_ONCE)
    tab.put(_TAKING, taking)
    tab.put(_ROUND, (tab.value_as(int, _ROUND) or 0) + 1)


def _taker(session: Session) -> Callable[[Experiment], bool]:
    """A function that imports a job of any kind, from any thread."""
    experiment, result = session.experiments.taker(), session.studio.kept.taker()
    return lambda each: result(each) if each.value.get("kind") == KIND else experiment(each.value)


def imported(session: Session) -> None:
    """The running import, or its result, until it is dismissed."""
    taking = tab.value(_TAKING)
    if not isinstance(taking, ImportJob):
        return
    with st.container(key="import.outcome", gap="small"):
        if watch(taking.wait):
            _progress(taking)
        else:
            _outcome(session, taking)


@st.fragment(run_every=0.5)
def _progress(taking: ImportJob) -> None:
    st.progress(taking.share, words.IMPORTING.format(count=taking.came + taking.known))
    st.button(words.STOP_IMPORT, key="import.stop", on_click=taking.stop, type="tertiary")


def _outcome(session: Session, taking: ImportJob) -> None:
    _import_report(taking)
    if taking.refused:
        _not_in(taking)
    if taking.notes:
        _notes(taking)
    with st.container(horizontal=True, gap="small"):
        if taking.first and st.button(
            words.OPEN_FIRST_IMPORTED if taking.came + taking.known > 1 else words.OPEN_IMPORTED,
            key="import.open",
            on_click=session.chats.open,
            args=(taking.first,),
        ):
            tab.drop(_TAKING)
            st.switch_page(PATHS[session.chats.opened_on])
        st.button(words.CLOSE_IMPORTED, key="import.close", on_click=tab.drop, args=(_TAKING,), type="tertiary")


def _import_report(taking: ImportJob) -> None:
    counts = []
    results = taking.experiments[KIND]
    experiments = taking.experiments.total() - results
    if conversations := taking.came - experiments - results:
        template = words.IMPORTED_CONVERSATIONS if conversations > 1 else words.IMPORTED_CONVERSATION
        counts.append(template.format(count=conversations))
    for count, one, several in (
        (experiments, words.IMPORTED_EXPERIMENT, words.IMPORTED_EXPERIMENTS),
        (results, words.IMPORTED_RESULT, words.IMPORTED_RESULTS),
    ):
        if count:
            counts.append((several if count > 1 else one).format(count=count))
    if taking.known:
        counts.append(words.ALREADY_HERE.format(count=taking.known))
    if taking.stopped:
        counts.append(words.IMPORT_STOPPED)
    if taking.trouble:
        counts.append(plain(taking.trouble))
    said = ". ".join(counts)
    if not (taking.came or taking.known):
        reason = plain(taking.trouble) or (_line(taking.refused[0]) if taking.refused else words.IMPORT_STOPPED)
        file = plain(", ".join(taking.names)[:80])
        st.error(words.NOTHING_IMPORTED.format(file=file, reason=reason), icon=":material/error:")
    elif taking.refused or taking.trouble or taking.stopped:
        st.warning(said, icon=":material/warning:")
    else:
        st.success(said, icon=":material/check_circle:")


def _not_in(taking: ImportJob) -> None:
    if taking.came or taking.known or len(taking.refused) > 1:
        with st.expander(words.NOT_IMPORTED.format(count=taking.refused_count), key="import.refused"):
            st.markdown("\n".join(f"- {_line(refused)}" for refused in taking.refused[:_SHOWN]))
            _more(taking.refused_count)


def _notes(taking: ImportJob) -> None:
    with st.expander(words.IMPORT_NOTES.format(count=len(taking.notes)), key="import.notes"):
        lines = (
            f"- **{plain(title[:60] or words.UNTITLED)}** {plain(note)}" for title, note in taking.notes[:_SHOWN]
        )
        st.markdown("\n".join(lines))
        _more(len(taking.notes))


def _more(count: int) -> None:
    if count > _SHOWN:
        st.caption(words.AND_MORE.format(count="200+" if count >= LISTED else count - _SHOWN))


def _line(refused: RefusedPart) -> str:
    return plain(f"{refused.where}: {refused.why}" if refused.where else refused.why)
