"""Prompts to try on an empty page, one click each."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components.session.composer import Composer


def examples(composer: Composer, prompts: Sequence[tuple[str, str]]) -> None:
    """Draw (icon, prompt) pairs as cards of one size, two in a row; one with a key `wide...` takes a row."""
    with st.container(key="examples"):
        for place, (icon, prompt) in enumerate(prompts):
            st.button(
                prompt,
                key=f"example.{place}",
                on_click=composer.send,
                args=(prompt,),
                icon=icon,
                width="stretch",
                wrap=True,
            )
