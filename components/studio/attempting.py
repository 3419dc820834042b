"""Runs an action of a result, which is a fragment, with effects on the rest of the page."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from backend.errors import APIError
from backend.store import StoreError
from components.elements.markdown import plain
from components.session import tab

_TOLD = "studio.told"  # the result of a click: a sentence and an icon


def attempt(do: Callable[[], None]) -> None:
    """Run it; changes of the rest of the page are drawn with the page, and so are errors."""
    with tab.for_the_page():
        try:
            do()
        except StoreError as error:
            set_toast(str(error), "error")
        except APIError as error:
            set_toast(f"{error.title} {error.hint}", "error")


def set_toast(sentence: str, icon: str) -> None:
    """Show it in the next run: what a fragment draws in a callback replaces the page's first elements, its
    styles among them (seen with Streamlit 1.67).
    """
    tab.put(_TOLD, (sentence, icon))


def show_toast() -> None:
    """Show the waiting message."""
    if waiting := tab.value_as(tuple, _TOLD):
        tab.put(_TOLD, None)
        sentence, icon = waiting
        st.toast(plain(sentence), icon=f":material/{icon}:")
