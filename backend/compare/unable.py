"""The answer of a lane whose model cannot open what is attached: it is asked nothing, and says why."""

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


class Unable:
    """A source that never asks anybody."""

    def __init__(self, kinds: Collection[MediaKind]) -> None:
        self._kinds = kinds

    def chat(self, request: ChatRequest, call: Call | None = None) -> Iterator[Event]:
        kinds = " and ".join(KINDS[kind] for kind in sorted(self._kinds))
        raise NotTaken(title=f"This model does not take {kinds}.")
        yield  # makes this a generator
