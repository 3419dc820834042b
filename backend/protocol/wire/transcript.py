"""Adapts a transcript to what a provider accepts, before it is written in a wire format.

`sendable` applies what every provider requires; `prepare` what one dialect requires: the position of the system
prompt, alternating roles, the form of call ids, which pictures are sent.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from backend.protocol.learned import BEGINS, GOES_ON
from backend.protocol.wire.going_back import is_paused, made_here, sound, to_go_back, without_thoughts
from backend.protocol.wire.reasoning import thinking
from backend.text import clean
from backend.types import ChatRequest, Dialect, Media, Message, ToolCall

_INSTRUCTIONS = ("system", "developer")
_BEGINS = Message("user", BEGINS)
CONTINUE = Message("user", GOES_ON)
_INTERRUPTED = Message("assistant", "(The answer was interrupted.)")


@dataclass(frozen=True)
class Prepared:
    """A transcript to be written in a wire format. `system`: the system prompt as a field of the body; "" if it is
    one of the messages. The remaining reasoning and unknown fields of the messages are to be sent.
    """

    system: str
    messages: tuple[Message, ...]


def prepare(request: ChatRequest) -> Prepared:
    """The messages of a request, adapted to its dialect."""
    dialect = request.dialect
    messages = sendable(_with_pictures(_gone_on_with(request), dialect))
    offered = {tool.name for tool in request.tools}
    messages = [sound(message, offered) for message in to_go_back(messages, request)]
    if dialect.result_names:
        messages = list(_with_result_names(messages))
    if dialect.calls_as_text:
        messages = list(_calls_in_words(messages))
    system, messages = _system_apart(messages, dialect)
    messages = list(_join_questions(messages, strict=dialect.strict_turns))
    return Prepared(system, tuple(_with_call_ids(messages, dialect.call_ids)))


def sent_text(message: Message) -> str:
    """The text of a message to be sent: of an answer without its reasoning, or its refusal."""
    if message.role != "assistant":
        return clean(message.content)
    return clean(thinking(message)[1]) or clean(message.refusal)


def document(media: Media) -> str:
    """The text of a document between tags with its name, so that the model sees where it ends."""
    name = clean(media.name).replace('"', "'")
    return f'<document name="{name}">\n{clean(media.text)}\n</document>'


def sendable(messages: Iterable[Message]) -> list[Message]:
    """A transcript that servers accept, even after an interrupted answer: no empty assistant messages, exactly one
    result directly after each tool call, and no result without its call.
    """
    adapted: list[Message] = []
    waiting: dict[str, None] = {}
    messages = list(messages)
    paused = messages[-1] if messages and is_paused(messages[-1]) else None
    for message in messages:
        if message.tool_calls and message.state != "done":
            message = replace(message, tool_calls=())  # incomplete arguments are invalid JSON
        if message.role == "tool":
            if message.tool_call_id in waiting:
                del waiting[message.tool_call_id]
                adapted.append(message)
            continue
        adapted += _missing_results(waiting)
        waiting = {call.id: None for call in message.tool_calls}
        if message.role == "user" or message.tool_calls or sent_text(message).strip() or message is paused:
            adapted.append(message)
    return adapted + _missing_results(waiting)


def _gone_on_with(request: ChatRequest) -> list[Message]:
    """The transcript, which may end with a paused answer. Its server-side steps are sent to the provider that made
    them only: another model is asked to continue its text, or if it has none, gets the question again.
    """
    messages = list(request.messages)
    if not messages or not is_paused(messages[-1]) or made_here(messages[-1], request):
        return messages
    return [*messages, CONTINUE] if sent_text(messages[-1]).strip() else messages[:-1]


def _missing_results(call_ids: Iterable[str]) -> list[Message]:
    return [Message("tool", "(no result: the run was interrupted)", tool_call_id=call_id) for call_id in call_ids]


# ---- pictures -------------------------------------------------------------------------------------------


def _with_pictures(messages: Iterable[Message], dialect: Dialect) -> Iterator[Message]:
    """Move pictures of answers into the next question: no server accepts them in an answer."""
    pictures: tuple[Media, ...] = ()
    for message in messages:
        if message.role == "assistant":
            pictures += tuple(media for media in message.media if media.kind == "image" and media.url)
        elif message.role == "user":
            if pictures and dialect.answered_pictures:
                message = replace(message, media=(*pictures, *message.media))
            pictures = ()
        yield message


# ---- the system prompt ----------------------------------------------------------------------------------


def _system_apart(messages: Sequence[Message], dialect: Dialect) -> tuple[str, list[Message]]:
    """The system prompt as a field of the body ("" for none), and the messages. If a dialect allows it only at the
    beginning, later system messages become user messages.
    """
    if not dialect.developer:
        messages = [_as_system(message) for message in messages]
    if dialect.system == "message" and not dialect.strict_turns:
        return "", list(messages)
    first = list(itertools.takewhile(lambda message: message.role in _INSTRUCTIONS, messages))
    rest = [_as_user(message) for message in messages[len(first) :]]
    match dialect.system:
        case "parameter":
            return "\n\n".join(map(sent_text, first)), rest
        case "folded":
            return "", [*map(_as_user, first), *rest]
        case _:
            return "", [*first, *rest]


def _as_system(message: Message) -> Message:
    return replace(message, role="system") if message.role == "developer" else message


def _as_user(message: Message) -> Message:
    return replace(message, role="user", name=None) if message.role in _INSTRUCTIONS else message


# ---- whose turn it is -----------------------------------------------------------------------------------


def _join_questions(messages: Iterable[Message], *, strict: bool) -> Iterator[Message]:
    """Merge consecutive user messages: many chat templates reject them, and with them every later request.
    `strict`: merge answers too, and insert messages so that roles alternate.
    """
    last: Message | None = None
    for message in messages:
        if last is not None and _together(last, message, strict):
            last = _both(last, message)
            continue
        if last is not None:
            yield last
        if strict:
            yield from _between(last, message)
        last = message
    if last is not None:
        yield last


def _together(first: Message, second: Message, strict: bool) -> bool:
    if first.role != second.role or first.tool_calls:
        return False
    if first.role == "assistant":
        return strict
    return first.role == "user" and (strict or first.name in (None, second.name))


def _both(first: Message, second: Message) -> Message:
    texts = (sent_text(first), sent_text(second))
    content = "\n\n".join(text for text in texts if text.strip()) or texts[1]
    name = second.name if first.name in (None, second.name) else None
    return replace(second, content=content, refusal="", media=(*first.media, *second.media), name=name)


def _between(last: Message | None, message: Message) -> Iterator[Message]:
    """The messages to insert before `message` so that user and assistant alternate."""
    if message.role == "assistant" and (last is None or last.role in _INSTRUCTIONS):
        yield _BEGINS
    if message.role == "user" and last is not None and last.role == "tool":
        yield _INTERRUPTED


# ---- calls of tools -------------------------------------------------------------------------------------


def _with_result_names(messages: Iterable[Message]) -> Iterator[Message]:
    """Add to each result the name of the called tool."""
    names: dict[str | None, str] = {}
    for message in messages:
        names |= {call.id: call.name for call in message.tool_calls}
        if message.role == "tool" and not message.name:
            message = replace(message, name=names.get(message.tool_call_id))
        yield message


def _with_call_ids(messages: Iterable[Message], pattern: str) -> Iterator[Message]:
    """Replace ids of calls that the provider rejects, or that occur twice: other models made them."""
    used: set[str] = set()
    ids: dict[str | None, str] = {}
    for message in messages:
        if message.tool_calls:
            ids = {call.id: "" for call in message.tool_calls}
            ids = {before: _call_id(str(before), pattern, used) for before in ids}
            calls = tuple(replace(call, id=ids[call.id]) for call in message.tool_calls)
            message = replace(message, tool_calls=calls)
        elif message.tool_call_id in ids:
            message = replace(message, tool_call_id=ids[message.tool_call_id])
        yield message


def _call_id(before: str, pattern: str, used: set[str]) -> str:
    """The id itself if it fits the pattern and is unused, otherwise nine hexadecimal digits, which every provider
    accepts. They are derived from the id: the same in each request.
    """
    digests = (
        hashlib.sha256(f"{before}/{count}".encode(errors="replace")).hexdigest() for count in itertools.count()
    )
    ids = itertools.chain([before] if re.fullmatch(pattern, before) else [], (digest[:9] for digest in digests))
    call_id = next(call_id for call_id in ids if call_id not in used)
    used.add(call_id)
    return call_id


def _calls_in_words(messages: Iterable[Message]) -> Iterator[Message]:
    """Write tool calls and their results as text, for a model without tool calls."""
    names: dict[str | None, str] = {}
    for message in messages:
        if message.role == "tool":
            name = names.get(message.tool_call_id, "the tool")
            yield Message("user", f"Result of {name}: {message.content}")
        elif message.tool_calls:
            names |= {call.id: call.name for call in message.tool_calls}
            lines = [sent_text(message), *(_in_words(call) for call in message.tool_calls)]
            content = "\n".join(filter(None, lines))
            yield replace(without_thoughts(message), content=content, tool_calls=())
        else:
            yield message


def _in_words(call: ToolCall) -> str:
    return f"(called {clean(call.name)} with {clean(call.arguments).strip() or '{}'})"
