"""Values <-> the JSON of three wire formats, both ways. The only place that knows the wire formats.

`payload` and `sendable` write requests, sent to `path`; `reader` converts replies to chunks of chat completions,
and
`events` converts those to events, `Familiar` faster if one is like the previous one;
`thinking`, and `parts` while it grows, separate the reasoning from an answer's text; `written_call` finds a call
that
is written in it.
"""

from backend.protocol.wire.chat_reply import events
from backend.protocol.wire.familiar import Familiar
from backend.protocol.wire.going_back import is_paused, left_behind
from backend.protocol.wire.reader import Reader, reader
from backend.protocol.wire.reasoning import Parts, parts, thinking
from backend.protocol.wire.request import path, payload, tool_choice, unsendable
from backend.protocol.wire.transcript import CONTINUE, document, sendable
from backend.protocol.wire.written_calls import written_call

__all__ = [
    "CONTINUE",
    "Familiar",
    "Parts",
    "Reader",
    "document",
    "events",
    "is_paused",
    "left_behind",
    "parts",
    "path",
    "payload",
    "reader",
    "sendable",
    "thinking",
    "tool_choice",
    "unsendable",
    "written_call",
]
