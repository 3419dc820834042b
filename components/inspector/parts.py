"""Parts of several tabs of the inspector: a text to read, to copy and to take along; a table; what is gone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from backend.types import JSON
from components.elements.copy_button import copy_button

LONG = 20_000  # characters of one text that are drawn; all of it is in the copy and the file
_TALL = 420  # pixels


def take_along(text: str, name: str, key: str, mime: str = "application/json") -> None:
    """Buttons to copy a text and to keep it as a file."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        copy_button(text, f"inspect.copy.{key}")
        st.download_button(
            "Download",
            text.encode("utf-8", "replace"),
            name,
            mime,
            key=f"inspect.download.{key}",
            on_click="ignore",
            icon=":material/download:",
            type="tertiary",
        )


def text_block(text: str, language: str | None = None) -> None:
    """A text from outside as it is, the beginning of a long one."""
    st.code(text[:LONG], language=language, wrap_lines=True, height=_TALL if len(text) > 1_500 else "content")
    if len(text) > LONG:
        st.caption(f"The first {LONG:,} of {len(text):,} characters. Copy and Download have all of them.")


def json_block(value: object) -> None:
    """JSON to unfold; long texts in it (pictures, sounds) are shortened for the eye."""
    st.json(shortened(value), expanded=2)


def shortened(value: object, limit: int = 2_000) -> object:
    """JSON with its long texts cut."""
    if isinstance(value, str):
        return value if len(value) <= limit else f"{value[:200]}... ({len(value):,} characters)"
    if isinstance(value, Mapping):
        return {str(name): shortened(item, limit) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [shortened(item, limit) for item in value]
    return value


def pretty(value: JSON) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def table(rows: Sequence[Mapping[str, object]], alt: str, **more: Any) -> None:
    """Rows as a table: its cells are plain text by nature."""
    columns = {name: [row.get(name) for row in rows] for name in (rows[0] if rows else {})}
    st.dataframe(columns, hide_index=True, alt=alt, **more)


def gone(what: str) -> None:
    st.caption(
        f":material/history: {what} is remembered for the last answers of this tab only. What follows is what the "
        "saved message itself holds."
    )
