"""The chat page: a greeting while it is empty, then the conversation and the composer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from components.chat.composer import composer
from components.chat.transcript import transcript
from components.elements.markdown import plain
from components.guests.meter import meter
from components.history.opened_link import notice
from components.history.share import share_button
from components.inspector.dialog import inspector
from components.inspector.state import Inspection
from components.notices import changed_elsewhere, saving_trouble
from components.session import tab
from components.session.connections import LOCAL
from components.session.session import Session
from components.sidebar.prompt_library import Library
from components.sidebar.prompts import opener
from components.tools.state import Toolkit

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
) -> None:
    """Draw the page; runs as long as an answer does. `above` draws what stands over the messages."""
    saving_trouble()
    changed_elsewhere(session)
    notice(session)
    tab.put_address("c", session.id)  # before the answer: a reload in mid-stream finds it again
    bottom = composer(session)
    welcome = st.empty()  # a place of its own: emptied at once when the first message is sent
    if not session.chat.conversation.path():
        with welcome.container(key="welcome"):
            _header(session, begun=False)
            (greeting or _greeting)(session)
        return
    _header(session, begun=True)
    if above:
        above(session)
    inspector(session)
    transcript(session.chat)
    meter(session)  # again: now the answer has its price
    if Library.current().open or session.sharing or Inspection.current().open or Toolkit.dialog_open(session):
        return  # the answer is followed again when the dialog is closed
    if not session.chat.running:  # a tool may run on after the answer that called it
        bottom.ended(session)
    if session.chat.advance(session.ask):
        st.rerun()


def examples(session: Session, prompts: Sequence[tuple[str, str]]) -> None:
    """Prompts to try, one click each: (icon, prompt), in two columns."""
    half = (len(prompts) + 1) // 2
    with st.container(key="examples"):
        for column, rows in zip(st.columns(2), (prompts[:half], prompts[half:]), strict=True):
            for icon, prompt in rows:
                key = f"example.{prompt}"
                column.button(
                    prompt, key=key, on_click=session.send, args=(prompt,), icon=icon, width="stretch", wrap=True
                )


def _header(session: Session, *, begun: bool) -> None:
    with st.container(horizontal=True, horizontal_alignment="right", key="header"):
        share_button(session)
        if begun:
            st.button("New chat", key="new_chat", on_click=session.new_chat, icon=":material/add:", type="tertiary")


def _greeting(session: Session) -> None:
    """An empty page says what this is, what answers, and what one could ask."""
    st.title("What would you like to ask?", anchor=False)
    if session.connection.id == LOCAL and session.local_unavailable:
        st.warning(session.local_unavailable, icon=":material/computer:")
        st.markdown("Or connect **AI/ML API** in the sidebar with a key.")
    elif session.connection.id == LOCAL:
        found = session.local_model
        name = found.label if found else "a small model"
        st.markdown(
            f"**{name}** answers right here, with no key and no account: real, but tiny and often wrong. "
            "For Gemini and 400+ others, connect **AI/ML API** in the sidebar with a key."
        )
    else:
        st.markdown(_who_answers(session))
    examples(session, _EXAMPLES)
    opener("greeting", "More ready-made prompts")


def _who_answers(session: Session) -> str:
    if session.model:
        where = plain(session.connection.label)
        return f"**{plain(session.model)}** answers, through {where}. Its settings are in the sidebar."
    if session.base_url:
        return "Choose a model in the sidebar, or type the id of one."
    return "Type the server's address in the sidebar, under Connection."
