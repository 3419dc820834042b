"""The connection: one line, and behind it the servers to choose from, their addresses and keys."""

from __future__ import annotations

import streamlit as st

from backend import local
from components.elements.markdown import plain
from components.glossary.switch import control_label
from components.session import tab, widgets
from components.session.connection import CONFIGURED, Connection
from components.session.connections import Connections
from components.session.models import local_label
from components.session.services import configured
from components.session.session import Session
from components.session.setup import Setup
from components.sidebar import words


def connection(session: Session, setup: Setup) -> None:
    """The line, and the rest while it is open. If something is missing it opens by itself, and stays open until the
    visitor is done: a field must not vanish while it is being filled in.

    It is not Streamlit's expander, which closes when its label changes, and loses the focus in it.
    """
    if lacking := _lacks_something(session.connections):
        tab.put(widgets.CONNECTION_OPEN, True)
    is_open = bool(tab.value(widgets.CONNECTION_OPEN))
    with st.container(
        horizontal=True, vertical_alignment="center", wrap=False, gap="xxsmall", key="connection.line"
    ):
        st.markdown(_line(setup.connection, own_key=session.connections.typed_key))
        st.button(
            words.CONNECTION_DONE if is_open else words.CHANGE_CONNECTION,
            key="connection.change",
            on_click=tab.put,
            args=(widgets.CONNECTION_OPEN, not is_open),
            type="tertiary",
            width="content",
            disabled=lacking,
            # the same tooltip for both states: with another one the focus would be lost
            help=words.CHANGE_CONNECTION_HELP,
        )
    if is_open:
        with st.container(key="connection.parts", gap="small"):
            _parts(session, setup)


def _lacks_something(connections: Connections) -> bool:
    """Whether a required key or address is missing. A server in the private network may need no key."""
    current = connections.current
    return bool(current.needs_key or (current.takes_address and not connections.base_url))


def _line(used: Connection, *, own_key: bool) -> str:
    """AI/ML API · key set"""
    if used.is_local:
        state = words.FREE
    elif used.endpoint.api_key:
        state = words.KEY_OF_OWNER if used.guest and not own_key else words.KEY_SET
    else:
        state = words.NO_KEY_NEEDED if used.ready else words.KEY_MISSING
    where = used.endpoint.name if used.takes_address and used.endpoint.base_url else used.label
    return words.CONNECTION_LINE.format(where=plain(where), state=state)


def _parts(session: Session, setup: Setup) -> None:
    connections = session.connections
    st.selectbox(
        words.CONNECTION,
        list(connections.all),
        format_func=lambda id_: connections.all[id_].label if id_ in connections.all else str(id_),
        key=widgets.CONNECTION,
        on_change=connections.forget_check,
        persist_state="session",
        help=words.CONNECTION_HELP,
    )
    if setup.connection.is_local:
        _here(session, setup)
        return
    if setup.connection.takes_address:
        st.text_input(
            control_label("base_url"),
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
        st.caption(words.LOCAL_MODEL.format(model=chosen.label, about=local_label(chosen)))
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
    """Custom headers, for a company's gateway. The widget never holds one longer than one run."""
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
