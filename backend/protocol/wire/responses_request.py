"""Requests to OpenAI's Responses: a conversation as items. Replies: responses_reply.py.

The whole conversation is sent each time, and nothing is stored at the provider. Format:
https://platform.openai.com/docs/api-reference/responses.
"""

from __future__ import annotations

from collections.abc import Mapping

from backend.protocol.learned import PROBABILITIES
from backend.protocol.order import Piece, is_an_item, pieces
from backend.protocol.wire.fields import rename, schema
from backend.protocol.wire.transcript import Prepared, document, prepare, sent_text
from backend.text import clean
from backend.types import JSON, ChatRequest, Dialect, Media, Message, Tool
from backend.untrusted import Object, fields, items

_WORDS = ("auto", "none", "required")
_LENGTH = "max_output_tokens"
_SHORTEST = 16  # tokens; fewer are rejected


def body(request: ChatRequest, parameters: Mapping[str, JSON]) -> dict[str, JSON]:
    """The body for `/responses`. `parameters`: the fields of chat completions by name."""
    transcript = prepare(request)
    request_body: dict[str, JSON] = {"model": request.model, "input": _items(transcript)}
    request_body |= _own(parameters, request.dialect)
    if transcript.system:
        request_body["instructions"] = transcript.system
    if request.stream:
        request_body["stream"] = True
    if request.tools:
        request_body["tools"] = [_tool(tool) for tool in request.tools]
    if choice := request.tool_choice:
        request_body["tool_choice"] = choice if choice in _WORDS else {"type": "function", "name": choice}
    if request.response_format:
        request_body["text"] = {"format": _format(dict(request.response_format))}
    return request_body


def _own(parameters: Mapping[str, JSON], dialect: Dialect) -> dict[str, JSON]:
    """Fields of chat completions under the names and in the formats of this API."""
    shaped = dict(parameters)
    effort, format_ = shaped.pop("reasoning_effort", None), shaped.pop("response_format", None)
    if shaped.pop("logprobs", None):
        shaped["include"] = [*items(shaped.get("include")), PROBABILITIES]
    own = rename(shaped, dialect)
    length = own.get(_LENGTH)
    if isinstance(length, int) and length < _SHORTEST:
        own[_LENGTH] = _SHORTEST
    if effort:
        own["reasoning"] = {**fields(own.get("reasoning")), "effort": effort}
    if format_:
        own["text"] = {"format": _format(fields(format_))}
    return own


def _format(format_: Object) -> JSON:
    """The format of an answer: the content of `json_schema` is one level higher in this API."""
    around = {name: value for name, value in format_.items() if name != "json_schema"}
    return {**around, **fields(format_.get("json_schema"))}


def _tool(tool: Tool) -> JSON:
    shape: dict[str, JSON] = {"type": "function", "name": tool.name, "description": tool.description}
    return {**shape, "parameters": schema(tool), "strict": False}


def _items(transcript: Prepared) -> list[JSON]:
    items: list[JSON] = []
    for message in transcript.messages:
        if message.role == "tool":
            result: JSON = {
                "type": "function_call_output",
                "call_id": message.tool_call_id,
                "output": sent_text(message),
            }
            items.append(result)
            continue
        items += [item for piece in pieces(message, sent_text(message)) if (item := _item(piece, message))]
    return items


def _item(piece: Piece, message: Message) -> JSON:
    match piece:
        case ("thought", detail):
            return dict(detail) if goes_back(detail) else None
        case ("text", text):
            says = text.strip() or not message.tool_calls
            return {"role": message.role, "content": _content(message, text)} if says else None
        case ("call", call):
            head: dict[str, JSON] = {"type": "function_call", "call_id": call.id, "name": call.name}
            return {**head, "arguments": call.arguments}


def goes_back(detail: Object) -> bool:
    """The reasoning items that are sent back: encrypted ones, and those with the thought itself (DeepSeek, vLLM); a
    summary is useless to the provider. Server-side steps are sent back unchanged: reasoning is rejected without the
    step that followed it.
    """
    if detail.get("type") == "reasoning":
        return bool(detail.get("encrypted_content") or detail.get("content"))
    return is_an_item(detail)


def _content(message: Message, text: str) -> JSON:
    if message.role != "user" or not message.media:
        return text
    parts: list[JSON] = [{"type": "input_text", "text": text}] if text.strip() else []
    return parts + [_part(media) for media in message.media]


def _part(media: Media) -> JSON:
    url = clean(media.url)
    if media.kind == "image":
        return {"type": "input_image", "image_url": url, "detail": media.detail or "auto"}
    if media.kind == "file" and url:
        return {"type": "input_file", "filename": clean(media.name), "file_data": url}
    return {"type": "input_text", "text": document(media)}
