"""A race on the stage, live or recorded: its lanes side by side, without settings."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from backend.compare.race import Race
from backend.compare.verdict import verdict
from components.chat.carrier import Carrier
from components.chat.page_feed import follow
from components.compare.lanes import lanes
from components.compare.race import running_answers
from components.session.session import Session

_HERE = Path(__file__).parent
_STYLE = _HERE / "race.css"
_LANES_STYLE = _HERE.parent / "compare" / "compare.css"


def race(session: Session, shown: Race) -> None:
    """Draw it, and follow what is running."""
    st.html(_LANES_STYLE)
    st.html(_STYLE)
    running, costs = running_answers(shown), session.chats.view.costs
    for lane in shown.lanes:
        view = session.lanes.desk(lane).chats.view
        view.on_stage, view.costs = True, False  # its cost is on its head
    lanes(session, shown, verdict([lane.newest for lane in shown.lanes]), costs=costs, bare=True)
    if running and follow(running, lambda: session.dialogs.any or Carrier.current().is_read()):
        st.rerun()
    if running_answers(shown).keys() != running.keys():  # an answer began or ended during this run
        st.rerun()
