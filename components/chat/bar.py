"""The bar above a conversation: its title, which a click renames, and its actions."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from components.chat import words
from components.demos.record import record_button
from components.demos.stage_button import stage_button
from components.elements.page_title import page_title
from components.history.rename import rename_form
from components.history.share import Given, share_button
from components.history.words import RENAME_TITLE
from components.session import services
from components.session.session import Session


def bar(
    session: Session,
    untitled: str,
    *,
    new: str = words.NEW_CHAT,
    share: bool = True,
    given: Callable[[], Given] | None = None,
) -> None:
    """Fill the bar that the page has begun. `untitled`: the title of an empty conversation; `new`: the label of
    the button for a new one; `share`: it can be shared as a link, and recorded; `given`: a set-up that is shared
    as a link instead.
    """
    begun = bool(session.chats.current.conversation.path())
    title = session.chats.title
    if title:
        st.set_page_config(page_title=words.TAB_TITLE.format(title=title))
    with session.bar or st.container():
        with st.container(key="chat_title", gap=None):
            page_title(title or untitled)
            if session.chats.id:
                # It covers the title: the title is a heading, and all of it is clickable.
                open_ = session.dialogs.open
                st.button(words.RENAME, key="rename", on_click=open_, args=("rename",), icon=":material/edit:")
        if share and not session.plays.player:
            share_button(session)
        elif given:
            share_button(session, given)
        if share and begun:
            record_button(session)
        stage_button(session)
        if begun:
            st.button(new, key="new_chat", on_click=session.chats.new, icon=":material/add:", type="tertiary")
    if session.dialogs.is_open("rename"):
        _rename(session)


def _on_close() -> None:
    Session.current().dialogs.close("rename")


@st.dialog(RENAME_TITLE, on_dismiss=_on_close)
def _rename(session: Session) -> None:
    record = services.journals().load(session.owner, session.chats.id)
    if record is None or rename_form(session, session.chats.id, record.title, record.tags):
        _on_close()
        st.rerun()
