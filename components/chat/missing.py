"""The key or the address that nothing can be answered without, asked for where its lack is seen."""

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
    """A field for it, and the model on this computer as the way without it: on a phone the sidebar is out of sight.

    Nothing is drawn where nothing is missing.
    """
    wanted = setup.missing
    if wanted not in ("address", "key") or session.chats.page == STAGE:  # no key is typed before a room
        return
    with st.container(key="missing", gap="small"):
        (_key if wanted == "key" else _address)(session.connections)
        if local.unavailable() is None:
            use = session.connections.connect
            st.button(words.USE_LOCAL, key="missing.local", on_click=use, args=(LOCAL,), icon=":material/computer:")


def _key(connections: Connections) -> None:
    """The field never holds a key longer than one run."""
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
    """The field is there only as long as there is no address. A browser that is behind has it for a moment longer,
    and what it holds, mostly nothing, comes as a change of it: in place of the address that was just typed."""
    if not connections.base_url:
        connections.take_base_url(_ADDRESS)
