"""Gives the answers of a recording one after the other: the far end of a playback (backend/demos/playing.py)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from backend.answer.turn import Source, Turn
from backend.demos.pace import Pace
from backend.demos.recording import Answer, Recording, Result
from backend.demos.replay import replaying
from backend.tools.emulation import Emulated
from backend.types import ChatRequest, Dialect, Message, Tool

SERVER = "recording"  # no digest of an address: its reasoning is never sent to a server


@dataclass(frozen=True)
class Ahead:
    """The part of a recording that is shown at once when it begins: whole rounds, and seconds of the next
    answer.
    """

    rounds: int = 0
    seconds: float = 0.0


START = Ahead()


class Player:
    """The TurnFactory of a chat that plays: it gives the next answer of the recording.

    `by_steps`: each part waits for `step`. `over`: it was stopped, or has come to its end.
    """

    def __init__(
        self, recording: Recording, is_open: Callable[[], bool], grace: float = 60.0, ahead: Ahead = START
    ) -> None:
        self.recording = recording
        self.pace = Pace()
        self._ahead = ahead
        self.by_steps = False
        self.over = False
        self.begun = 0  # answers
        self.answers: dict[Turn, Answer] = {}
        self._rounds = recording.rounds
        self._is_open = is_open
        self._grace = grace
        self._steps = 0

    def __call__(
        self, transcript: Sequence[Message], offered: tuple[Tool, ...], *, more: bool, before: Message | None = None
    ) -> Turn:
        answer = self._rounds[self.begun].answer
        source: Source = replaying(answer, self.pace, self._begins_at(answer))
        self.begun += 1
        if self.recording.emulated:
            source = Emulated(source)
        turn = Turn(source, recorded_request(answer, transcript, offered), clock=self.pace.now)
        self.answers[turn] = answer
        return turn.read_by(self._is_open, self._grace)

    def _begins_at(self, answer: Answer) -> float:
        """The seconds of the next answer that are shown at once."""
        if self.begun < self._ahead.rounds:
            return answer.chunks[-1].at if answer.chunks else 0.0
        return self._ahead.seconds if self.begun == self._ahead.rounds else 0.0

    @property
    def catches_up(self) -> bool:
        """Whether the results of the last answer's calls are shown at once."""
        return self.begun <= self._ahead.rounds

    def is_open(self) -> bool:
        return self._is_open()

    @property
    def question(self) -> Message | None:
        """The next question; None in the middle of a talk and at the end."""
        place = 0
        for talk in self.recording.talks:
            if place == self.begun:
                return talk.question
            place += len(talk.rounds)
        return None

    @property
    def results(self) -> tuple[Result, ...]:
        """The results of the last answer's calls."""
        return self._rounds[self.begun - 1].results if self.begun else ()

    @property
    def ended(self) -> bool:
        """Whether every answer has begun."""
        return self.begun >= len(self._rounds)

    @property
    def holds(self) -> bool:
        """Whether it is paused, or waits for a step."""
        return self.over or self.pace.paused or (self.by_steps and not self._steps)

    def step(self) -> None:
        """Play one more part once the current one has ended."""
        if not any(turn.running for turn in list(self.answers)[-1:]):
            self._steps = 1

    def note_step(self) -> None:
        """Note that a part has begun."""
        self._steps = 0


def recorded_request(answer: Answer, transcript: Sequence[Message], offered: tuple[Tool, ...] = ()) -> ChatRequest:
    """The request of a recorded answer: the body that was sent, if it is known."""
    request = ChatRequest(
        answer.model,
        tuple(transcript),
        tools=offered,
        stream=answer.streamed,
        dialect=Dialect(format=answer.format),
        server=SERVER,
    )
    return request if answer.request is None else replace(request, raw=answer.request, again=True)
