"""The ways to vote on a blind race, and its result after the vote."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from backend.compare.race import Race
from backend.compare.saved_votes import TAKEN_BACK
from backend.compare.votes import BAD, TIE
from backend.store import StoreError
from components.compare import words
from components.compare.lanes import letter
from components.elements.markdown import plain
from components.session import services, tab
from components.session.session import Session

TROUBLE = "blind.trouble"  # why a vote could not be stored, or withdrawn


@dataclass(frozen=True)
class Choice:
    """One way to vote."""

    outcome: str
    label: str
    icon: str


def choices(count: int) -> list[Choice]:
    """The ways to vote on this many lanes."""
    best = words.BETTER if count == 2 else words.BEST
    lanes = [Choice(str(place), best.format(letter=letter(place)), "thumb_up") for place in range(count)]
    both = words.BOTH_BAD if count == 2 else words.ALL_BAD
    return [*lanes, Choice(TIE, words.TIE, "drag_handle"), Choice(BAD, both, "thumb_down")]


def vote_result(session: Session, race: Race, outcome: str) -> None:
    """The vote, a button to withdraw it, and one for the next race. The models are on the heads of the lanes."""
    if trouble := tab.value(TROUBLE):
        st.warning(plain(str(trouble)), icon=":material/sync_problem:")
    labels = {choice.outcome: choice.label for choice in choices(len(race.lanes))}
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="blind.outcome"):
        st.markdown(_outcome(outcome, labels), width="stretch")
        if outcome in labels:
            st.button(
                words.TAKE_BACK,
                key="blind.take_back",
                type="tertiary",
                icon=":material/undo:",
                on_click=_take_back,
                args=(session, session.chats.id),
            )
        st.button(
            words.VOTE_AGAIN,
            key="blind.again",
            type="primary",
            icon=":material/how_to_vote:",
            on_click=session.chats.new,
        )


def _outcome(outcome: str, labels: dict[str, str]) -> str:
    if outcome in labels:
        return words.VOTED.format(vote=labels[outcome])
    return words.VOTE_TAKEN_BACK if outcome == TAKEN_BACK else words.NOT_VOTED


def _take_back(session: Session, question: str) -> None:
    try:
        services.saved_votes(session.owner).take_back(question)
        tab.drop(TROUBLE)
    except StoreError as error:
        tab.put(TROUBLE, str(error))
