"""The keys of everything that is edited: Ctrl+Enter presses the first of its choices, Escape the last of several.

The focus goes into an editor that opens, and back to what opened it (components/elements/page_keys.js). One choice
alone is no way out: Escape is for the dialog or the popover around it then.
"""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def editor(name: str) -> DeltaGenerator:
    """The place of fields and choices; `name` is unique on a page."""
    return st.container(key=f"editing.{name}", gap="small")


def choices(name: str) -> DeltaGenerator:
    """The row of buttons in it: the first one takes what was typed, the last one leaves it."""
    return st.container(key=f"editing_choices.{name}", horizontal=True, gap="small", vertical_alignment="center")
