"""Text in coloured pieces: an answer by the probability of each token, or the difference of two texts.

A custom component without a build step: Streamlit has no way to colour parts of untrusted text
without parsing it as Markdown. The pieces become text nodes in the browser, never HTML.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from backend.answer.diff import Segment
from backend.protocol import logprobs
from backend.types import Token
from components.elements import words

_HERE = Path(__file__).parent
_NAMED = 5  # alternatives in a tooltip

_pieces = st.components.v2.component(
    "heat",
    html='<p class="text"></p>',
    css=(_HERE / "heat.css").read_text(),
    js=(_HERE / "heat.js").read_text(),
)


def heat_map(tokens: Sequence[Token], chosen: int | None, key: str, on_choose: Callable[[], None]) -> Any:
    """The tokens, the less certain the more coloured; `.place` of the result is the clicked one."""
    pieces = [
        {"text": token.text, "doubt": round(1 - logprobs.probability(token.logprob), 3), "tip": tip(token)}
        for token in tokens
    ]
    return _pieces(
        data=(pieces, chosen, True),
        key=key,
        default={"place": chosen},
        on_place_change=on_choose,
        height="content",
    )


def differing(segments: Sequence[Segment], key: str) -> None:
    """Two texts in one: text only in the earlier one is struck out, text only in the later one is underlined."""
    pieces = [{"text": text, "kind": kind} for kind, text in segments]
    _pieces(data=(pieces, None, False), key=key, height="content")


def percent(logprob: float) -> str:
    """Format a probability: 97 %, 3.2 %, under 0.1 %."""
    share = 100 * logprobs.probability(logprob)
    if share < 0.1:
        return words.UNDER_PERCENT
    return words.PERCENT.format(share=f"{share:.0f}" if share >= 9.95 else f"{share:.1f}")


def visible_text(text: str) -> str:
    """A token with invisible characters made visible."""
    return text.replace("\n", "⏎").replace("\t", "⇥").replace(" ", "␣") if not text.strip() else text


def tip(token: Token) -> str:
    """The tooltip of a token, one per line: its probability, and the likeliest alternatives with theirs."""
    others = [(text, logprob) for text, logprob in token.alternatives if text != token.text]
    return "\n".join(
        words.PROBABILITY.format(token=visible_text(text), percent=percent(logprob))
        for text, logprob in [(token.text, token.logprob), *others[:_NAMED]]
    )
