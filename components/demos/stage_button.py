"""The way onto the stage (components/stage), in the bar of a conversation, which becomes a script there."""

from __future__ import annotations

import streamlit as st

from backend.compare.race_chat import RaceChat
from backend.demos.script import Script
from backend.demos.script_making import of_conversation, of_race
from backend.tools.agent import Agent
from backend.untrusted import Unreadable
from components.demos import words
from components.demos.record import made
from components.history.files import PAGES
from components.session.session import Session
from components.session.stage import ADDRESS


def stage_button(session: Session) -> None:
    """Draw it. The conversation in view comes along as a script that is offered; nothing of it is shown yet."""
    if st.button(
        words.STAGE, key="stage", icon=":material/present_to_all:", type="tertiary", help=words.STAGE_HELP
    ):
        session.stage.offered = None if session.plays.player else _script(session)
        session.stage.enter()
        st.switch_page(PAGES["Chat"], query_params={ADDRESS: "on"})


def _script(session: Session) -> Script | None:
    """The conversation in view as a script, with what is known of its answers."""
    chat = session.chats.current
    try:
        recording = made(session)
    except Unreadable:
        recording = None
    title = session.chats.title or session.chats.record().title
    if isinstance(chat, RaceChat):
        return of_race(recording, title) if recording else None
    try:
        script = of_conversation(chat.conversation.path(), session.chats.record().settings, recording, title)
    except Unreadable:
        return None
    asks_tools = isinstance(chat, Agent)  # what calls tools is played: the stage has none
    return None if asks_tools and any(step.kind == "ask" for step in script.steps) else script
