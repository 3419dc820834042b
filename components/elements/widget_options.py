"""The type of the arguments that the widgets of one field share, whichever of them is drawn."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class WidgetOptions(TypedDict):
    """Keyword arguments that text fields, number fields and choices of Streamlit all accept."""

    label: str
    key: str
    persist_state: Literal["session"]
    help: NotRequired[str]
    label_visibility: NotRequired[Literal["visible", "hidden", "collapsed"]]
