"""Messages in Anthropic's blocks -> the same in OpenAI's shape, which openai.py reads.

Calls are blocks of an answer there, and results blocks of the question after it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from backend.types import JSON
from backend.untrusted import Object, fields, objects, string


def unblocked(value: JSON) -> Iterator[JSON]:
    """The messages that one message is in OpenAI's shape; one without such blocks is itself."""
    message = fields(value)
    blocks = objects(message.get("content"))
    calls = [_call(block) for block in blocks if block.get("type") == "tool_use"]
    results = [_result(block) for block in blocks if block.get("type") == "tool_result"]
    if not (calls or results):
        yield value
        return
    rest: list[JSON] = [dict(block) for block in blocks if block.get("type") not in ("tool_use", "tool_result")]
    yield from results
    if calls:
        yield {**message, "content": rest, "tool_calls": calls}
    elif rest:
        yield {**message, "content": rest}


def _call(block: Object) -> JSON:
    function: JSON = {"name": block.get("name"), "arguments": json.dumps(block.get("input"))}
    return {"id": block.get("id"), "type": "function", "function": function}


def _result(block: Object) -> JSON:
    content = block.get("content")
    words = (
        content if isinstance(content, str) else "\n".join(string(part.get("text")) for part in objects(content))
    )
    return {"role": "tool", "tool_call_id": block.get("tool_use_id"), "content": words}
