"""The known fields of messages and calls; others are kept unchanged (protocol/unknown.py)."""

from __future__ import annotations

from backend.types import JSON
from backend.untrusted import Object

# The first one wins: some servers fill two with the same text. Of Ollama and others: `thinking`; of Copilot:
# `reasoning_text`; of Antigravity proxies: `thinking_content`.
REASONING_FIELDS = (
    *("reasoning_content", "reasoning", "thinking", "reasoning_text", "thinking_content"),
    *("thought", "thoughts"),
)
DOCUMENTED_REASONING = "reasoning"  # the field that providers accept back which reject unknown ones (Groq)
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
        "image",
        "audio",
        "annotations",
    ),
    *("tool_calls", "tool_call_id", "function_call"),
    # Metadata of the reply that some servers put into the message.
    *("id", "object", "created", "model", "index", "prefix", "channel", "usage", "finish_reason", "stop_reason"),
)


def unknown(item: Object, known_names: tuple[str, ...]) -> dict[str, JSON]:
    """The fields that are not empty and not known here."""
    return {name: value for name, value in item.items() if name not in known_names and not _says_nothing(value)}


def _says_nothing(value: JSON) -> bool:
    return value is False or value in (None, "", [], {})
