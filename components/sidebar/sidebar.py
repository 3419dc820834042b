"""The sidebar: where the model runs, which model, and a loop over the parameter table."""

from __future__ import annotations

import streamlit as st

from components.elements.markdown import plain
from components.guests import meter
from components.models.picker import picker
from components.session.connections import CONFIGURED, LOCAL, OTHER
from components.session.session import Session
from components.sidebar.parameters import panel
from components.sidebar.prompts import library


def sidebar(session: Session) -> None:
    """Everything about the next request but its words."""
    _connection(session)
    picker(session)
    meter.model_note(session)
    _instructions(session)
    panel()


# ---- where the model runs -------------------------------------------------------------------------------


def _connection(session: Session) -> None:
    st.subheader("Connection", anchor=False)
    connections = session.connections
    st.selectbox(
        "Where the model runs",
        list(connections),
        format_func=lambda found: connections[found].label if found in connections else str(found),
        key="connection",
        on_change=session.connection_changed,
        persist_state="session",
        help="AI/ML API has 400+ models and needs a key. The model on this computer is small and free.",
    )
    if session.connection.id == LOCAL:
        _here(session)
        return
    if session.connection.id == OTHER:
        st.text_input(
            "Base URL",
            key="base_url_typed",
            value=session.base_url,
            on_change=session.take_base_url,
            args=("base_url_typed",),
            placeholder="https://api.example.com/v1",
            help="Any OpenAI-compatible server. A key you enter goes to this address only.",
        )
        if session.address_problem:
            st.error(session.address_problem)
        elif not session.base_url:
            st.caption("Type the server's address and press Enter.")
    _key(session)
    _test(session)


def _here(session: Session) -> None:
    found = session.local_model
    if session.local_unavailable:
        st.warning(session.local_unavailable, icon=":material/computer:")
    elif found:
        st.caption(f"{found.label}, {found.about}")
        for other in session.local_models:
            if other.bytes > found.bytes:
                st.button(
                    f"Better model ({other.size})",
                    key=f"better.{other.id}",
                    on_click=session.choose_model,
                    args=(other.id,),
                    icon=":material/upgrade:",
                    help=f"{other.label}, fetched once: better at code and facts.",
                    type="tertiary",
                )
    st.button(
        f"Connect {session.connections[CONFIGURED].label}",
        key="connect",
        on_click=session.connect,
        args=(CONFIGURED,),
        icon=":material/key:",
        width="stretch",
        help="Gemini and 400+ other models, with an API key.",
    )


def _key(session: Session) -> None:
    """The state of the key and a field for one's own. The widget never holds a key longer than one run."""
    state = session.key_state
    if state:
        st.caption(f":material/key: {state}")
    typed = session.keys.get(session.endpoint.origin)
    if typed:
        st.button("Forget my key", key="forget_key", on_click=session.forget_key, type="tertiary")
        return
    label = "Your API key" if not session.endpoint.api_key else "Use your own key instead"
    st.text_input(
        label,
        key="key_typed",
        type="password",
        on_change=session.take_key,
        args=("key_typed",),
        autocomplete="off",
        placeholder="Paste and press Enter",
        help="Kept in this browser session only, sent to this server only. Get one at aimlapi.com/app/keys."
        if session.connection.id == CONFIGURED
        else "Kept in this browser session only, sent to this server only.",
    )


def _test(session: Session) -> None:
    st.button(
        "Test connection",
        key="test",
        on_click=session.test,
        icon=":material/network_check:",
        width="stretch",
        disabled=not session.endpoint.base_url,
    )
    if session.check:
        works, words = session.check
        (st.success if works else st.error)(plain(words))


# ---- what is asked of it --------------------------------------------------------------------------------


def _instructions(session: Session) -> None:
    st.text_area(
        "System prompt",
        key="system_prompt",
        persist_state="session",
        placeholder="How the model should behave, for example: Answer in one sentence.",
        height=112,
    )
    _told(session)
    library()


def _told(session: Session) -> None:
    """A model without a system role gets the prompt in another way: said, because it changes what is sent."""
    if session.system_prompt.strip() and session.system_way == "folded":
        st.caption(":material/info: This model takes no system message: the prompt stands before your first one.")
