"""Parses the prompt of a sampling request: messages, pictures, and tools that the server runs.

    prompt = read(params, redactor)       # raises Refusal, whose message the server gets

All of it is untrusted: bounded, its pictures decoded and re-encoded, its tools valid for a model.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from backend.attachments import pictures
from backend.attachments.attachment import UnusableFile
from backend.keys.redaction import Redactor
from backend.mcp import bounds, definitions, results
from backend.schema.lint import NAME
from backend.tools import calls
from backend.types import JSON, Media, Message, Tool, ToolCall
from backend.untrusted import Object, line, text

if TYPE_CHECKING:
    from mcp_types import CreateMessageRequestParams, ErrorData, SamplingMessage

_NOT_TAKEN = -32602  # JSON-RPC's code for invalid parameters


class Refusal(Exception):
    """A model is not asked. The message is for the server, and for the model that called its tool."""

    def __init__(self, words: str, code: int = _NOT_TAKEN) -> None:
        super().__init__(words)
        self._code = code

    @property
    def error(self) -> ErrorData:
        """The error for the server."""
        from mcp_types import ErrorData  # the SDK has been imported by now

        return ErrorData(code=self._code, message=str(self))


@dataclass(frozen=True)
class SamplingPrompt:
    """`tools` are those that the model may call and the server runs; `choice` is "auto", "required" or "none"."""

    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()
    choice: str | None = None

    @property
    def has_pictures(self) -> bool:
        return any(message.media for message in self.messages)


def read(params: CreateMessageRequestParams, redactor: Redactor) -> SamplingPrompt:
    """The prompt; decodes pictures, so not on an event loop. Raises Refusal."""
    messages = [_clean_message(message, redactor) for message in _messages(params, redactor)]
    rows = params.tools or []
    tools = tuple(_tool(row.model_dump(by_alias=True, mode="json", exclude_none=True)) for row in rows)
    if len(messages) > bounds.SAMPLING_MESSAGES or len(rows) > bounds.SAMPLING_TOOLS:
        raise Refusal("This is too much for a model to be asked.")
    if sum(map(_size, messages)) + sum(map(_size_of_tool, tools)) > bounds.SAMPLING_TEXT:
        raise Refusal("This is too long for a model to be asked.")
    if not any(message.role == "user" for message in messages):
        raise Refusal("There is nothing of a user in what a model is to be asked.")
    if len({tool.name for tool in tools}) < len(tools):
        raise Refusal("Two of the tools have the same name.")
    choice = params.tool_choice.mode or "auto" if tools and params.tool_choice else None
    return SamplingPrompt(tuple(messages), tools, choice)


def _tool(row: Object) -> Tool:
    known = definitions.read(row)
    if known is None or not NAME.fullmatch(known.name):
        raise Refusal("One of the tools cannot be told to a model.")
    return known.tool(known.name)


def _messages(params: CreateMessageRequestParams, redactor: Redactor) -> Iterator[Message]:
    if params.system_prompt:
        yield Message("system", params.system_prompt)
    blocks = [block for message in params.messages for block in message.content_as_list]
    if sum(block.type == "image" for block in blocks) > bounds.SAMPLING_PICTURES:
        raise Refusal("These are too many pictures for a model to be asked about.")
    for message in params.messages:
        yield from _messages_of(message, redactor)


def _messages_of(message: SamplingMessage, redactor: Redactor) -> Iterator[Message]:
    """The messages for one of the server's: results of tools are messages of their own."""
    texts, media, called = list[str](), list[Media](), list[ToolCall]()
    for block in message.content_as_list:
        match block.type:
            case "text":
                texts.append(block.text)
            case "image" if message.role == "user":
                media.append(_picture(block.data))
            case "tool_use" if message.role == "assistant":
                called.append(
                    ToolCall(
                        line(block.id, 200), line(block.name, 64), redactor.redact_answer(json.dumps(block.input))
                    )
                )
            case "tool_result" if message.role == "user":
                whole = block.model_dump(by_alias=True, mode="json", exclude_none=True)
                content = results.outcome(whole, redactor=redactor).content
                yield Message("tool", content, tool_call_id=line(block.tool_use_id, 200))
            case kind:
                raise Refusal(f"This client passes no {kind} of the {message.role} on to a model.")
    if texts or media or called:
        yield Message(message.role, "\n\n".join(texts), media=tuple(media), tool_calls=tuple(called))


def _picture(data: str) -> Media:
    """Re-encode it, so that only pixels are passed on."""
    if len(data) > results.MEDIA:
        raise Refusal("A picture is too large for a model to be asked about.")
    try:
        return pictures.read("The picture", base64.b64decode(data, validate=True)).media
    except (binascii.Error, UnusableFile) as fault:
        raise Refusal(
            f"A picture cannot be read. {fault if isinstance(fault, UnusableFile) else ''}".strip()
        ) from None


def _clean_message(message: Message, redactor: Redactor) -> Message:
    return replace(message, content=redactor.redact_answer(text(message.content, bounds.SAMPLING_TEXT + 1)))


def _size(message: Message) -> int:
    return len(message.content) + sum(len(call.name + call.arguments) for call in message.tool_calls)


def _size_of_tool(tool: Tool) -> int:
    return len(tool.description) + len(json.dumps(dict(tool.parameters)))


def parsed(call: ToolCall) -> dict[str, JSON] | None:
    """The arguments of a call as a server expects them; None if they are invalid."""
    try:
        return dict(calls.arguments(call.arguments))
    except calls.BadArguments:
        return None
