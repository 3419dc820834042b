"""The chat page: a greeting while it is empty, then the conversation and the composer."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from backend import local
from components.chat.calls import Calls, PlainCalls
from components.chat.composer import composer
from components.chat.examples import examples
from components.chat.transcript import transcript
from components.elements.markdown import plain
from components.guests.meter import meter
from components.history.opened_link import notice
from components.history.share import share_button
from components.inspector.dialog import inspector
from components.notices import changed_elsewhere, saving_trouble
from components.session import tab
from components.session.session import Session
from components.session.setup import Setup
from components.sidebar.prompts import opener

_EXAMPLES = (
    (":material/lightbulb:", "Explain what an API is to a ten-year-old."),
    (":material/edit_note:", "Write a haiku about the sea."),
    (":material/code:", "Write a Python function that reverses a string."),
    (":material/cake:", "Give me three ideas for a birthday party."),
)


def chat(
    session: Session,
    greeting: Callable[[Session], None] | None = None,
    above: Callable[[Session], None] | None = None,
    calls: Calls | None = None,
) -> None:
    """Draw the page; runs as long as an answer does. `above` is drawn over the messages."""
    saving_trouble()
    changed_elsewhere(session.chats)
    notice(session)
    tab.put_address("c", session.chats.id)  # before the answer: a reload in mid-stream finds it again
    bottom = composer(session)
    welcome = st.empty()  # a place of its own: emptied at once when the first message is sent
    if not session.chats.current.conversation.path():
        with welcome.container(key="welcome"):
            _header(session, begun=False)
            (greeting or _greeting)(session)
        return
    _header(session, begun=True)
    if above:
        above(session)
    inspector(session)
    transcript(session, calls or PlainCalls())
    meter(session)  # again: now the answer has its price
    if session.dialogs.any:
        return  # the answer is followed again when the dialog is closed
    if not session.chats.current.running:  # a tool may run on after the answer that called it
        bottom.ended(session)
    if session.chats.current.advance(session.asker.ask):
        st.rerun()


def _header(session: Session, *, begun: bool) -> None:
    with st.container(horizontal=True, horizontal_alignment="right", key="header"):
        share_button(session)
        if begun:
            new = session.chats.new
            st.button("New chat", key="new_chat", on_click=new, icon=":material/add:", type="tertiary")


def _greeting(session: Session) -> None:
    """An empty page says what this is, what answers, and what one could ask."""
    st.title("What would you like to ask?", anchor=False)
    setup = session.setup
    if setup.connection.is_local and (problem := local.unavailable()):
        st.warning(problem, icon=":material/computer:")
        st.markdown("Or connect **AI/ML API** in the sidebar with a key.")
    elif setup.connection.is_local:
        name = setup.local_model.label if setup.local_model else "a small model"
        st.markdown(
            f"**{name}** answers right here, with no key and no account: real, but tiny and often wrong. "
            "For Gemini and 400+ others, connect **AI/ML API** in the sidebar with a key."
        )
    else:
        st.markdown(_who_answers(setup))
    examples(session.composer, _EXAMPLES)
    opener("greeting", "More ready-made prompts")


def _who_answers(setup: Setup) -> str:
    if setup.model:
        where = plain(setup.connection.label)
        return f"**{plain(setup.model)}** answers, through {where}. Its settings are in the sidebar."
    if setup.endpoint.base_url:
        return "Choose a model in the sidebar, or type the id of one."
    return "Type the server's address in the sidebar, under Connection."
