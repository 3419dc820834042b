"""The list of saved conversations: search, sort, open, rename, tag, pin, export, import, delete with undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from backend.conversation import titles
from backend.errors import APIError
from backend.store import SORTS, Sort, StoreError, Summary
from components.elements.markdown import plain
from components.history import cards, words
from components.history.files import downloads, export_all, export_some, import_button, imported
from components.notices import saving_trouble
from components.session import services, tab
from components.session.session import Session

PAGE = 30  # conversations listed at once
_DELETED = "history.deleted"  # the conversations that were deleted last, to be had back
_SEARCH, _SORT, _TAG = "history.search", "history.sort", "history.tag"
_KEPT = "history.kept"  # what these held in the last run of the page
_MORE = "history.more"  # how often more were asked for


def history(session: Session) -> None:
    """Draw the page."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title(words.PAGE_TITLE, anchor=False, width="content")
        files = st.container(horizontal=True, width="content", gap="small", key="history.files")
    saving_trouble()
    imported(session)
    if session.owner.startswith("guest-"):
        st.caption(words.GUEST_KEEPING)
    search, tag, sort = _filters(session)
    _undo(session)
    limit = PAGE * (1 + int(tab.value(_MORE, 0)))
    store = services.journals().store
    summaries = store.conversations(session.owner, search, tag, sort, limit + 1)
    with files:
        import_button(session)
        if summaries:
            export_all(session, search, tag)
    if not summaries:
        _nothing(search or tag)
    _chosen(session, summaries[:limit])
    for summary in summaries[:limit]:
        cards.card(summary, partial(_menu, session, summary))
    if len(summaries) > limit:
        st.button(words.SHOW_MORE, key="history.show_more", on_click=_more, type="tertiary")


def _filters(session: Session) -> tuple[str, str, Sort]:
    _put_kept()
    search = st.text_input(
        words.SEARCH, key=_SEARCH, placeholder=words.SEARCH_PLACEHOLDER, type="search", live=True
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
        )
        tag = _tag_filter(tags) if tags else None
    tab.put(_KEPT, {_SEARCH: search, _TAG: tag, _SORT: sort})
    return search or "", tag or "", sort or SORTS[0]


def _put_kept() -> None:
    """A widget forgets what it holds while another page is in view; what was looked for is still there after."""
    for name, content in tab.value(_KEPT, {}).items():
        if content is not None and tab.value(name) is None:
            tab.put(name, content)


def _tag_filter(tags: list[str]) -> str | None:
    return st.selectbox(words.TAG_FILTER, tags, index=None, key=_TAG, placeholder=words.TAG_FILTER_PLACEHOLDER)


def _more() -> None:
    tab.put(_MORE, int(tab.value(_MORE, 0)) + 1)


def _nothing(sought: str) -> None:
    if sought:
        st.info(words.NOTHING_FOUND, icon=":material/search_off:")
    else:
        st.info(words.NOTHING_YET, icon=":material/history:")
        st.page_link("app.py", label=words.START_ONE, icon=":material/chat_bubble:")


def _chosen(session: Session, listed: Sequence[Summary]) -> None:
    """What can be done with several conversations at once. A place that is always there."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="history.chosen"):
        chosen = cards.chosen(listed)
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
    """Take these off the list, and draw it anew."""
    store = services.journals().store
    for summary in summaries:
        _do(partial(store.delete, session.owner, summary.id))
    tab.put(_DELETED, tuple(summaries))
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
        _do(lambda: store.pin(owner, summary.id, not summary.pinned))
        st.rerun()


def _do(edit: Callable[[], None]) -> None:
    """Run an edit of the list. A StoreError is shown in a toast, and the list stays as it was."""
    try:
        edit()
    except StoreError as error:
        st.toast(plain(str(error)), icon=":material/error:")


@st.dialog(words.RENAME_TITLE)
def _rename(session: Session, summary: Summary) -> None:
    key = f"title.{summary.id}"
    if tab.value(_suggested(key)):
        tab.put(key, tab.value(_suggested(key)))
        tab.drop(_suggested(key))
    elif tab.value(key) is None:
        tab.put(key, summary.title)
    title = st.text_input(words.TITLE_FIELD, key=key, max_chars=200)
    _suggest(session, summary, key)
    known = list(dict.fromkeys([*summary.tags, *services.journals().store.tags(session.owner)]))
    tags = st.multiselect(words.TAGS_FIELD, known, default=list(summary.tags), accept_new_options=True)
    if st.button(words.SAVE_TITLE_AND_TAGS, type="primary"):
        store = services.journals().store
        _do(lambda: store.rename(session.owner, summary.id, title, was=summary.title))
        _do(lambda: store.tag(session.owner, summary.id, tags, was=summary.tags))
        st.rerun()


def _suggested(key: str) -> str:
    """Where the model's own title waits for its field, which takes a value only before it is drawn."""
    return f"{key}.suggested"


def _suggest(session: Session, summary: Summary, key: str) -> None:
    """The model's own title goes into the field, to be changed or saved."""
    clicked = st.button(
        words.SUGGEST_TITLE,
        icon=":material/auto_awesome:",
        type="tertiary",
        help=words.SUGGEST_TITLE_HELP.format(model=plain(session.setup.model_name)),
    )
    record = services.journals().load(session.owner, summary.id) if clicked else None
    if record is None:
        return
    try:
        with st.spinner(words.SUGGESTING):
            path = [node.message for node in record.conversation.path()]
            setup, source = session.setup, session.asker.source
            stream = not setup.learned.no_stream
            title = titles.suggest(source, setup.model, path, setup.dialect, setup.learned, stream=stream)
    except APIError as error:
        st.error(plain(f"{error.title} {error.hint}"))
        return
    tab.put(_suggested(key), title or summary.title)
    st.rerun(scope="fragment")


@st.dialog(words.EXPORT_TITLE, width="medium")
def _export(session: Session, summary: Summary) -> None:
    """A menu cannot download; buttons can."""
    st.caption(plain((summary.title or words.UNTITLED)[:80]))
    record = services.journals().load(session.owner, summary.id)
    if record is None:
        st.warning(words.NOT_THERE, icon=":material/delete:")
    else:
        downloads(record, f"row.{summary.id}")


def _undo(session: Session) -> None:
    """Deleted conversations can be had back."""
    gone = tab.value(_DELETED)
    if not gone:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        titles_ = ", ".join(plain((summary.title or words.UNTITLED)[:60]) for summary in gone[:3])
        more = words.AND_MORE.format(count=len(gone) - 3) if len(gone) > 3 else ""
        st.caption(words.DELETED.format(title=f"{titles_}{more}"))
        if st.button(words.UNDO_DELETE, key="undo", type="tertiary", icon=":material/undo:"):
            for summary in gone:
                _do(partial(services.journals().store.restore, session.owner, summary.id))
            tab.drop(_DELETED)
            st.rerun()
