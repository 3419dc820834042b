"""The panel of parameters: a loop over the table, each control set and unset in one click, fitted to the model."""

from __future__ import annotations

from typing import Any

import streamlit as st

from backend import schema
from backend.parameters import GROUPS, PARAMETERS, Fitted, Group, Parameter, shown
from backend.parameters.parameter import read_object
from components.elements.markdown import name_in_code, plain
from components.guests import meter
from components.session import tab, widgets
from components.session.refusals import Refusals
from components.session.request_settings import AUTO, FORMATS, Values, write_address
from components.session.session import Session
from components.session.setup import Setup
from components.sidebar import words
from components.sidebar.presets import preset_menu

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
    setup = session.setup
    write_address(setup.values)
    _head(session, setup)
    for parameter in _offered("common", setup):
        _row(session, parameter, setup)
    st.toggle(
        words.STREAMING,
        value=True,
        key=widgets.STREAMING,
        persist_state="session",
        help=words.STREAMING_HELP,
    )
    _learned(session.refusals, setup)
    for group in _ICONS:
        _group(session, group, setup)
    if _some_unlisted(setup):
        st.toggle(words.SHOW_UNLISTED, key=_ALL, persist_state="session")


def _some_unlisted(setup: Setup) -> bool:
    info = setup.info
    return info is not None and any(info.lists(parameter.field) is False for parameter in PARAMETERS)


def _head(session: Session, setup: Setup) -> None:
    fitted = setup.fitted
    count = len(fitted.sent) + len(fitted.kept_back) + bool(setup.values.extra)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="knobs"):
        st.subheader(words.PARAMETERS_TITLE, anchor=False, width="content")
        preset_menu(session, setup)
    if count:
        label, reset = words.RESET.format(count=count), session.settings.reset
        st.button(label, key="reset", on_click=reset, type="tertiary", width="content")
    else:
        st.caption(words.NOTHING_SET)


def _learned(refusals: Refusals, setup: Setup) -> None:
    """What is left out besides parameters that are set, which say so themselves."""
    learned, set_ = setup.learned, set(setup.fitted.kept_back)
    parts = [words.LEARNED_FIELD.format(name=name_in_code(name)) for name in sorted(learned.without - set_)]
    parts += [text for name, text in words.LEARNED.items() if getattr(learned, name)]
    if parts:
        with st.container(horizontal=True, gap="xxsmall", vertical_alignment="center", key="learned"):
            st.caption(words.LEARNED_HERE.format(parts="; ".join(parts)), width="stretch")
            forget, args = refusals.forget, (setup.target,)
            st.button(words.FORGET_LEARNED, key="learned.forget", on_click=forget, args=args, type="tertiary")


def _group(session: Session, group: Group, setup: Setup) -> None:
    """A fold of less common parameters. Drawn when it is opened: forty widgets would slow every update."""
    offered = _offered(group, setup)
    if not offered and group != "provider":
        return
    # The label stays: with another one the fold would close (seen with a count in it).
    fold = st.expander(GROUPS[group], key=f"group.{group}", icon=_ICONS[group], type="compact", on_change="rerun")
    if not fold.open:
        _summary(group, setup.fitted)
        return
    with fold:
        for parameter in offered:
            _row(session, parameter, setup)
        if group == "provider":
            _extra(setup.values)


def _summary(group: Group, fitted: Fitted) -> None:
    """What is set in a closed fold."""
    names = [
        parameter.name
        for parameter in shown(group)
        if parameter.name in fitted.sent or parameter.name in fitted.kept_back
    ]
    if names:
        st.caption(", ".join(_mention(name, fitted) for name in names))


def _mention(name: str, fitted: Fitted) -> str:
    return (words.SET_NOT_SENT if name in fitted.kept_back else words.SET).format(name=name)


def _offered(group: Group, setup: Setup) -> list[Parameter]:
    """The parameters that suit the model, and those that are set all the same."""
    info, fitted = setup.info, setup.fitted
    everything = info is None or tab.value(_ALL)
    return [
        parameter
        for parameter in shown(group)
        if everything
        or (info and info.lists(parameter.field) is not False)
        or parameter.name in fitted.sent
        or parameter.name in fitted.kept_back
    ]


def _row(session: Session, parameter: Parameter, setup: Setup) -> None:
    """A control, the cross that unsets it, and what stands against sending it."""
    name, fitted = parameter.name, setup.fitted
    is_set = name in fitted.sent or name in fitted.kept_back
    with st.container(gap=None, key=f"row.{name}"):
        if parameter.kind == "number" and parameter.choices:
            # One place for it, set or not: in another one it would be a new slider, and the next key be lost.
            with st.container(horizontal=True, gap="xxsmall", vertical_alignment="bottom"):
                _control(setup, parameter)
                if is_set:
                    unset = session.settings.unset
                    st.button(words.UNSET, key=f"unset.{name}", on_click=unset, args=(name,), type="tertiary")
        else:
            _control(setup, parameter)
        meter.note(setup, name)
        if name in fitted.kept_back:
            _kept_back(session.refusals, name, setup)
        elif name in setup.anyway and name in fitted.sent:
            _anyway(words.SENT_ANYWAY, session.refusals, name, setup)


def _kept_back(refusals: Refusals, name: str, setup: Setup) -> None:
    with st.container(horizontal=True, gap="xxsmall", vertical_alignment="center"):
        st.caption(words.NOT_SENT.format(reason=plain(setup.fitted.kept_back[name])), width="stretch")
        if name not in setup.fitted.wrong:
            _anyway(words.SEND_ANYWAY, refusals, name, setup)


def _anyway(label: str, refusals: Refusals, name: str, setup: Setup) -> None:
    toggle, args = refusals.toggle_anyway, (setup.target, name)
    st.button(label, key=f"anyway.{name}", on_click=toggle, args=args, type="tertiary")


def _extra(values: Values) -> None:
    st.text_area(
        words.EXTRA_JSON,
        key=widgets.EXTRA_JSON,
        persist_state="session",
        height=90,
        placeholder=words.EXTRA_JSON_PLACEHOLDER,
        help=words.EXTRA_JSON_HELP,
    )
    if values.extra_problem:
        st.caption(words.NOT_SENT.format(reason=plain(values.extra_problem)))


# ---- one widget per kind ----------------------------------------------------------------------------------


def _control(setup: Setup, parameter: Parameter) -> None:
    common: dict[str, Any] = {
        "label": parameter.label,
        "key": widgets.parameter(parameter.name),
        "persist_state": "session",
    }
    if parameter.help:
        common["help"] = words.PARAMETER_HELP.format(help=parameter.help, name=parameter.name)
    if parameter.name == "response_format":
        _response_format(common)
    elif parameter.kind == "number" and parameter.choices:
        _slider(parameter, common)
    elif parameter.kind in ("number", "integer"):
        _number(setup, parameter, common)
    elif parameter.kind in ("choice", "flag"):
        _choice(parameter, common)
    elif parameter.kind == "strings":
        _strings(parameter, common)
    elif parameter.kind == "bias" or parameter.name == "prediction":
        placeholder = words.LOGIT_BIAS_PLACEHOLDER if parameter.kind == "bias" else None
        st.text_area(height=90, placeholder=placeholder, **common)
    else:
        st.text_input(placeholder=words.DATE_PLACEHOLDER if parameter.kind == "date" else AUTO, **common)


def _slider(parameter: Parameter, common: dict[str, Any]) -> None:
    """The word auto stands where models usually do, so that one step is a small step. A value from a link may lie
    between two steps: it becomes one of its own.
    """
    now = tab.value(common["key"])
    values = sorted({*parameter.choices, *([now] if isinstance(now, float | int) else [])})
    below = [value for value in values if parameter.neutral is not None and value < parameter.neutral]
    labels = {value: f"{value:.4f}".rstrip("0").rstrip(".") for value in values} | {AUTO: AUTO}
    options = (*below, AUTO, *values[len(below) :])
    st.select_slider(options=options, value=AUTO, format_func=labels.__getitem__, **common)


def _number(setup: Setup, parameter: Parameter, common: dict[str, Any]) -> None:
    """Without limits of its own: a number beyond the range is told about, and not quietly changed."""
    whole = parameter.kind == "integer"
    default = setup.info.default_max_tokens if setup.info and parameter.name == "max_tokens" else None
    st.number_input(
        value=None,
        step=int(parameter.step or 1) if whole else 0.01,
        placeholder=words.DEFAULT_LENGTH.format(auto=AUTO, default=default) if default else AUTO,
        format="%d" if whole else None,
        **common,
    )


def _choice(parameter: Parameter, common: dict[str, Any]) -> None:
    """A second click on what is chosen unsets it."""
    if not parameter.options:
        st.segmented_control(options=list(words.FLAGS), format_func=words.FLAGS.__getitem__, **common)
    elif len(parameter.options) <= 4:
        st.segmented_control(options=parameter.options, **common)
    else:
        st.selectbox(options=parameter.options, index=None, placeholder=AUTO, **common)


def _strings(parameter: Parameter, common: dict[str, Any]) -> None:
    st.multiselect(
        options=parameter.options,
        accept_new_options=not parameter.options,
        max_selections=parameter.most,
        placeholder=words.STOP_PLACEHOLDER if parameter.name == "stop" else AUTO,
        **common,
    )


def _schema_problems(typed: str) -> None:
    """What is wrong with a schema that can be read, and why it is sent without `strict`; that it cannot be read is
    told like any other wrong value.
    """
    try:
        typed_schema = read_object(typed, "The schema")
    except ValueError:
        return
    if not typed_schema:
        return
    refused = schema.refused(typed_schema)
    problems = schema.lint({"name": "answer", "description": "-", "parameters": typed_schema})
    for problem in [problem for problem in problems if problem.level == "error" or not refused][:3]:
        if problem.path.startswith("parameters"):
            _schema_problem(problem.path.removeprefix("parameters").lstrip("."), problem.words)
    for part, sentence in refused[:3]:
        _schema_problem(part, sentence)
    if refused:
        st.caption(words.SCHEMA_NOT_STRICT)


def _schema_problem(part: str, problem: str) -> None:
    sentence = words.SCHEMA_PART_PROBLEM if part else words.SCHEMA_PROBLEM
    st.caption(sentence.format(part=plain(part), problem=plain(problem)))


def _response_format(common: dict[str, Any]) -> None:
    chosen = st.segmented_control(options=FORMATS, **common)
    if chosen == FORMATS[1]:
        typed = st.text_area(
            words.SCHEMA,
            key=widgets.RESPONSE_SCHEMA,
            persist_state="session",
            height=160,
            placeholder=words.SCHEMA_PLACEHOLDER,
            help=words.SCHEMA_HELP,
        )
        _schema_problems(typed)
