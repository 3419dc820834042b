"""The button for the stage (components/stage), in the bar of a conversation, which becomes a script there."""

from __future__ import annotations

import streamlit as st

from backend.compare.race import Race
from backend.compare.race_chat import RaceChat
from backend.demos.recording import Recording
from backend.demos.script import Script
from backend.demos.script_making import of_conversation, of_race
from backend.untrusted import Unreadable
from components.demos import words
from components.demos.record import lane_settings, recording_in_view
from components.session.pages import PATHS
from components.session.session import Session
from components.session.stage import ADDRESS


def stage_button(session: Session) -> None:
    """Draw it. The conversation in view is offered as a script; nothing of it is shown yet."""
    if st.button(
        words.STAGE, key="stage", icon=":material/present_to_all:", type="tertiary", help=words.STAGE_HELP
    ):
        session.stage.offered = None if session.plays.player else _script(session)
        session.stage.enter()
        st.switch_page(PATHS["Chat"], query_params={ADDRESS: "on"})


def _script(session: Session) -> Script | None:
    """The conversation in view as a script, with what is known of its answers."""
    chat, title = session.chats.current, session.chats.record().title
    try:
        recording = recording_in_view(session)
    except Unreadable:
        recording = None
    try:
        if isinstance(chat, RaceChat):
            return _race(session, chat.race, recording, title)
        tools = tuple(tool.name for tool in chat.tools)
        return of_conversation(chat.conversation.path(), session.chats.record().settings, recording, title, tools)
    except Unreadable:
        return None


def _race(session: Session, race: Race, recording: Recording | None, title: str) -> Script | None:
    """A race as a script: it is run again if one question was asked; a blind one must not reveal its lanes."""
    asked = [node.message for node in race.lanes[0].chat.conversation.path() if node.message.role == "user"]
    if not asked or race.hidden:
        return None
    return of_race(asked[0], lane_settings(session, race), recording, title, again=len(asked) == 1)
