"""The chat page: a greeting while it is empty, then the conversation and the composer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from components.chat import words
from components.chat.bar import bar
from components.chat.calls import Calls, PlainCalls
from components.chat.greeting import greeting
from components.chat.message_box import Beginning
from components.chat.transcript import prepare, transcript
from components.demos.player_bar import player_bar
from components.demos.shelf import open_shelf
from components.history.opened_link import notice
from components.inspector.dialog import inspector
from components.notices import changed_elsewhere, missing, saving_trouble
from components.session.session import Session


def chat(
    session: Session,
    introduction: Callable[[Session], None] | None = None,
    above: Callable[[Session], None] | None = None,
    calls: Calls | None = None,
    untitled: str = words.UNTITLED,
    beginning: Beginning | None = None,
) -> None:
    """Draw the page: `introduction` and the title `untitled` while it is empty, later `above` the messages.

    `beginning`: it has already drawn the message box.
    """
    box = (beginning or Beginning()).box(session)
    saving_trouble()
    changed_elsewhere(session.chats)
    notice(session, box.over)
    player = session.plays.player
    bar(session, player.recording.title if player else untitled)
    open_shelf(session)
    player_bar(session, box.over)
    prepare(box.ahead)
    welcome = st.empty()  # a container of its own: emptied at once when the first message is sent
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
    if state == "over" or (state == "running") != box.running:  # an answer began or ended during this run
        st.rerun()
