"""Light, dark, or the system's setting: the visitor's choice, stored in the browser. The server does not know it.

Streamlit 1.67 has no API to change its theme. theme.js asks the front end; the internals it depends on are listed
in
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
    """Draw the three buttons. Their data is constant, so a run costs nothing."""
    _switch(data=(words.THEME, words.THEMES), key="theme_switch", height="content", width="content")


def accent() -> str:
    """The accent colour of the theme, as far as the browser has reported the current theme."""
    kind = st.context.theme.type or "light"
    return str(st.get_option(f"theme.{kind}.primaryColor") or st.get_option("theme.primaryColor") or "#0f766e")
