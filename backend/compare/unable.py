"""The answer of a lane that is asked nothing, and says why: its model cannot open what is attached, or the server
that it runs on is not there."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from backend.attachments import KINDS
from backend.errors import APIError
from backend.transport.call import Call
from backend.types import ChatRequest, Event, MediaKind


class NotTaken(APIError):
    title = "This model cannot open what is attached."
    hint = "It was not asked. Choose another model for this lane."
    side = "you"


class NotThere(APIError):
    title = "The server that this lane runs on is not there."
    hint = (
        "Nothing was sent, and to no other server either. Start it and load the page anew, or choose on the head "
        "of the lane where it runs."
    )
    side = "you"


class Unable:
    """A source that never asks anybody."""

    def __init__(self, why: APIError) -> None:
        self._why = why

    def chat(self, request: ChatRequest, call: Call | None = None) -> Iterator[Event]:
        raise self._why
        yield  # makes this a generator


def not_taken(kinds: Collection[MediaKind]) -> NotTaken:
    """Why a model is not asked that takes nothing of these kinds."""
    return NotTaken(title=f"This model does not take {' and '.join(KINDS[kind] for kind in sorted(kinds))}.")
