"""The overrides of one lane, in a popover on its head. An empty field means the sidebar's value."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from backend import parameters
from backend.catalog import ID_LIMIT
from backend.compare.lane import Lane
from backend.compare.lane_settings import Overrides, prompt_difference
from backend.text import distinct
from backend.types import JSON
from components.compare import words
from components.glossary.switch import control_label
from components.session import tab
from components.session.session import Session
from components.session.setup import Setup

_SIDEBAR = ""  # the option for the sidebar's value
_LINES = 200  # lines of a comparison of two prompts


def settings(session: Session, lane: Lane, key: str) -> None:
    """Draw them; a change applies from the next question on."""
    setup = session.lanes.desk(lane).setup
    _connection(session, lane, _key(key, "connection"))
    _model(session, lane, setup, f"{key}.model.{setup.connection.model_widget}")
    left, right = st.columns(2)
    with left:
        _number(
            session,
            lane,
            "temperature",
            _key(key, "temperature"),
        )
    with right:
        _number(
            session,
            lane,
            "max_tokens",
            _key(key, "max_tokens"),
        )
    _prompt(session, lane, key)
    if lane.changes != Overrides():
        st.button(words.AS_OTHERS, key=f"{key}.reset", on_click=_reset, args=(lane, key), icon=":material/undo:")


def _key(lane: str, name: str) -> str:
    """The widget key of one setting of a lane."""
    return f"{lane}.{name}"


def _connection(session: Session, lane: Lane, key: str) -> None:
    connections, own = session.connections.all, lane.changes.connection or _SIDEBAR
    options = list(dict.fromkeys([_SIDEBAR, own, *connections]))
    if len(options) < 3:
        return
    labels = distinct({id_: connection.label for id_, connection in connections.items()})
    labels[_SIDEBAR] = words.AS_SIDEBAR.format(value=session.connections.current.label)
    st.selectbox(
        words.WHERE,
        options,
        index=options.index(own),
        format_func=lambda id_: labels.get(id_) or words.NOT_THERE.format(place=id_),
        key=key,
        on_change=partial(_take_connection, lane, key),
    )


def _take_connection(lane: Lane, key: str) -> None:
    """Take the chosen connection. The same one again is no choice: a browser that is behind may send a field
    once more after it was removed. The same holds for the prompt's fields below.
    """
    chosen = str(tab.value(key) or "") or None
    if chosen != lane.changes.connection:
        lane.changes = replace(lane.changes, connection=chosen, model=None)


def _model(session: Session, lane: Lane, setup: Setup, key: str) -> None:
    here = words.AS_SIDEBAR.format(value=setup.model if not lane.changes.model else _usual(session, setup))
    take = partial(_take_model, lane, key)
    if not setup.models:
        st.text_input(
            words.MODEL,
            lane.changes.model or "",
            max_chars=ID_LIMIT,
            key=key,
            placeholder=words.MODEL_PLACEHOLDER,
            on_change=take,
        )
        return
    own = lane.changes.model or _SIDEBAR
    options = list(dict.fromkeys([_SIDEBAR, *([own] if own else []), *setup.models]))
    names = distinct({id_: setup.offered_as(id_) for id_ in options if id_})
    st.selectbox(
        words.MODEL,
        options,
        index=options.index(own),
        format_func=lambda id_: names.get(id_, id_) if id_ else here,
        key=key,
        on_change=take,
    )


def _usual(session: Session, setup: Setup) -> str:
    return session.models.chosen_model(setup.connection) or setup.default_model


def _take_model(lane: Lane, key: str) -> None:
    typed = str(tab.value(key) or "").strip()
    lane.changes = replace(lane.changes, model=typed or None)


def _number(session: Session, lane: Lane, name: str, key: str) -> None:
    parameter = parameters.parameter_named(name)
    shared = session.lanes.shared_settings.parameters.get(name)
    kind = int if parameter.kind == "integer" else float
    low, high, step = (None if bound is None else kind(bound) for bound in parameter.span)
    own = lane.changes.parameters.get(name)
    st.number_input(
        control_label(name, parameter.label, marks=False),
        low,
        high,
        kind(str(own)) if own is not None else None,
        step,
        key=key,
        placeholder=words.NOT_SENT if shared is None else words.AS_SIDEBAR.format(value=shared),
        on_change=partial(_take_number, lane, name, key),
    )


def _take_number(lane: Lane, name: str, key: str) -> None:
    """An empty field means the sidebar's value, which is no difference."""
    value: JSON = parameters.parameter_named(name).parse(tab.value(key))
    rest = {other: kept for other, kept in lane.changes.parameters.items() if other != name}
    lane.changes = replace(lane.changes, parameters=rest if value is None else {**rest, name: value})


def _prompt(session: Session, lane: Lane, key: str) -> None:
    shared, own = session.lanes.shared_settings.system_prompt, lane.changes.system_prompt
    st.toggle(
        words.OWN_PROMPT, own is not None, key=_key(key, "own"), on_change=_on_toggle, args=(lane, key, shared)
    )
    if own is None:
        return
    st.text_area(
        control_label("system_prompt", words.SYSTEM_PROMPT, marks=False),
        own,
        key=_key(key, "prompt"),
        on_change=_take_prompt,
        args=(lane, key),
    )
    if shared.strip() and own.strip() and shared != own:
        st.caption(words.PROMPT_DIFFERENCE)
        lines = [f"{sign} {line}" for sign, line in prompt_difference(shared, own)[:_LINES]]
        st.code("\n".join(lines), language="diff", wrap_lines=True)


def _on_toggle(lane: Lane, key: str, shared: str) -> None:
    wanted = bool(tab.value(_key(key, "own")))
    if wanted != (lane.changes.system_prompt is not None):
        lane.changes = replace(lane.changes, system_prompt=shared if wanted else None)
        tab.drop(_key(key, "prompt"))


def _take_prompt(lane: Lane, key: str) -> None:
    if lane.changes.system_prompt is not None:
        lane.changes = replace(lane.changes, system_prompt=str(tab.value(_key(key, "prompt")) or ""))


def _reset(lane: Lane, key: str) -> None:
    """Reset the fields to the lane's current overrides."""
    lane.changes = Overrides()
    for name in ("connection", "temperature", "max_tokens", "own", "prompt"):
        tab.drop(_key(key, name))
