"""A click in a result, which is a part of the page, and what it does to the rest of the page."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from backend.errors import APIError
from backend.store import StoreError
from components.elements.markdown import plain
from components.session import tab

_TOLD = "studio.told"  # what came of a click: a sentence and an icon


def attempt(do: Callable[[], None]) -> None:
    """What is done to the rest of the page is drawn with the page; what goes wrong is said when it is."""
    with tab.for_the_page():
        try:
            do()
        except StoreError as error:
            tell(str(error), "error")
        except APIError as error:
            tell(f"{error.title} {error.hint}", "error")


def tell(sentence: str, icon: str) -> None:
    """Say it with the next run: what a part of the page says in a callback takes the place of the page's first
    elements, its styles among them (seen with Streamlit 1.67)."""
    tab.put(_TOLD, (sentence, icon))


def told() -> None:
    """Say what waits to be said."""
    if waiting := tab.value(_TOLD):
        tab.put(_TOLD, None)
        sentence, icon = waiting
        st.toast(plain(sentence), icon=f":material/{icon}:")
