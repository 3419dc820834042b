"""The fields of messages and calls that are known here; others are kept as they come (protocol/unknown.py)."""

from __future__ import annotations

from backend.types import JSON
from backend.untrusted import Object

# The first one wins: some servers fill two with the same text. Of Ollama and others: `thinking`; of Copilot:
# `reasoning_text`; of Antigravity proxies: `thinking_content`.
REASONING_FIELDS = (
    *("reasoning_content", "reasoning", "thinking", "reasoning_text", "thinking_content"),
    *("thought", "thoughts"),
)
DOCUMENTED_REASONING = "reasoning"  # the one that providers take back who refuse what they do not know (Groq)
CALL_FIELDS = ("index", "id", "call_id", "type", "function", "custom")
FUNCTION_FIELDS = ("name", "arguments")
MESSAGE_FIELDS = (
    *(
        "role",
        "content",
        "name",
        *REASONING_FIELDS,
        "reasoning_details",
        "refusal",
        "images",
        "audio",
        "annotations",
    ),
    *("tool_calls", "tool_call_id", "function_call"),
    # Of the reply, or of how it was written: some servers put them into the message.
    *("id", "object", "created", "model", "index", "prefix", "channel", "usage", "finish_reason", "stop_reason"),
)


def unknown(item: Object, known: tuple[str, ...]) -> dict[str, JSON]:
    """The fields that say something and are not known here."""
    return {name: value for name, value in item.items() if name not in known and not _says_nothing(value)}


def _says_nothing(value: JSON) -> bool:
    return value is False or value in (None, "", [], {})
