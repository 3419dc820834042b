"""Plays a recording without waiting and without display: does it come to its end, and what is its text?

    answers = rehearsed(recording)     # Raises Unreadable where it would be half a play

The bytes go through the real client, so what passes here plays on the page.
"""

from __future__ import annotations

from dataclasses import replace

from backend.answer.turn import Source
from backend.demos.pace import Pace
from backend.demos.player import recorded_request
from backend.demos.recording import Recording, Round
from backend.demos.replay import replaying
from backend.errors import APIError
from backend.protocol.accumulator import Accumulator
from backend.tools.emulation import Emulated
from backend.transport.call import Call, Stopped
from backend.types import Message
from backend.untrusted import Unreadable

_AT_ONCE = 1e9  # seconds of the recording per second
_LONGEST = 20.0  # seconds for one answer


def rehearse(recording: Recording) -> list[Message]:
    """Every answer as the page will show it. Raises Unreadable with a message for the visitor."""
    rounds = recording.rounds
    last = {id(talk.rounds[-1]) for talk in recording.all_talks}
    return [_answer(recording, round_, place, over=id(round_) in last) for place, round_ in enumerate(rounds, 1)]


def _answer(recording: Recording, round_: Round, place: int, *, over: bool) -> Message:
    answer = replace(round_.answer, replies=round_.answer.replies[-1:])
    pace = Pace()
    pace.run(_AT_ONCE)
    if answer.ending == "failed" and not answer.chunks:  # a refusal: it contains no text
        return Message("assistant", state="failed")
    source: Source = replaying(answer, pace)
    if recording.emulated:
        source = Emulated(source)
    draft, ending, why = Accumulator(answer.model), "done", ""
    try:
        for event in source.chat(recorded_request(answer, ()), Call(_LONGEST)):
            draft.apply(event)
    except Stopped:
        ending = "stopped"
    except APIError as error:
        ending, why = "failed", f" {error.title}"
    if ending != answer.ending:
        raise Unreadable(f"Answer {place} of the recording does not come to its end.{why}")
    message = draft.message()
    if not over and len(message.tool_calls) != len(round_.results):
        raise Unreadable(f"The calls of answer {place} of the recording do not have a result each.")
    return message
