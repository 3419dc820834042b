"""The panel of parameters: a loop over the table, each control set and unset in one click, fitted to the model."""

from __future__ import annotations

from typing import Any

import streamlit as st

from backend import schema
from backend.parameters import GROUPS, PARAMETERS, Fitted, Group, Parameter, shown
from backend.parameters.parameter import read_object
from components.elements.markdown import plain
from components.guests import meter
from components.session import tab
from components.session.request_settings import AUTO, EXTRA, FORMATS, SCHEMA, RequestSettings, write_address
from components.session.session import Session
from components.sidebar.presets import preset_menu

_SCHEMA_EXAMPLE = '{"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}'
_ALL = "unlisted"  # the switch that shows them
_ICONS: dict[Group, str] = {
    "output": ":material/output:",
    "sampling": ":material/tune:",
    "reasoning": ":material/psychology:",
    "search": ":material/travel_explore:",
    "provider": ":material/data_object:",
}


@st.fragment
def panel() -> None:
    """A fragment: moving a slider redraws the sliders only, and never disturbs an answer in mid-stream."""
    session = Session.current()
    write_address(session)
    fitted = session.fitted
    _head(session, fitted)
    for parameter in _offered(session, "common", fitted):
        _row(session, parameter, fitted)
    st.toggle(
        "Stream the answer",
        value=True,
        key="streaming",
        persist_state="session",
        help="On: word by word, as it is written. Off: one reply when it is complete.",
    )
    for group in _ICONS:
        _group(session, group, fitted)
    info = session.info
    if info and any(info.lists(parameter.name) is False for parameter in PARAMETERS):
        st.toggle("Also what this model does not list", key=_ALL, persist_state="session")


def _head(session: Session, fitted: Fitted) -> None:
    count = len(fitted.body) + len(fitted.kept_back) + bool(session.extra)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="knobs"):
        st.subheader("Sampling", anchor=False, width="content")
        preset_menu(session)
    if count:
        label = f"{count} set. Reset"
        st.button(label, key="reset", on_click=session.reset_parameters, type="tertiary", width="content")
    else:
        st.caption("Nothing set: the model's own defaults.")


def _group(session: Session, group: Group, fitted: Fitted) -> None:
    """A fold of less common parameters. Drawn when it is opened: forty widgets would slow every update."""
    offered = _offered(session, group, fitted)
    if not offered and group != "provider":
        return
    # The label stays: with another one the fold would close (seen with a count in it).
    fold = st.expander(GROUPS[group], key=f"group.{group}", icon=_ICONS[group], type="compact", on_change="rerun")
    if not fold.open:
        _summary(group, fitted)
        return
    with fold:
        for parameter in offered:
            _row(session, parameter, fitted)
        if group == "provider":
            _extra(session)


def _summary(group: Group, fitted: Fitted) -> None:
    """What is set in a closed fold."""
    names = [found.name for found in shown(group) if found.name in fitted.body or found.name in fitted.kept_back]
    if names:
        st.caption(", ".join(f"`{name}`" + (" (not sent)" if name in fitted.kept_back else "") for name in names))


def _offered(session: RequestSettings, group: Group, fitted: Fitted) -> list[Parameter]:
    """The parameters that suit the model, and those that are set all the same."""
    info = session.info
    everything = info is None or tab.value(_ALL)
    return [
        parameter
        for parameter in shown(group)
        if everything
        or (info and info.lists(parameter.name) is not False)
        or parameter.name in fitted.body
        or parameter.name in fitted.kept_back
    ]


def _row(session: RequestSettings, parameter: Parameter, fitted: Fitted) -> None:
    """A control, the cross that unsets it, and what stands against sending it."""
    name = parameter.name
    is_set = name in fitted.body or name in fitted.kept_back
    with st.container(gap=None, key=f"row.{name}"):
        if parameter.kind == "number" and parameter.choices and is_set:
            with st.container(horizontal=True, gap="xxsmall", vertical_alignment="bottom"):
                _control(session, parameter)
                st.button("Unset", key=f"unset.{name}", on_click=session.unset, args=(name,), type="tertiary")
        else:
            _control(session, parameter)
        meter.note(session, name)
        if name in fitted.kept_back:
            _kept_back(session, name, fitted)
        elif (session.model, name) in session.anyway and name in fitted.body:
            st.button(
                "Sent anyway. Undo",
                key=f"insist.{name}",
                on_click=session.send_anyway,
                args=(name,),
                type="tertiary",
            )


def _kept_back(session: RequestSettings, name: str, fitted: Fitted) -> None:
    with st.container(horizontal=True, gap="xxsmall", vertical_alignment="center"):
        st.caption(f":orange[**Not sent.** {plain(fitted.kept_back[name])}]", width="stretch")
        if name not in fitted.wrong:
            st.button(
                "Send anyway", key=f"insist.{name}", on_click=session.send_anyway, args=(name,), type="tertiary"
            )


def _extra(session: RequestSettings) -> None:
    st.text_area(
        "Extra JSON",
        key=EXTRA,
        persist_state="session",
        height=90,
        placeholder='{"anything": "the API knows"}',
        help="Merged into the request over everything else, as it is.",
    )
    if session.extra_problem:
        st.caption(f":orange[**Not sent.** {plain(session.extra_problem)}]")


# ---- one widget per kind ----------------------------------------------------------------------------------


def _control(session: RequestSettings, parameter: Parameter) -> None:
    common: dict[str, Any] = {
        "label": parameter.label,
        "key": f"parameter.{parameter.name}",
        "persist_state": "session",
    }
    if parameter.help:
        common["help"] = f"{parameter.help} `{parameter.name}`"
    if parameter.name == "response_format":
        _response_format(common)
    elif parameter.kind == "number" and parameter.choices:
        _slider(parameter, common)
    elif parameter.kind in ("number", "integer"):
        _number(session, parameter, common)
    elif parameter.kind in ("choice", "flag"):
        _choice(parameter, common)
    elif parameter.kind == "strings":
        _strings(parameter, common)
    elif parameter.kind == "bias" or parameter.name == "prediction":
        st.text_area(height=90, placeholder="1234: -100" if parameter.kind == "bias" else None, **common)
    else:
        st.text_input(placeholder="12/31/2025" if parameter.kind == "date" else AUTO, **common)


def _slider(parameter: Parameter, common: dict[str, Any]) -> None:
    """The word auto stands where models usually do, so that one step is a small step. A value from a link may lie
    between two steps: it becomes one of its own.
    """
    now = tab.value(common["key"])
    values = sorted({*parameter.choices, *([now] if isinstance(now, float | int) else [])})
    below = [value for value in values if parameter.neutral is not None and value < parameter.neutral]
    st.select_slider(
        options=(*below, AUTO, *values[len(below) :]),
        value=AUTO,
        format_func=lambda value: value if value == AUTO else f"{value:.4f}".rstrip("0").rstrip("."),
        **common,
    )


def _number(session: RequestSettings, parameter: Parameter, common: dict[str, Any]) -> None:
    """Without limits of its own: a number beyond the range is told about, and not quietly changed."""
    whole = parameter.kind == "integer"
    default = session.info.default_max_tokens if session.info and parameter.name == "max_tokens" else None
    st.number_input(
        value=None,
        step=int(parameter.step or 1) if whole else 0.01,
        placeholder=f"{AUTO} ({default:,})" if default else AUTO,
        format="%d" if whole else None,
        **common,
    )


def _choice(parameter: Parameter, common: dict[str, Any]) -> None:
    """A second click on what is chosen unsets it."""
    options = parameter.options or ("on", "off")
    if len(options) <= 4:
        st.segmented_control(options=options, **common)
    else:
        st.selectbox(options=options, index=None, placeholder=AUTO, **common)


def _strings(parameter: Parameter, common: dict[str, Any]) -> None:
    st.multiselect(
        options=parameter.options,
        accept_new_options=not parameter.options,
        max_selections=parameter.most,
        placeholder="End before this… (\\n = new line)" if parameter.name == "stop" else AUTO,
        **common,
    )


def _told(typed: str) -> None:
    """What is wrong with a schema that can be read; that it cannot be is told like any other wrong value."""
    try:
        found = read_object(typed, "The schema")
    except ValueError:
        return
    problems = schema.lint({"name": "answer", "description": "-", "parameters": found}) if found else []
    for problem in problems[:3]:
        if problem.path.startswith("parameters"):
            where = problem.path.removeprefix("parameters").lstrip(".") or "the schema"
            st.caption(f":orange[{plain(where)} {plain(problem.words)}]")


def _response_format(common: dict[str, Any]) -> None:
    chosen = st.segmented_control(options=FORMATS, **common)
    if chosen == FORMATS[1]:
        typed = st.text_area(
            "Schema",
            key=SCHEMA,
            persist_state="session",
            height=160,
            placeholder=_SCHEMA_EXAMPLE,
            help="JSON Schema.",
        )
        _told(typed)
