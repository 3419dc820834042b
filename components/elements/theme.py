"""Light, dark, or as the computer is set: the visitor's choice, kept in the browser. The server never learns of it.

Streamlit 1.67 has no call that changes its theme. theme.js asks the front end; what it leans on is listed in
components/elements/streamlit_internals.py.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from components.elements import words

_HERE = Path(__file__).parent
_switch = st.components.v2.component(
    "theme_switch",
    html='<div role="group"></div>',
    css=(_HERE / "theme.css").read_text(),
    js=(_HERE / "theme.js").read_text(),
)


def theme_switch() -> None:
    """Draw the three buttons. The same data in every run, so it costs a run nothing."""
    _switch(data=(words.THEME, words.THEMES), key="theme_switch", height="content", width="content")


def accent() -> str:
    """The theme's own colour, as far as the browser has said which theme is in use."""
    kind = st.context.theme.type or "light"
    return str(st.get_option(f"theme.{kind}.primaryColor") or st.get_option("theme.primaryColor") or "#0f766e")
