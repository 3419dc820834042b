"""The JSON of a reply -> the events of an answer.

A whole completion is read as one chunk with `message` instead of `delta`: blocking is not a second code path.
Incoming JSON is hostile: every field may have any type, and a wrong type reads as absent.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from backend.protocol import logprobs
from backend.protocol.wire import calls, citations, parts
from backend.protocol.wire.calls import index_of
from backend.protocol.wire.known_fields import MESSAGE_FIELDS, REASONING_FIELDS, unknown
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
    UnknownFieldsReceived,
    Usage,
    UsageReported,
)
from backend.untrusted import Object, fields, numbered, numeral, object_list, string

_WRAPPINGS = ("event", "data", "result", "response", "output", "body")
_ENDS = ("finish_reason", "stop_reason", "done_reason")
_NO_WORDS = ("null", "none")  # DashScope's native format has "null" as a string in every chunk
_CAME_TO_NOTHING = ("network_error", "malformed_function_call", "unexpected_tool_call", "malformed_response")
_OF_A_PART = ("content", *REASONING_FIELDS, "refusal", "tool_calls", "function_call")


def unwrapped(chunk: Object) -> Object:
    """A chunk or completion without the wrapping of a gateway ({"code": 0, "data": {"choices": ...}}). AI/ML API
    sent {"event": ...} until 2026-02.
    """
    if "choices" in chunk:
        return chunk
    inner = [fields(chunk.get(name)) for name in _WRAPPINGS]
    with_choices = next(({**chunk, **item} for item in inner if "choices" in item), None)
    return with_choices or next(filter(None, map(_cloudflares, [chunk, *inner])), chunk)


def _cloudflares(chunk: Object) -> Object | None:
    """A chunk in the native format of Cloudflare Workers AI ({"response": "..."}) as a chunk with choices."""
    if not isinstance(chunk.get("response"), str):
        return None
    delta = {"content": chunk["response"], "tool_calls": chunk.get("tool_calls")}
    return {**chunk, "choices": [{"index": 0, "delta": delta}]}


def events(chunk: Object) -> Iterator[Event]:
    """The events in one chunk of a stream, or in a whole completion. Never raises on odd shapes."""
    chunk = unwrapped(chunk)
    choices = [(place, choice) for place, choice in numbered(chunk.get("choices")) if isinstance(choice, dict)]
    for place, choice in choices:
        yield from _choice_events(choice, place)
    if not choices and (reason := _ending(chunk)):
        yield Finished(reason)
    for citation in citations.in_chunk(chunk):
        yield Cited(citation)
    if usage := _usage_in(chunk, [choice for _, choice in choices]):
        yield UsageReported(_usage(usage))


def _usage_in(chunk: Object, choices: list[Object]) -> Object:
    """The usage: beside the choices, in `x_groq`, in a choice (Moonshot), or in its delta; {} for none."""
    homes = [chunk, fields(chunk.get("x_groq")), *choices, *(fields(choice.get("delta")) for choice in choices)]
    return next(filter(None, (fields(home.get("usage")) for home in homes)), {})


def _choice_events(choice: Object, position: int) -> Iterator[Event]:
    place = index_of(choice.get("index"))
    index = position if place is None else place
    part, whole = _part(choice)
    yield from _reasoning_events(part, index)
    yield from _content_events(part.get("content"), index, whole)
    legacy = choice.get("text")  # of the older completions
    if not part and isinstance(legacy, str):
        yield TextDelta(legacy, index)
    if refusal := string(part.get("refusal")):
        yield RefusalDelta(refusal, index)
    entries = calls.entries(part.get("tool_calls"))
    for place, call in entries:  # several in one chunk are different calls
        yield calls.delta(call, place if whole or len(entries) > 1 else None, index)
    if not part.get("tool_calls") and (function := fields(part.get("function_call"))):  # the API before tools
        yield calls.delta({"index": 0, "function": dict(function)}, 0, index)
    yield from _media_events(part, index, whole)
    if others := unknown(part, MESSAGE_FIELDS):
        yield UnknownFieldsReceived(others, index)
    if tokens := logprobs.tokens(choice.get("logprobs")):
        yield Logprobs(tokens, index)
    if reason := _ending(choice) or _ending(part):
        yield Finished(reason, index)


def _part(choice: Object) -> tuple[Object, bool]:
    """The delta or the message of a choice, and whether it is a whole message. Some servers send `message` beside
    `delta` with the same text (Writer, Perplexity): it is ignored. Others send a text in its place, or its fields
    in the choice itself.
    """
    delta = choice.get("delta")
    whole = not isinstance(delta, dict | str)
    message = choice.get("message") if whole else delta
    part: Object = {"content": message} if isinstance(message, str) else fields(message)
    beside = {name: choice[name] for name in _OF_A_PART if choice.get(name) and not part.get(name)}
    return ({**part, **beside} if beside else part), whole


def _ending(item: Object) -> str:
    """The finish reason in it. OpenRouter reports "stop" for some failed answers and keeps the provider's own
    reason in `native_finish_reason`.
    """
    reasons = [string(item.get(name)) for name in _ENDS]
    native = string(item.get("native_finish_reason"))
    reason = native if native.lower() in _CAME_TO_NOTHING else next((reason for reason in reasons if reason), "")
    return "" if reason.lower() in _NO_WORDS else clean(reason)[:64]


def _reasoning_events(part: Object, index: int) -> Iterator[Event]:
    """The reasoning, from the first field that has some: some servers fill two with the same text."""
    if home := next((name for name in REASONING_FIELDS if part.get(name) and parts.words(part[name])), ""):
        yield ReasoningDelta(parts.words(part[home]), index, home)
    for detail in object_list(part.get("reasoning_details")):
        yield ReasoningDetail(detail, index)


def _content_events(content: JSON, index: int, whole: bool) -> Iterator[Event]:
    """The events of a content. That of a whole answer may be a JSON value instead of its text."""
    if whole and _is_json(content):
        yield TextDelta(json.dumps(content, ensure_ascii=False), index)
    else:
        yield from parts.events(content, index)


def _is_json(content: JSON) -> bool:
    """Whether it is a JSON value, and neither a text nor parts of a message."""
    if isinstance(content, dict):
        return bool(content) and not content.keys() & {"type", "text", "0"}
    return isinstance(content, bool | int | float)


def _media_events(part: Object, index: int, whole: bool) -> Iterator[Event]:
    for _, image in (*numbered(part.get("images")), *numbered(part.get("image"))):
        if url := parts.picture(image):
            yield MediaReceived(Media("image", url), index)
    audio = fields(part.get("audio"))
    data, transcript = string(audio.get("data")), string(audio.get("transcript"))
    if data and whole:
        yield MediaReceived(Media("audio", clean(f"data:audio/wav;base64,{data}"), clean(transcript)), index)
    elif data or transcript:
        yield AudioDelta(data, transcript, index)
    for citation in citations.in_message(part):
        yield Cited(citation, index)


_INTO = ("prompt_tokens", "input_tokens", "promptTokens", "inputTokens")
_OUT = ("completion_tokens", "output_tokens", "completionTokens", "outputTokens")
# Not in the details: DeepSeek, Moonshot, and gateways in front of Anthropic, whose details contain a 0.
_CACHED = ("prompt_cache_hit_tokens", "cached_tokens", "cache_read_input_tokens")


def _usage(usage: Object) -> Usage:
    completion = fields(usage.get("completion_tokens_details"))
    prompt = fields(usage.get("prompt_tokens_details"))
    return Usage(
        prompt_tokens=_count(*map(usage.get, _INTO)),
        completion_tokens=_count(*map(usage.get, _OUT)),
        total_tokens=_count(usage.get("total_tokens"), usage.get("totalTokens")),
        reasoning_tokens=_count(completion.get("reasoning_tokens"), usage.get("reasoning_tokens")),
        cached_tokens=_largest(prompt.get("cached_tokens"), *map(usage.get, _CACHED)),
        raw=dict(usage),
    )


# ---- counts of any type, None if invalid ----------------------------------------------------------------


def _count(*values: JSON) -> int | None:
    """The first value that is a plausible number of tokens."""
    return next(_counts(values), None)


def _largest(*values: JSON) -> int | None:
    return max(_counts(values), default=None)


def _counts(values: Iterable[JSON]) -> Iterator[int]:
    numbers = (numeral(value) for value in values)
    return (int(number) for number in numbers if number is not None and 0 <= number < 1e12)
