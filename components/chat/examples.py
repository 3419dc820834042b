"""Prompts to try on an empty page, one click each."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components.session.composer import Composer


def examples(composer: Composer, prompts: Sequence[tuple[str, str]]) -> None:
    """Draw (icon, prompt) pairs as buttons, in two columns."""
    half = (len(prompts) + 1) // 2
    with st.container(key="examples"):
        for column, rows in zip(st.columns(2), (prompts[:half], prompts[half:]), strict=True):
            for icon, prompt in rows:
                key = f"example.{prompt}"
                column.button(
                    prompt, key=key, on_click=composer.send, args=(prompt,), icon=icon, width="stretch", wrap=True
                )
