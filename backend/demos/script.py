"""A script for the stage as values: what is shown, asked or played, step by step. All of it is untrusted text.

It does NOT run: what a press does is in components/session/stage.py. Its file format is
in backend/demos/script_file.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from backend.compare.lane_settings import Overrides
from backend.demos.recording import Recording
from backend.tools.builtin import FUNCTIONS
from backend.types import JSON

StepKind = Literal["words", "ask", "race", "play", "unknown"]
KINDS: tuple[StepKind, ...] = ("words", "ask", "race", "play")  # the kinds of steps


@dataclass(frozen=True)
class Step:
    """What one press shows. `caption` is for the audience, `reveal` is what a second press shows below it.

    `words`: a text only. `ask`: the `prompt` is sent to a model, with these settings and no others; `continues`:
    in the chat of the step before; `tools`: with these functions of the app on offer. `race`: it is sent to
    several `lanes` at once, each with its own overrides. `play`: the recording plays. The recording of a step
    that asks, or races, is what takes the place of its answer. `unknown`: a kind that is not known here, named
    in `caption`; it is skipped.
    """

    kind: StepKind
    caption: str = ""
    reveal: str = ""
    prompt: str = ""
    continues: bool = False
    model: str = ""
    system_prompt: str = ""
    parameters: Mapping[str, JSON] = field(default_factory=dict)
    recording: Recording | None = None
    shelf: str = ""  # the name of a bundled recording
    tools: tuple[str, ...] = ()  # names, possibly of tools that do not exist here
    lanes: tuple[Overrides, ...] = ()

    @property
    def asks(self) -> bool:
        """Whether its prompt is sent to a model, or to several."""
        return self.kind in ("ask", "race")

    def shows_as(self, other: Step) -> bool:
        """Whether both steps show the same result: they differ only in words for the audience and in the recording
        that stands by.
        """
        other = replace(other, caption=self.caption, reveal=self.reveal)
        if self.asks:
            other = replace(other, recording=self.recording, shelf=self.shelf)
        return other == self

    @property
    def unusable_tools(self) -> tuple[str, ...]:
        """The tools that it names and that cannot be used on the stage."""
        return tuple(name for name in self.tools if name not in FUNCTIONS)


@dataclass(frozen=True)
class Script:
    """Steps in order."""

    title: str
    steps: tuple[Step, ...]
    about: str = ""

    def after(self, place: int) -> int | None:
        """The index from 1 of the next known step; None at the end."""
        return next((at for at in range(place + 1, len(self.steps) + 1) if self._is_known(at)), None)

    def before(self, place: int) -> int | None:
        """The index of the previous step; 0 is before the first, None before that."""
        return next((at for at in range(place - 1, 0, -1) if self._is_known(at)), 0 if place else None)

    def _is_known(self, place: int) -> bool:
        return self.steps[place - 1].kind != "unknown"
