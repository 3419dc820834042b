"""Shared by all results other than media: their stored file, and download buttons."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import streamlit as st

from backend.protocol.body import decode
from backend.studio.shelf import Shelf
from backend.types import JSON
from backend.untrusted import fields, string
from components.session.studio_runs import Run


def kept_json(run: Run, name: str, shelf: Shelf) -> JSON:
    """The stored JSON of a result; None if it is gone."""
    kept = shelf.find(string(fields(run.step.result.get(name)).get("id")))
    with suppress(OSError, ValueError):
        return None if kept is None else decode(kept.path.read_text("utf-8"))
    return None


def download(label: str, content: str | Callable[[], bytes], name: str, kind: str, run: Run) -> None:
    """A download button; a function makes the content on demand."""
    key = f"studio.{run.job.id}.{name.rpartition('.')[2]}"
    st.download_button(
        label, content, name, kind, key=key, on_click="ignore", type="tertiary", icon=":material/download:"
    )
