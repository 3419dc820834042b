"""The chat page: a greeting while it is empty, then the conversation and the composer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from backend import local
from components.chat import words
from components.chat.calls import Calls, PlainCalls
from components.chat.composer import composer
from components.chat.examples import examples
from components.chat.transcript import live, prepare, transcript
from components.elements.markdown import plain
from components.history.opened_link import notice
from components.history.share import share_button
from components.inspector.dialog import inspector
from components.notices import changed_elsewhere, saving_trouble
from components.session.session import Session
from components.session.setup import Setup
from components.sidebar.prompts import opener

_ICONS = (":material/lightbulb:", ":material/edit_note:", ":material/code:", ":material/cake:")  # of the examples


def chat(
    session: Session,
    greeting: Callable[[Session], None] | None = None,
    above: Callable[[Session], None] | None = None,
    calls: Calls | None = None,
) -> None:
    """Draw the page. `above` is drawn over the messages."""
    saving_trouble()
    changed_elsewhere(session.chats)
    # One place for all that comes and goes over the message box: pushed to another place by it, the box was made
    # anew on a slow page, and lost its files (5 of 14 pasted pictures when a link was attached too, none since).
    over_box = st.bottom.container()
    notice(session, over_box)
    session.chats.put_address()  # before the answer: a reload in mid-stream finds it again
    session.chats.current.advance(session.asker.ask)  # what ended meanwhile is settled, and what waits goes out
    session.composer.take_unsent()
    session.composer.give_back()
    running = live(session.chats.current) is not None
    composer(session, over_box)
    prepare()
    welcome = st.empty()  # a place of its own: emptied at once when the first message is sent
    if not session.chats.current.conversation.path():
        with welcome.container(key="welcome"):
            st.html(Path(__file__).parents[1] / "empty.css")
            _header(session, begun=False)
            (greeting or _greeting)(session)
        return
    _header(session, begun=True)
    if above:
        above(session)
    inspector(session)
    state = transcript(session, calls or PlainCalls())
    if state == "over" or (state == "running") != running:  # it began or ended while this was being drawn
        st.rerun()


def _header(session: Session, *, begun: bool) -> None:
    with st.container(horizontal=True, horizontal_alignment="right", key="header"):
        share_button(session)
        if begun:
            new = session.chats.new
            st.button(words.NEW_CHAT, key="new_chat", on_click=new, icon=":material/add:", type="tertiary")


def _greeting(session: Session) -> None:
    """An empty page says what this is, what answers, and what one could ask."""
    st.title(words.GREETING_TITLE, anchor=False)
    setup = session.setup
    if setup.connection.is_local and (problem := local.unavailable()):
        st.warning(problem, icon=":material/computer:")
        st.markdown(words.CONNECT_INSTEAD)
    elif setup.connection.is_local:
        name = setup.local_model.label if setup.local_model else words.SMALL_MODEL
        st.markdown(words.ANSWERS_HERE.format(model=name))
    else:
        st.markdown(_who_answers(setup))
    examples(session.composer, tuple(zip(_ICONS, words.EXAMPLES, strict=True)))
    opener("greeting", words.MORE_PROMPTS)


def _who_answers(setup: Setup) -> str:
    if setup.model:
        template = words.KEY_FIRST if setup.connection.needs_key else words.ANSWERS
        return template.format(model=plain(setup.model), where=plain(setup.connection.label))
    if setup.endpoint.base_url:
        return words.CHOOSE_MODEL
    return words.TYPE_ADDRESS
