"""Messages in Anthropic's blocks -> the same in OpenAI's form, which openai.py reads.

There, calls are blocks of an answer, and results are blocks of the next question.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from backend.types import JSON
from backend.untrusted import Object, fields, objects, string


def unblocked(value: JSON) -> Iterator[JSON]:
    """The messages in OpenAI's form for one message; one without such blocks stays unchanged."""
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
