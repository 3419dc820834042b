"""Parts shared by tabs of the inspector: a text to read, copy and download; a table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from backend.protocol.body import rounded
from backend.types import JSON
from components.elements.copy_button import copy_button
from components.inspector import words

LONG = 20_000  # characters of one text that are drawn; all of it is in the copy and the download
_TALL = 420  # pixels


def take_along(text: str, name: str, key: str, mime: str = "application/json") -> None:
    """Buttons to copy and to download a text."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        copy_button(text, f"inspect.copy.{key}")
        st.download_button(
            words.DOWNLOAD,
            text.encode("utf-8", "replace"),
            name,
            mime,
            key=f"inspect.download.{key}",
            on_click="ignore",
            icon=":material/download:",
            type="tertiary",
        )


def text_block(text: str, language: str | None = None) -> None:
    """An untrusted text unchanged, the beginning of a long one."""
    st.code(text[:LONG], language=language, wrap_lines=True, height=_TALL if len(text) > 1_500 else "content")
    if len(text) > LONG:
        st.caption(words.BEGINNING_ONLY.format(drawn=LONG, total=len(text)))


def json_block(value: object) -> None:
    """Collapsible JSON; long texts in it (pictures, sounds) are shortened. Plain text if a browser would round a
    number in it.
    """
    if rounded(value):
        text_block(json.dumps(shorten(value), indent=2, ensure_ascii=False), "json")
    else:
        st.json(shorten(value), expanded=2)


def shorten(value: object, limit: int = 2_000) -> object:
    """JSON with its long texts shortened."""
    if isinstance(value, str):
        return value if len(value) <= limit else words.CUT_TEXT.format(beginning=value[:200], count=len(value))
    if isinstance(value, Mapping):
        return {str(name): shorten(item, limit) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [shorten(item, limit) for item in value]
    return value


def pretty(value: JSON) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def table(rows: Sequence[Mapping[str, object]], alt: str, **more: Any) -> None:
    """Rows as a table: its cells are always plain text. `more` are arguments of `st.dataframe`."""
    columns = {name: [row.get(name) for row in rows] for name in (rows[0] if rows else {})}
    st.dataframe(columns, hide_index=True, alt=alt, **more)
