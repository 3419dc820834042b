"""The tool calls of one answer, put together from their pieces, whatever a server leaves out of them."""

from __future__ import annotations

import json
import secrets
import string
from dataclasses import dataclass, field

from backend.protocol.growing_text import Text
from backend.protocol.unknown import UnknownFields
from backend.text import clean
from backend.types import ToolCall, ToolCallDelta

LIMIT = 128  # calls of one answer: what providers take as tools of one request, and a page can show
_ID = string.ascii_letters + string.digits
_WHOLE_LIMIT = 16_000_000  # characters of arguments that are parsed to see whether a call is over, in all


def new_id() -> str:
    """An id for a call that has none, never the same twice in a conversation: nine letters and digits, the only
    kind that Mistral takes."""
    return "".join(secrets.choice(_ID) for _ in range(9))


@dataclass
class _Call:
    index: int | None
    id: str = ""
    name: str = ""
    arguments: Text = field(default_factory=Text)
    extra: UnknownFields = field(default_factory=UnknownFields)
    made_up: str = field(default_factory=new_id)


class ToolCalls:
    """Growing calls, at most LIMIT: what comes beyond is not kept."""

    def __init__(self) -> None:
        self._calls: list[_Call] = []
        self._begun: list[_Call] = []
        self._parsed = 0

    def __len__(self) -> int:
        return len(self._calls)

    @property
    def size(self) -> int:
        """Characters held."""
        return sum(call.arguments.length + call.extra.size for call in self._calls)

    def calls(self) -> tuple[ToolCall, ...]:
        """The calls so far, in order, each with an id of its own."""
        ids: dict[str, _Call] = {}
        for call in self._calls:
            ids[call.made_up if not call.id or call.id in ids else call.id] = call
        return tuple(
            ToolCall(id_, call.name, str(call.arguments), dict(call.extra.fields)) for id_, call in ids.items()
        )

    def places(self) -> list[int]:
        """Where each call is among them, in the order in which they began."""
        numbers = {id(call): place for place, call in enumerate(self._calls)}
        return [numbers[id(call)] for call in self._begun]

    def add(self, delta: ToolCallDelta) -> None:
        """Add a piece of a call to the call it belongs to, or begin a new one."""
        call = self._find(delta)
        if call is None:
            if len(self._calls) == LIMIT:
                return
            call = self._begin(delta.index)
        call.id = call.id or clean(delta.id)
        call.name = call.name or clean(delta.name)
        call.arguments.append(delta.arguments)
        call.extra.add(delta.extra or {})

    def _begin(self, index: int | None) -> _Call:
        call = _Call(index)
        self._calls.append(call)
        self._begun.append(call)
        if index is not None and all(other.index is not None for other in self._calls):
            self._calls.sort(key=lambda other: other.index or 0)
        return call

    def _find(self, delta: ToolCallDelta) -> _Call | None:
        """The call a piece belongs to: by index; by id where the index is missing; the last one where both are."""
        calls = self._calls
        if delta.index is not None:
            calls = [call for call in calls if call.index in (delta.index, None)]
        if delta.id and (same := next((call for call in calls if call.id == delta.id), None)):
            return same
        if not calls or (delta.index is None and delta.id) or self._begins_another(calls[-1], delta):
            return None
        return calls[-1]

    def _begins_another(self, last: _Call, delta: ToolCallDelta) -> bool:
        """A name where there is one already: a new call (Gemini's OpenAI shape numbers parallel calls all 0, some
        servers give neither index nor id), unless the server repeats the name in every piece of one call.
        """
        if not (delta.name and last.name):
            return False
        return bool(delta.id and last.id) or delta.name != last.name or self._is_whole(last.arguments)

    def _is_whole(self, arguments: Text) -> bool:
        self._parsed += arguments.length if arguments.endswith("}") else 0
        if not arguments.endswith("}") or self._parsed > _WHOLE_LIMIT:
            return False
        try:
            json.loads(str(arguments))
        except (ValueError, RecursionError):
            return False
        return True
