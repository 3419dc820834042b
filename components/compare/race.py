"""The mode Race of the Compare page: lanes side by side that answer the same questions, with one composer for
all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from backend.answer.turn import Turn
from backend.compare.race import MOST, Race
from backend.compare.verdict import Verdict, verdict
from backend.conversation.tree import NodeId
from components.chat.bar import bar
from components.chat.carrier import Carrier
from components.chat.composer import composer
from components.chat.missing import missing
from components.chat.page_feed import follow
from components.chat.transcript import prepare
from components.compare import starters, words
from components.compare.lanes import chips_of_all, lanes
from components.demos.player_bar import player_bar
from components.demos.shelf import open_shelf, way_in
from components.elements.markdown import plain
from components.history.opened_link import notice
from components.inspector.dialog import inspector
from components.notices import missing as missing_conversation
from components.session.session import Session
from components.view.component import Ahead


@dataclass(frozen=True)
class Begun:
    """The state of a run before the lanes are drawn. `over_box`: the container above the composer."""

    race: Race
    running: dict[NodeId, Turn]
    ahead: Ahead
    over_box: DeltaGenerator


def draw(session: Session) -> None:
    """Draw all that is below the switch of modes."""
    begun = begin(session)
    welcome(session, lambda: _greeting(session))
    body(session, begun)


def begin(session: Session) -> Begun:
    """Settle what has ended and send queued messages; draw the bar and the composer."""
    over_box = st.bottom.container()
    notice(session, over_box)
    session.chats.put_address()
    race = session.chats.race_chat.race
    starters.line_up(session, race)
    player = session.plays.player
    session.chats.current.advance(session.asker.ask)
    session.composer.hold_back()
    _give_back(session, race)
    running = running_answers(race)
    untitled = player.recording.title if player else words.UNTITLED
    bar(session, untitled, new=words.NEW_RACE, share=not race.hidden)
    open_shelf(session)
    player_bar(session, over_box)
    label = words.ASK_OWN if race.played else _label(race)
    return Begun(
        race, running, composer(session, session.setup, over_box, label=label, stop=words.STOP_ALL), over_box
    )


def welcome(session: Session, greeting: Callable[[], None]) -> None:
    """The empty page, in a container that always exists."""
    empty = not session.chats.current.conversation.path()
    with st.container(key="welcome" if empty else "no_welcome"):
        if empty:
            greeting()


def body(session: Session, begun: Begun, below: Callable[[], None] = lambda: None) -> None:
    """The lanes, and what is `below` them. Follows running answers."""
    race, running = begun.race, begun.running
    refusal(race)
    here = [lane for lane in race.lanes if session.lanes.desk(lane).setup.connection.is_local]
    found = verdict([lane.newest for lane in race.lanes], shared=len(here) > 1)
    _line(session, race, found)
    inspector(session)
    lanes(session, race, found)
    with st.container(key="race.below"):
        below()
    prepare(begun.ahead)  # after the lanes: what the browser shows in advance goes to the end
    if running and follow(running, lambda: session.dialogs.any or Carrier.current().is_read()):
        st.rerun()
    if running_answers(race).keys() != running.keys():  # an answer began or ended during this run
        st.rerun()


def _label(race: Race) -> str:
    return words.MESSAGE_TO_BOTH if len(race.lanes) == 2 else words.MESSAGE_TO_ALL.format(count=len(race.lanes))


def running_answers(race: Race) -> dict[NodeId, Turn]:
    """The running answers, by their messages."""
    return {lane.answer.id: lane.turn for lane in race.lanes if lane.answer and lane.turn}


def _give_back(session: Session, race: Race) -> None:
    """Put a question that was sent to no lane back into the message box, with its attachments."""
    if race.refused and race.refused is not session.lanes.given_back:
        session.lanes.given_back = race.refused
        session.composer.draft = race.refused[0].content
        session.composer.pending.keep(race.refused[0])


def _greeting(session: Session) -> None:
    """What this page is for, and ready-made races to look at."""
    st.html(Path(__file__).parents[1] / "empty.css")
    st.header(words.TITLE, anchor=False)
    st.markdown(words.EXPLAINED)
    missing_conversation(session.chats)
    if not session.composer.pending.held:
        missing(session, session.setup)
    with st.container(key="examples"):
        for name, label, icon, begin in (
            ("temperatures", words.TEMPERATURES, "thermostat", starters.temperatures),
            ("prompts", words.PROMPTS, "edit_note", starters.prompts),
        ):
            key, picture = f"starter.{name}", f":material/{icon}:"
            st.button(label, key=key, on_click=begin, args=(session,), icon=picture, width="stretch", wrap=True)
    way_in(session, "greeting.shelf")


def refusal(race: Race) -> None:
    """Why no lane was asked."""
    with st.container(key="race.refused"):
        if race.refused:
            error = race.refused[1]
            st.error(
                words.REFUSED.format(title=plain(error.title), hint=plain(error.hint)), icon=":material/error:"
            )


def _line(session: Session, race: Race, found: Verdict | None) -> None:
    """Above the lanes: their common differences, notices, and a button for one more lane."""
    with st.container(key="race.line", horizontal=True, vertical_alignment="center", gap="small"):
        told = [words.LANES_OF.format(count=len(race.lanes))]
        if common := chips_of_all(session, race):
            told.append(words.ALL_WITH.format(chips=common))
        if found and found.first.why == "shared":
            told.append(words.SHARED_COMPUTER)
        if found and found.cost.why == "unknown":
            told.append(words.COST_UNKNOWN)
        st.caption(" · ".join(told), width="stretch")
        if race.played:
            return
        st.button(
            words.ADD_LANE,
            key="race.add",
            on_click=_add,
            args=(session, race),
            disabled=len(race.lanes) >= MOST,
            icon=":material/add:",
            type="tertiary",
        )


def _add(session: Session, race: Race) -> None:
    if len(race.lanes) < MOST:  # a double click comes twice
        race.add(starters.one_more(session, race))
