"""The answer of a lane that cannot be asked: its model cannot read the attachment, or its server is unavailable."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from backend.attachments import KINDS
from backend.errors import APIError
from backend.transport.call import Call
from backend.types import ChatRequest, Event, MediaKind


class NotTaken(APIError):
    """The model of the lane does not accept an attachment."""

    title = "This model cannot open what is attached."
    hint = "It was not asked. Choose another model for this lane."
    side = "you"


class NotThere(APIError):
    """The connection of the lane does not exist here."""

    title = "The server that this lane runs on is not there."
    hint = (
        "Nothing was sent, and to no other server either. Start it and load the page anew, or choose on the head "
        "of the lane where it runs."
    )
    side = "you"


class Unable:
    """A source that raises its error and sends nothing."""

    def __init__(self, why: APIError) -> None:
        self._why = why

    def chat(self, request: ChatRequest, call: Call | None = None) -> Iterator[Event]:
        raise self._why
        yield  # makes this a generator


def not_taken(kinds: Collection[MediaKind]) -> NotTaken:
    """The error for a model that accepts none of these kinds of attachment."""
    return NotTaken(title=f"This model does not take {' and '.join(KINDS[kind] for kind in sorted(kinds))}.")
