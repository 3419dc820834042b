"""A page that is drawn again when something in the background has ended. Nothing is asked here."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

_GLANCE = 1.0  # seconds between two glances


def watch(*waits: Callable[[float], bool]) -> bool:
    """Does one of them still wait? Then the page is drawn again when none does (`wait(0)` is true when it is over).

    The timer lives only until then. A glance is a fragment: it waits for an answer in mid-stream to end, and
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
