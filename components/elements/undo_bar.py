"""A bar above the page that says what was just deleted, with Undo, for as long as that is possible.

The browser hides it by itself, so no page has to be drawn for that. It exists, empty, even if there is
nothing to say: only then does a screen reader announce its content.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from components.elements import words

_HERE = Path(__file__).parent
_HTML = '<div class="bar"><span class="text" role="status"></span><button type="button" hidden></button></div>'
_bar = st.components.v2.component(
    "undo_bar", html=_HTML, css=(_HERE / "undo_bar.css").read_text(), js=(_HERE / "undo_bar.js").read_text()
)


@dataclass(frozen=True)
class UndoNotice:
    """What the bar says for `left` seconds; without an `id` it is empty. `undo`: there is a way back."""

    id: str = ""
    text: str = ""
    left: float = 0.0
    undo: bool = False


def undo_bar(said: UndoNotice, key: str, on_undo: Callable[[], None]) -> None:
    """Draw it. `on_undo` is called for a click; `undo_id` then returns the id of the deletion."""
    undo = words.UNDO if said.undo else ""
    with st.container(key=key):
        data = {"id": said.id, "text": said.text, "undo": undo, "left": said.left}
        _bar(data=data, key=element(key), on_undo_change=on_undo)


def element(key: str) -> str:
    """The key of the element that holds the click."""
    return f"{key}.bar"


def undo_id(value: object) -> str:
    """The id in the element's value; "" if there is none."""
    id_ = value.get("undo") if isinstance(value, Mapping) else None
    return id_ if isinstance(id_, str) else ""
