"""Keyboard, touch and screen reader support of a page, beside what is drawn: a few lines in the browser."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import streamlit as st

from components.elements import words


@cache
def _component() -> Callable[..., object]:
    """The component, registered once per process."""
    script = Path(__file__).with_name("page_keys.js").read_text("utf-8")
    return st.components.v2.component("page_keys", js=script)


def page_keys() -> None:
    """Install it. Use a hidden container: it would take space."""
    _component()(key="page_keys.script", data={"skip": words.SKIP_TO_COMPOSER})
