"""The empty page: what this is, which model answers, example prompts, and a field for what is missing."""

from __future__ import annotations

from functools import partial

import streamlit as st

from backend import local
from components.chat import words
from components.chat.examples import examples
from components.chat.missing import missing
from components.compare import starters
from components.demos.shelf import way_in
from components.elements.markdown import plain
from components.glossary.glossary import glossary_button
from components.session.pages import COMPARE, PATHS
from components.session.session import Session
from components.session.setup import Setup
from components.sidebar.prompts import opener

# number of examples
_ICONS = (":material/lightbulb:", ":material/edit_note:", ":material/code:", ":material/cake:")


def greeting(session: Session) -> None:
    """Draw the empty page."""
    st.header(words.GREETING_TITLE, anchor=False)
    setup = session.setup
    if setup.connection.is_local and (problem := local.unavailable()):
        st.warning(problem, icon=":material/computer:")
        st.markdown(words.CONNECT_INSTEAD)
    elif setup.connection.is_local:
        name = setup.local_model.label if setup.local_model else words.SMALL_MODEL
        st.markdown(words.ANSWERS_HERE.format(model=name))
    else:
        st.markdown(_who_answers(setup))
        if not session.composer.pending.held:  # there it is asked for beside the waiting message
            missing(session, setup)
    examples(
        session.composer.send, tuple(zip(_ICONS, words.EXAMPLES, strict=True)), partial(_temperatures, session)
    )
    with st.container(horizontal=True, gap="small", key="greeting.more"):
        opener("greeting", words.MORE_PROMPTS)
        way_in(session, "greeting.shelf")
        glossary_button(session, "greeting.glossary")


def _temperatures(session: Session) -> None:
    """A card that opens the Compare page, where the question is asked."""
    label, icon = words.TEMPERATURES, ":material/thermostat:"
    if st.button(label, key="wide.temperatures", icon=icon, width="stretch", wrap=True):
        starters.temperatures(session)
        st.switch_page(PATHS[COMPARE])


def _who_answers(setup: Setup) -> str:
    if setup.model:
        template = words.KEY_FIRST if setup.connection.needs_key else words.ANSWERS
        return template.format(model=plain(setup.model), where=plain(setup.connection.label))
    if setup.endpoint.base_url:
        return words.CHOOSE_MODEL
    return words.TYPE_ADDRESS
