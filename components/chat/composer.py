"""The composer: the input at the bottom, Stop while an answer runs, queued messages."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from backend.attachments import BYTES
from backend.types import Message
from components.chat import read_aloud, spending, words
from components.chat.attach import more, waiting
from components.chat.transcript import announce
from components.elements.markdown import plain
from components.elements.page_runs import PAGE_RUNS
from components.session import tab, widgets
from components.session.session import Session
from components.session.setup import Missing, Setup
from components.view.component import Ahead


def composer(
    session: Session,
    setup: Setup,
    over_box: DeltaGenerator,
    *,
    label: str = "",
    stop: str = words.STOP,
    toolbar: bool = True,
) -> Ahead:
    """Draw the composer; waiting items go into `over_box`, the container above it. `label` is the placeholder,
    "" names the model; `stop` the label of the stop button; below the box is a `toolbar`. Returns the cost of
    the next message without what is typed.
    """
    session.composer.fill()
    slot = over_box.empty()
    waiting(session, over_box)
    read_aloud.draw(session, over_box)
    name = setup.model_name.rpartition("/")[2]  # with the developer it takes two lines on a phone
    # Not inside st.bottom: only where Streamlit puts the input there itself does the page follow an answer.
    sent = st.chat_input(
        label or words.MESSAGE_TO.format(model=name[:60] or words.THE_MODEL),
        key=widgets.COMPOSER,
        accept_file="multiple",
        accept_audio=True,
        max_upload_size=BYTES // 1024**2,
        on_submit=_on_submit,
    )
    if sent is not None and not tab.value(widgets.COMPOSER_DRAWN):
        # Sent from a page drawn by a process that has ended: no callback ran, and the text is here.
        # Rerun the page, as after a callback: the answer may have ended before the rest of this run is drawn.
        tab.put(widgets.COMPOSER_DRAWN, True)
        session.composer.process_submission()
        st.rerun()
    tab.put(widgets.COMPOSER_DRAWN, True)
    ahead = spending.UNTOLD
    if toolbar:
        with st.bottom.container(horizontal=True, vertical_alignment="center", wrap=False, key="toolbar"):
            more(session)
            ahead = spending.draw(session, setup)
    if session.chats.current.queued.held_messages:
        _unsent_messages(session, setup.missing, over_box)
    if session.chats.current.running:
        with slot.container(horizontal=True, vertical_alignment="center", key="stop_row"):
            st.button(
                stop,
                key="stop",
                on_click=session.composer.stop,
                args=(session.chats.current,),
                icon=":material/stop_circle:",
                shortcut="Esc",
            )
            if queue := session.chats.current.queued.waiting:
                st.caption(words.QUEUED.format(messages=_list(queue)))
    return ahead


def _unsent_messages(session: Session, missing: Missing | None, over_box: DeltaGenerator) -> None:
    """Messages queued behind an answer that was stopped or interrupted: nothing typed is lost, and nothing is
    sent without a click.
    """
    composer, messages = session.composer, session.chats.current.queued.held_messages
    with over_box.container(horizontal=True, vertical_alignment="center", key="unsent"):
        st.caption(words.NOT_SENT.format(messages=_list(messages)))
        with st.container(horizontal=True, width="content", wrap=False):
            st.button(
                words.SEND_IT if len(messages) == 1 else words.SEND_THEM,
                key="send_unsent",
                on_click=composer.send_unsent,
                type="tertiary",
                disabled=missing is not None,
                help=words.MISSING[missing] if missing else None,
            )
            st.button(words.EDIT_HELD, key="edit_unsent", on_click=composer.edit_unsent, type="tertiary")
            st.button(words.DISCARD, key="discard_unsent", on_click=composer.discard_unsent, type="tertiary")


def _list(messages: list[Message]) -> str:
    """The first few messages, and how many more there are."""
    first = messages[0].content or ", ".join(media.name for media in messages[0].media)
    if len(messages) == 1:
        return plain(first[:60])
    return words.FIRST_OF_SEVERAL.format(first=plain(first[:60]), more=len(messages) - 1)


def _on_submit() -> None:
    with PAGE_RUNS.sending():
        session = Session.current()
        session.composer.process_submission()
        announce(session)
