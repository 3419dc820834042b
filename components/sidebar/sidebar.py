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
from components.session.session import Session
from components.session.setup import Setup
from components.sidebar.parameters import panel
from components.sidebar.prompts import prompt_library


def sidebar(session: Session, setup: Setup) -> None:
    """Everything about the next request but its words."""
    _connection(session, setup)
    picker(session, setup)
    meter.model_note(setup, session.models.catalogue(setup.connection))
    _instructions(setup)
    panel()


# ---- where the model runs -------------------------------------------------------------------------------


def _connection(session: Session, setup: Setup) -> None:
    st.subheader("Connection", anchor=False)
    connections = session.connections
    st.selectbox(
        "Where the model runs",
        list(connections.all),
        format_func=lambda id_: connections.all[id_].label if id_ in connections.all else str(id_),
        key=widgets.CONNECTION,
        on_change=connections.changed,
        persist_state="session",
        help="AI/ML API has 400+ models and needs a key. The model on this computer is small and free.",
    )
    if setup.connection.is_local:
        _here(session, setup)
        return
    if setup.connection.takes_address:
        st.text_input(
            "Base URL",
            key="base_url_typed",
            value=connections.base_url,
            on_change=connections.take_base_url,
            args=("base_url_typed",),
            placeholder="https://api.example.com/v1",
            help="Any OpenAI-compatible server. A key you enter goes to this address only.",
        )
        if connections.address_problem:
            st.error(connections.address_problem)
        elif not connections.base_url:
            st.caption("Type the server's address and press Enter.")
    _key(connections)
    _test(connections)


def _here(session: Session, setup: Setup) -> None:
    chosen = setup.local_model
    if problem := local.unavailable():
        st.warning(problem, icon=":material/computer:")
    elif chosen:
        st.caption(f"{chosen.label}, {chosen.about}")
        for other in setup.local:
            if other.bytes > chosen.bytes:
                st.button(
                    f"Better model ({other.size})",
                    key=f"better.{other.id}",
                    on_click=session.models.choose,
                    args=(other.id,),
                    icon=":material/upgrade:",
                    help=f"{other.label}, fetched once: better at code and facts.",
                    type="tertiary",
                )
    st.button(
        f"Connect {session.connections.configured.label}",
        key="connect",
        on_click=session.connections.connect,
        args=(CONFIGURED,),
        icon=":material/key:",
        width="stretch",
        help="Gemini and 400+ other models, with an API key.",
    )


def _key(connections: Connections) -> None:
    """The state of the key and a field for one's own. The widget never holds a key longer than one run."""
    connection, state = connections.current, connections.key_state
    if state:
        st.caption(f":material/key: {state}")
    if connections.typed_key:
        st.button("Forget my key", key="forget_key", on_click=connections.forget_key, type="tertiary")
        return
    label = "Your API key" if not connection.endpoint.api_key else "Use your own key instead"
    st.text_input(
        label,
        key="key_typed",
        type="password",
        on_change=connections.take_key,
        args=("key_typed",),
        autocomplete="off",
        placeholder="Paste and press Enter",
        help="Kept in this browser session only, sent to this server only. Get one at aimlapi.com/app/keys."
        if connection.is_configured
        else "Kept in this browser session only, sent to this server only.",
    )


def _test(connections: Connections) -> None:
    st.button(
        "Test connection",
        key="test",
        on_click=connections.test,
        icon=":material/network_check:",
        width="stretch",
        disabled=not connections.current.endpoint.base_url,
    )
    if connections.check:
        works, words = connections.check
        (st.success if works else st.error)(plain(words))


# ---- what is asked of it --------------------------------------------------------------------------------


def _instructions(setup: Setup) -> None:
    st.text_area(
        "System prompt",
        key=widgets.SYSTEM_PROMPT,
        persist_state="session",
        placeholder="How the model should behave, for example: Answer in one sentence.",
        height=112,
    )
    _told(setup)
    prompt_library()


def _told(setup: Setup) -> None:
    """A model without a system role gets the prompt in another way: said, because it changes what is sent."""
    if setup.values.system_prompt.strip() and setup.system_way == "folded":
        st.caption(":material/info: This model takes no system message: the prompt stands before your first one.")
