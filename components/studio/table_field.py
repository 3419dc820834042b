"""The field for a table: a CSV or JSON Lines file, or pasted text."""

from __future__ import annotations

import streamlit as st

from backend.studio import batches
from backend.studio.batches import BadRows
from backend.types import JSON
from backend.untrusted import decoded
from components.elements.widget_options import WidgetOptions
from components.session import tab
from components.studio import words


def _uploader(key: str) -> str:
    """The key of the uploader beside the box of this key."""
    return f"{key}.file"


def draw(common: WidgetOptions) -> None:
    """Draw it; `common` are the shared arguments of the form's widgets."""
    st.file_uploader(
        common["label"],
        type=["csv", "tsv", "txt", "jsonl", "json"],
        key=_uploader(common["key"]),
        max_upload_size=batches.LARGEST // 1_000_000,
        help=words.TABLE_HELP,
    )
    options: WidgetOptions = {**common, "label_visibility": "collapsed"}
    st.text_area(height=90, placeholder=words.TABLE_PLACEHOLDER, **options)


def read(key: str) -> JSON:
    """Its rows; None if it is empty. A file has precedence over pasted text. Raises BadRows."""
    given = str(tab.value(key) or "")
    if file := tab.upload(_uploader(key)):
        try:
            given = decoded(file.getvalue())
        except UnicodeDecodeError:
            raise BadRows((0, words.TABLE_NO_TEXT)) from None
    return [dict(row) for row in batches.read(given)] if given.strip() else None
