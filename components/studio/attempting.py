"""A click in a result whose work may fail in words."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from backend.errors import APIError
from backend.store import StoreError
from components.elements.markdown import plain
from components.session import tab


def attempt(do: Callable[[], None]) -> None:
    """What a click in a result does to the rest of the page is drawn with the page."""
    try:
        with tab.for_the_page():
            do()
    except StoreError as error:
        st.toast(plain(str(error)), icon=":material/error:")
    except APIError as error:
        st.toast(plain(f"{error.title} {error.hint}"), icon=":material/error:")
