"""The last used chats, under the menu of every page: one line each, and a click opens it."""

from __future__ import annotations

import streamlit as st

from backend.store import summaries
from components.elements.markdown import plain
from components.history import words
from components.session import services
from components.session.pages import PATHS
from components.session.session import Session

_COUNT = 5
_CHARACTERS = 80  # of a title: far more than a line of the sidebar shows


def latest(session: Session) -> None:
    """Draw them. Titles are untrusted: plain text. Nothing is drawn if nothing is saved."""
    chats = summaries.latest(services.journals().store, session.owner, _COUNT)
    if not chats:
        return
    here = session.chats.id_in_view
    for id_, title in dict(chats).items():
        label = plain((title or words.UNTITLED)[:_CHARACTERS])
        clicked = st.button(
            words.LATEST_IN_VIEW.format(title=label) if id_ == here else label,
            key=f"latest.{id_}",
            on_click=None if id_ == here else session.chats.open,
            args=(id_,),
            type="tertiary",
            width="stretch",
        )
        if clicked and id_ != here and session.chats.opened_on != session.chats.page:
            st.switch_page(PATHS[session.chats.opened_on])
