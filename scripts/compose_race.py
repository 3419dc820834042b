"""Composes the bundled race, written by scripts/compose_recordings.py: by hand, and marked as such."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from backend.compare.lane_settings import Overrides
from backend.demos.recording import RecordedLane, Recording

QUESTION = "How many days are there from 28 February to 1 March 2028? Count the nights between them."


class Run(Protocol):
    """A recording while it is composed."""

    model: str
    slowness: float

    def ask(self, question: str) -> None: ...

    def say(self, text: str, thought: str = "") -> None: ...

    def recording(self) -> Recording: ...


ANSWERS = (
    ("example/small", 0.5, "There is **1 day** from 28 February to 1 March.", ""),
    (
        "example/medium",
        0.9,
        "2028 is a leap year, so February has a 29th. From 28 February to 1 March there are **2 nights**: 28 to 29 "
        "February, and 29 February to 1 March.",
        "",
    ),
    (
        "example/thinking",
        1.3,
        "**2 nights.** 2028 can be divided by 4 and is no full century, so it is a leap year: 28 February, 29 "
        "February, 1 March.",
        "Is 2028 a leap year? 2028 / 4 = 507, with nothing left, and it is no century. Yes.\n\nThen February has "
        "29 days. 28 to 29 is one night, 29 to 1 March is another. That makes 2.",
    ),
)


def race(begin: Callable[[str], Run]) -> Recording:
    """Three models, of which the fastest is wrong."""
    lanes = []
    for model, slowness, text, thought in ANSWERS:
        run = begin(model)
        run.model, run.slowness = model, slowness
        run.ask(QUESTION)
        run.say(text, thought)
        lanes.append(RecordedLane(Overrides(model=model, system_prompt=""), run.recording().talks))
    return Recording(
        "A race of three models",
        (),
        "Compare",
        "One question, three answers side by side. The first one to answer is not the one that is right.",
        composed=True,
        lanes=tuple(lanes),
    )
