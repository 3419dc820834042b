"""The modes of the Compare page: one line for each. A mode draws everything below the switch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from components.compare import blind, explorer, race, words
from components.session.session import Session
from components.suite import page as suite


@dataclass(frozen=True)
class Mode:
    """`id` never changes; `label` is for visitors; `enter` is called when it is chosen."""

    id: str
    label: str
    draw: Callable[[Session], None]
    enter: Callable[[Session], None] = lambda session: None


MODES = (
    Mode("race", words.MODES["race"], race.draw, blind.leave),
    Mode("blind", words.MODES["blind"], blind.draw, blind.enter),
    Mode("explorer", words.MODES["explorer"], explorer.draw),
    Mode("suite", words.MODES["suite"], suite.draw),
)
