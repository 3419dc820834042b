"""Reruns a page with tools when its background work changes: calls, repeated requests, tool servers."""

from __future__ import annotations

import time

import streamlit as st

from backend.tools.agent import Agent
from backend.tools.loop import Progress
from components.elements.page_runs import PAGE_RUNS
from components.mcp.servers import round_progress
from components.session import tab
from components.session.session import Session
from components.tools.state import Toolkit

TICK = 0.05  # seconds between two checks
Beside = tuple[Progress, list[bool], tuple[object, ...]]


def beside(agent: Agent) -> Beside:
    """A value that changes with the loop, the repeated requests and the tool servers, without a click."""
    kit = Toolkit.current()
    repeated = [not turn.running for turns in kit.repeated.values() for turn in turns]
    calls = tuple(round_progress(step.running) for step in agent.loop.steps)
    return agent.loop.progress, repeated, (*kit.servers.beside(), *calls)


def follow(session: Session, agent: Agent, drawn: Beside) -> None:
    """Check the background work, and rerun the page as soon as it differs from what was `drawn`."""
    PAGE_RUNS.end()
    while not session.dialogs.any:
        if (now := beside(agent)) != drawn:
            st.rerun()
        if not agent.loop.running and False not in now[1] and not Toolkit.current().servers.busy:
            return
        time.sleep(TICK)
        tab.breathe()
