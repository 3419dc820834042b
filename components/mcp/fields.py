"""The controls of a form made from an untrusted schema (backend/mcp/form.py), and their values."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from backend.mcp.form import FormField
from components.elements.markdown import plain
from components.mcp import words
from components.session import tab


def field(one: FormField, key: str, *, short: bool = False) -> None:
    """The control of one value. `short`: texts are one line, submitted with Enter."""
    name, help_ = plain(one.name) or words.NAMELESS, plain(one.about) or None
    label = words.REQUIRED.format(name=name) if one.required else name
    label = words.JSON_FIELD.format(name=label) if one.kind == "json" else label
    if one.kind == "flag":
        st.checkbox(label, value=one.default is True, key=key, help=help_)
    elif one.kind == "choice":
        at_first = next(map(one.choices.index, one.initial_choices), None)
        st.selectbox(label, one.choices, index=at_first, key=key, help=help_, format_func=one.title)
    elif one.kind == "choices":
        st.multiselect(label, one.choices, one.initial_choices, key=key, help=help_, format_func=one.title)
    elif one.kind in ("text", "json") and not short:
        st.text_area(label, value=one.start, key=key, help=help_, height="content")
    else:
        st.text_input(label, value=one.start, key=key, help=help_)


def typed(fields: tuple[FormField, ...], key: str) -> Mapping[str, object]:
    """The values of these fields, whose widget keys begin with `key`."""
    return {one.name: tab.value(key_of(key, one)) for one in fields}


def key_of(form: str, one: FormField) -> str:
    """The widget key of one value in a form."""
    return f"{form}.{one.name}"
