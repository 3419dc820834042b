"""The form of a new experiment: prompt, parameters and their values, and the cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from backend.compare.grid import COMMAS, NOT_SENT, BadGrid, value_label
from backend.compare.grid_setup import SetUp
from backend.jobs.job import Bounds, Draft
from backend.parameters import PARAMETERS, Parameter, parameter_named
from backend.types import Tool
from backend.untrusted import number
from components.compare import words
from components.compare.experiment_file import begin, experiment_file, price
from components.elements.markdown import plain
from components.glossary.switch import control_label
from components.session import tab
from components.session.session import Session
from components.tools.state import Toolkit

_PROMPT, _RUNS, _LONGEST, _CAP = "grid.prompt", "grid.runs", "grid.longest", "grid.cap"
_NAMES = {"down": "grid.down", "across": "grid.across"}
_LABELS = {"down": words.GRID_DOWN, "across": words.GRID_ACROSS}
_TOOLS = "grid.tools"
_BROUGHT = "grid.tools.brought"  # tool definitions from a link: sent like one's own; nothing runs them
_FILLED = "grid.filled"  # the fields have been filled in: from then on the visitor's values stay
_NONE = ""
_LETTERS = 50_000  # of the prompt field
_FIRST: Mapping[str, object] = {
    _PROMPT: "",
    _NAMES["down"]: "temperature",
    _NAMES["across"]: _NONE,
    _RUNS: 3,
    _CAP: 1.0,
    "grid.values.temperature": "0, 0.7, 1.5",
}
_EXAMPLE: Mapping[str, object] = {
    _PROMPT: words.GRID_EXAMPLE,
    _NAMES["down"]: "temperature",
    _NAMES["across"]: "top_p",
    _RUNS: 2,
    "grid.values.temperature": "0, 0.4, 0.8, 1.2, 1.6",
    "grid.values.top_p": "0.3, 0.7, 1",
}


def field_values() -> Mapping[str, object]:
    """The values of the fields, visible or not."""
    if not tab.value(_FILLED):
        return {**_FIRST, _LONGEST: None}
    typed = {_values_key(parameter.name): tab.value(_values_key(parameter.name)) for parameter in PARAMETERS}
    names = (_PROMPT, _RUNS, _LONGEST, _CAP, _TOOLS, _BROUGHT, *_NAMES.values())
    return {
        **{name: tab.value(name) for name in names},
        **{name: value for name, value in typed.items() if value is not None},
    }


def put(content: Mapping[str, object]) -> None:
    """Fill the fields with what `field_values` or `fields_of` returned. Before they are drawn."""
    tab.put(_FILLED, True)
    for name, value in content.items():
        tab.put(name, value)


def fields_of(setup: SetUp, tools: Sequence[Tool] = ()) -> dict[str, object]:
    """A set-up as field values, with the tools in it."""
    names = [name for name, _ in setup.axes] + [_NONE, _NONE]
    return {
        _PROMPT: setup.prompt,
        _RUNS: setup.runs,
        _LONGEST: setup.longest,
        _CAP: setup.cap,
        _TOOLS: [tool.name for tool in tools],
        _BROUGHT: {tool.name: tool for tool in tools},
        **dict(zip(_NAMES.values(), names, strict=False)),
        **{_values_key(name): typed for name, typed in setup.axes},
    }


def grid_form(session: Session) -> Draft | None:
    """Draw the form; returns the job that it would start."""
    _fill(session)
    with st.container(key="grid.form"):
        st.text_area(
            words.GRID_PROMPT,
            key=_PROMPT,
            placeholder=words.GRID_PROMPT_PLACEHOLDER,
            max_chars=_LETTERS,
            height=90,
            persist_state="session",
        )
        for side, column in zip(_NAMES, st.columns(2), strict=True):
            with column:
                _axis(side)
        runs, longest, cap = st.columns(3)
        runs.number_input(words.GRID_RUNS, 1, Bounds().steps, key=_RUNS, persist_state="session")
        longest.number_input(
            control_label("max_tokens", parameter_named("max_tokens").label, marks=False),
            1,
            None,
            key=_LONGEST,
            value=None,
            disabled="max_tokens" in _chosen_parameters().values(),
            persist_state="session",
        )
        cap.number_input(
            words.GRID_CAP,
            0.0,
            None,
            step=0.1,
            key=_CAP,
            value=None,
            help=words.GRID_CAP_HELP,
            persist_state="session",
        )
        _tools(session)
    draft, problem = _draft(session)
    with st.container(key="grid.line", horizontal=True, vertical_alignment="center"):
        st.button(
            words.GRID_START,
            key="grid.start",
            on_click=_start,
            args=(session,),
            disabled=draft is None,
            type="primary",
            icon=":material/play_arrow:",
        )
        st.button(words.GRID_USE_EXAMPLE, key="grid.example", on_click=_use_example, type="tertiary")
        if draft is not None:
            st.caption(price(draft, session.setup.model_name))
        else:
            st.caption(f":orange[{plain(problem)}]" if problem != words.GRID_NEEDS_PROMPT else problem)
    experiment_file(session, number(tab.value(_CAP)))
    return draft


def _tools(session: Session) -> None:
    """The tools that a model may call; the local model gets none."""
    if session.setup.connection.is_local:
        return
    known = _known_tools()
    chosen = tab.value_as(list, _TOOLS) or []
    if any(name not in known for name in chosen):
        tab.put(_TOOLS, [name for name in chosen if name in known])
    st.multiselect(
        words.GRID_TOOLS,
        list(known),
        key=_TOOLS,
        placeholder=words.GRID_NO_TOOLS,
        help=words.GRID_TOOLS_HELP,
        persist_state="session",
    )


def _known_tools() -> dict[str, Tool]:
    """The tools by name. The visitor's own take precedence over those of a link."""
    return {**(tab.value_as(dict, _BROUGHT) or {}), **Toolkit.current().all}


def tools(session: Session) -> tuple[Tool, ...]:
    """The chosen tools."""
    chosen = [] if session.setup.connection.is_local else tab.value_as(list, _TOOLS) or []
    known = _known_tools() if chosen else {}
    return tuple(known[name] for name in chosen if name in known)


def _values_key(name: str) -> str:
    return f"grid.values.{name}"


def _chosen_parameters() -> dict[str, str]:
    """The parameter of each axis, "" for none."""
    return {side: str(tab.value(key) or _NONE) for side, key in _NAMES.items()}


def _axis(side: str) -> None:
    labels = {parameter.name: parameter.label for parameter in PARAMETERS}
    st.selectbox(
        _LABELS[side],
        [_NONE, *labels],
        key=_NAMES[side],
        format_func=lambda name: labels.get(name, words.GRID_NO_PARAMETER),
        persist_state="session",
    )
    name = _chosen_parameters()[side]
    if not name or (side == "across" and name == _chosen_parameters()["down"]):
        return
    parameter, key = parameter_named(name), _values_key(name)
    if tab.value(key) is None:
        tab.put(key, _some_values(parameter))
    label = words.GRID_VALUES.format(name=plain(parameter.label))
    if parameter.kind in COMMAS:
        st.text_input(label, key=key, help=words.GRID_VALUES_HELP, persist_state="session")
    else:
        st.text_area(label, key=key, help=words.GRID_LINES_HELP, height=90, persist_state="session")


def _some_values(parameter: Parameter) -> str:
    """Initial values: the range of a number, all options of a choice."""
    if parameter.options:
        return ", ".join(parameter.options)
    if parameter.kind == "flag":
        return "on, off"
    low, high = (
        own if usual is None else usual for usual, own in zip(parameter.usual_span, parameter.span, strict=False)
    )
    if low is None or high is None or high - low > 100:
        return NOT_SENT
    middle = (low + high) / 2
    steps = (low, int(middle), high) if parameter.kind == "integer" else (low, middle, high)
    return ", ".join(value_label(float(value)) for value in steps)


# ---- the values of the fields---------------------------------------------------------------------------------


def _fill(session: Session) -> None:
    """Set the initial values of the fields, once."""
    if tab.value(_FILLED):
        return
    longest = session.settings.values.set_parameters.get("max_tokens")
    usual = longest if isinstance(longest, int) else 60 if session.setup.connection.is_local else 300
    put({**_FIRST, _LONGEST: usual})


def _use_example() -> None:
    for name, content in _EXAMPLE.items():
        tab.put(name, content)


def typed() -> SetUp:
    """The values of the fields."""
    axes = ((name, str(tab.value(_values_key(name)) or "")) for name in _chosen_parameters().values() if name)
    longest = None if "max_tokens" in _chosen_parameters().values() else tab.value_as(int, _LONGEST)
    return SetUp(
        str(tab.value(_PROMPT) or ""),
        tuple(axes),
        tab.value_as(int, _RUNS) or 1,
        longest,
        number(tab.value(_CAP)),
    )


def _draft(session: Session) -> tuple[Draft | None, str]:
    """The job, or why there is none."""
    try:
        setup = typed()
        setup.grid.check(session.experiments.bounds.steps)
        if not setup.prompt.strip():
            return None, words.GRID_NEEDS_PROMPT
        return session.experiments.draft(setup, tools(session)), ""
    except BadGrid as bad:
        return None, str(bad)


def _start(session: Session) -> None:
    draft, problem = _draft(session)
    if draft is None:
        st.toast(plain(problem))
    else:
        begin(session, draft)
