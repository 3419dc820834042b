"""The stage: one step of a script at a time, large, with nothing private on it, and a box for questions.

No sidebar, no title of another chat, no key state, no address, and costs only if the presenter wants them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import streamlit as st

from backend.compare.race_chat import RaceChat
from backend.conversation.chat import Chat
from backend.tools.agent import Agent
from components.chat.calls import PlainCalls
from components.chat.composer import composer
from components.chat.transcript import live, prepare, transcript
from components.demos.player_bar import badge_of
from components.session.session import Session
from components.stage import words
from components.stage.bar import bar
from components.stage.beginning import beginning
from components.stage.race import race
from components.stage.step import step
from components.tools.background_updates import Beside, beside, follow
from components.tools.rows import Rows

_HERE = Path(__file__).parent
_STYLE = _HERE / "stage.css"


def stage(session: Session) -> None:
    """Draw the page."""
    st.set_page_config(page_title=words.TAB_TITLE)
    st.html(_STYLE)
    with st.container(key="page_keys_stage"):
        _keys()(key="stage_keys")
    over_box = st.bottom.container()
    before = _beside(session)  # whatever happens from here on is noticed below
    _settle(session)
    bar(session)  # and its dialogs, which may change what is in view
    chat = session.chats.current
    agent = chat if isinstance(chat, Agent) else None
    drawn = before[1] if before[0] is chat else _beside(session)[1]
    running = live(chat) is not None
    prepare(composer(session, session.setup, over_box, label=words.FROM_THE_ROOM, toolbar=False))
    if session.plays.player:
        # below: messages keep their position when a playback takes over
        with over_box.container(key="stage_badge"):
            badge_of(session.plays.player.recording)
    with st.container(key="stage_step", gap="xsmall"):
        step(session)
    with st.container(key="stage_begin"):
        if not session.stage.place and not chat.conversation.path():
            beginning(session)
    if not chat.conversation.path():
        return
    if isinstance(chat, RaceChat):
        race(session, chat.race)
        return
    state = transcript(session, Rows(agent) if agent else PlainCalls())
    if state == "over" or (state == "running") != running:  # an answer began or ended during this run
        st.rerun()
    if agent and drawn:
        follow(session, agent, drawn)


def _beside(session: Session) -> tuple[Chat, Beside | None]:
    """The chat in view, and the progress of its tools."""
    chat = session.chats.current
    return chat, beside(chat) if isinstance(chat, Agent) else None


def _settle(session: Session) -> None:
    """Settle what has ended, and send queued messages; a failed answer is replaced by its recording."""
    session.chats.put_address()
    session.chats.current.advance(session.asker.ask)
    session.stage.stand_in()
    session.chats.current.advance(session.asker.ask)
    session.composer.hold_back()


@cache
def _keys() -> Callable[..., object]:
    """The keyboard component, registered once per process."""
    return st.components.v2.component("stage_keys", js=(_HERE / "stage_keys.js").read_text("utf-8"))
