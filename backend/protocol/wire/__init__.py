"""Converts between values and the JSON of three wire formats. Only this package knows the wire formats.

Requests: `payload` and `sendable` write them, `path` is where they are sent. Replies: `reader` converts them to
chunks of chat completions, and `events` these to events (`Familiar` is faster for a chunk like the previous one).
Answers: `thinking`, and `parts` for a growing one, separate the reasoning from the text; `written_call` finds a
tool call in the text.
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
