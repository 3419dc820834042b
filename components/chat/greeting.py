"""An empty page says what this is, what answers, and what one could ask; what is missing for that is asked for here."""

from __future__ import annotations

import streamlit as st

from backend import local
from components.chat import words
from components.chat.examples import examples
from components.elements.markdown import plain
from components.session.connection import LOCAL
from components.session.session import Session
from components.session.setup import Setup
from components.sidebar.prompts import opener

_ICONS = (":material/lightbulb:", ":material/edit_note:", ":material/code:", ":material/cake:")  # of the examples
_KEY, _ADDRESS = "greeting.key", "greeting.address"  # the fields


def greeting(session: Session) -> None:
    """Draw it."""
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
        _missing(session)
    examples(session.composer, tuple(zip(_ICONS, words.EXAMPLES, strict=True)))
    opener("greeting", words.MORE_PROMPTS)


def _who_answers(setup: Setup) -> str:
    if setup.model:
        template = words.KEY_FIRST if setup.connection.needs_key else words.ANSWERS
        return template.format(model=plain(setup.model), where=plain(setup.connection.label))
    if setup.endpoint.base_url:
        return words.CHOOSE_MODEL
    return words.TYPE_ADDRESS


def _missing(session: Session) -> None:
    """Without an address or a key nothing is answered: asked for right here, on a phone the sidebar is out of sight.

    No field holds a key longer than one run.
    """
    connections, missing = session.connections, session.composer.missing
    if missing not in ("address", "key"):
        return
    with st.container(key="greeting.missing", gap="small"):
        if missing == "key":
            st.text_input(
                words.KEY,
                key=_KEY,
                type="password",
                on_change=connections.take_key,
                args=(_KEY,),
                autocomplete="off",
                placeholder=words.KEY_PLACEHOLDER,
                help=words.GREETING_KEY_HELP,
            )
        else:
            st.text_input(
                words.ADDRESS,
                key=_ADDRESS,
                on_change=connections.take_base_url,
                args=(_ADDRESS,),
                placeholder=words.ADDRESS_PLACEHOLDER,
            )
            if connections.address_problem:
                st.error(connections.address_problem)
        if local.unavailable() is None:
            use = connections.connect
            st.button(words.USE_LOCAL, key="greeting.local", on_click=use, args=(LOCAL,), icon=":material/computer:")
