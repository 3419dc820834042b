"""What the Compare page can do: one line for each mode. A mode draws all that is below the switch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from components.compare import race, suite, words
from components.session.session import Session


@dataclass(frozen=True)
class Mode:
    """`id` is in no address and never changes; `label` is what visitors read."""

    id: str
    label: str
    draw: Callable[[Session], None]


MODES = (Mode("race", words.MODES["race"], race.draw), Mode("suite", words.MODES["suite"], suite.draw))
