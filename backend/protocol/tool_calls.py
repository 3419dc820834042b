"""The tool calls of one answer, put together from their pieces, whatever a server leaves out of them."""

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

LIMIT = 128  # calls of one answer: what providers take as tools of one request, and a page can show
NAME_LIMIT = 1_000  # characters of a name that grows
NOTHING: tuple[object, ...] = (None, "", [])  # arguments that say that there are none
_ID = string.ascii_letters + string.digits
# What models put before or behind the name of a tool that they were offered: the namespace in which their prompt
# had it (OpenAI's and Gemini's), a mark of gpt-oss that its server left there, the number of a call of Kimi's.
_AROUND = re.compile(
    r"(?:(?:functions?|default_api|tools?)\s*[.:/]\s*)?([A-Za-z0-9_.-]+?)(?::\d+)?\s*(?:<\|.*)?", re.DOTALL
)
_WHOLE_LIMIT = 16_000_000  # characters of arguments that are parsed to see whether a call is over, in all


def new_id() -> str:
    """An id for a call that has none, never the same twice in a conversation: nine letters and digits, the only
    kind that Mistral takes."""
    return "".join(secrets.choice(_ID) for _ in range(9))


def meant(name: str, offered: Collection[str]) -> str:
    """The tool among those `offered` that a model calls by a name; the name itself where it is none of them."""
    around = None if name in offered else _AROUND.fullmatch(name[:NAME_LIMIT].strip())
    return around[1] if around and around[1] in offered else name


@dataclass
class _Call:
    index: int | None
    id: str = ""
    name: str = ""
    arguments: Text = field(default_factory=Text)
    extra: UnknownFields = field(default_factory=UnknownFields)
    made_up: str = field(default_factory=new_id)


class ToolCalls:
    """Growing calls, at most LIMIT: what comes beyond is not kept. `names` are those of the tools that were
    offered: they tell a name from a piece of one."""

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
        elif self._repeats(call, delta):
            return
        self._last = call
        call.id = call.id or clean(delta.id)
        call.name = self._named(call, clean(delta.name)) if delta.name else call.name
        if call.arguments.length < 5 and delta.arguments.lstrip().startswith("{") and str(call.arguments) == "{}":
            call.arguments = Text()  # it held the place of what comes now
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
        """The call that a piece belongs to, None for a new one. Of those with its index, where it has one: the one
        with its id, else the last. Whether that goes on is decided by ids, names and what is complete, because some
        servers number all calls 0, give all the same id, or each piece another."""
        calls = [call for call in self._begun if delta.index is None or call.index in (delta.index, None)]
        last = self._last if delta.index is None else (calls[-1] if calls else None)
        same = next((call for call in reversed(calls) if delta.id and call.id == delta.id), None)
        call = same or last
        return None if call is None or self._begins_another(call, delta) else call

    def _begins_another(self, call: _Call, delta: ToolCallDelta) -> bool:
        """This piece, which seems to be one of `call`, is the first of another."""
        if delta.id and call.id and delta.id != call.id and self._is_named_apart(call, delta):
            return True
        if not (delta.name and call.name):  # what has no name goes on
            return False
        if self._is_whole(call.arguments):
            # A server may end by repeating the name, or all of the call.
            repeated = not delta.arguments.strip() or (call.id and str(call.arguments) == delta.arguments)
            return delta.name != call.name or not repeated
        if call.arguments.length or (delta.id and not call.id):
            return delta.name != call.name
        whole = call.name in self._names and delta.name in self._names
        return whole and delta.name != call.name and call.name + delta.name not in self._names

    def _is_named_apart(self, call: _Call, delta: ToolCallDelta) -> bool:
        """Of a piece with another id than that of the call: the id says that it is another call. It does not in the
        midst of arguments that go on, where a server makes up an id for each piece."""
        midst = bool(call.arguments.length) and not self._is_whole(call.arguments)
        if delta.index is None:
            return bool(delta.name) or not midst
        if delta.name != call.name:
            return bool(delta.name)
        if not call.arguments.length:
            return not delta.arguments
        return not midst or delta.arguments.lstrip().startswith("{")

    def _repeats(self, call: _Call, delta: ToolCallDelta) -> bool:
        """All of the call once more."""
        return (
            bool(delta.name)
            and delta.name == call.name
            and len(delta.arguments) == call.arguments.length
            and delta.arguments == str(call.arguments)
            and self._is_whole(call.arguments)
        )

    def _named(self, call: _Call, piece: str) -> str:
        """The name with a piece more: it may come whole, again and again, or grow before the arguments begin."""
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
