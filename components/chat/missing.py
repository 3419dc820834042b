"""Asks for a missing key or address in the place where it is needed."""

from __future__ import annotations

import streamlit as st

from backend import local
from components.chat import words
from components.session.connection import LOCAL
from components.session.connections import Connections
from components.session.pages import STAGE
from components.session.session import Session
from components.session.setup import Setup

_KEY, _ADDRESS = "missing.key", "missing.address"  # the fields


def missing(session: Session, setup: Setup) -> None:
    """A field for it, and the local model as an alternative: on a phone the sidebar is out of sight.

    Draws nothing if nothing is missing.
    """
    wanted = setup.missing
    if wanted not in ("address", "key") or session.chats.page == STAGE:  # no key is typed in front of an audience
        return
    with st.container(key="missing", gap="small"):
        (_key if wanted == "key" else _address)(session.connections)
        if local.unavailable() is None:
            use = session.connections.connect
            st.button(words.USE_LOCAL, key="missing.local", on_click=use, args=(LOCAL,), icon=":material/computer:")


def _key(connections: Connections) -> None:
    """A field that never holds a key longer than one run."""
    st.text_input(
        words.KEY,
        key=_KEY,
        type="password",
        on_change=connections.take_key,
        args=(_KEY,),
        autocomplete="off",
        placeholder=words.KEY_PLACEHOLDER,
        help=words.MISSING_KEY_HELP,
    )


def _address(connections: Connections) -> None:
    st.text_input(
        words.ADDRESS,
        key=_ADDRESS,
        on_change=_take_address,
        args=(connections,),
        placeholder=words.ADDRESS_PLACEHOLDER,
    )
    if connections.address_problem:
        st.error(connections.address_problem)


def _take_address(connections: Connections) -> None:
    """Take a typed address. The field exists only while there is no address, but a browser that is behind may
    still send it, mostly empty, as a change: that must not replace the address that was just typed.
    """
    if not connections.base_url:
        connections.take_base_url(_ADDRESS)
