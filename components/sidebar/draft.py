"""Typed settings of a chat without messages survive a reload: the browser tab stores them (draft.js) and returns
them once. Numbers and choices are in the URL, and a chat with messages saves its settings itself.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from functools import cache
from pathlib import Path

import streamlit as st

from backend.parameters import PARAMETERS
from backend.text import clean
from backend.types import JSON
from backend.untrusted import Unreadable, fields, parsed
from components.session import tab, widgets
from components.session.request_settings import FORMATS
from components.session.session import Session

_HERE = Path(__file__).parent
_WIDGET = "settings.draft"
_TAB = "settings.draft.tab"  # identifies this session to draft.js
_HEARD = "settings.draft.heard"
_FORMAT = widgets.parameter("response_format")
_LISTS = {widgets.parameter(parameter.name): parameter for parameter in PARAMETERS if parameter.kind == "strings"}
_TEXTS = [parameter.name for parameter in PARAMETERS if parameter.kind in ("text", "date", "bias")]
TYPED = (
    *(widgets.SYSTEM_PROMPT, widgets.RESPONSE_SCHEMA, widgets.EXTRA_JSON, _FORMAT, *_LISTS),
    *map(widgets.parameter, _TEXTS),
)
_LETTERS = 200_000  # characters per field
_ALL = 400_000  # characters of the stored text


@cache
def _component() -> Callable[..., object]:
    return st.components.v2.component("settings_draft", js=(_HERE / "draft.js").read_text("utf-8"))


def keep(session: Session) -> None:
    """Store the typed settings in the browser tab while the chat has no messages. Call after they are drawn."""
    begun = bool(session.chats.current.conversation.nodes())
    if tab.value(_HEARD) is None:  # an opened chat or link brings its own settings
        tab.put(_HEARD, begun or session.opened.shared is not None)
        tab.put(_TAB, uuid.uuid4().hex)
    if begun:
        return
    values = {name: tab.value(name) for name in TYPED}
    stored = {name: value for name, value in values.items() if value and _is_kept(session, value)}
    data = {
        "values": json.dumps(stored),  # as text: Streamlit would import pandas to look at a mapping in the data
        "tab": tab.value(_TAB),
        "heard": tab.value(_HEARD),
    }
    with st.container(key="settings.draft.place", height=1, border=False):
        _component()(key=_WIDGET, data=data, height=1, on_draft_change=_given_back)


def _given_back() -> None:
    """Fill empty fields with the stored values. The input is untrusted: only values that a field can hold count."""
    draft = getattr(tab.value(_WIDGET), "draft", None)
    if tab.value(_HEARD) or not isinstance(draft, str):
        return
    with tab.for_the_page():
        tab.put(_HEARD, True)
        for name, value in draft_values(draft).items():
            if not tab.value(name):
                tab.put_setting(name, value)


def draft_values(draft: str) -> dict[str, JSON]:
    """The valid values in a stored text, by widget key."""
    try:
        given = fields(parsed(draft, _ALL, "It is too much."))
    except Unreadable:
        return {}
    values = {name: _fitting(name, given.get(name)) for name in TYPED}
    return {name: value for name, value in values.items() if value}


def _fitting(name: str, value: JSON) -> JSON:
    """The value as the widget with this key holds it; None if it cannot."""
    if name == _FORMAT:
        return value if value in FORMATS else None
    if name in _LISTS:
        options, items = _LISTS[name].options, value if isinstance(value, list) else []
        given = [clean(item)[:_LETTERS] for item in items[: _LISTS[name].most] if isinstance(item, str)]
        return [item for item in given if item and (not options or item in options)]
    return clean(value)[:_LETTERS] if isinstance(value, str) else None


def _is_kept(session: Session, value: object) -> bool:
    """Whether a value is stored: never one that contains an API key."""
    written = str(value)
    return len(written) <= _LETTERS and not any(key in written for key in session.connections.keys)
