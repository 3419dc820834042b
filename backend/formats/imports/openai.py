"""OpenAI-style messages -> a conversation: a request body, a line of training data, or the bare list.

A role or a kind of part that is not known is refused: leaving it out would change what the conversation says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast, get_args

from backend.conversation.tree import Conversation, Node
from backend.formats.archive import Record
from backend.formats.imports import claude, request
from backend.formats.imports.opening import shown
from backend.protocol import wire
from backend.protocol.accumulator import Accumulator
from backend.types import JSON, Media, Message, Role
from backend.untrusted import Object, Unreadable, fields, items, objects, text

_NOT_OF_THE_ANSWER = ("content", "model", "usage", "weight")  # `weight`: of training data
_TEXTS = ("text", "input_text", "output_text")


def record(item: Object) -> Record:
    """A conversation from an object with `messages`. What else a request body says are its settings."""
    messages = [
        message(plain, place)
        for place, value in enumerate(items(item.get("messages")), 1)
        for plain in claude.unblocked(value)
    ]
    prompt = ""
    if messages and messages[0].role == "system" and not messages[0].media:
        prompt = messages.pop(0).content  # shown in its place: above the conversation
    prompts = [text(item.get("system")), prompt]
    settings = {**request.settings(item), "system_prompt": "\n\n".join(filter(None, prompts))}
    return Record(chain(messages), title=text(item.get("title")), settings=settings)


def chain(messages: Sequence[Message]) -> Conversation:
    """Messages one after the other. Ids are counted from 1, as `archive.read` does it."""
    return Conversation.of(Node(place, place - 1 or None, message) for place, message in enumerate(messages, 1))


def message(value: JSON, place: int) -> Message:
    """One message of any role, in the shape of a request or of an answer."""
    if not isinstance(value, dict):
        raise Unreadable(f"Message {place} is no message.")
    role = value.get("role")
    if role == "function":  # before tools there were functions
        value = {**value, "role": "tool", "tool_call_id": value.get("name")}
    elif role not in get_args(Role):
        raise Unreadable(f"Message {place} has a role that is not known here: {shown(role)}.")
    parts = [_part(part, place) for part in _parts(value.get("content"), place)]
    content = ("" if role == "assistant" else "\n\n").join(part for part in parts if isinstance(part, str))
    media = tuple(part for part in parts if isinstance(part, Media))
    if role == "assistant":
        answer = _answer(value)
        refusal = answer.refusal or "".join(_refusals(value.get("content")))
        return replace(answer, content=content, media=(*media, *answer.media), refusal=refusal)
    return Message(
        cast("Role", value["role"]),
        content,
        name=text(value.get("name")) or None,
        media=media,
        tool_call_id=text(value.get("tool_call_id")) or None,
    )


def _answer(value: Object) -> Message:
    """What an answer holds besides its text, read as a whole completion is read."""
    body = {name: field for name, field in value.items() if name not in _NOT_OF_THE_ANSWER}
    if isinstance(call := value.get("function_call"), dict) and not body.get("tool_calls"):
        body["tool_calls"] = [{"id": call.get("name"), "function": call}]
    draft = Accumulator(text(value.get("model")))
    for event in wire.events({"choices": [{"message": body}], "usage": value.get("usage")}):
        draft.apply(event)
    thoughts = "".join(text(part.get("thinking")) for part in objects(value.get("content")))
    answer = draft.message()
    return replace(answer, name=text(value.get("name")) or None, reasoning=answer.reasoning or thoughts)


def _parts(content: JSON, place: int) -> list[JSON]:
    if content is None:
        return []
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    if isinstance(content, list):
        return content
    raise Unreadable(f"Message {place} has a content that is neither text nor a list.")


def _refusals(content: JSON) -> list[str]:
    return [text(part.get("refusal")) for part in objects(content) if part.get("type") == "refusal"]


def _part(part: JSON, place: int) -> str | Media | None:
    """A part of a message: text, an attachment, or None for one that is read elsewhere."""
    if isinstance(part, str):
        return text(part)
    item = fields(part)
    kind = item.get("type")
    if kind in _TEXTS:
        return text(item.get("text"))
    if kind in ("refusal", "thinking"):
        return None
    if kind in ("image_url", "input_image"):
        image = fields(item.get("image_url")) or item
        url = text(image.get("url")) or text(item.get("image_url"))
        return Media("image", url, detail=text(image.get("detail")))
    if kind == "input_audio":
        return _sound(fields(item.get("input_audio")))
    if kind in ("file", "input_file"):
        file = fields(item.get("file")) or item
        return Media(
            "file", text(file.get("file_data")), name=text(file.get("filename")) or text(file.get("file_id"))
        )
    if kind in ("image", "document"):
        return Media("image" if kind == "image" else "file", _source(fields(item.get("source"))))
    raise Unreadable(f"Message {place} has a part that is not known here: {shown(kind)}.")


def _sound(audio: Object) -> Media:
    data = text(audio.get("data"))
    if data and not data.startswith(("data:", "https:", "http:")):
        data = f"data:audio/{text(audio.get('format')) or 'wav'};base64,{data}"
    return Media("audio", data)


def _source(source: Object) -> str:
    """Anthropic's way to name what a picture or a document is made of."""
    data = text(source.get("data"))
    return f"data:{text(source.get('media_type'))};base64,{data}" if data else text(source.get("url"))
