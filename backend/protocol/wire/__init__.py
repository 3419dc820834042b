"""Values <-> OpenAI-compatible JSON, both ways. The only place that knows the shape of the wire.

`payload` and `sendable` go out; `events` comes in; `thinking` takes the reasoning out of an answer's text.
"""

from backend.protocol.wire.reasoning import growing, thinking
from backend.protocol.wire.request import document, instructed, payload, sendable, tool_choice
from backend.protocol.wire.response import events

__all__ = ["document", "events", "growing", "instructed", "payload", "sendable", "thinking", "tool_choice"]
