"""A button that copies a text to the clipboard: the raw Markdown, not the rendered form.

Streamlit has such a button on code blocks only, so this is a custom component: a few lines of
JavaScript, no build step. The text is never interpreted as HTML.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from components.elements import words

_HERE = Path(__file__).parent
_HTML = f'<button type="button" aria-label="{words.COPY}" title="{words.COPY}"><span class="icon"></span></button>'

_button = st.components.v2.component(
    "copy_button", html=_HTML, css=(_HERE / "copy.css").read_text(), js=(_HERE / "copy.js").read_text()
)


def copy_button(text: str, key: str) -> None:
    """Draw the button. `key` is unique on the page."""
    _button(
        data={"text": text, "copy": words.COPY, "copied": words.COPIED}, key=key, height="content", width="content"
    )
