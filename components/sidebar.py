"""The sidebar: where the model runs, which model, and a loop over the parameter table."""

from __future__ import annotations

import streamlit as st

from backend import catalog
from backend.parameters import PARAMETERS, Parameter
from components.connections import CONFIGURED, LOCAL, OTHER
from components.markdown import plain
from components.session import AUTO, Session


def sidebar(session: Session) -> None:
    """Everything about the next request but its words."""
    _connection(session)
    _model(session)
    _instructions()
    _sampling()


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
    _ = session.models  # asked first, so that what came of it is told below
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


# ---- which model ----------------------------------------------------------------------------------------


def _model(session: Session) -> None:
    models = session.models
    default = session.default_model
    options = list(dict.fromkeys([default, *models] if default else models))
    st.selectbox(
        "Model",
        options,
        index=0 if options else None,
        format_func=session.model_label,
        key=session.model_widget,
        persist_state="session",
        accept_new_options=session.connection.id != LOCAL,
        placeholder="Type a model id",
        help="Type to search, or type any other id the server knows.",
    )
    found = catalog.find(session.model)
    if session.connection.id == CONFIGURED and found.retired:
        _retired(session, found)
    elif found.context_length and session.connection.id == CONFIGURED:
        st.caption(f"{found.name or found.short_name} · {found.context_length:,} tokens of context")


def _retired(session: Session, model: catalog.ModelInfo) -> None:
    """A retired model is explained, and its nearest living relative is one click away."""
    st.warning(
        f"**{plain(model.name or model.id)}** is retired at the provider and will most likely refuse.",
        icon=":material/history:",
    )
    if other := catalog.successor(model):
        st.button(
            f"Use {other.id}", key="successor", on_click=session.choose_model, args=(other.id,), width="stretch"
        )


# ---- what is asked of it --------------------------------------------------------------------------------


def _instructions() -> None:
    st.text_area(
        "System prompt",
        key="system_prompt",
        persist_state="session",
        placeholder="How the model should behave, for example: Answer in one sentence.",
        height=112,
    )


@st.fragment
def _sampling() -> None:
    """A fragment: moving a slider redraws the sliders only, and never disturbs an answer in mid-stream."""
    session = Session.current()
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader("Sampling", anchor=False, width="content")
        st.button("Reset", key="reset", on_click=session.reset_parameters, type="tertiary", width="content")
    for parameter in PARAMETERS:
        _control(parameter)
    st.toggle(
        "Stream the answer",
        value=True,
        key="streaming",
        persist_state="session",
        help="On: word by word, as it is written. Off: one reply when it is complete.",
    )


def _with_auto(parameter: Parameter) -> tuple[float | str, ...]:
    """The slider's values with "auto" where models usually stand, so that one step is a small step."""
    below = [value for value in parameter.choices if parameter.neutral is not None and value < parameter.neutral]
    return (*below, AUTO, *parameter.choices[len(below) :])


def _control(parameter: Parameter) -> None:
    """The widget of one parameter. Unset shows as "auto" and is not sent."""
    key = f"parameter.{parameter.name}"
    if parameter.kind == "strings":
        st.multiselect(
            parameter.label,
            [],
            key=key,
            help=parameter.help or None,
            accept_new_options=True,
            max_selections=4,
            persist_state="session",
            placeholder="End before this… (\\n = new line)",
        )
    elif parameter.choices:
        st.select_slider(
            parameter.label,
            _with_auto(parameter),
            value=AUTO,
            key=key,
            help=parameter.help,
            persist_state="session",
            format_func=lambda value: value if value == AUTO else f"{value:.2f}".rstrip("0").rstrip("."),
        )
    else:
        st.number_input(
            parameter.label,
            min_value=int(parameter.minimum or 0),
            max_value=int(parameter.maximum) if parameter.maximum else None,
            value=None,
            step=int(parameter.step or 1),
            key=key,
            help=parameter.help,
            persist_state="session",
            placeholder=AUTO,
        )
