"""The form for the title and tags of a saved conversation: on the History page and in the bar above a chat."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from backend.conversation import titles
from backend.errors import APIError
from backend.store import StoreError
from components.elements import editing
from components.elements.markdown import plain
from components.history import words
from components.session import services, tab
from components.session.session import Session


def attempt(edit: Callable[[], None]) -> None:
    """Run an edit of the list. A StoreError is shown as a toast, and the list stays unchanged."""
    try:
        edit()
    except StoreError as error:
        st.toast(plain(str(error)), icon=":material/error:")


def rename_form(session: Session, id_: str, title: str, tags: Sequence[str]) -> bool:
    """Draw it for a conversation with this title and these tags. True if they were saved."""
    with editing.editor("title"):
        return _fields(session, id_, title, tags)


def _fields(session: Session, id_: str, title: str, tags: Sequence[str]) -> bool:
    key = f"title.{id_}"
    if tab.value(_suggestion_key(key)):
        tab.put(key, tab.value(_suggestion_key(key)))
        tab.drop(_suggestion_key(key))
    elif tab.value(key) is None:
        tab.put(key, title)
    typed = st.text_input(words.TITLE_FIELD, key=key, max_chars=200)
    _suggest(session, id_, key, title)
    store = services.journals().store
    known = list(dict.fromkeys([*tags, *store.tags(session.owner)]))
    chosen = st.multiselect(words.TAGS_FIELD, known, default=list(tags), accept_new_options=True)
    with editing.choices("title"):
        if not st.button(words.SAVE_TITLE_AND_TAGS, type="primary"):
            return False
    attempt(lambda: store.rename(session.owner, id_, typed, was=title))
    attempt(lambda: store.tag(session.owner, id_, chosen, was=tags))
    return True


def _suggestion_key(key: str) -> str:
    """The key under which the model's title waits for its field, whose value can be set only before it is drawn."""
    return f"{key}.suggested"


def _suggest(session: Session, id_: str, key: str, before: str) -> None:
    """Put the model's title into the field, to be changed or saved."""
    clicked = st.button(
        words.SUGGEST_TITLE,
        icon=":material/auto_awesome:",
        type="tertiary",
        help=words.SUGGEST_TITLE_HELP.format(model=plain(session.setup.model_name)),
    )
    record = services.journals().load(session.owner, id_) if clicked else None
    if record is None:
        return
    try:
        with st.spinner(words.SUGGESTING):
            path = [node.message for node in record.conversation.path()]
            setup, source = session.setup, session.asker.source
            title = titles.suggest(
                source,
                setup.model,
                path,
                setup.dialect,
                setup.learned,
                stream=not setup.learned.no_stream,
                price=setup.price(setup.model),
                counted=session.asker.spending.add,
            )
    except APIError as error:
        st.error(plain(f"{error.title} {error.hint}"))
        return
    tab.put(_suggestion_key(key), title or before)
    st.rerun(scope="fragment")
