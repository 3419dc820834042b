"""Values <-> OpenAI-compatible JSON, both ways. The only place that knows the shape of the wire.

`payload` and `sendable` go out; `events` comes in. A whole completion is read as one chunk whose `message`
stands where `delta` would, so blocking is not a second path. Incoming JSON is hostile: every field may have
any type, and a wrong type reads as "not said".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import cast

from backend.protocol import logprobs
from backend.text import clean
from backend.types import (
    JSON,
    AudioDelta,
    ChatRequest,
    Citation,
    Cited,
    CostReported,
    Event,
    Finished,
    Logprobs,
    Media,
    MediaReceived,
    Message,
    ReasoningDelta,
    ReasoningDetail,
    RefusalDelta,
    TextDelta,
    Tool,
    ToolCallDelta,
    Usage,
    UsageReported,
)
from backend.untrusted import Object, fields, items, numeral, objects, string

_THINK = re.compile(r"^\s*<think(?:ing)?>(.*?)(?:</think(?:ing)?>|\Z)\s*", re.S)


# ---- out ----------------------------------------------------------------------------------------------


def payload(request: ChatRequest) -> dict[str, JSON]:
    """The JSON body of a request: only what was set (None is not), then `extra` merged over it as it is; or the
    body that somebody wrote by hand."""
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
    return {**body, **request.extra}


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
        if message.role == "user" or message.tool_calls or _said(message).strip():
            kept.append(message)
    return kept + _unanswered(waiting)


def _unanswered(call_ids: Iterable[str]) -> list[Message]:
    return [Message("tool", "(no result: the run was interrupted)", tool_call_id=call_id) for call_id in call_ids]


def _message(message: Message, parts: str) -> dict[str, JSON]:
    """API fields only. Reasoning is shown apart and never sent back (AI/ML API reference, trap 8)."""
    content = _said(message)
    body: dict[str, JSON] = {"role": message.role}
    if message.role == "user" and message.media:
        part = _anthropic_part if parts == "anthropic" else _part
        said: list[JSON] = [{"type": "text", "text": content}] if content.strip() else []
        body["content"] = said + [part(media) for media in message.media]
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
    """An attachment as a part of a user message (AI/ML API reference, section 3)."""
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


def _said(message: Message) -> str:
    """The text of a message as it is sent: of an answer, what is not reasoning; or its refusal."""
    if message.role != "assistant":
        return clean(message.content)
    return clean(thinking(message)[1]) or clean(message.refusal)


def _tool(tool: Tool) -> JSON:
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)},
    }


def thinking(message: Message) -> tuple[str, str]:
    """(reasoning, text) for showing: from the reasoning fields, else from `<think>` marks in the content,
    else from the readable parts of `reasoning_details`.
    """
    text, reasoning = message.content, message.reasoning
    if "<think" in text[:200] and (match := _THINK.match(text)):
        reasoning, text = reasoning or match[1].strip(), text[match.end() :]
    if not reasoning and message.reasoning_details:
        # Cleaned after joining: a character may be split over two details.
        details = (string(detail.get("text") or detail.get("summary")) for detail in message.reasoning_details)
        reasoning = clean("".join(details))
    return reasoning, text


# ---- in -----------------------------------------------------------------------------------------------


def events(chunk: Object) -> Iterator[Event]:
    """The events in one chunk of a stream, or in a whole completion. Never raises on odd shapes."""
    if isinstance(chunk.get("event"), dict):  # Claude through AI/ML API before 2026-02: {"event": chunk, ...}
        chunk = fields(chunk["event"])
    for position, choice in enumerate(objects(chunk.get("choices"))):
        yield from _choice_events(choice, position)
    for url in items(chunk.get("citations")):
        if isinstance(url, str):
            yield Cited(Citation(clean(url)))
    for usage in (fields(chunk.get("usage")), fields(fields(chunk.get("x_groq")).get("usage"))):
        if usage:
            yield UsageReported(_usage(usage))
            break
    cost = numeral(fields(fields(chunk.get("meta")).get("usage")).get("usd_spent"))
    if cost is not None and cost >= 0:
        yield CostReported(cost)


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
    for call_position, call in enumerate(objects(part.get("tool_calls"))):
        yield _tool_call(call, call_position if whole else None, index)
    yield from _media_events(part, index, whole)
    if tokens := logprobs.tokens(choice.get("logprobs")):
        yield Logprobs(tokens, index)
    if isinstance(choice.get("finish_reason"), str) and choice["finish_reason"]:
        yield Finished(clean(cast(str, choice["finish_reason"]))[:64], index)


def _reasoning_events(part: Object, index: int) -> Iterator[Event]:
    """Reasoning has four homes; some servers fill two with the same text, so the first one wins."""
    if reasoning := string(part.get("reasoning_content")) or string(part.get("reasoning")):
        yield ReasoningDelta(reasoning, index)
    for detail in objects(part.get("reasoning_details")):
        yield ReasoningDetail(detail, index)


def _content_events(content: JSON, index: int) -> Iterator[Event]:
    """Content as text, or as parts (Mistral's thinking parts, text parts, pictures)."""
    if isinstance(content, str):
        if content:
            yield TextDelta(content, index)
        return
    for part in objects(content):
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
    return ToolCallDelta(
        position if index is None else index,
        string(call.get("id")),
        string(function.get("name")),
        arguments or "",
        choice,
    )


def _media_events(part: Object, index: int, whole: bool) -> Iterator[Event]:
    for image in objects(part.get("images")):
        if url := _url(image.get("image_url")) or _url(image.get("url")):
            yield MediaReceived(Media("image", clean(url)), index)
    audio = fields(part.get("audio"))
    data, words = string(audio.get("data")), string(audio.get("transcript"))
    if data and whole:
        yield MediaReceived(Media("audio", clean(f"data:audio/wav;base64,{data}"), clean(words)), index)
    elif data or words:
        yield AudioDelta(data, words, index)
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


def _url(value: JSON) -> str:
    return string(value) or string(fields(value).get("url"))


def _count(*values: JSON) -> int | None:
    """The first value that is a plausible number of tokens."""
    found = (numeral(value) for value in values)
    return next((int(count) for count in found if count is not None and 0 <= count < 1e12), None)


def _index(value: JSON) -> int | None:
    found = numeral(value)
    return int(found) if found is not None and 0 <= found < 1024 else None
