"""The JSON of a reply -> the events of an answer.

A whole completion is read as one chunk whose `message` takes the place of `delta`: blocking is not a second path.
Incoming JSON is hostile: every field may have any type, and a wrong type reads as "not said".
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import cast

from backend.protocol import logprobs, tool_calls
from backend.protocol.wire.known import CALL_FIELDS, FUNCTION_FIELDS, MESSAGE_FIELDS, REASONING_FIELDS, unknown
from backend.text import clean
from backend.types import (
    JSON,
    AudioDelta,
    Citation,
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
from backend.untrusted import Object, fields, items, numeral, objects, string


def events(chunk: Object) -> Iterator[Event]:
    """The events in one chunk of a stream, or in a whole completion. Never raises on odd shapes."""
    if isinstance(chunk.get("event"), dict):  # Claude through AI/ML API before 2026-02: {"event": chunk, ...}
        chunk = fields(chunk["event"])
    for position, choice in enumerate(objects(chunk.get("choices"))):
        yield from _choice_events(choice, position)
    for url in items(chunk.get("citations")):
        if isinstance(url, str):
            yield Cited(Citation(clean(url)))
    for page in objects(chunk.get("search_results")):  # Perplexity: the same pages, with their titles
        if url := string(page.get("url")):
            yield Cited(Citation(clean(url), clean(string(page.get("title")))))
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
    for call_position, call in enumerate(objects(_listed(part.get("tool_calls")), tool_calls.LIMIT)):
        yield _tool_call(call, call_position if whole else None, index)
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
    for detail in objects(part.get("reasoning_details")):
        yield ReasoningDetail(detail, index)


def _content_events(content: JSON, index: int) -> Iterator[Event]:
    """Content as text, or as parts (Mistral's thinking parts, text parts, pictures)."""
    if isinstance(content, str):
        if content:
            yield TextDelta(content, index)
        return
    for part in items(_listed(content)):
        if not isinstance(part, dict):
            if text := string(part):
                yield TextDelta(text, index)
            continue
        kind = part.get("type")
        if kind == "thinking":
            text = "".join(string(piece.get("text")) for piece in objects(part.get("thinking")))
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
        string(call.get("id")),
        string(function.get("name")),
        arguments or "",
        choice,
        extra or None,
    )


def _media_events(part: Object, index: int, whole: bool) -> Iterator[Event]:
    for image in objects(part.get("images")):
        if url := _url(image.get("image_url")) or _url(image.get("url")):
            yield MediaReceived(Media("image", clean(url)), index)
    audio = fields(part.get("audio"))
    data, transcript = string(audio.get("data")), string(audio.get("transcript"))
    if data and whole:
        yield MediaReceived(Media("audio", clean(f"data:audio/wav;base64,{data}"), clean(transcript)), index)
    elif data or transcript:
        yield AudioDelta(data, transcript, index)
    for annotation in objects(part.get("annotations")):
        cited = fields(annotation.get("url_citation"))
        if url := string(cited.get("url")):
            yield Cited(Citation(clean(url), clean(string(cited.get("title")))), index)


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


def _listed(value: JSON) -> JSON:
    """A list, also where some servers give the one thing that would be in it."""
    return [value] if isinstance(value, dict) else value


def _url(value: JSON) -> str:
    return string(value) or string(fields(value).get("url"))


def _count(*values: JSON) -> int | None:
    """The first value that is a plausible number of tokens."""
    counts = (numeral(value) for value in values)
    return next((int(count) for count in counts if count is not None and 0 <= count < 1e12), None)


def _index(value: JSON) -> int | None:
    index = numeral(value)
    return int(index) if index is not None and 0 <= index < 1024 else None
