"""The title of a page, in the bar over it: the one heading of the first level that a page has."""

from __future__ import annotations

from unicodedata import bidirectional

import streamlit as st

from components.elements.markdown import plain


def page_title(text: str) -> None:
    """Plain text on one line, cut where it is too long: on the left where its script runs to the left."""
    with st.container(key="page_title.rtl" if runs_to_the_left(text) else "page_title.ltr", gap=None):
        st.title(plain(text), anchor=False)


def runs_to_the_left(text: str) -> bool:
    """As a browser decides it for dir=auto: by the first letter that has a direction."""
    return next((kind != "L" for letter in text if (kind := bidirectional(letter)) in ("L", "R", "AL")), False)
