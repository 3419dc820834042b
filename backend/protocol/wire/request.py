"""Values -> the JSON of a request, in the format of chat completions or another one."""

from __future__ import annotations

import re
from collections.abc import Mapping

from backend.keys.endpoint import PATHS
from backend.protocol.wire import anthropic_request, responses_request
from backend.protocol.wire.fields import rename, request_fields, schema
from backend.protocol.wire.transcript import Prepared, document, prepare, sent_text
from backend.text import clean
from backend.types import JSON, ChatRequest, Dialect, Media, Message, Tool, ToolCall
from backend.untrusted import clean_json
from backend.untrusted import fields as object_fields

_NOT_IN_A_NAME = re.compile(r"[\s<|\\/>]+")  # not allowed by OpenAI, nor more than 64 characters


def payload(request: ChatRequest) -> dict[str, JSON]:
    """The JSON body of a request: only set fields (None is unset), then `extra` merged over it unchanged,
    without what the server rejected before; or the handwritten body.
    """
    if request.raw is not None:
        return dict(request.raw)
    writers = {"chat": _body, "messages": anthropic_request.body, "responses": responses_request.body}
    body = anthropic_request.cached(
        {**writers[request.dialect.format](request, request_fields(request)), **request.extra}
    )
    return request.learned.apply(body, request.dialect.required) if request.learned else body


def path(request: ChatRequest) -> str:
    """The path under the base URL."""
    return PATHS[request.dialect.format]


def _body(request: ChatRequest, fields: Mapping[str, JSON]) -> dict[str, JSON]:
    """A body in the format of chat completions; messages and tools in Anthropic's if the model requires that."""
    transcript, dialect = prepare(request), request.dialect
    in_blocks = dialect.blocks == "claude"
    messages = anthropic_request.messages(transcript) if in_blocks else _messages(transcript, dialect)
    body: dict[str, JSON] = {"model": request.model, "messages": messages, **rename(fields, dialect)}
    if transcript.system:
        body["system"] = transcript.system
    if request.stream:
        body["stream"] = True
    if in_blocks:
        body = anthropic_request.with_tools(body, request)
    elif request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
    if request.tool_choice and not in_blocks:
        body["tool_choice"] = tool_choice(request.tool_choice)
    if request.response_format:
        body["response_format"] = dict(request.response_format)
    return body


def tool_choice(choice: str) -> JSON:
    """`auto`, `none`, `required`, or the name of a function."""
    if choice in ("auto", "none", "required"):
        return choice
    return {"type": "function", "function": {"name": choice}}


def unsendable(request: ChatRequest) -> str:
    """What this request contains that its dialect cannot express, as a sentence; "" if it can be sent
    completely.
    """
    dialect = request.dialect
    if request.raw is not None or (dialect.blocks == "openai" and dialect.format == "chat"):
        return ""
    media = [attached for message in prepare(request).messages for attached in message.media]
    if any(attached.kind == "audio" for attached in media):
        return "This model takes no sound in the form in which it is asked."
    linked = any(attached.kind == "image" and attached.url.startswith("http") for attached in media)
    if linked and not dialect.links:
        return "This model takes a picture as a file only, not as an address."
    return ""


# ---- messages -------------------------------------------------------------------------------------------


def _messages(transcript: Prepared, dialect: Dialect) -> list[JSON]:
    last = len(transcript.messages) - 1
    bodies: list[JSON] = []
    for place, message in enumerate(transcript.messages):
        body = _message(message, dialect)
        if dialect.prefix and place == last and message.role == "assistant":
            body["prefix"] = True
        bodies.append(body)
    return bodies


def _message(message: Message, dialect: Dialect) -> dict[str, JSON]:
    """A message with fields of the API only."""
    marked = dialect.marked_thoughts and message.role == "assistant"
    content = (clean(message.content) if marked else "") or sent_text(message)
    body: dict[str, JSON] = {"role": message.role}
    if message.role == "user" and message.media:
        body["content"] = _content(content, message.media)
    elif content or not message.tool_calls:
        body["content"] = content
    if message.name and (message.role != "tool" or dialect.result_names):
        body["name"] = _NOT_IN_A_NAME.sub("_", message.name)[:64]
    if message.tool_call_id is not None:
        body["tool_call_id"] = message.tool_call_id
    if message.tool_calls:
        body["tool_calls"] = [_call(call) for call in message.tool_calls]
    if message.reasoning_field:
        body[message.reasoning_field] = clean(message.reasoning)
    if message.reasoning_details:
        body["reasoning_details"] = [clean_json(detail) for detail in message.reasoning_details]
    return {**message.extra, **body}


def _call(call: ToolCall) -> JSON:
    """A call unchanged, with its unknown fields."""
    function = {**object_fields(call.extra.get("function")), "name": call.name, "arguments": call.arguments}
    return {**call.extra, "id": call.id, "type": "function", "function": function}


def _content(text: str, media: tuple[Media, ...]) -> JSON:
    """A text and its attachments: as parts, or as one text if they are all text, which every server accepts."""
    texts = [text] if text.strip() else []
    documents = [document(attached) for attached in media if _is_text(attached)]
    if len(documents) == len(media):
        return "\n\n".join(texts + documents)
    parts: list[JSON] = [{"type": "text", "text": text} for text in texts]
    return parts + [_part(attached) for attached in media]


def _is_text(media: Media) -> bool:
    return media.kind == "file" and not media.url


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


def _tool(tool: Tool) -> JSON:
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.description, "parameters": schema(tool)},
    }
