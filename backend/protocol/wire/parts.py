"""The content of a message, as text or as parts: texts, reasoning, pictures, sounds, calls, in the formats of all
providers. No part is dropped silently: an unreadable one is reported as such.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend.protocol.wire import calls, citations
from backend.text import clean
from backend.types import (
    JSON,
    Cited,
    Event,
    Media,
    MediaReceived,
    PieceUnreadable,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
)
from backend.untrusted import Object, fields, numbered, string

_CALLS = ("tool_use", "tool_call", "function_call")
_SOURCES = ("reference", "citation", "tool_reference")  # Mistral's `reference` has only numbers
_WORDS = ("text", "thinking", "reasoning", "summary", "content", "value")
_PICTURES = ("image_url", "image", "output_image", "source", "inline_data", "inlineData")
_SOUNDS = ("audio", "output_audio", "input_audio", "inline_data", "inlineData")
_DATA = ("b64_json", "data", "base64", "image_base64")
_TYPES = ("media_type", "mime_type", "mimeType")
_DEEPEST = 4


def events(content: JSON, choice: int) -> Iterator[Event]:
    """The events of a content, in order."""
    if isinstance(content, str):
        if content:
            yield TextDelta(content, choice)
        return
    for _, part in numbered(content):
        if isinstance(part, dict):
            yield from _part(part, choice)
        elif text := string(part):
            yield TextDelta(text, choice)


def _part(part: Object, choice: int) -> Iterator[Event]:
    kind = string(part.get("type")).lower()
    if kind in _CALLS:
        yield calls.delta(part, None, choice)
    elif "think" in kind or "reason" in kind or part.get("thought") is True:
        if thought := words(part):
            yield ReasoningDelta(thought, choice)
    elif kind in _SOURCES:
        if source := citations.citation(part):
            yield Cited(source, choice)
    elif media := _media(part, kind):
        yield MediaReceived(media, choice)
    elif refusal := string(part.get("refusal")):
        yield RefusalDelta(refusal, choice)
    elif text := words(part):
        yield TextDelta(text, choice)
    elif kind and any(value for name, value in part.items() if name != "type"):
        yield PieceUnreadable()


def words(value: JSON | Object, depth: int = _DEEPEST) -> str:
    """The text in a value, which may be nested in lists and fields such as `text`; "" for none."""
    if isinstance(value, str) or not depth:
        return string(value)
    if isinstance(value, list):
        return "".join(words(item, depth - 1) for item in value)
    if not isinstance(value, dict):
        return ""
    return next(filter(None, (words(value.get(name), depth - 1) for name in _WORDS)), "")


def _media(part: Object, kind: str) -> Media | None:
    """A part as a picture or a sound; None if it is neither."""
    if "image" in kind or not kind or kind.startswith("inline"):
        itself = part if "image" in kind else None
        url = next(filter(None, (picture(value) for value in (*map(part.get, _PICTURES), itself))), "")
        if url and not url.startswith("data:audio/"):
            return Media("image", url)
    sound = next(filter(None, (fields(part.get(name)) for name in _SOUNDS)), {})
    if data := string(sound.get("data")):
        mime = next(filter(None, (string(sound.get(name)) for name in _TYPES)), "")
        form = string(sound.get("format")) or mime.removeprefix("audio/") or "wav"
        return Media("audio", clean(f"data:audio/{form};base64,{data}"), clean(string(sound.get("transcript"))))
    return None


def picture(value: JSON | Object) -> str:
    """The URL of a picture: a web address or a data URL; "" for anything else."""
    item = fields(value)
    image, url = item.get("image_url"), item.get("url")
    addresses = (value, image, url, fields(image).get("url"), fields(url).get("url"))
    if address := next(filter(None, map(string, addresses)), ""):
        return clean(address)
    data = next(filter(None, (string(item.get(name)) for name in _DATA)), "")
    mime = next(filter(None, (string(item.get(name)) for name in _TYPES)), "image/png")
    return clean(f"data:{mime};base64,{data}") if data else ""
