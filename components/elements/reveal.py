"""Scrolls what a click has opened into view, and nothing else: a page does not jump if it is already visible."""

from __future__ import annotations

import re

import streamlit as st

# Once per target: a visitor who scrolls away afterwards is not pulled back.
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
    """Draw an invisible element in the container with this key, and scroll that container into view when it
    appears, and when its content (`of`) changes. `focus`: centre it, with the focus on its first button.
    """
    _reveal(
        data={"key": re.sub(r"[^\w-]", "-", key), "of": of, "focus": focus}, key=f"reveal.{key}", height="content"
    )
