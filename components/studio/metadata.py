"""Metadata that a server sent with its result, under it: short entries in a line, the rest in an expander."""

from __future__ import annotations

import streamlit as st

from backend.studio import metadata
from components.elements.markdown import plain
from components.session.studio_runs import Run
from components.studio import words

_IN_A_LINE = 12


def draw(run: Run) -> None:
    """Draw it; nothing if there is none."""
    short, long = metadata.split(run.step.result.get("beside"))
    if short:
        st.caption(" · ".join(f"{_label(name)}: {plain(value)}" for name, value in short[:_IN_A_LINE]))
    rest = [*short[_IN_A_LINE:], *long]
    if not rest:
        return
    fold = st.expander(words.BESIDE, key=f"studio.beside.{run.job.id}", on_change="rerun")
    if fold.open:
        with fold:
            for name, value in rest:
                st.caption(_label(name))
                st.code(value, language=None, wrap_lines=True)


def _label(name: str) -> str:
    """A server's field name as words."""
    label = name.replace("_", " ").strip()
    return plain(label[:1].upper() + label[1:])
