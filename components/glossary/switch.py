"""The switch "Simple words", and labels with it on and off."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from backend import glossary
from components.glossary import words
from components.session import simple_words, widgets

_in_browser = st.components.v2.component(
    "simple_words", js=Path(__file__).with_name("labels.js").read_text("utf-8")
)


def simple_words_switch() -> None:
    """Draw it. It applies from the next element on: each click reruns the page."""
    st.toggle(
        words.SIMPLE_WORDS,
        value=simple_words.is_on(),
        key=widgets.SIMPLE_WORDS,
        persist_state="session",
        on_change=simple_words.choose,
    )
    with st.container(key="remember"):
        data = {"name": simple_words.COOKIE, "chosen": simple_words.for_browser(), "simple": simple_words.is_on()}
        _in_browser(key="remember.words", data=data)


def control_label(id_: str, word: str = "", *, marks: bool = True) -> str:
    """The label of a control: its `word`, or the plain one with its name in a request in small print.

    Controls have keys, so with another label it is still the same control; the label of an expander must not
    change: it
    would collapse. `marks`: it is in the sidebar, where labels.js removes them for screen readers.
    """
    term = glossary.term_of(id_)
    word = word or term.word
    if not (term.plain and simple_words.is_on()):
        return word
    name = term.api or (word if term.word else term.id)
    return (words.LABEL if marks else words.LABEL_WITHOUT_MARKS).format(plain=term.plain, name=name)
