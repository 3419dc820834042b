"""What runs beside a page with tools: calls, and repeated requests. The page is drawn again when one has ended."""

from __future__ import annotations

import time

import streamlit as st

from backend.tools.agent import Agent
from backend.tools.loop import Progress
from components.session import tab
from components.session.session import Session
from components.tools.state import Toolkit

TICK = 0.05  # seconds between two looks at what runs
Beside = tuple[Progress, list[bool]]


def beside(agent: Agent) -> Beside:
    """How far the loop is, and which answers of repeated requests have ended: what changes without a click."""
    repeated = Toolkit.current().repeated.values()
    return agent.loop.progress, [not turn.running for turns in repeated for turn in turns]


def follow(session: Session, agent: Agent, drawn: Beside) -> None:
    """Look at what runs beside the page, and draw it again as soon as something is not as it was `drawn`."""
    while not session.dialogs.any:
        if (now := beside(agent)) != drawn:
            st.rerun()
        if not agent.loop.running and False not in now[1]:
            return
        time.sleep(TICK)
        tab.breathe()
