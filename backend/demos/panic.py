"""A recording that takes the place of an answer in the middle of it, and begins where the answer was.

"Where" is as far as so many characters: the times of two runs have nothing to do with each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backend.answer.turn import Source
from backend.demos.pace import Pace
from backend.demos.playing import asked
from backend.demos.recording import Recording
from backend.demos.replay import replaying
from backend.errors import APIError
from backend.tools.emulation import Emulated
from backend.transport.call import Call, Stopped
from backend.types import Message, ReasoningDelta, TextDelta

_LONGEST = 20.0  # seconds


def following(recording: Recording, before: Sequence[Message]) -> Recording:
    """The same recording after these messages, in place of those that came before it."""
    return replace(recording, earlier=tuple(before))


def reached(recording: Recording, characters: int) -> float:
    """The second at which the first answer of a recording has so many characters, thoughts included; its last one
    where it never has. It is heard without waiting, by the real client."""
    if characters <= 0:
        return 0.0
    answer, clock, so_far = recording.rounds[0].answer, _Jumping(), 0
    source: Source = replaying(replace(answer, replies=answer.replies[-1:]), clock)
    if recording.emulated:
        source = Emulated(source)
    try:
        for event in source.chat(asked(answer, ()), Call(_LONGEST)):
            so_far += len(event.text) if isinstance(event, TextDelta | ReasoningDelta) else 0
            if so_far >= characters:
                break
    except (APIError, Stopped):  # it ended there, and so it is shown
        pass
    return clock.now()


def length(message: Message) -> int:
    """The characters of an answer, thoughts included."""
    return len(message.content) + len(message.reasoning)


class _Jumping(Pace):
    """A clock that shows at once what is waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._at = 0.0

    def now(self) -> float:
        return self._at

    def wait(self, until: float, call: Call) -> None:
        self._at = max(self._at, until)
