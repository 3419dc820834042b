"""Requests in Anthropic's format: content blocks, tools, calls and results.

Claude accepts it on `/messages`, and older models behind AI/ML API on `/chat/completions` too. Replies of
`/messages`: anthropic_reply.py. Format: https://docs.claude.com/en/api/messages.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from backend.protocol.dialect_table import MAX_TOKENS
from backend.protocol.learned import NO_TEXT
from backend.protocol.order import Piece, is_a_block, pieces
from backend.protocol.wire.fields import rename, schema
from backend.protocol.wire.transcript import Prepared, document, prepare, sent_text
from backend.text import clean
from backend.types import JSON, ChatRequest, Media, Message, Tool, ToolCall
from backend.untrusted import fields as object_fields

ANTHROPIC_VERSION = "2023-06-01"  # for the header `anthropic-version`; the only documented value
_CHOICES = {"auto": "auto", "none": "none", "required": "any"}


def body(request: ChatRequest, fields: Mapping[str, JSON]) -> dict[str, JSON]:
    """The body for `/messages`. `fields`: the fields of chat completions by name."""
    transcript = prepare(request)
    own = rename(fields, request.dialect)
    if isinstance(stop := own.get("stop_sequences"), str):
        own["stop_sequences"] = [stop]
    if all(request.parameters.get(name) is None for name in ("max_tokens", "max_completion_tokens")):
        own |= _room_to_think({**own, **request.extra})
    request_body: dict[str, JSON] = {"model": request.model, "messages": messages(transcript), **own}
    if transcript.system:
        request_body["system"] = transcript.system
    if request.stream:
        request_body["stream"] = True
    return with_tools(request_body, request)


def _room_to_think(own: Mapping[str, JSON]) -> dict[str, JSON]:
    """A `max_tokens` above the reasoning budget, as reasoning counts towards it; {} if it is already above."""
    budget, longest = object_fields(own.get("thinking")).get("budget_tokens"), own.get("max_tokens")
    if isinstance(budget, int) and isinstance(longest, int) and budget >= longest:
        return {"max_tokens": budget + MAX_TOKENS}
    return {}


def with_tools(body: Mapping[str, JSON], request: ChatRequest) -> dict[str, JSON]:
    """A copy of the body with the tools on offer and `tool_choice`."""
    request_body = dict(body)
    one_at_a_time = request_body.pop("parallel_tool_calls", None) is False
    if request.tools:
        request_body["tools"] = [_tool(tool) for tool in request.tools]
    choice: dict[str, JSON] = {}
    if request.tool_choice in _CHOICES:
        choice = {"type": _CHOICES[request.tool_choice]}
    elif request.tool_choice:
        choice = {"type": "tool", "name": request.tool_choice}
    if one_at_a_time and request.tools and choice.get("type") != "none":
        choice = {"type": "auto", **choice, "disable_parallel_tool_use": True}
    return {**request_body, "tool_choice": choice} if choice else request_body


def _tool(tool: Tool) -> JSON:
    return {
        "name": tool.name,
        "description": tool.description,
        "input_schema": schema(tool),
    }


# ---- messages -------------------------------------------------------------------------------------------


def messages(transcript: Prepared) -> list[JSON]:
    """Alternating user and assistant messages: results of tools are blocks of the user message after the calls."""
    turns: list[tuple[str, list[JSON]]] = []
    for message in transcript.messages:
        role = "assistant" if message.role == "assistant" else "user"
        blocks = _blocks(message)
        if turns and turns[-1][0] == role == "user":
            turns[-1][1].extend(blocks)
        else:
            turns.append((role, blocks))
    if turns and turns[-1][0] == "assistant":
        _trim(turns[-1][1])
    return [{"role": role, "content": _plain(blocks)} for role, blocks in turns]


def _plain(blocks: list[JSON]) -> JSON:
    """The text of a single text block; any other blocks unchanged."""
    only = object_fields(blocks[0]) if len(blocks) == 1 else {}
    if only.keys() == {"type", "text"}:
        return only["text"]
    return blocks


def _trim(blocks: list[JSON]) -> None:
    """Remove trailing spaces of an answer to be continued: the API rejects them (Anthropic's documentation)."""
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
    """A piece of an answer as a block; None for reasoning without Claude's signature and for blank text. Blocks of
    server-side steps are sent back unchanged.
    """
    match piece:
        case ("thought", detail):
            return dict(detail) if is_a_block(detail) else None
        case ("text", text):
            return {"type": "text", "text": text} if text.strip() else None
        case ("call", call):
            return _call(call)


def _call(call: ToolCall) -> JSON:
    """A call as a block; its arguments are an object in this format."""
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
    """Move `cache_control` from the body into its messages: to the end of the system prompt, and of the last user
    message. It marks the end of the part to be cached.
    """
    mark, conversation = body.get("cache_control"), body.get("messages")
    if not isinstance(mark, dict) or not isinstance(conversation, list):
        return body
    del body["cache_control"]
    if isinstance(body.get("system"), str):
        body["system"] = _with_cache_mark(body["system"], mark)
    entries = [object_fields(message) for message in conversation]
    marks = {_last(entries, "system"), _last(entries, "user")}
    body["messages"] = [
        {**message, "content": _with_cache_mark(message.get("content"), mark)} if place in marks else dict(message)
        for place, message in enumerate(entries)
    ]
    return body


def _last(entries: list[Mapping[str, JSON]], role: str) -> int:
    return max((place for place, message in enumerate(entries) if message.get("role") == role), default=-1)


def _with_cache_mark(content: JSON, mark: dict[str, JSON]) -> JSON:
    """The content as parts, the last one with the mark."""
    parts = content if isinstance(content, list) else [{"type": "text", "text": content}]
    return [*parts[:-1], {**object_fields(parts[-1]), "cache_control": mark}]
