"""The list of saved conversations: search, sort, open, rename, tag, pin, export, import, delete with undo."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from backend.jobs.job import Job
from backend.store import SORTS, Sort, Summary
from backend.studio.families import KIND
from components.elements.markdown import plain
from components.history import cards, experiments, results, words
from components.history.files import downloads, export_all, export_some
from components.history.importing import import_button, imported
from components.history.legacy_hidden import hidden_messages
from components.history.paging import Window
from components.history.rename import attempt, rename_form
from components.notices import saving_trouble
from components.session import services
from components.session.pages import PATHS
from components.session.services import configured
from components.session.session import Session
from components.session.visitor import Visitor

_SEARCH, _SORT, _TAG = "history.search", "history.sort", "history.tag"


def history(session: Session) -> None:
    """Draw the page."""
    files = st.container(horizontal=True, horizontal_alignment="right", gap="small", key="history.files")
    saving_trouble()
    imported(session)
    hidden_messages(session)
    if session.owner.startswith("guest-"):
        st.caption(_how_kept())
    search, tag, sort = _filters(session)
    window = Window.current((search, tag, sort))
    before, summaries = _window_entries(session.owner, window)
    jobs = [*experiments.matching_jobs(session, search, tag), *results.matching_jobs(session, search, tag)]
    with files:
        import_button(session)
        if summaries or jobs:
            export_all(session, search, tag, jobs)
    if not summaries and not jobs:
        _nothing(search or tag)
    window.to_the_beginning()
    _selection_actions(session, summaries[: window.limit])
    entries = _in_order(summaries, _after(before, jobs, sort), sort, window.limit)
    for entry in entries[: window.limit]:
        if isinstance(entry, Summary):
            cards.card(entry, partial(_menu, session, entry))
        else:
            (results if entry.kind == KIND else experiments).card(session, entry)
    if len(summaries) > window.limit or len(entries) > window.limit:
        window.more()


def _window_entries(owner: str, window: Window) -> tuple[Summary | None, list[Summary]]:
    """The entries to show and one more, if there is one; and the one before them."""
    search, tag, sort = window.filters
    first = max(0, window.offset - 1)
    store = services.journals().store
    found = store.conversations(owner, search, tag, sort, window.limit + 1 + window.offset - first, first)
    return (found[0] if found else None, found[1:]) if window.offset else (None, found)


def _place(summary: Summary, sort: Sort) -> tuple[float, str]:
    if sort == "title":
        return 0.0, summary.title.casefold()
    return -(summary.created if sort == "created" else summary.updated), ""


def _after(before: Summary | None, jobs: Sequence[Job], sort: Sort) -> Sequence[Job]:
    """The jobs that follow the last shown conversation."""
    if before is None or before.pinned:
        return jobs
    return [job for job in jobs if experiments.place(job, sort) >= _place(before, sort)]


def _in_order(summaries: Sequence[Summary], jobs: Sequence[Job], sort: Sort, limit: int) -> list[Summary | Job]:
    """Conversations and jobs as one list. The former are already in order and limited."""
    shown = list(summaries[:limit])
    waiting = sorted(jobs, key=lambda job: experiments.place(job, sort))
    merged: list[Summary | Job] = []
    for summary in shown:
        while waiting and not summary.pinned and experiments.place(waiting[0], sort) < _place(summary, sort):
            merged.append(waiting.pop(0))
        merged.append(summary)
    return merged if len(summaries) > limit else [*merged, *waiting]


def _how_kept() -> str:
    """Where a guest's conversations are stored, for how long, and who can see them."""
    again = Visitor.current().comes_again
    how = words.GUEST_KEEPING.format(days=configured().terms.days) if again else words.GUEST_OF_TAB
    return how if services.is_lasting() else f"{how} {words.NOT_LASTING}"


def _filters(session: Session) -> tuple[str, str, Sort]:
    search = st.text_input(
        words.SEARCH,
        key=_SEARCH,
        placeholder=words.SEARCH_PLACEHOLDER,
        type="search",
        live=True,
        persist_state="session",
    )
    tags = services.journals().store.tags(session.owner)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        sort = st.segmented_control(
            words.ORDER,
            SORTS,
            default=SORTS[0],
            required=True,
            key=_SORT,
            format_func=words.ORDERS.__getitem__,
            persist_state="session",
        )
        tag = _tag_filter(tags) if tags else None
    return search or "", tag or "", sort or SORTS[0]


def _tag_filter(tags: list[str]) -> str | None:
    return st.selectbox(
        words.TAG_FILTER,
        tags,
        index=None,
        key=_TAG,
        placeholder=words.TAG_FILTER_PLACEHOLDER,
        persist_state="session",
    )


def _nothing(sought: str) -> None:
    if sought:
        st.info(words.NOTHING_FOUND, icon=":material/search_off:")
    else:
        st.info(words.NOTHING_YET, icon=":material/history:")
        st.page_link(PATHS["Chat"], label=words.START_ONE, icon=":material/chat_bubble:")


def _selection_actions(session: Session, listed: Sequence[Summary]) -> None:
    """The actions for several conversations at once. A container that always exists."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="history.chosen"):
        chosen = cards.chosen_summaries(listed)
        if not chosen:
            return
        st.caption(words.CHOSEN.format(count=len(chosen)))
        export_some(session, chosen)
        if st.button(words.ACTIONS["delete"], key="chosen.delete", type="tertiary", icon=":material/delete:"):
            _delete(session, chosen)
        if len(chosen) < len(listed):
            _choose(words.CHOOSE_ALL, listed, True)
        _choose(words.CHOOSE_NONE, listed, False)


def _choose(label: str, listed: Sequence[Summary], chosen: bool) -> None:
    st.button(label, key=f"choose.{chosen}", on_click=cards.choose, args=(listed, chosen), type="tertiary")


def _delete(session: Session, summaries: Sequence[Summary]) -> None:
    """Delete these and redraw the list."""
    first = summaries[0].title or words.UNTITLED
    title = first if len(summaries) == 1 else words.FIRST_AND_MORE.format(first=first, count=len(summaries) - 1)
    session.deletions.conversations([summary.id for summary in summaries], title)
    st.rerun()


def _menu(session: Session, summary: Summary) -> None:
    key = f"row.{summary.id}"
    options = ["unpin" if summary.pinned else "pin", "rename", "export", "delete"]
    chosen = st.menu_button(words.MORE, options, key=key, format_func=words.ACTIONS.__getitem__, type="tertiary")
    store, owner = services.journals().store, session.owner
    if chosen == "rename":
        _rename(session, summary)
    elif chosen == "export":
        _export(session, summary)
    elif chosen == "delete":
        _delete(session, [summary])
    elif chosen:
        attempt(lambda: store.pin(owner, summary.id, not summary.pinned))
        st.rerun()


@st.dialog(words.RENAME_TITLE)
def _rename(session: Session, summary: Summary) -> None:
    if rename_form(session, summary.id, summary.title, summary.tags):
        st.rerun()


@st.dialog(words.EXPORT_TITLE, width="medium")
def _export(session: Session, summary: Summary) -> None:
    """The export buttons: a menu cannot download."""
    st.caption(plain((summary.title or words.UNTITLED)[:80]))
    record = services.journals().load(session.owner, summary.id)
    if record is None:
        st.warning(words.NOT_THERE, icon=":material/delete:")
    else:
        downloads(record, f"row.{summary.id}")
