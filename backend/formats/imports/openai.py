"""OpenAI-style messages -> a conversation: a request body, a line of training data, or the bare list.

An unknown role or kind of part is imported as far as it can be shown, with a note.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from backend.conversation.tree import Conversation, Node
from backend.formats.archive import Record
from backend.formats.imports import claude, request
from backend.formats.imports.opening import short_quote
from backend.formats.imports.reading import ImportReader, when
from backend.protocol import wire
from backend.protocol.accumulator import Accumulator
from backend.types import JSON, Media, Message
from backend.untrusted import Object, fields, items, objects, text

_WORDS = ("text", "say", "message", "value")  # where other programs keep the text
_NOT_OF_THE_ANSWER = {"content", "fragments", "model", "parts", "usage", "sender", "author", "type", *_WORDS}
_NOT_OF_THE_ANSWER |= {"weight"}  # fields of training data
_TEXTS = ("text", "input_text", "output_text")


def record(item: Object, here: ImportReader) -> Record:
    """A conversation from an object with `messages`. The other fields of a request body are its settings."""
    messages = read(items(item.get("messages")), here)
    prompt = ""
    if messages and messages[0].role == "system" and not messages[0].media:
        prompt = messages.pop(0).content  # shown in its place: above the conversation
    prompts = [text(item.get("system")), prompt]
    settings = {**request.settings(item), "system_prompt": "\n\n".join(filter(None, prompts))}
    created = when(item.get("created_at"))
    return Record(chain(messages), title=text(item.get("title")), settings=settings, created=created)


def read(values: Iterable[JSON], here: ImportReader) -> list[Message]:
    """The messages of a list, in order."""
    plain = ((place, one) for place, value in enumerate(values, 1) for one in claude.unblocked(value))
    return [found for place, one in plain if (found := message(one, place, here))]


def chain(messages: Sequence[Message]) -> Conversation:
    """Messages one after the other. Ids are counted from 1, as in `archive.read`."""
    return Conversation.of(Node(place, place - 1 or None, message) for place, message in enumerate(messages, 1))


def message(value: JSON, place: int, here: ImportReader) -> Message | None:
    """One message of any role, in the form of a request or of an answer. None if it is no message at all."""
    if not isinstance(value, dict):
        here.note(f"Message {place} is no message: it was left out.")
        return None
    role = here.role(_speaker(value), place)
    if role == "tool" and not value.get("tool_call_id"):  # the predecessor of tools
        value = {**value, "tool_call_id": value.get("name")}
    value = {**value, "content": _content(value)}
    parts = [_part(part, place, here) for part in _parts(value["content"], place, here)]
    content = ("" if role == "assistant" else "\n\n").join(part for part in parts if isinstance(part, str))
    media = tuple(part for part in parts if isinstance(part, Media))
    if role == "assistant":
        answer = _answer({**value, "role": role})
        refusal = answer.refusal or "".join(_refusals(value.get("content")))
        return replace(answer, content=content, media=(*media, *answer.media), refusal=refusal)
    return Message(
        role,
        content,
        name=text(value.get("name")) or None,
        media=media,
        tool_call_id=text(value.get("tool_call_id")) or None,
    )


def _speaker(value: Object) -> JSON:
    """The speaker, by any name of the field; browser extensions have their own."""
    author = value.get("author")
    named = (value.get("role"), value.get("sender"), fields(author).get("role") or author, value.get("type"))
    return next((name for name in named if isinstance(name, str) and name), None)


def _answer(value: Object) -> Message:
    """The parts of an answer besides its text, parsed as a completion."""
    body = {name: field for name, field in value.items() if name not in _NOT_OF_THE_ANSWER}
    if isinstance(call := value.get("function_call"), dict) and not body.get("tool_calls"):
        body["tool_calls"] = [{"id": call.get("name"), "function": call}]
    draft = Accumulator(text(value.get("model")))
    for event in wire.events({"choices": [{"message": body}], "usage": value.get("usage")}):
        draft.apply(event)
    thoughts = "".join(map(_thought_text, objects(value.get("content"))))
    answer = draft.message()
    return replace(answer, name=text(value.get("name")) or None, reasoning=answer.reasoning or thoughts)


def _content(value: Object) -> JSON:
    """The content of a message: its `content`, the `parts` of the AI SDK, the `fragments` of big-AGI, or one
    text.
    """
    if value.get("content") or isinstance(value.get("parts"), list):
        return value.get("content") or value.get("parts")
    fragments = [fields(fragment.get("part")) for fragment in objects(value.get("fragments"))]
    parts: list[JSON] = [{**part, "type": part.get("pt")} for part in fragments]
    return parts or next((value[name] for name in _WORDS if isinstance(value.get(name), str)), value.get("content"))


def _thought_text(part: Object) -> str:
    kind = text(part.get("type"))
    return text(part.get({"thinking": "thinking", "reasoning": "text", "ma": "aText"}.get(kind, "")))


def _parts(content: JSON, place: int, here: ImportReader) -> list[JSON]:
    if content is None:
        return []
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    if isinstance(content, list):
        return content
    if not fields(content):
        here.note(f"Message {place} has a content that is neither text nor a list: it was left out.")
    return [content] if fields(content) else []


def _refusals(content: JSON) -> list[str]:
    return [text(part.get("refusal")) for part in objects(content) if part.get("type") == "refusal"]


def _part(part: JSON, place: int, here: ImportReader) -> str | Media | None:
    """A part of a message: text, an attachment, or None for one that is read elsewhere."""
    if isinstance(part, str):
        return text(part)
    item = fields(part)
    kind = item.get("type")
    if kind in _TEXTS:
        return text(item.get("text")) or text(fields(item.get("text")).get("value"))  # in OpenAI's threads
    if kind in ("refusal", "thinking", "reasoning", "ma", "step-start"):
        return None
    if kind in ("image_url", "input_image"):
        image = fields(item.get("image_url")) or item
        url = text(image.get("url")) or text(item.get("image_url"))
        return Media("image", url, detail=text(image.get("detail")))
    if kind == "input_audio":
        return _sound(fields(item.get("input_audio")))
    if kind in ("file", "input_file"):
        if text(item.get("mediaType")).startswith("image/"):  # in the AI SDK
            return Media("image", text(item.get("url")))
        file = fields(item.get("file")) or item
        return Media(
            "file", text(file.get("file_data")), name=text(file.get("filename")) or text(file.get("file_id"))
        )
    if kind in ("image", "document"):
        return _document(item)
    here.note(f"Message {place} has a part that is not known here: {short_quote(kind)}.")
    return (
        text(item.get("text")) or text(item.get("content")) or f"[{text(kind, 40) or 'Something'}: not known here]"
    )


def _sound(audio: Object) -> Media:
    data = text(audio.get("data"))
    if data and not data.startswith(("data:", "https:", "http:")):
        data = f"data:audio/{text(audio.get('format')) or 'wav'};base64,{data}"
    return Media("audio", data)


def _document(item: Object) -> Media:
    """Anthropic's picture or document; a document may be plain text."""
    source, name = fields(item.get("source")), text(item.get("title"))
    if source.get("type") == "text":
        return Media("file", "", text(source.get("data")), name)
    return Media("image" if item.get("type") == "image" else "file", _source(source), name=name)


def _source(source: Object) -> str:
    """Anthropic's source of a picture or a document."""
    data = text(source.get("data"))
    return f"data:{text(source.get('media_type'))};base64,{data}" if data else text(source.get("url"))
