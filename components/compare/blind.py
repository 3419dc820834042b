"""The mode Blind: the same question to anonymous lanes, a vote, and then the reveal.

Until then the browser receives nothing that identifies a lane: no model, settings, times, costs or reasoning, and
no
text before every lane has ended. The order is random (backend/compare/race.py).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import streamlit as st

from backend import errors
from backend.compare import self_naming
from backend.compare.lane import Lane
from backend.compare.race import Race
from backend.compare.saved_votes import SEEN
from backend.compare.votes import contestants, votes
from backend.conversation.tree import Node
from backend.store import StoreError
from backend.types import Failure
from components.chat import items
from components.chat.media import media
from components.chat.transcript import prepare
from components.compare import race as race_mode
from components.compare import words
from components.compare.lanes import lane_key, letter
from components.compare.live import tabs
from components.compare.race import Begun
from components.compare.vote_buttons import TROUBLE, choices, vote_result
from components.compare.wins import wins
from components.elements.markdown import plain
from components.elements.page_runs import PAGE_RUNS
from components.session import services, tab, widgets
from components.session.session import Session
from components.view import component
from components.view.component import Footer

_TICK = 0.1  # seconds between two checks whether all have ended


def enter(session: Session) -> None:
    """Switch to the mode: with copies of the lanes if their models have been shown."""
    race = session.chats.race_chat.race
    if race.has_question and not race.blind:
        session.chats.new()
    session.chats.race_chat.race.blind = True


def leave(session: Session) -> None:
    """Switch to the mode Race. A blind race that waits for a vote stays hidden, and stays in the history."""
    if session.chats.race_chat.race.hidden:
        session.chats.new()
    session.chats.race_chat.race.blind = False


def draw(session: Session) -> None:
    """Draw everything below the switch of modes."""
    begun = race_mode.begin(session)
    race = begun.race
    race.blind = True
    outcome = services.saved_votes(session.owner).outcome(session.chats.id) if race.has_question else None
    if outcome is not None:  # voted, perhaps in another tab
        race.reveal()
    if race.hidden:
        _hidden(session, begun)
        return
    race_mode.welcome(session, _greeting)
    with begun.over_box.container(key="blind.vote", gap="xsmall"):  # if the vote was just cast
        if race.has_question:
            vote_result(session, race, outcome or SEEN)
    race_mode.body(session, begun, below=lambda: wins(session))


def _greeting() -> None:
    st.html(Path(__file__).parents[1] / "empty.css")
    st.header(words.BLIND_TITLE, anchor=False)
    st.markdown(words.BLIND_EXPLAINED)


# ---- before the vote --------------------------------------------------------------------------------------


def _hidden(session: Session, begun: Begun) -> None:
    """Anonymous lanes, and the ways to vote."""
    race = begun.race
    session.close_inspector()
    race_mode.welcome(session, lambda: None)
    race_mode.refusal(race)
    running = race.running
    st.caption(words.BLIND_WAITS if running else words.BLIND_READY)
    with st.container(key="blind.lanes"):
        asked_of = {session.lanes.desk(lane).connection.id for lane in race.lanes}
        _lanes(race, running=running, tells=len(asked_of) > 1)
    with begun.over_box.container(key="blind.vote", gap="xsmall"):
        if not running:
            _ballot(session, race)
    prepare(begun.ahead)
    PAGE_RUNS.end()
    while race.running and not session.dialogs.any:
        time.sleep(_TICK)
        tab.breathe()
    if race.running != running:
        st.rerun()


def _lanes(race: Race, *, running: bool, tells: bool) -> None:
    state = "running" if running else "done"
    tabs(
        [
            {"lane": lane_key(race, lane), "name": words.BLIND_LANE.format(letter=letter(place)), "state": state}
            for place, lane in enumerate(race.lanes)
        ]
    )
    with st.container(key="lanes", gap=None):
        for place, lane in enumerate(race.lanes):
            key = lane_key(race, lane)
            with st.container(key=key, gap="small"):
                with st.container(key=f"{key}.head", gap=None):
                    st.markdown(words.BLIND_HEAD.format(letter=letter(place)))
                with st.container(key=f"{key}.about"):
                    pass
                with st.container(key=f"{key}.messages"):
                    _messages(lane, f"blind.{race.number}", running=running, tells=tells)


def _messages(lane: Lane, shown: str, *, running: bool, tells: bool) -> None:
    """The messages without metadata."""
    path = lane.chat.conversation.path()
    last = path[-1:] if running else []
    for node in path:
        if node in last and node.message.role == "assistant":
            st.caption(words.BLIND_ANSWERING)
        elif node.message.role == "assistant" and node.message.empty:
            st.caption(_no_answer(node.message.failure, tells=tells))
        else:
            _message(lane, node, shown)


def _no_answer(failure: Failure | None, *, tells: bool) -> str:
    """The reason as Markdown: the general message of this error class, as its own text may name the model. If
    lanes use different servers, the class itself `tells` which one it is.
    """
    title = errors.title(failure.kind) if failure else ""
    if not title:
        return words.BLIND_NO_ANSWER
    return words.BLIND_NO_ANSWER_TELLS if tells else words.BLIND_NO_ANSWER_WHY.format(title=plain(title))


def _message(lane: Lane, node: Node, shown: str) -> None:
    item = items.item(lane.chat, node)
    bare = replace(item, reasoning="", ending=None, notices=(), sources=(), footer=Footer(("copy",)))
    component.draw([bare], widgets.segment(node.id, "whole"), lambda: None, conversation=shown)
    media(node.message, str(node.id))


# ---- the vote ---------------------------------------------------------------------------------------------


def _ballot(session: Session, race: Race) -> None:
    """The ways to vote; or why a vote is impossible, and the button to reveal."""
    if trouble := tab.value(TROUBLE):
        st.warning(plain(str(trouble)), icon=":material/sync_problem:")
    why_not = _why_not(session, race)
    if why_not:
        st.info(why_not, icon=":material/how_to_vote:")
    with st.container(horizontal=True, gap="small", key="blind.choices"):
        for choice in [] if why_not else choices(len(race.lanes)):
            st.button(
                choice.label,
                key=f"blind.{choice.outcome}",
                icon=f":material/{choice.icon}:",
                on_click=partial(_vote, session, race, choice.outcome),
            )
        if lacking := [lane for lane in race.lanes if lane.answer and not _is_complete(lane)]:
            st.button(
                words.BLIND_ASK_AGAIN,
                key="blind.ask_again",
                icon=":material/refresh:",
                on_click=_ask_again,
                args=(race, lacking),
            )
        st.button(
            words.REVEAL,
            key="blind.reveal",
            type="tertiary",
            icon=":material/visibility:",
            on_click=partial(_reveal, session, race),
        )


def _is_complete(lane: Lane) -> bool:
    return lane.state == "done" and lane.newest is not None and not lane.newest.empty


def _ask_again(race: Race, lacking: Sequence[Lane]) -> None:
    """Regenerate the answer in lanes without a complete one. They keep their identity."""
    for lane in lacking:
        if not lane.chat.running:
            race.regenerate(lane)


def _why_not(session: Session, race: Race) -> str:
    """Why a vote on these answers would not count; "" if it would."""
    if not all(map(_is_complete, race.lanes)):
        return words.NOT_COMPLETE
    if len({one.name for one in contestants(race.lanes, session.lanes.shared_settings)}) < 2:
        return words.ALL_THE_SAME
    naming_itself = [letter(place) for place, lane in enumerate(race.lanes) if _names_itself(session, lane)]
    setups = [session.lanes.desk(lane).setup for lane in race.lanes]
    if naming_itself and len({setup.model for setup in setups}) > 1:
        return words.NAMES_ITSELF.format(letters=", ".join(naming_itself))
    return ""


def _names_itself(session: Session, lane: Lane) -> bool:
    setup = session.lanes.desk(lane).setup
    known = setup.listing.find(setup.model)
    names = self_naming.names(setup.model, known.developer if known.id == setup.model else "")
    texts = [items.item(lane.chat, node).text for node in lane.chat.conversation.path() if _answers(node)]
    return self_naming.contains_name(texts, names)


def _answers(node: Node) -> bool:
    return node.message.role == "assistant"


def _vote(session: Session, race: Race, outcome: str) -> None:
    """Store a vote, and reveal. One that was cast in another tab stays."""
    if not race.hidden or race.running or _why_not(session, race):
        return
    turn = sum(_answers(node) for node in race.lanes[0].chat.conversation.path())
    best = int(outcome) if outcome.isdecimal() else outcome
    pairs = votes(session.chats.id, contestants(race.lanes, session.lanes.shared_settings), best, turn, time.time())
    try:
        services.saved_votes(session.owner).cast(session.chats.id, outcome, pairs)
    except StoreError as error:
        tab.put(TROUBLE, str(error))
        return
    tab.drop(TROUBLE)
    race.reveal()


def _reveal(session: Session, race: Race) -> None:
    """Reveal without a vote: then none can be cast any more."""
    if race.hidden and not race.running:
        with suppress(StoreError):  # the race itself records that it was revealed, too
            services.saved_votes(session.owner).cast(session.chats.id, SEEN)
        tab.drop(TROUBLE)
        race.reveal()
