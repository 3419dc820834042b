"""The list of keyboard shortcuts: "?" opens it on every page, and so does a button in the bar."""

from __future__ import annotations

import streamlit as st

from components.chat import words
from components.session.session import Session


def shortcuts(session: Session) -> None:
    """The button, and the list while it is open. A touch screen has no keys and no button."""
    st.button(
        words.SHORTCUTS,
        key="shortcuts",
        on_click=session.dialogs.open,
        args=("shortcuts",),
        icon=":material/keyboard:",
        type="tertiary",
        help=words.SHORTCUTS_HELP,
    )
    if session.dialogs.is_open("shortcuts"):
        _dialog()


def _on_close() -> None:
    Session.current().dialogs.close("shortcuts")


@st.dialog(words.SHORTCUTS, on_dismiss=_on_close)
def _dialog() -> None:
    with st.container(key="keys"):
        for title, keys in words.KEYS.items():
            rows = "\n".join(f"| **{key}** | {what} |" for key, what in keys.items())
            st.markdown(f"| {title} | {words.WHAT_A_KEY_DOES} |\n|---|---|\n{rows}")
