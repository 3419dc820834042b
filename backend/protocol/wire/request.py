"""Values -> the JSON of a request: what a server takes, and nothing it refuses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from backend.protocol.wire.reasoning import thinking
from backend.text import clean
from backend.types import JSON, ChatRequest, Media, Message, Tool


def payload(request: ChatRequest) -> dict[str, JSON]:
    """The JSON body of a request: only what was set (None is not), then `extra` merged over it as it is, without
    what the server refused before; or the body that was written by hand."""
    if request.raw is not None:
        return dict(request.raw)
    body: dict[str, JSON] = {
        "model": request.model,
        "messages": [_message(message, request.parts) for message in sendable(request.messages)],
        **{name: value for name, value in request.parameters.items() if value is not None},
    }
    if request.stream:
        body["stream"] = True
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
    if request.tool_choice:
        body["tool_choice"] = tool_choice(request.tool_choice)
    if request.response_format:
        body["response_format"] = dict(request.response_format)
    body |= request.extra
    return request.learned.apply(body) if request.learned else body


def instructed(messages: Sequence[Message], prompt: str, *, folded: bool = False) -> list[Message]:
    """The messages under a system prompt; `folded` into the first question for models without that role."""
    first = next((place for place, message in enumerate(messages) if message.role == "user"), None)
    if not folded or first is None:
        return [Message("system", prompt), *messages]
    question = replace(messages[first], content=f"{prompt}\n\n{messages[first].content}")
    return [*messages[:first], question, *messages[first + 1 :]]


def tool_choice(choice: str) -> JSON:
    """`auto`, `none`, `required`, or the name of a function."""
    if choice in ("auto", "none", "required"):
        return choice
    return {"type": "function", "function": {"name": choice}}


def sendable(messages: Iterable[Message]) -> list[Message]:
    """A transcript as a server will take it: no empty assistant message, every tool call answered exactly
    once and right after it, no answer without its call. An interrupted turn never poisons the next request.
    """
    kept: list[Message] = []
    waiting: dict[str, None] = {}
    for message in messages:
        if message.tool_calls and message.state != "done":
            message = replace(message, tool_calls=())  # half-written arguments are no JSON
        if message.role == "tool":
            if message.tool_call_id in waiting:
                del waiting[message.tool_call_id]
                kept.append(message)
            continue
        kept += _unanswered(waiting)
        waiting = {call.id: None for call in message.tool_calls}
        if message.role == "user" or message.tool_calls or _text(message).strip():
            kept.append(message)
    return kept + _unanswered(waiting)


def _unanswered(call_ids: Iterable[str]) -> list[Message]:
    return [Message("tool", "(no result: the run was interrupted)", tool_call_id=call_id) for call_id in call_ids]


def _message(message: Message, parts: str) -> dict[str, JSON]:
    """API fields only. Reasoning is shown apart and never sent back (AI/ML API reference, trap 8)."""
    content = _text(message)
    body: dict[str, JSON] = {"role": message.role}
    if message.role == "user" and message.media:
        part = _anthropic_part if parts == "anthropic" else _part
        text_parts: list[JSON] = [{"type": "text", "text": content}] if content.strip() else []
        body["content"] = text_parts + [part(media) for media in message.media]
    elif content or not message.tool_calls:
        body["content"] = content
    if message.name:
        body["name"] = message.name
    if message.tool_call_id is not None:
        body["tool_call_id"] = message.tool_call_id
    if message.tool_calls:
        body["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.tool_calls
        ]
    return body


def _part(media: Media) -> JSON:
    """An attachment as a part of a user message (https://docs.aimlapi.com)."""
    url, head = clean(media.url), media.url.partition(",")[0]
    if media.kind == "image":
        image: dict[str, JSON] = {"url": url}
        if media.detail:
            image["detail"] = media.detail
        return {"type": "image_url", "image_url": image}
    if media.kind == "audio" and head.startswith("data:"):
        kind = head.removeprefix("data:audio/").partition(";")[0]
        return {"type": "input_audio", "input_audio": {"data": url.partition(",")[2], "format": kind}}
    if url:
        return {"type": "file", "file": {"filename": clean(media.name), "file_data": url}}
    return {"type": "text", "text": document(media)}


def _anthropic_part(media: Media) -> JSON:
    """The same in Anthropic's own shape: its models before 4.8 list no other for pictures and documents."""
    url = clean(media.url)
    if media.kind == "audio" or not url:
        return _part(media)
    source: JSON = {"type": "url", "url": url}
    if url.startswith("data:"):
        head, _, data = url.partition(",")
        source = {"type": "base64", "media_type": head.removeprefix("data:").partition(";")[0], "data": data}
    return {"type": "image" if media.kind == "image" else "document", "source": source}


def document(media: Media) -> str:
    """The text of a document between marks that tell the model what it is and where it ends."""
    name = clean(media.name).replace('"', "'")
    return f'<document name="{name}">\n{clean(media.text)}\n</document>'


def _text(message: Message) -> str:
    """The text of a message as it is sent: of an answer, what is not reasoning; or its refusal."""
    if message.role != "assistant":
        return clean(message.content)
    return clean(thinking(message)[1]) or clean(message.refusal)


def _tool(tool: Tool) -> JSON:
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)},
    }
