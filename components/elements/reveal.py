"""Brings what a click has opened into view, and nothing else: a page does not jump for what is in view already."""

from __future__ import annotations

import re

import streamlit as st

# Once for each thing: who scrolls away afterwards is left there.
_JS = """
const seen = new Set();  // of what came by a click: coming back to its page later is no click
export default function ({ data, parentElement }) {
  const host = parentElement.host ?? parentElement;
  if (host.dataset.revealed === data.of || seen.has(data.of)) return;
  host.dataset.revealed = data.of;
  if (data.focus) seen.add(data.of);
  const opened = host.closest(`.st-key-${CSS.escape(data.key)}`);
  requestAnimationFrame(() => {
    opened?.scrollIntoView({ block: data.focus ? "center" : "nearest" });
    if (data.focus) opened?.querySelector("button")?.focus({ preventScroll: true });
  });
}
"""

_reveal = st.components.v2.component("reveal", js=_JS)


def reveal(key: str, of: str = "", *, focus: bool = False) -> None:
    """Draw nothing, in the container with this key, and bring that container into view when it appears, and when it
    shows something else (`of`). `focus`: into the middle, with the focus on its first button."""
    _reveal(
        data={"key": re.sub(r"[^\w-]", "-", key), "of": of, "focus": focus}, key=f"reveal.{key}", height="content"
    )
