"""What a model thought, how it called tools, and what its provider added: what of it goes back to whom, and how.

Many call no second tool without it. Some refuse it with the next question (the first DeepSeek R1), others refuse
every later question without it (DeepSeek since V4).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import NoReturn

from backend.protocol.order import PAUSED
from backend.protocol.tool_calls import NOTHING, meant
from backend.protocol.wire.known_fields import DOCUMENTED_REASONING, MESSAGE_FIELDS, unknown
from backend.text import clean
from backend.types import ChatRequest, Dialect, Message

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")  # of a tool: OpenAI's pattern, which the others have too
_NO_LETTER = re.compile(r"[^A-Za-z0-9_-]")


def is_paused(message: Message) -> bool:
    """The provider works on by itself when this answer is sent back to it as it is."""
    return message.finish_reason == PAUSED and bool(message.reasoning_details) and not message.tool_calls


def made_here(message: Message, request: ChatRequest) -> bool:
    """The model and the server that are asked made it. An answer that does not say whose it is (an imported one)
    counts as another's."""
    return (message.model, message.server) == (request.model, request.server)


def to_go_back(messages: Sequence[Message], request: ChatRequest) -> list[Message]:
    """Messages with what goes back of their thoughts: as long as the model works on the same question, or, where
    the dialect says so, as long as there are tools. Another model is told nothing of it, nor of fields that it
    cannot know. So is one of the same model on another server: a signature is good where it was made only."""
    dialect, loop = request.dialect, _last_question(messages)
    with_tools = bool(request.tools) or any(message.tool_calls for message in messages)
    keeps = dialect.keeps_reasoning if with_tools else ""
    kept: list[Message] = []
    for place, message in enumerate(messages):
        same = made_here(message, request)
        if message.tool_calls and not (same and dialect.unknown_fields):
            message = replace(message, tool_calls=tuple(replace(call, extra={}) for call in message.tool_calls))
        goes_on = place > loop and (message.tool_calls or is_paused(message))
        thought = same and dialect.returns_reasoning and (goes_on or keeps)
        message = _thought(message, dialect) if thought else without_thoughts(message)
        if keeps and message.role == "assistant":
            message = replace(message, reasoning_field=message.reasoning_field or keeps)
        if dialect.unsigned and place > loop and not any(call.extra for call in message.tool_calls):
            first = [replace(call, extra=dialect.unsigned) for call in message.tool_calls[:1]]
            message = replace(message, tool_calls=(*first, *message.tool_calls[1:]))
        kept.append(message)
    return kept


def without_thoughts(message: Message) -> Message:
    """A message with nothing of what was thought."""
    return replace(message, reasoning="", reasoning_field="", reasoning_details=(), extra={})


def sound(message: Message, offered: Collection[str]) -> Message:
    """A message whose calls are as every provider takes them, whatever the model wrote: a strict one refuses the
    whole conversation for a name that cannot be one, or for arguments that are no object. Names of `offered` tools
    stay as they are; so do arguments, where they are one."""
    if not message.tool_calls:
        return message
    calls = [
        replace(call, name=_name(call.name, offered), arguments=as_object(call.arguments))
        for call in message.tool_calls
    ]
    return replace(message, tool_calls=tuple(calls))


def _name(name: str, offered: Collection[str]) -> str:
    name = meant(name, offered)
    if name in offered or _NAME.fullmatch(name):
        return name
    return _NO_LETTER.sub("_", name)[:64] or "unnamed"


def as_object(arguments: str) -> str:
    """Arguments as the JSON of an object: out of a text in which they are once more, {} for nothing (PHP writes it
    as []), and what is none as a text in one."""
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
    raise ValueError(word)  # NaN, which no other parser takes


def left_behind(request: ChatRequest) -> int:
    """How many answers of this tool loop, and paused ones that are gone on with, go without what was thought and
    done, because another model or server made them."""
    running = request.messages[_last_question(request.messages) + 1 :]
    others = [message for message in running if message.tool_calls or is_paused(message)]
    return sum(not made_here(message, request) and _has_thoughts(message) for message in others)


def _last_question(messages: Sequence[Message]) -> int:
    """Its place, -1 for none."""
    return max((place for place, message in enumerate(messages) if message.role == "user"), default=-1)


def _has_thoughts(message: Message) -> bool:
    known = message.reasoning or message.reasoning_details or message.extra
    return bool(known or any(call.extra for call in message.tool_calls))


def _thought(message: Message, dialect: Dialect) -> Message:
    """A message with what its provider takes back of what was thought, and of fields that are not known here."""
    if not dialect.unknown_fields and message.reasoning_field != DOCUMENTED_REASONING:
        return without_thoughts(message)
    if not dialect.unknown_fields:
        return replace(message, reasoning_details=(), extra={})
    home = message.reasoning_field if message.reasoning else ""
    return replace(message, reasoning_field=home, extra=unknown(message.extra, MESSAGE_FIELDS))
