"""The sidebar: where the model runs, which model, and a loop over the parameter table."""

from __future__ import annotations

import streamlit as st

from backend import local
from components.elements.markdown import plain
from components.guests import meter
from components.models.picker import picker
from components.session import widgets
from components.session.connection import CONFIGURED
from components.session.connections import Connections
from components.session.services import configured
from components.session.session import Session
from components.session.setup import Setup
from components.sidebar import words
from components.sidebar.parameters import panel
from components.sidebar.prompts import prompt_library


def sidebar(session: Session, setup: Setup) -> None:
    """Everything about the next request but its words."""
    # Each in a place of its own: a fragment is known by its place, and a click on the panel would be lost in the
    # moment in which a line above it comes or goes, as when the list of models has come (seen in a browser test).
    with st.container(key="sidebar.connection"):
        _connection(session, setup)
    with st.container(key="sidebar.model"):
        picker(session, setup)
        meter.model_note(setup, session.models.catalogue(setup.connection))
    with st.container(key="sidebar.instructions"):
        _instructions(setup)
    panel()


# ---- where the model runs -------------------------------------------------------------------------------


def _connection(session: Session, setup: Setup) -> None:
    st.subheader(words.CONNECTION_TITLE, anchor=False)
    connections = session.connections
    st.selectbox(
        words.CONNECTION,
        list(connections.all),
        format_func=lambda id_: connections.all[id_].label if id_ in connections.all else str(id_),
        key=widgets.CONNECTION,
        on_change=connections.changed,
        persist_state="session",
        help=words.CONNECTION_HELP,
    )
    if setup.connection.is_local:
        _here(session, setup)
        return
    if setup.connection.takes_address:
        st.text_input(
            words.BASE_URL,
            key=widgets.BASE_URL,
            value=connections.base_url,
            on_change=connections.take_base_url,
            args=(widgets.BASE_URL,),
            placeholder=words.BASE_URL_PLACEHOLDER,
            help=words.BASE_URL_HELP,
        )
        if connections.address_problem:
            st.error(connections.address_problem)
        elif not connections.base_url:
            st.caption(words.BASE_URL_MISSING)
    _key(connections)
    if setup.connection.takes_address and not configured().shared:
        _headers(connections)
    _test(connections)


def _here(session: Session, setup: Setup) -> None:
    chosen = setup.local_model
    if problem := local.unavailable():
        st.warning(problem, icon=":material/computer:")
    elif chosen:
        st.caption(words.LOCAL_MODEL.format(model=chosen.label, about=chosen.about))
        for other in setup.local:
            if other.bytes > chosen.bytes:
                st.button(
                    words.BETTER_MODEL.format(size=other.size),
                    key=f"better.{other.id}",
                    on_click=session.models.choose,
                    args=(other.id,),
                    icon=":material/upgrade:",
                    help=words.BETTER_MODEL_HELP.format(model=other.label),
                    type="tertiary",
                )
    st.button(
        words.CONNECT.format(where=session.connections.configured.label),
        key="connect",
        on_click=session.connections.connect,
        args=(CONFIGURED,),
        icon=":material/key:",
        width="stretch",
        help=words.CONNECT_HELP,
    )


def _key(connections: Connections) -> None:
    """The state of the key and a field for one's own. The widget never holds a key longer than one run."""
    connection, state = connections.current, connections.key_state
    if state:
        st.caption(words.KEY_STATE.format(state=state))
    if connections.typed_key:
        st.button(words.FORGET_KEY, key="forget_key", on_click=connections.forget_key, type="tertiary")
        return
    label = words.API_KEY if not connection.endpoint.api_key else words.OWN_API_KEY
    st.text_input(
        label,
        key="key_typed",
        type="password",
        on_change=connections.take_key,
        args=("key_typed",),
        autocomplete="off",
        placeholder=words.API_KEY_PLACEHOLDER,
        help=words.API_KEY_HELP_AIMLAPI if connection.is_configured else words.API_KEY_HELP,
    )


def _headers(connections: Connections) -> None:
    """Headers that a company's gateway asks for. The widget never holds one longer than one run."""
    names = connections.header_names
    with st.expander(words.EXTRA_HEADERS, icon=":material/list_alt:"):
        if names:
            st.caption(words.HEADERS_SENT.format(names=plain(", ".join(names))))
            st.button(
                words.FORGET_HEADERS, key="forget_headers", on_click=connections.forget_headers, type="tertiary"
            )
        st.text_input(
            words.HEADER,
            key="header_typed",
            type="password",
            on_change=connections.take_header,
            args=("header_typed",),
            autocomplete="off",
            placeholder=words.HEADER_PLACEHOLDER,
            help=words.HEADER_HELP,
        )
        if connections.header_problem:
            st.error(plain(connections.header_problem))


def _test(connections: Connections) -> None:
    st.button(
        words.TEST_CONNECTION,
        key="test",
        on_click=connections.test,
        icon=":material/network_check:",
        width="stretch",
        disabled=not connections.current.endpoint.base_url,
    )
    if connections.check:
        works, message = connections.check
        (st.success if works else st.error)(plain(message))


# ---- what is asked of it --------------------------------------------------------------------------------


def _instructions(setup: Setup) -> None:
    st.text_area(
        words.SYSTEM_PROMPT,
        key=widgets.SYSTEM_PROMPT,
        persist_state="session",
        placeholder=words.SYSTEM_PROMPT_PLACEHOLDER,
        height=112,
    )
    _folded(setup)
    prompt_library()


def _folded(setup: Setup) -> None:
    """A model without a system role gets the prompt in another way: said, because it changes what is sent."""
    if setup.values.system_prompt.strip() and setup.dialect.system == "folded":
        st.caption(words.SYSTEM_PROMPT_FOLDED)
