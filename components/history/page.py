"""The list of saved conversations: search, sort, open, rename, tag, pin, export, import, delete with undo."""

from __future__ import annotations

import streamlit as st

from backend.store import SORTS, Sort, Summary
from components.elements.dates import ago
from components.elements.markdown import plain
from components.history import words
from components.history.files import PAGES, downloads, export_all
from components.history.importing import import_button, imported
from components.history.rename import attempt, rename_form
from components.notices import saving_trouble
from components.session import services, tab
from components.session.services import configured
from components.session.session import Session
from components.session.visitor import Visitor

PAGE = 30  # conversations listed at once
_MORE = "history.more"  # how often more were asked for


def history(session: Session) -> None:
    """Draw the page."""
    files = st.container(horizontal=True, horizontal_alignment="right", gap="small", key="history.files")
    saving_trouble()
    imported(session)
    if session.owner.startswith("guest-"):
        st.caption(_how_kept())
    search, tag, sort = _filters(session)
    limit = PAGE * (1 + int(tab.value(_MORE, 0)))
    store = services.journals().store
    summaries = store.conversations(session.owner, search, tag, sort, limit + 1)
    with files:
        import_button(session)
        if summaries:
            export_all(session, search, tag)
    if not summaries:
        _nothing(search or tag)
    for summary in summaries[:limit]:
        _row(session, summary)
    if len(summaries) > limit:
        st.button(words.SHOW_MORE, key="history.show_more", on_click=_more, type="tertiary")


def _how_kept() -> str:
    """Where a guest's conversations are, for how long, and for whom."""
    again = Visitor.current().comes_again
    how = words.GUEST_KEEPING.format(days=configured().terms.days) if again else words.GUEST_OF_TAB
    return how if services.is_lasting() else f"{how} {words.NOT_LASTING}"


def _filters(session: Session) -> tuple[str, str, Sort]:
    search = st.text_input(
        words.SEARCH, key="history.search", placeholder=words.SEARCH_PLACEHOLDER, type="search", live=True
    )
    tags = services.journals().store.tags(session.owner)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        sort = st.segmented_control(
            words.ORDER,
            SORTS,
            default=SORTS[0],
            required=True,
            key="history.sort",
            format_func=words.ORDERS.__getitem__,
        )
        tag = _tag_filter(tags) if tags else None
    return search or "", tag or "", sort or SORTS[0]


def _tag_filter(tags: list[str]) -> str | None:
    return st.selectbox(
        words.TAG_FILTER, tags, index=None, key="history.tag", placeholder=words.TAG_FILTER_PLACEHOLDER
    )


def _more() -> None:
    tab.put(_MORE, int(tab.value(_MORE, 0)) + 1)


def _nothing(sought: str) -> None:
    if sought:
        st.info(words.NOTHING_FOUND, icon=":material/search_off:")
    else:
        st.info(words.NOTHING_YET, icon=":material/history:")
        st.page_link("app.py", label=words.START_ONE, icon=":material/chat_bubble:")


def _row(session: Session, summary: Summary) -> None:
    with st.container(border=True, key=f"conversation.{summary.id}", gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            title = summary.title or words.UNTITLED
            pin = ":material/keep: " if summary.pinned else ""
            label, key = f"{pin}{plain(title[:80])}", f"open.{summary.id}"
            if st.button(label, key=key, on_click=session.chats.open, args=(summary.id,), type="tertiary"):
                st.switch_page(PAGES[session.chats.opened_on])
            _menu(session, summary)
        tags = " ".join(f":gray-badge[{plain(tag)}]" for tag in summary.tags)
        used = words.USED_AND_MESSAGES.format(used=ago(summary.updated), messages=summary.messages)
        st.caption(f"{used} {tags}")
        if summary.snippet:
            st.caption(plain(summary.snippet))


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
        session.deletions.conversations([summary.id], summary.title or words.UNTITLED)
        st.rerun()
    elif chosen:
        attempt(lambda: store.pin(owner, summary.id, not summary.pinned))
        st.rerun()


@st.dialog(words.RENAME_TITLE)
def _rename(session: Session, summary: Summary) -> None:
    if rename_form(session, summary.id, summary.title, summary.tags):
        st.rerun()


@st.dialog(words.EXPORT_TITLE, width="medium")
def _export(session: Session, summary: Summary) -> None:
    """A menu cannot download; buttons can."""
    st.caption(plain((summary.title or words.UNTITLED)[:80]))
    record = services.journals().load(session.owner, summary.id)
    if record is None:
        st.warning(words.NOT_THERE, icon=":material/delete:")
    else:
        downloads(record, f"row.{summary.id}")
