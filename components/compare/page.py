"""The Compare page: a switch of modes, and below it the chosen mode."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from backend.compare.suite import job as suite_job
from components.compare import words
from components.compare.modes import MODES, Mode
from components.compare.opened_setup import take_in
from components.notices import changed_elsewhere, saving_trouble
from components.session import tab
from components.session.session import Session
from components.session.suites import SuiteDesk

_STYLE = Path(__file__).parent / "compare.css"
_SWITCH = "compare.mode"
_CHOSEN = "compare.chosen"  # the mode, and the number of the race in view at that time


def compare(session: Session) -> None:
    """Draw the page."""
    st.html(_STYLE)
    saving_trouble()
    changed_elsewhere(session.chats)
    if opened := take_in(session):
        tab.put(_CHOSEN, (opened, session.chats.race_chat.race.number))
    mode = _mode(session)
    if len(MODES) > 1:
        tab.put(_SWITCH, mode.id)
        st.segmented_control(
            words.MODE,
            [known.id for known in MODES],
            required=True,
            key=_SWITCH,
            format_func={known.id: known.label for known in MODES}.__getitem__,
            label_visibility="collapsed",
            on_change=_choose,
            args=(session,),
        )
    mode.draw(session)


def _mode(session: Session) -> Mode:
    """The chosen mode, as long as the same conversation is in view; otherwise the one it belongs to."""
    race = session.chats.race_chat.race
    chosen, number = tab.value_as(tuple, _CHOSEN) or ("", 0)
    if number != race.number or (chosen == "race" and race.hidden):
        chosen = "blind" if race.blind else "race"
        if race.number == tab.one(SuiteDesk).race and not race.has_question:
            chosen = "suite"
    if kind := session.experiments.kind_in_view:  # an address that names one, even in a new tab
        chosen = "suite" if kind == suite_job.KIND else "explorer"
        tab.put(_CHOSEN, (chosen, race.number))
    return next((mode for mode in MODES if mode.id == chosen), MODES[0])


def _choose(session: Session) -> None:
    session.experiments.show("")
    chosen = tab.value(_SWITCH)
    for mode in MODES:
        if mode.id == chosen:
            mode.enter(session)
    tab.put(_CHOSEN, (chosen, session.chats.race_chat.race.number))
