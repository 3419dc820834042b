"""The title of a page, in the bar above it: the only level-one heading of a page."""

from __future__ import annotations

from unicodedata import bidirectional

import streamlit as st

from components.elements.markdown import plain


def page_title(text: str) -> None:
    """Plain text on one line, truncated if it is too long: on the left for right-to-left scripts."""
    with st.container(key="page_title.rtl" if runs_to_the_left(text) else "page_title.ltr", gap=None):
        st.title(plain(text), anchor=False)


def runs_to_the_left(text: str) -> bool:
    """Whether a browser would choose right-to-left for dir=auto: by the first letter with a direction."""
    return next((kind != "L" for letter in text if (kind := bidirectional(letter)) in ("L", "R", "AL")), False)
