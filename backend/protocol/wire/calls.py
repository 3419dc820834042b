"""A tool call, or a piece of one, in the formats of all providers: OpenAI's function, a flat function, a
custom tool, Anthropic's `tool_use`.
"""

from __future__ import annotations

import json

from backend.protocol import tool_calls
from backend.protocol.body import decode
from backend.protocol.wire.known_fields import CALL_FIELDS, FUNCTION_FIELDS, unknown
from backend.types import JSON, ToolCallDelta
from backend.untrusted import Object, fields, integer, numbered, numeral, string

_ARGUMENTS = ("arguments", "parameters", "input", "args")
_FLAT = ("name", *_ARGUMENTS)


def entries(listing: JSON) -> list[tuple[int, Object]]:
    """The entries of `tool_calls`, each with its index. Some servers send the whole list as JSON in a string."""
    if isinstance(listing, str):
        try:
            listing = decode(listing)
        except ValueError:
            return []
    return [(place, call) for place, call in numbered(listing, tool_calls.LIMIT) if isinstance(call, dict)]


def delta(call: Object, position: int | None, choice: int) -> ToolCallDelta:
    """One entry of `tool_calls`; `position` is its index if it has none."""
    function = fields(call.get("function")) or fields(call.get("custom"))
    extra = unknown(call, CALL_FIELDS if function else (*CALL_FIELDS, *_FLAT))
    if more := unknown(function, (*FUNCTION_FIELDS, *_ARGUMENTS)):
        extra["function"] = more
    definition = function or call
    index = index_of(call.get("index"))
    return ToolCallDelta(
        position if index is None else index,
        _id(call.get("id")) or _id(call.get("call_id")),
        string(definition.get("name")) or string(call.get("function")),
        _arguments(definition),
        choice,
        extra or None,
    )


def _arguments(definition: Object) -> str:
    """The arguments as text or as JSON."""
    arguments = next((value for name in _ARGUMENTS if (value := definition.get(name)) is not None), "")
    return arguments if isinstance(arguments, str) else json.dumps(arguments)


def _id(value: JSON) -> str:
    """An id as text: some servers use numbers."""
    return string(value) or ("" if integer(value) is None else str(value))


def index_of(value: JSON) -> int | None:
    """An index of a call or choice; None if invalid."""
    index = numeral(value)
    return int(index) if index is not None and 0 <= index < 1024 else None
