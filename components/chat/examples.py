"""Prompts to try on an empty page, one click each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st


def examples(send: Callable[[str], None], prompts: Sequence[tuple[str, str]]) -> None:
    """Draw (icon, prompt) pairs as buttons, in two columns. `send` is called with the prompt of a click."""
    half = (len(prompts) + 1) // 2
    buttons = [(place, icon, prompt) for place, (icon, prompt) in enumerate(prompts)]
    with st.container(key="examples"):
        for column, rows in zip(st.columns(2), (buttons[:half], buttons[half:]), strict=True):
            for place, icon, prompt in rows:
                column.button(
                    prompt,
                    key=f"example.{place}",
                    on_click=send,
                    args=(prompt,),
                    icon=icon,
                    width="stretch",
                    wrap=True,
                )
