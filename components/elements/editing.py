"""Keyboard behaviour of editors: Ctrl+Enter presses the first of the buttons, Escape the last of several.

The focus moves into an editor that opens, and back to what opened it (components/elements/page_keys.js). A single
button is no way out: Escape then closes the dialog or popover around it.
"""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def editor(name: str) -> DeltaGenerator:
    """The container of fields and buttons; `name` is unique on a page."""
    return st.container(key=f"editing.{name}", gap="small")


def choices(name: str) -> DeltaGenerator:
    """The row of buttons in it: the first one submits, the last one cancels."""
    return st.container(key=f"editing_choices.{name}", horizontal=True, gap="small", vertical_alignment="center")
