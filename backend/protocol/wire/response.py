"""The JSON of a reply -> the events of an answer.

A whole completion is read as one chunk whose `message` takes the place of `delta`: blocking is not a second path.
Incoming JSON is hostile: every field may have any type, and a wrong type reads as "not said".
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import cast

from backend.protocol import logprobs, tool_calls
from backend.protocol.wire import citations
from backend.protocol.wire.known import CALL_FIELDS, FUNCTION_FIELDS, MESSAGE_FIELDS, REASONING_FIELDS, unknown
from backend.text import clean
from backend.types import (
    JSON,
    AudioDelta,
    Cited,
    Event,
    Finished,
    Logprobs,
    Media,
    MediaReceived,
    ReasoningDelta,
    ReasoningDetail,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    UnknownFieldsReceived,
    Usage,
    UsageReported,
)
from backend.untrusted import Object, fields, integer, listed, numbered, numeral, string


def events(chunk: Object) -> Iterator[Event]:
    """The events in one chunk of a stream, or in a whole completion. Never raises on odd shapes."""
    if isinstance(chunk.get("event"), dict):  # Claude through AI/ML API before 2026-02: {"event": chunk, ...}
        chunk = fields(chunk["event"])
    for position, choice in numbered(chunk.get("choices")):
        if isinstance(choice, dict):
            yield from _choice_events(choice, position)
    for citation in citations.in_chunk(chunk):
        yield Cited(citation)
    for usage in (fields(chunk.get("usage")), fields(fields(chunk.get("x_groq")).get("usage"))):
        if usage:
            yield UsageReported(_usage(usage))
            break


def _choice_events(choice: Object, position: int) -> Iterator[Event]:
    index = _index(choice.get("index"))
    index = position if index is None else index
    delta = choice.get("delta")
    # Some servers send `message` beside `delta` (Writer, Perplexity): the same text, not to be counted twice.
    part = delta if isinstance(delta, dict) else fields(choice.get("message"))
    whole = not isinstance(delta, dict)
    yield from _reasoning_events(part, index)
    yield from _content_events(part.get("content"), index)
    if not part and isinstance(choice.get("text"), str):  # legacy completions shape
        yield TextDelta(cast(str, choice["text"]), index)
    if refusal := string(part.get("refusal")):
        yield RefusalDelta(refusal, index)
    calls = numbered(part.get("tool_calls"), tool_calls.LIMIT)
    for place, call in calls:  # in one chunk each is a call of its own
        if isinstance(call, dict):
            yield _tool_call(call, place if whole or len(calls) > 1 else None, index)
    if not part.get("tool_calls") and (function := fields(part.get("function_call"))):  # before there were tools
        yield _tool_call({"index": 0, "function": dict(function)}, 0, index)
    yield from _media_events(part, index, whole)
    if others := unknown(part, MESSAGE_FIELDS):
        yield UnknownFieldsReceived(others, index)
    if tokens := logprobs.tokens(choice.get("logprobs")):
        yield Logprobs(tokens, index)
    if isinstance(choice.get("finish_reason"), str) and choice["finish_reason"]:
        yield Finished(clean(cast(str, choice["finish_reason"]))[:64], index)


def _reasoning_events(part: Object, index: int) -> Iterator[Event]:
    """Reasoning has four homes; some servers fill two with the same text, so the first one wins."""
    if home := next((name for name in REASONING_FIELDS if string(part.get(name))), ""):
        yield ReasoningDelta(string(part[home]), index, home)
    for detail in listed(part.get("reasoning_details")):
        yield ReasoningDetail(detail, index)


def _content_events(content: JSON, index: int) -> Iterator[Event]:
    """Content as text, or as parts (Mistral's thinking parts, text parts, pictures)."""
    if isinstance(content, str):
        if content:
            yield TextDelta(content, index)
        return
    for _, part in numbered(content):
        if not isinstance(part, dict):
            if text := string(part):
                yield TextDelta(text, index)
            continue
        kind = part.get("type")
        if kind == "thinking":
            text = "".join(string(piece.get("text")) for piece in listed(part.get("thinking")))
            yield ReasoningDelta(text or string(part.get("thinking")), index)
        elif kind == "image_url" and (url := _url(part.get("image_url"))):
            yield MediaReceived(Media("image", clean(url)), index)
        elif text := string(part.get("text")):
            yield TextDelta(text, index)


def _tool_call(call: Object, position: int | None, choice: int) -> ToolCallDelta:
    function = fields(call.get("function"))
    arguments = function.get("arguments")
    if arguments is not None and not isinstance(arguments, str):
        arguments = json.dumps(arguments)
    index = _index(call.get("index"))
    extra = unknown(call, CALL_FIELDS)
    if more := unknown(function, FUNCTION_FIELDS):
        extra["function"] = more
    return ToolCallDelta(
        position if index is None else index,
        _id(call.get("id")),
        string(function.get("name")),
        arguments or "",
        choice,
        extra or None,
    )


def _media_events(part: Object, index: int, whole: bool) -> Iterator[Event]:
    for _, image in numbered(part.get("images")):
        if url := _url(fields(image).get("image_url")) or _url(image):
            yield MediaReceived(Media("image", clean(url)), index)
    audio = fields(part.get("audio"))
    data, transcript = string(audio.get("data")), string(audio.get("transcript"))
    if data and whole:
        yield MediaReceived(Media("audio", clean(f"data:audio/wav;base64,{data}"), clean(transcript)), index)
    elif data or transcript:
        yield AudioDelta(data, transcript, index)
    for citation in citations.in_message(part):
        yield Cited(citation, index)


def _usage(usage: Object) -> Usage:
    completion = fields(usage.get("completion_tokens_details"))
    prompt = fields(usage.get("prompt_tokens_details"))
    return Usage(
        prompt_tokens=_count(usage.get("prompt_tokens"), usage.get("input_tokens")),
        completion_tokens=_count(usage.get("completion_tokens"), usage.get("output_tokens")),
        total_tokens=_count(usage.get("total_tokens")),
        reasoning_tokens=_count(completion.get("reasoning_tokens")),
        cached_tokens=_count(prompt.get("cached_tokens"), usage.get("prompt_cache_hit_tokens")),
        raw=dict(usage),
    )


# ---- fields of any type, read as "not said" when wrong --------------------------------------------------


def _id(value: JSON) -> str:
    """An id as text: some servers count."""
    return string(value) or ("" if integer(value) is None else str(value))


def _url(value: JSON) -> str:
    return string(value) or string(fields(value).get("url"))


def _count(*values: JSON) -> int | None:
    """The first value that is a plausible number of tokens."""
    counts = (numeral(value) for value in values)
    return next((int(count) for count in counts if count is not None and 0 <= count < 1e12), None)


def _index(value: JSON) -> int | None:
    index = numeral(value)
    return int(index) if index is not None and 0 <= index < 1024 else None
