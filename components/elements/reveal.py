"""Brings what a click has opened into view, and nothing else: a page does not jump for what is in view already."""

from __future__ import annotations

import re

import streamlit as st

# Once, when it appears: who scrolls away afterwards is left there.
_JS = """
export default function ({ data, parentElement }) {
  const host = parentElement.host ?? parentElement;
  if (host.dataset.revealed) return;
  host.dataset.revealed = "";
  const opened = host.closest(`.st-key-${CSS.escape(data.key)}`);
  requestAnimationFrame(() => opened?.scrollIntoView({ block: "nearest" }));
}
"""

_reveal = st.components.v2.component("reveal", js=_JS)


def reveal(key: str) -> None:
    """Draw nothing, in the container with this key, and bring that container into view when it appears."""
    _reveal(data={"key": re.sub(r"[^\w-]", "-", key)}, key=f"reveal.{key}", height="content")
