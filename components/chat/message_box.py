"""Draws the message box at the beginning of a page: one can type while the rest is being drawn."""

from __future__ import annotations

import time
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.chat.composer import composer
from components.chat.transcript import live
from components.demos import words as demo_words
from components.elements.page_runs import PAGE_RUNS
from components.elements.streamlit_internals import is_served
from components.session import tab, widgets
from components.session.pages import PATHS
from components.session.session import Session
from components.session.setup import Setup
from components.view.component import Ahead

# Seconds in which a browser renders the box. It renders when nothing more arrives for a moment: a box followed
# directly by the rest was rendered together with the end of the rest.
_TO_BE_SHOWN = 0.2


@dataclass(frozen=True)
class MessageBox:
    """The box of this run: the container `over` it, the cost `ahead` of the next message, and whether an answer
    was `running` when it was drawn.
    """

    over: DeltaGenerator
    ahead: Ahead
    running: bool


class Beginning:
    """Draws the box once per run, for the first caller: the frame of the front page, or otherwise the
    conversation.
    """

    def __init__(self) -> None:
        self._box: MessageBox | None = None

    def box(self, session: Session, setup: Setup | None = None) -> MessageBox:
        """Settle ended answers and send queued messages, then draw the box. `setup`: called before the settings
        are needed.
        """
        if self._box is None:
            self._box = _draw(session, setup or session.setup)
        return self._box

    def at_once(self, session: Session, setup: Setup) -> None:
        """The same. In a new tab with an empty chat, the browser gets a moment to render it."""
        is_new = not tab.value(widgets.COMPOSER_DRAWN)
        self.box(session, setup)
        if is_new and is_served() and not session.chats.current.conversation.path():
            with PAGE_RUNS.paused():
                time.sleep(_TO_BE_SHOWN)


def _draw(session: Session, setup: Setup) -> MessageBox:
    if family := session.chains.go():
        st.switch_page(PATHS["Studio"], query_params={"family": family})
    # One place for all that comes and goes over the message box: pushed to another place by it, the box was made
    # anew on a slow page, and lost its files (5 of 14 pasted pictures when a link was attached too, none since).
    over_box = st.bottom.container()
    over = over_box.container()  # filled later
    session.chats.put_address()  # before the answer: a reload during streaming finds it again
    session.chats.current.advance(session.asker.asking(setup))
    session.composer.hold_back()
    running = live(session.chats.current) is not None
    label = demo_words.ASK_ON if session.plays.player else ""
    return MessageBox(over, composer(session, setup, over_box, label=label), running)
