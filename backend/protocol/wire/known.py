"""The fields of messages and calls that are known here; others are kept as they come (protocol/unknown.py)."""

from __future__ import annotations

REASONING_FIELDS = (
    "reasoning_content",
    "reasoning",
)  # the first one wins: some servers fill both with the same text
CALL_FIELDS = ("index", "id", "type", "function")
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
)
