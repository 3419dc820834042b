"""Replaces a running answer by its recording, which continues at the point that the answer had reached.

That point is found by the number of characters: the times of two runs are unrelated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import inf

from backend.answer.turn import Source
from backend.demos.pace import Pace
from backend.demos.player import Ahead, recorded_request
from backend.demos.recording import Answer, Recording
from backend.demos.replay import replaying
from backend.errors import APIError
from backend.tools.emulation import Emulated
from backend.transport.call import Call, Stopped
from backend.types import Message, ReasoningDelta, TextDelta, ToolCallDelta

_LONGEST = 20.0  # seconds


def following(recording: Recording, before: Sequence[Message]) -> Recording:
    """The same recording after these messages, in place of its own earlier ones; a race has none."""
    return recording if recording.lanes else replace(recording, earlier=tuple(before))


def in_place_of(
    recording: Recording, prompt: str, transcripts: Sequence[Sequence[Message]]
) -> tuple[Recording, list[Ahead]]:
    """The recording that replaces the answer to a question, and the point where it begins: in the chat, or in each
    lane. If something else was asked after it, it begins at its beginning.

    `transcripts`: of the chat, or of each lane of a race.
    """
    parts = [recording.lane(lane) for lane in recording.lanes] or [recording]
    split = [_split(transcript, prompt) for transcript in transcripts]
    before = split[0][0] if split else ()
    if bool(recording.lanes) != (len(split) > 1):  # a race for a chat, or a chat for a race
        return following(recording, before), []
    begins = [point_reached(part, answers) for part, (_, answers) in zip(parts, split, strict=False)]
    return following(recording, before), begins


def _split(transcript: Sequence[Message], prompt: str) -> tuple[Sequence[Message], list[Message]]:
    """The messages before a question and the answers to it, as long as it is the last one."""
    questions = [place for place, message in enumerate(transcript) if message.role == "user"]
    own = next((place for place in reversed(questions) if transcript[place].content == prompt), len(transcript))
    later = transcript[own + 1 :] if questions and own == questions[-1] else ()
    return transcript[:own], [message for message in later if message.role == "assistant"]


def point_reached(recording: Recording, answers: Sequence[Message]) -> Ahead:
    """The point in a recording of one chat at which it has as much text as these answers to its first question:
    whole rounds, and characters of the next one. It is replayed by the real client, without waiting.
    """
    rounds = recording.talks[0].rounds
    place = min(max(len(answers) - 1, 0), len(rounds) - 1)
    last = answers[-1:]
    if last and last[0].tool_calls and last[0].state == "done":
        return Ahead(place, _at(rounds[place].answer, inf, emulated=recording.emulated))
    return Ahead(place, _at(rounds[place].answer, sum(map(length, last)), emulated=recording.emulated))


def _at(answer: Answer, characters: float, *, emulated: bool) -> float:
    """The second at which an answer has this many characters; its last one if it never has."""
    if characters <= 0:
        return 0.0
    clock, so_far = _Jumping(), 0
    source: Source = replaying(replace(answer, replies=answer.replies[-1:]), clock)
    if emulated:
        source = Emulated(source)
    try:
        for event in source.chat(recorded_request(answer, ()), Call(_LONGEST)):
            so_far += _characters(event)
            if so_far >= characters:
                break
    except (APIError, Stopped):  # it ended there, and is shown that way
        pass
    return clock.now()


def _characters(event: object) -> int:
    if isinstance(event, ToolCallDelta):
        return len(event.arguments)
    return len(event.text) if isinstance(event, TextDelta | ReasoningDelta) else 0


def length(message: Message) -> int:
    """The characters of an answer, including reasoning and the arguments of its calls."""
    called = sum(len(call.arguments) for call in message.tool_calls)
    return len(message.content) + len(message.reasoning) + called


class _Jumping(Pace):
    """A clock that jumps at once to any time that is waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._at = 0.0

    def now(self) -> float:
        return self._at

    def wait(self, until: float, call: Call) -> None:
        self._at = max(self._at, until)
