"""Requests in Anthropic's format: content blocks, tools, calls and results.

Claude accepts it on `/messages`, and older models behind AI/ML API on `/chat/completions` too. Replies of
`/messages`: anthropic_reply.py. Format: https://docs.claude.com/en/api/messages.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

from backend.protocol.dialect_table import MAX_TOKENS
from backend.protocol.learned import NO_TEXT
from backend.protocol.order import Piece, is_a_block, pieces
from backend.protocol.wire.fields import rename, schema
from backend.protocol.wire.transcript import Prepared, document, prepare, sent_text
from backend.text import clean
from backend.types import JSON, ChatRequest, Media, Message, Tool, ToolCall
from backend.untrusted import fields as object_fields

ANTHROPIC_VERSION = "2023-06-01"  # a header; the only one that its documents name
_CHOICES = {"auto": "auto", "none": "none", "required": "any"}


def body(request: ChatRequest, fields: Mapping[str, JSON]) -> dict[str, JSON]:
    """A whole body for `/messages`. `fields` are those of chat completions, by name."""
    transcript = prepare(request)
    own = rename(fields, request.dialect)
    if isinstance(stop := own.get("stop_sequences"), str):
        own["stop_sequences"] = [stop]
    if all(request.parameters.get(name) is None for name in ("max_tokens", "max_completion_tokens")):
        own |= _room_to_think({**own, **request.extra})
    written: dict[str, JSON] = {"model": request.model, "messages": messages(transcript), **own}
    if transcript.system:
        written["system"] = transcript.system
    if request.stream:
        written["stream"] = True
    return with_tools(written, request)


def _room_to_think(own: Mapping[str, JSON]) -> dict[str, JSON]:
    """A longest answer, where none was set, that is longer than what may be thought: thoughts count as a part."""
    budget, longest = object_fields(own.get("thinking")).get("budget_tokens"), own.get("max_tokens")
    fits = not isinstance(budget, int) or not isinstance(longest, int) or budget < longest
    return {} if fits else {"max_tokens": cast(int, budget) + MAX_TOKENS}


def with_tools(body: Mapping[str, JSON], request: ChatRequest) -> dict[str, JSON]:
    """A body with the tools on offer, and which of them is to be called."""
    written = dict(body)
    one_at_a_time = written.pop("parallel_tool_calls", None) is False
    if request.tools:
        written["tools"] = [_tool(tool) for tool in request.tools]
    choice: dict[str, JSON] = {}
    if request.tool_choice in _CHOICES:
        choice = {"type": _CHOICES[request.tool_choice]}
    elif request.tool_choice:
        choice = {"type": "tool", "name": request.tool_choice}
    if one_at_a_time and request.tools and choice.get("type") != "none":
        choice = {"type": "auto", **choice, "disable_parallel_tool_use": True}
    return {**written, "tool_choice": choice} if choice else written


def _tool(tool: Tool) -> JSON:
    return {
        "name": tool.name,
        "description": tool.description,
        "input_schema": schema(tool),
    }


# ---- messages -------------------------------------------------------------------------------------------


def messages(transcript: Prepared) -> list[JSON]:
    """Questions and answers in turn: results are blocks of the question that follows the calls."""
    written: list[tuple[str, list[JSON]]] = []
    for message in transcript.messages:
        role = "assistant" if message.role == "assistant" else "user"
        blocks = _blocks(message)
        if written and written[-1][0] == role == "user":
            written[-1][1].extend(blocks)
        else:
            written.append((role, blocks))
    if written and written[-1][0] == "assistant":
        _trim(written[-1][1])
    return [{"role": role, "content": _plain(blocks)} for role, blocks in written]


def _plain(blocks: list[JSON]) -> JSON:
    """One block of text as a text."""
    only = object_fields(blocks[0]) if len(blocks) == 1 else {}
    return only["text"] if only.keys() == {"type", "text"} else cast(JSON, blocks)


def _trim(blocks: list[JSON]) -> None:
    """An answer to be gone on with must not end with a space (Anthropic's own words)."""
    last = blocks[-1] if blocks else None
    if isinstance(last, dict) and isinstance(last.get("text"), str):
        blocks[-1] = {**last, "text": str(last["text"]).rstrip()}


def _blocks(message: Message) -> list[JSON]:
    if message.role == "tool":
        return [{"type": "tool_result", "tool_use_id": message.tool_call_id or "", "content": sent_text(message)}]
    blocks: list[JSON] = [
        block for piece in pieces(message, sent_text(message)) if (block := _block(piece)) is not None
    ]
    if message.role == "user":
        blocks += [_attachment_part(media) for media in message.media]
    return blocks or [{"type": "text", "text": NO_TEXT}]


def _block(piece: Piece) -> JSON:
    """A piece of an answer as a block; nothing of a thought that Claude did not sign, and of blank text. What it
    did by itself goes back as it came."""
    match piece:
        case ("thought", detail):
            return dict(detail) if is_a_block(detail) else None
        case ("text", text):
            return {"type": "text", "text": text} if text.strip() else None
        case ("call", call):
            return _call(call)


def _call(call: ToolCall) -> JSON:
    """Arguments are an object here."""
    return {"type": "tool_use", "id": call.id, "name": call.name, "input": json.loads(call.arguments)}


def _attachment_part(media: Media) -> JSON:
    url = clean(media.url)
    if media.kind == "audio" or not url:
        return {"type": "text", "text": document(media)}
    source: JSON = {"type": "url", "url": url}
    if url.startswith("data:"):
        head, _, data = url.partition(",")
        source = {"type": "base64", "media_type": head.removeprefix("data:").partition(";")[0], "data": data}
    return {"type": "image" if media.kind == "image" else "document", "source": source}


# ---- the provider's cache -------------------------------------------------------------------------------


def cached(body: dict[str, JSON]) -> dict[str, JSON]:
    """`cache_control` is no field of a body: it marks the end of what is to be kept, which is the system prompt,
    and everything up to the last question."""
    mark, conversation = body.get("cache_control"), body.get("messages")
    if not isinstance(mark, dict) or not isinstance(conversation, list):
        return body
    del body["cache_control"]
    if isinstance(body.get("system"), str):
        body["system"] = _with_cache_mark(body["system"], mark)
    written = [object_fields(message) for message in conversation]
    marks = {_last(written, "system"), _last(written, "user")}
    body["messages"] = [
        {**message, "content": _with_cache_mark(message.get("content"), mark)} if place in marks else dict(message)
        for place, message in enumerate(written)
    ]
    return body


def _last(written: list[Mapping[str, JSON]], role: str) -> int:
    return max((place for place, message in enumerate(written) if message.get("role") == role), default=-1)


def _with_cache_mark(content: JSON, mark: dict[str, JSON]) -> JSON:
    """A content as parts, of which the last one has the mark."""
    parts = content if isinstance(content, list) else [{"type": "text", "text": content}]
    return [*parts[:-1], {**object_fields(parts[-1]), "cache_control": mark}]
