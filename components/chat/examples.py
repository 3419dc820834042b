"""Example prompts on an empty page, one click each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st


def examples(
    send: Callable[[str], None],
    prompts: Sequence[tuple[str, str]],
    below: Callable[[], None] = lambda: None,
    above: Callable[[], None] = lambda: None,
) -> None:
    """Draw (icon, prompt) pairs as cards of one size, two in a row. `above` and `below` draw more of them; one with
    a key `wide...` takes a whole row.

    `send` is called with the prompt of a click.
    """
    with st.container(key="examples"):
        above()
        for place, (icon, prompt) in enumerate(prompts):
            st.button(
                prompt,
                key=f"example.{place}",
                on_click=send,
                args=(prompt,),
                icon=icon,
                width="stretch",
                wrap=True,
            )
        below()
