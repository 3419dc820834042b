"""Which parts of an answer are sent back to a model: reasoning, tool calls, and the provider's own fields.

Without its reasoning many models make no second tool call. Some reject it with the next question (the first
DeepSeek R1), others reject every later question without it (DeepSeek since V4).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import NoReturn

from backend.protocol.learned import NO_THOUGHT
from backend.protocol.order import PAUSED
from backend.protocol.tool_calls import NOTHING, resolve_name
from backend.protocol.wire.known_fields import DOCUMENTED_REASONING, MESSAGE_FIELDS, unknown
from backend.protocol.wire.reasoning import thinking
from backend.text import clean
from backend.types import ChatRequest, Dialect, Message

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")  # the name of a tool: OpenAI's pattern, which the others share
_NO_LETTER = re.compile(r"[^A-Za-z0-9_-]")


def is_paused(message: Message) -> bool:
    """Whether the provider continues this answer when it is sent back unchanged."""
    return message.finish_reason == PAUSED and bool(message.reasoning_details) and not message.tool_calls


def made_here(message: Message, request: ChatRequest) -> bool:
    """Whether the requested model and server produced it. An answer without that information (an imported one)
    counts as another's.
    """
    return (message.model, message.server) == (request.model, request.server)


def to_go_back(messages: Sequence[Message], request: ChatRequest) -> list[Message]:
    """Messages with the reasoning that is sent back: while the model works on the same question, or, if the
    dialect says so, as long as there are tools. Another model gets none of it, nor unknown fields. So does the
    same model on another server: a signature is valid only where it was made.
    """
    dialect, loop = request.dialect, _last_question(messages)
    with_tools = bool(request.tools) or any(message.tool_calls for message in messages)
    keeps = dialect.keeps_reasoning if with_tools or dialect.keeps_always else ""
    adapted: list[Message] = []
    for place, message in enumerate(messages):
        same = made_here(message, request)
        if message.tool_calls and not (same and dialect.unknown_fields):
            message = replace(message, tool_calls=tuple(replace(call, extra={}) for call in message.tool_calls))
        if message.role == "assistant" and dialect.marked_thoughts and not same:
            message = replace(message, content=thinking(message)[1])
        goes_on = place > loop and (message.tool_calls or is_paused(message))
        thought = same and dialect.returns_reasoning and (goes_on or keeps)
        message = _with_thoughts(message, dialect) if thought else without_thoughts(message)
        if keeps and message.role == "assistant" and not message.reasoning:
            message = replace(message, reasoning_field=keeps, reasoning=NO_THOUGHT)
        if dialect.unsigned and place > loop and not any(call.extra for call in message.tool_calls):
            first = [replace(call, extra=dialect.unsigned) for call in message.tool_calls[:1]]
            message = replace(message, tool_calls=(*first, *message.tool_calls[1:]))
        adapted.append(message)
    return adapted


def without_thoughts(message: Message) -> Message:
    """A message without reasoning."""
    return replace(message, reasoning="", reasoning_field="", reasoning_details=(), extra={})


def sound(message: Message, offered: Collection[str]) -> Message:
    """A message with valid calls: a strict provider rejects the whole conversation for an invalid name, or for
    arguments that are no object. Names of `offered` tools and valid arguments are unchanged.
    """
    if not message.tool_calls:
        return message
    calls = [
        replace(call, name=_name(call.name, offered), arguments=as_object(call.arguments))
        for call in message.tool_calls
    ]
    return replace(message, tool_calls=tuple(calls))


def _name(name: str, offered: Collection[str]) -> str:
    name = resolve_name(name, offered)
    if name in offered or _NAME.fullmatch(name):
        return name
    return _NO_LETTER.sub("_", name)[:64] or "unnamed"


def as_object(arguments: str) -> str:
    """Arguments as the JSON of an object: unwrapped from a string, {} for empty ones (PHP writes it as []), and
    anything else as a text in an object.
    """
    try:
        value = json.loads(arguments, parse_constant=_no_number) if arguments.strip() else {}
    except (ValueError, RecursionError):
        return _in_one(arguments)
    if isinstance(value, dict):
        return arguments if arguments.strip() else "{}"
    if isinstance(value, str) and value.lstrip().startswith("{"):
        return as_object(value)
    return "{}" if value in NOTHING else _in_one(arguments)


def _in_one(arguments: str) -> str:
    return json.dumps({"arguments": clean(arguments)}, ensure_ascii=False)


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)  # NaN, which no other parser accepts


def left_behind(request: ChatRequest) -> int:
    """The number of answers in this tool loop, and of paused ones that are continued, that are sent without
    their reasoning and steps, because another model or server made them.
    """
    running = request.messages[_last_question(request.messages) + 1 :]
    others = [message for message in running if message.tool_calls or is_paused(message)]
    return sum(not made_here(message, request) and _has_thoughts(message) for message in others)


def _last_question(messages: Sequence[Message]) -> int:
    """The index of the last user message, -1 for none."""
    return max((place for place, message in enumerate(messages) if message.role == "user"), default=-1)


def _has_thoughts(message: Message) -> bool:
    own_fields = message.reasoning or message.reasoning_details or message.extra
    return bool(own_fields or any(call.extra for call in message.tool_calls))


def _with_thoughts(message: Message, dialect: Dialect) -> Message:
    """A message with the reasoning and unknown fields that its provider accepts back."""
    if not dialect.unknown_fields and message.reasoning_field != DOCUMENTED_REASONING:
        return without_thoughts(message)
    if not dialect.unknown_fields:
        return replace(message, reasoning_details=(), extra={})
    home = message.reasoning_field if message.reasoning else ""
    return replace(message, reasoning_field=home, extra=unknown(message.extra, MESSAGE_FIELDS))
