"""Where the visitor writes: the input at the bottom, Stop while an answer runs, messages that wait."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from backend.attachments import BYTES
from backend.types import Message
from components.chat import spending
from components.chat.attach import more, waiting
from components.elements.markdown import plain
from components.session import tab
from components.session.session import Session

_DRAWN = "composer.drawn"  # in this tab, by this process


@dataclass(frozen=True)
class Composer:
    """The parts of the composer that change when an answer has ended."""

    stop: DeltaGenerator
    spent: DeltaGenerator

    def ended(self, session: Session) -> None:
        """No answer runs any more: nothing to stop, and its cost is known."""
        self.stop.empty()
        with self.spent.container():
            spending.draw(session)


def composer(session: Session) -> Composer:
    """Draw the composer."""
    session.fill_composer()
    slot = st.bottom.empty()
    waiting(session)
    name = session.model_name.rpartition("/")[2]  # with the developer it takes two lines on a telephone
    # Not inside st.bottom: only where Streamlit puts the input there itself does the page follow an answer.
    sent = st.chat_input(
        f"Message {name[:60] or 'the model'}",
        key="composer",
        accept_file="multiple",
        accept_audio=True,
        max_upload_size=BYTES // 1024**2,
        on_submit=_submitted,
    )
    if sent is not None and not tab.value(_DRAWN):
        # Sent from a page that another process has drawn, which is gone: nobody was called, and the words are here.
        session.submitted("composer")
    tab.put(_DRAWN, True)
    with st.bottom.container(horizontal=True, vertical_alignment="center", key="toolbar"):
        more(session)
        spent = st.empty()
    with spent.container():
        spending.draw(session)
    if session.unsent:
        _unsent(session)
    if session.chat.running:
        with slot.container(horizontal=True, vertical_alignment="center", key="stop_row"):
            st.button("Stop", key="stop", on_click=session.stop, icon=":material/stop_circle:", shortcut="Esc")
            if queue := session.chat.queue:
                st.caption(f"Next: {_list(queue)}")
    return Composer(slot, spent)


def _unsent(session: Session) -> None:
    """Messages that waited when the visitor pressed Stop: nothing typed is lost, and nothing is sent unasked."""
    with st.bottom.container(horizontal=True, vertical_alignment="center", key="unsent"):
        st.caption(f"Not sent: {_list(session.unsent)}")
        st.button("Send it", key="send_unsent", on_click=session.send_unsent, type="tertiary")
        st.button("Discard", key="discard_unsent", on_click=session.discard_unsent, type="tertiary")


def _list(messages: list[Message]) -> str:
    """The first of some messages, and how many more there are."""
    first = messages[0].content or ", ".join(media.name for media in messages[0].media)
    return plain(first[:60]) + (f" (+{len(messages) - 1})" if len(messages) > 1 else "")


def _submitted() -> None:
    Session.current().submitted("composer")
