"""The sidebar: the model, its settings, and its connection."""

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
    """Everything about the next request except its text, in order of use. `chats`: the page uses chat models;
    other pages have their own model choice.
    """
    # Each in a container of its own: a fragment is identified by its position, and a click on the panel would be
    # lost
    # when a line above it appears or vanishes, as when the list of models has loaded (seen in a browser test).
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
        help=glossary.term_of("system_prompt").means,
    )
    _folded(setup)
    prompt_library()


def _folded(setup: Setup) -> None:
    """A note that a model without a system role gets the prompt in another way: it changes what is sent."""
    if setup.values.system_prompt.strip() and setup.dialect.system == "folded":
        st.caption(words.SYSTEM_PROMPT_FOLDED)
