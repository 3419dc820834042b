"""A notice about messages that earlier versions only hid when they were deleted, until the visitor has decided."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from backend.store import StoreError
from backend.store.legacy_hidden import Hidden
from components.elements.markdown import plain
from components.history import words
from components.session import services
from components.session.session import Session


def hidden_messages(session: Session) -> None:
    """Draw it: nothing if there are none. A container that always exists."""
    with st.container(key="hidden", gap="small"):
        listed = services.journals().hidden.hidden_conversations(session.owner)
        if listed:
            with st.container(border=True, gap="small", key="hidden.notice"):
                _notice(session, listed)


def _notice(session: Session, listed: Sequence[Hidden]) -> None:
    count = sum(one.count for one in listed)
    st.markdown(words.HIDDEN_MESSAGES.format(count=count) if count > 1 else words.HIDDEN_MESSAGE)
    st.caption(words.HIDDEN_EXPLAINED)
    with st.expander(words.SHOW_HIDDEN, key="hidden.list"):
        for one in listed:
            _conversation(session, one, alone=len(listed) == 1)
    labels = (words.DELETE_ALL_HIDDEN, words.RESTORE_ALL_HIDDEN) if len(listed) > 1 else _ONE
    _choices(session, listed, "all", *labels)


def _conversation(session: Session, one: Hidden, *, alone: bool) -> None:
    st.markdown(f"**{plain((one.title or words.UNTITLED)[:80])}**")
    for message in one.messages:
        text = " ".join(message.content[:_LETTERS].split()) or words.HIDDEN_WITHOUT_TEXT
        st.caption(words.HIDDEN_LINE.format(role=words.HIDDEN_ROLES.get(message.role, ""), text=plain(text)))
    if one.count > len(one.messages):
        st.caption(words.AND_MORE.format(count=one.count - len(one.messages)))
    if not alone:
        _choices(session, [one], one.id, *_ONE)


def _choices(session: Session, listed: Sequence[Hidden], key: str, delete: str, restore: str) -> None:
    with st.container(horizontal=True, gap="small"):
        st.button(restore, key=f"hidden.restore.{key}", on_click=_restore, args=(session, listed))
        deleting = st.button(delete, key=f"hidden.delete.{key}", type="tertiary", icon=":material/delete:")
    if deleting:
        ids, count = [one.id for one in listed], sum(one.count for one in listed)
        session.deletions.hidden(services.journals().hidden, ids, count)
        st.rerun()


def _restore(session: Session, listed: Sequence[Hidden]) -> None:
    ids = [one.id for one in listed]
    try:
        services.journals().hidden.restore(session.owner, ids)
    except StoreError as error:
        st.toast(plain(str(error)), icon=":material/error:")
        return
    session.chats.renew(ids)
    count = sum(one.count for one in listed)
    st.toast(
        words.RESTORED_SEVERAL.format(count=count) if count > 1 else words.RESTORED_ONE, icon=":material/undo:"
    )


_ONE = words.DELETE_HIDDEN, words.RESTORE_HIDDEN
_LETTERS = 300  # of each message
