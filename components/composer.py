"""Where the visitor writes: the input at the bottom, Stop while an answer runs, messages that wait."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.markdown import plain
from components.session import Session


def composer(session: Session) -> DeltaGenerator:
    """Draw the composer. Gives the slot that holds Stop, to be emptied when the answer has ended."""
    session.fill_composer()
    slot = st.bottom.empty()
    # Not inside st.bottom: only where Streamlit puts the input there itself does the page follow an answer.
    st.chat_input(
        f"Message {session.model_name or 'the model'}"[:80],
        key="composer",
        on_submit=_submitted,
    )
    if session.unsent:
        _unsent(session)
    if session.chat.running:
        with slot.container(horizontal=True, vertical_alignment="center", key="stop_row"):
            st.button("Stop", key="stop", on_click=session.stop, icon=":material/stop_circle:", shortcut="Esc")
            if waiting := len(session.chat.queue):
                next_up = plain(session.chat.queue[0][:60])
                st.caption(f"Next: {next_up}" + (f" (+{waiting - 1})" if waiting > 1 else ""))
    return slot


def _unsent(session: Session) -> None:
    """Messages that waited when the visitor pressed Stop: nothing typed is lost, and nothing is sent unasked."""
    with st.bottom.container(horizontal=True, vertical_alignment="center", key="unsent"):
        more = f" (+{len(session.unsent) - 1})" if len(session.unsent) > 1 else ""
        st.caption(f"Not sent: {plain(session.unsent[0][:60])}{more}")
        st.button("Send it", key="send_unsent", on_click=session.send_unsent, type="tertiary")
        st.button("Discard", key="discard_unsent", on_click=session.discard_unsent, type="tertiary")


def _submitted() -> None:
    session = Session.current()
    session.send(session.submitted("composer"))
