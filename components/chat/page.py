"""The chat page: a greeting while it is empty, then the conversation and the composer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from components.chat import words
from components.chat.bar import bar
from components.chat.calls import Calls, PlainCalls
from components.chat.composer import composer
from components.chat.greeting import greeting
from components.chat.transcript import live, prepare, transcript
from components.demos import words as demo_words
from components.demos.player_bar import player_bar
from components.demos.shelf import open_shelf
from components.history.opened_link import notice
from components.inspector.dialog import inspector
from components.notices import changed_elsewhere, missing, saving_trouble
from components.session.pages import PATHS
from components.session.session import Session

_STUDIO = PATHS["Studio"]


def chat(
    session: Session,
    introduction: Callable[[Session], None] | None = None,
    above: Callable[[Session], None] | None = None,
    calls: Calls | None = None,
    untitled: str = words.UNTITLED,
) -> None:
    """Draw the page: `introduction` and the title `untitled` while it is empty, later `above` over the messages."""
    if family := session.chains.go():
        st.switch_page(_STUDIO, query_params={"family": family})
    saving_trouble()
    changed_elsewhere(session.chats)
    # One place for all that comes and goes over the message box: pushed to another place by it, the box was made
    # anew on a slow page, and lost its files (5 of 14 pasted pictures when a link was attached too, none since).
    over_box = st.bottom.container()
    notice(session, over_box)
    player = session.plays.player
    session.chats.put_address()  # before the answer: a reload in mid-stream finds it again
    session.chats.current.advance(session.asker.ask)  # what ended meanwhile is settled, and what waits goes out
    session.composer.hold_back()
    session.composer.give_back()
    running = live(session.chats.current) is not None
    bar(session, player.recording.title if player else untitled)
    open_shelf(session)
    player_bar(session, over_box)
    prepare(composer(session, over_box, label=demo_words.ASK_ON if player else ""))
    welcome = st.empty()  # a place of its own: emptied at once when the first message is sent
    if not session.chats.current.conversation.path():
        with welcome.container(key="welcome"):
            st.html(Path(__file__).parents[1] / "empty.css")
            missing(session.chats)
            (introduction or greeting)(session)
        return
    if above:
        above(session)
    inspector(session)
    state = transcript(session, calls or PlainCalls())
    if state == "over" or (state == "running") != running:  # it began or ended while this was being drawn
        st.rerun()
