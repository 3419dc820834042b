"""Reruns a page when background work has ended. Nothing is requested here."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

_GLANCE = 1.0  # seconds between two checks


def watch(*waits: Callable[[float], bool]) -> bool:
    """Rerun the page when all of these have ended (`wait(0)` is true then); returns whether one is still running.

    The timer exists only until then. A check is a fragment: it waits for a streaming answer to end, and
    disturbs nothing (Streamlit never interrupts a script for one).
    """
    if all(wait(0) for wait in waits):
        return False

    @st.fragment(run_every=_GLANCE)
    def glance() -> None:
        if all(wait(0) for wait in waits):
            st.rerun()

    glance()
    return True
