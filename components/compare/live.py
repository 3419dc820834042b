"""The figures of a lane and the tabs of all lanes, updated in the browser: while answers arrive no page runs.

Two small elements of one script (live.js). It gets data only, and all of it is shown as text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

import streamlit as st

from backend.types import JSON
from components.compare import words

_HERE = Path(__file__).parent
_WORDS: dict[str, JSON] = {
    "first": words.FIRST_WORD,
    "speed": words.SPEED,
    "waits": words.WAITS,
    "lanes": words.LANES,
    "states": dict(words.STATES),
    "unasked": words.NOT_ASKED,
}


@cache
def _component() -> Callable[..., object]:
    """The component, registered once per process."""
    script = (_HERE / "live.js").read_text("utf-8")
    return st.components.v2.component("lane_figures", js=script, isolate_styles=False)


def figures(lane: Mapping[str, JSON], key: str) -> None:
    """Time to the first token, words per second, cost, and what the lane was best at."""
    _component()(key=key, data=("figures", dict(lane), _WORDS))


def tabs(lanes: Sequence[Mapping[str, JSON]]) -> None:
    """A tab for each lane with its state; visible on narrow screens only."""
    with st.container(key="lane_tabs"):
        _component()(key="lane_tabs.script", data=("tabs", [dict(lane) for lane in lanes], _WORDS))
