"""Assembles the tool calls of one answer from their pieces, also if a server omits ids, indexes or names."""

from __future__ import annotations

import json
import re
import secrets
import string
from collections.abc import Collection
from dataclasses import dataclass, field

from backend.protocol.growing_text import Text
from backend.protocol.unknown import UnknownFields
from backend.text import clean
from backend.types import ToolCall, ToolCallDelta

LIMIT = 128  # calls of one answer: as many as providers accept tools in one request
NAME_LIMIT = 1_000  # characters of a name that grows
NOTHING: tuple[object, ...] = (None, "", [])  # empty arguments
_ID = string.ascii_letters + string.digits
# What models add to the name of a tool: the namespace in their prompt (OpenAI's and Gemini's), a leftover mark of
# gpt-oss, the number of a call (Kimi).
_AROUND = re.compile(
    r"(?:(?:functions?|default_api|tools?)\s*[.:/]\s*)?([A-Za-z0-9_.-]+?)(?::\d+)?\s*(?:<\|.*)?", re.DOTALL
)
_WHOLE_LIMIT = 16_000_000  # total characters of arguments that are parsed to see whether a call is complete


def new_id() -> str:
    """An id for a call without one, unique in a conversation: nine letters and digits, the only form that
    Mistral accepts.
    """
    return "".join(secrets.choice(_ID) for _ in range(9))


def resolve_name(name: str, offered: Collection[str]) -> str:
    """The tool among those `offered` that the model's name refers to; the name itself if there is none."""
    around = None if name in offered else _AROUND.fullmatch(name[:NAME_LIMIT].strip())
    return around[1] if around and around[1] in offered else name


@dataclass
class _Call:
    """One growing call."""

    index: int | None
    id: str = ""
    name: str = ""
    arguments: Text = field(default_factory=Text)
    extra: UnknownFields = field(default_factory=UnknownFields)
    made_up: str = field(default_factory=new_id)


class ToolCalls:
    """Growing calls, at most LIMIT: further ones are dropped. `names` are those of the tools on offer: they
    distinguish a name from a piece of one.
    """

    def __init__(self, names: frozenset[str] = frozenset()) -> None:
        self._names = names
        self._calls: list[_Call] = []
        self._begun: list[_Call] = []
        self._last: _Call | None = None
        self._parsed = 0

    def __len__(self) -> int:
        return len(self._calls)

    @property
    def size(self) -> int:
        """Characters held."""
        return sum(call.arguments.length + call.extra.size for call in self._calls)

    def calls(self) -> tuple[ToolCall, ...]:
        """The calls so far, in order, each with a unique id."""
        ids: dict[str, _Call] = {}
        for call in self._calls:
            ids[call.made_up if not call.id or call.id in ids else call.id] = call
        return tuple(
            ToolCall(id_, call.name, str(call.arguments), dict(call.extra.fields)) for id_, call in ids.items()
        )

    def places(self) -> list[int]:
        """The index of each call among them, in the order in which they began."""
        numbers = {id(call): place for place, call in enumerate(self._calls)}
        return [numbers[id(call)] for call in self._begun]

    def add(self, delta: ToolCallDelta) -> None:
        """Append a piece to its call, or begin a new call."""
        call = self._find(delta)
        if call is None:
            if len(self._calls) == LIMIT:
                return
            call = self._begin(delta.index)
        elif self._repeats(call, delta):
            return
        self._last = call
        call.id = call.id or clean(delta.id)
        call.name = self._extended_name(call, clean(delta.name)) if delta.name else call.name
        if call.arguments.length < 5 and delta.arguments.lstrip().startswith("{") and str(call.arguments) == "{}":
            call.arguments = Text()  # it was a placeholder for this one
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
        """The call that a piece belongs to, None for a new one. Of those with its index, if it has one: the one
        with its id, otherwise the last. Ids, names and completeness decide whether that continues, because some
        servers number all calls 0, give all the same id, or each piece another.
        """
        calls = [call for call in self._begun if delta.index is None or call.index in (delta.index, None)]
        last = self._last if delta.index is None else (calls[-1] if calls else None)
        same = next((call for call in reversed(calls) if delta.id and call.id == delta.id), None)
        call = same or last
        return None if call is None or self._begins_another(call, delta) else call

    def _begins_another(self, call: _Call, delta: ToolCallDelta) -> bool:
        """Whether this piece, which seems to belong to `call`, is the first of another call."""
        if delta.id and call.id and delta.id != call.id and self._is_named_apart(call, delta):
            return True
        if not (delta.name and call.name):  # a piece without a name continues the call
            return False
        if self._is_whole(call.arguments):
            # A server may end by repeating the name, or the whole call.
            repeated = not delta.arguments.strip() or (call.id and str(call.arguments) == delta.arguments)
            return delta.name != call.name or not repeated
        if call.arguments.length or (delta.id and not call.id):
            return delta.name != call.name
        whole = call.name in self._names and delta.name in self._names
        return whole and delta.name != call.name and call.name + delta.name not in self._names

    def _is_named_apart(self, call: _Call, delta: ToolCallDelta) -> bool:
        """Whether the different id of a piece means another call. Within unfinished arguments it does not, as
        some servers make up an id for each piece.
        """
        midst = bool(call.arguments.length) and not self._is_whole(call.arguments)
        if delta.index is None:
            return bool(delta.name) or not midst
        if delta.name != call.name:
            return bool(delta.name)
        if not call.arguments.length:
            return not delta.arguments
        return not midst or delta.arguments.lstrip().startswith("{")

    def _repeats(self, call: _Call, delta: ToolCallDelta) -> bool:
        """Whether it repeats the whole call."""
        return (
            bool(delta.name)
            and delta.name == call.name
            and len(delta.arguments) == call.arguments.length
            and delta.arguments == str(call.arguments)
            and self._is_whole(call.arguments)
        )

    def _extended_name(self, call: _Call, piece: str) -> str:
        """The name with another piece: it may come whole, repeatedly, or grow before the arguments begin."""
        if not call.name or (piece.startswith(call.name) and call.name + piece not in self._names):
            return piece
        grows = not call.arguments.length and len(call.name) < NAME_LIMIT
        return call.name + piece if grows else call.name

    def _is_whole(self, arguments: Text) -> bool:
        self._parsed += arguments.length if arguments.endswith("}") else 0
        if not arguments.endswith("}") or self._parsed > _WHOLE_LIMIT:
            return False
        try:
            json.loads(str(arguments))
        except (ValueError, RecursionError):
            return False
        return True
