"""The sidebar: which model, what is asked of it, and where it runs."""

from __future__ import annotations

import streamlit as st

from backend import glossary
from components.glossary.switch import control_label
from components.guests import meter
from components.models.picker import picker
from components.session import widgets
from components.session.session import Session
from components.session.setup import Setup
from components.sidebar import words
from components.sidebar.connection import connection
from components.sidebar.parameters import panel
from components.sidebar.prompts import prompt_library


def sidebar(session: Session, setup: Setup, *, chats: bool = True) -> None:
    """Everything about the next request but its words, in the order in which it is used. `chats`: the page asks
    models of a chat; what others are asked is on their page."""
    # Each in a place of its own: a fragment is known by its place, and a click on the panel would be lost in the
    # moment in which a line above it comes or goes, as when the list of models has come (seen in a browser test).
    names = ("model", "first", "instructions", "more", "connection")
    model, first, instructions, more, where = (st.container(key=f"sidebar.{name}", gap="small") for name in names)
    with where:
        connection(session, setup)
    if not chats:
        return
    with model:
        picker(session, setup)
        meter.model_note(setup, session.models.catalogue(setup.connection))
    with instructions:
        _instructions(setup)
    panel(first, more)


def _instructions(setup: Setup) -> None:
    st.text_area(
        control_label("system_prompt"),
        key=widgets.SYSTEM_PROMPT,
        persist_state="session",
        placeholder=words.SYSTEM_PROMPT_PLACEHOLDER,
        height=84,
        help=glossary.named("system_prompt").means,
    )
    _folded(setup)
    prompt_library()


def _folded(setup: Setup) -> None:
    """A model without a system role gets the prompt in another way: said, because it changes what is sent."""
    if setup.values.system_prompt.strip() and setup.dialect.system == "folded":
        st.caption(words.SYSTEM_PROMPT_FOLDED)
