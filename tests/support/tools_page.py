"""The Tools page through AppTest: ask, press, open an expander, read what the model got."""

from __future__ import annotations

import time
from typing import Any

from streamlit.testing.v1 import AppTest
from visiting import say, well


def button(at: AppTest, label: str, place: int = 0) -> Any:
    return [found for found in at.button if found.label == label][place]


def click(at: AppTest, label: str, place: int = 0) -> AppTest:
    return settle(well(button(at, label, place).click().run()))


def settle(at: AppTest) -> AppTest:
    """As the page stands when nothing runs any more: AppTest ends a run where the page would begin another."""
    for _ in range(100):
        if not at.session_state["session"].chats.current.running:
            return well(at.run())
        time.sleep(0.05)
    raise AssertionError("a tool runs for ever")


def ask(at: AppTest, text: str = "What time is it in Tokyo?") -> AppTest:
    return settle(say(at, text))


def open_(at: AppTest, *folds: str) -> AppTest:
    for fold in folds:
        at.session_state[fold] = True
    return well(at.run())
