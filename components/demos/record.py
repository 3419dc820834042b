"""The dialog that records a conversation: exactly what is saved, and the ways to share it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from backend.compare.lane_settings import Overrides
from backend.compare.race import Race
from backend.compare.race_chat import RaceChat
from backend.conversation.tree import NodeId
from backend.demos import document, link, making
from backend.demos.recording import Recording, Result
from backend.demos.secrets import secrets_in
from backend.demos.trial import rehearse
from backend.formats import share
from backend.tools.agent import Agent
from backend.untrusted import Unreadable, line
from components.demos import words
from components.elements.copy_button import copy_button
from components.elements.markdown import plain
from components.history.share import front_page
from components.session import tab
from components.session.pages import PATHS
from components.session.session import Session

_TITLE = "record.title"
_PLACES = 8  # entries that are named


def record_button(session: Session) -> None:
    """A button for the dialog: records the conversation in view, or shares the recording that plays."""
    player = session.plays.player
    st.button(
        words.SHARE if player else words.RECORD,
        key="record",
        on_click=_begin,
        args=(session,),
        icon=":material/share:" if player else ":material/radio_button_checked:",
        type="tertiary",
        help=None if player else words.RECORD_HELP,
    )
    if session.dialogs.is_open("record"):
        (_share_dialog if player else _dialog)(session)


def _begin(session: Session) -> None:
    """Fix the recording, so that it does not change while it is reviewed."""
    session.plays.problem, session.plays.made = "", None
    try:
        session.plays.made = player.recording if (player := session.plays.player) else recording_in_view(session)
    except Unreadable as refused:
        session.plays.problem = str(refused)
    tab.put(_TITLE, session.plays.made.title if session.plays.made else "")
    session.dialogs.open("record")


def recording_in_view(session: Session) -> Recording:
    """The conversation in view as a recording."""
    chat = session.chats.current
    if isinstance(chat, RaceChat):
        return _race(session, chat.race)
    agent = chat if isinstance(chat, Agent) else None

    def results(node: NodeId) -> Sequence[Result]:
        outcomes = [step.poll() for step in agent.loop.steps_at(node)] if agent else []
        return [Result(outcome.content, outcome.ok, outcome.seconds) for outcome in outcomes if outcome]

    return making.recording_of(
        chat.conversation.path(),
        session.exchanges.record,
        results,
        page="Tools" if agent else "Chat",
        title=session.chats.record().title,
        tools=chat.tools,
        emulated=bool(agent and agent.loop.rules.emulated),
    )


def _race(session: Session, race: Race) -> Recording:
    """Every lane with all of its settings."""
    paths = [lane.chat.conversation.path() for lane in race.lanes]
    lanes = list(zip(lane_settings(session, race), paths, strict=True))
    return making.recorded_race(lanes, session.exchanges.record, session.chats.record().title)


def lane_settings(session: Session, race: Race) -> list[Overrides]:
    """The full settings of each lane, independent of the sidebar."""
    each = [lane.changes.over(session.lanes.shared_settings) for lane in race.lanes]
    return [Overrides(None, own.model, own.parameters, own.system_prompt) for own in each]


def _on_close() -> None:
    session = Session.current()
    session.plays.problem, session.plays.made = "", None
    session.dialogs.close("record")


@st.dialog(words.RECORD_TITLE, width="medium", icon=":material/radio_button_checked:", on_dismiss=_on_close)
def _dialog(session: Session) -> None:
    _contents(session)


@st.dialog(words.SHARE_TITLE, width="medium", icon=":material/share:", on_dismiss=_on_close)
def _share_dialog(session: Session) -> None:
    _contents(session)


def _contents(session: Session) -> None:
    made = session.plays.made
    if made is None:
        st.warning(words.NO_RECORDING.format(reason=plain(session.plays.problem)), icon=":material/block:")
        return
    st.text_input(words.NAME, key=_TITLE, max_chars=document.TITLE)
    recording = replace(made, title=line(tab.value(_TITLE), document.TITLE) or made.title)
    try:
        answers = rehearse(document.recording(document.document(recording)))
    except Unreadable as refused:
        st.warning(words.NO_RECORDING.format(reason=plain(str(refused))), icon=":material/block:")
        return
    if places := secrets_in(recording, answers, session.connections.keys):
        _refusal(places)
        return
    st.caption(words.EXPLAINED)
    if recording.earlier:
        st.caption(words.EARLIER.format(count=len(recording.earlier)))
    _ways(session, recording)
    with st.expander(words.PREVIEW, icon=":material/visibility:"):
        st.json(document.document(recording), expanded=2)


def _refusal(places: Sequence[str]) -> None:
    lines = [f"- {plain(place)}" for place in places[:_PLACES]]
    if len(places) > _PLACES:
        lines.append(f"- {words.MORE_PLACES.format(count=len(places) - _PLACES)}")
    st.error(words.KEY_FOUND.format(places="\n".join(lines)), icon=":material/key_off:")


def _ways(session: Session, recording: Recording) -> None:
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            words.SAVE,
            data=lambda: document.export(recording).encode(),
            file_name="recording.json",
            mime="application/json",
            key="record.save",
            on_click="ignore",
            type="primary",
            icon=":material/download:",
        )
        if not session.plays.player and st.button(words.TRY, key="record.try", icon=":material/play_arrow:"):
            _on_close()
            session.plays.begin(recording)
            st.switch_page(PATHS[recording.page])
    address = f"{front_page()}?{link.ADDRESS}={link.encode(recording)}"
    if not share.fits(address):
        st.caption(words.LINK_TOO_LONG.format(length=len(address), limit=share.LIMIT))
        return
    st.caption(words.LINK_FITS.format(length=len(address)))
    st.code(address, language=None)
    copy_button(address, "record.copy")
