"""The control of a parameter: one widget per kind."""

from __future__ import annotations

import streamlit as st

from backend import schema
from backend.parameters import Parameter, answer_format
from backend.parameters.parameter import read_object
from backend.untrusted import fields
from components.elements.markdown import plain
from components.elements.widget_options import WidgetOptions
from components.glossary.switch import control_label
from components.session import tab, widgets
from components.session.request_settings import AUTO, FORMATS
from components.session.setup import Setup
from components.sidebar import words


def control(setup: Setup, parameter: Parameter) -> None:
    """Draw it. Its value is kept while it is not drawn."""
    common: WidgetOptions = {
        "label": control_label(parameter.name, parameter.label),
        "key": widgets.parameter(parameter.name),
        "persist_state": "session",
    }
    if parameter.name != "stop":  # a screen reader user may take a button "Help for Stop sequences" for Stop
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


def _slider(parameter: Parameter, common: WidgetOptions) -> None:
    """A slider with "auto" at the usual value of models, so that one step is a small step. A value from a link
    may lie between two steps: it becomes a step of its own.
    """
    now = tab.value(common["key"])
    values = sorted({*parameter.choices, *([now] if isinstance(now, float | int) else [])})
    below = [value for value in values if parameter.neutral is not None and value < parameter.neutral]
    labels = {value: f"{value:.12g}" for value in values} | {AUTO: AUTO}
    options = (*below, AUTO, *values[len(below) :])
    st.select_slider(options=options, value=AUTO, format_func=labels.__getitem__, **common)


def _number(setup: Setup, parameter: Parameter, common: WidgetOptions) -> None:
    """A field without limits: a number out of range is reported, not silently changed."""
    whole = parameter.kind == "integer"
    default = setup.info.default_max_tokens if setup.info and parameter.name == "max_tokens" else None
    st.number_input(
        value=None,
        step=int(parameter.step or 1) if whole else 0.01,
        placeholder=words.DEFAULT_LENGTH.format(auto=AUTO, default=default) if default else AUTO,
        format="%d" if whole else "%.12g",  # two decimals would show 0.005 as 0.01
        **common,
    )


def _choice(parameter: Parameter, common: WidgetOptions) -> None:
    """A segmented control; a second click on the chosen option unsets it."""
    if not parameter.options:
        st.segmented_control(options=list(words.FLAGS), format_func=words.FLAGS.__getitem__, **common)
    elif len(parameter.options) <= 4:
        st.segmented_control(options=parameter.options, **common)
    else:
        st.selectbox(options=parameter.options, index=None, placeholder=AUTO, **common)


def _strings(parameter: Parameter, common: WidgetOptions) -> None:
    st.multiselect(
        options=parameter.options,
        accept_new_options=not parameter.options,
        max_selections=parameter.most,
        placeholder=words.STOP_PLACEHOLDER if parameter.name == "stop" else AUTO,
        **common,
    )


def _schema_problems(typed: str) -> None:
    """The problems of a valid schema, and why it is sent without `strict`; an invalid one is reported like any
    other wrong value.
    """
    try:
        written = read_object(typed, words.SCHEMA)
    except ValueError:
        return
    wire = answer_format.read(written)
    typed_schema = answer_format.schema(wire)
    if not typed_schema:
        return
    plain_schema = typed_schema == written  # of another one `strict` is what is typed
    strict = plain_schema or fields(wire.get("json_schema")).get("strict") is True
    refused = schema.refusal_reasons(typed_schema) if strict else []
    problems = schema.lint({"name": "answer", "description": "-", "parameters": dict(typed_schema)})
    for problem in [problem for problem in problems if problem.level == "error" or not refused][:3]:
        if problem.path.startswith("parameters"):
            _schema_problem(problem.path.removeprefix("parameters").lstrip("."), problem.words)
    for part, sentence in refused[:3]:
        _schema_problem(part, sentence)
    if refused:
        st.caption(words.SCHEMA_NOT_STRICT if plain_schema else words.SCHEMA_STRICT_ALL_THE_SAME)


def _schema_problem(part: str, problem: str) -> None:
    sentence = words.SCHEMA_PART_PROBLEM if part else words.SCHEMA_PROBLEM
    st.caption(sentence.format(part=plain(part), problem=plain(problem)))


def _response_format(common: WidgetOptions) -> None:
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
