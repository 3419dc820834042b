"""A conversation as JSON of our own: what the store keeps and what an export holds. docs/formats.md describes it.

Reading is careful: a body may come from an older or newer playground, or from a stranger's file. A field of the
wrong type reads as "not said", an unknown one is ignored; only a file that is no conversation at all is refused.
It does NOT make what it read safe to render or to run.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import cast, get_args

from backend.conversation.tree import Conversation, Node, NodeId
from backend.protocol import logprobs
from backend.text import clean
from backend.types import JSON, Citation, Failure, Media, MediaKind, Message, Role, State, Timing, ToolCall, Usage

FORMAT = "llm-playground/conversation"
VERSION = 1
DEEPEST = 60  # levels of a provider's own JSON that are kept
_DEFAULT = Message("user")
_PLAIN = (
    *("content", "name", "reasoning", "refusal", "reasoning_details", "tool_call_id", "finish_reason"),
    *("cost", "model", "state", "request_id", "estimate", "by_hand"),
)
_MEDIA = ("url", "text", "name", "detail")
_FAILURE = ("title", "hint", "detail", "request_id", "kind", "body")
_COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens", "reasoning_tokens", "cached_tokens")
Object = Mapping[str, JSON]


class Unreadable(ValueError):
    """The text is no conversation that can be read here. Its words are for the visitor."""


@dataclass(frozen=True)
class Record:
    """A conversation and what is known about it. Times are seconds since 1970, UTC; 0 when not known.

    `settings` are the model, the system prompt and the parameters: whatever the page wants back, never a key.
    """

    conversation: Conversation
    title: str = ""
    settings: Object = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    created: float = 0.0
    updated: float = 0.0
    pinned: bool = False


def cleaned(value: object, depth: int = DEEPEST) -> JSON:
    """Any value as JSON that every database and every parser takes: clean text, finite numbers, bounded depth."""
    if isinstance(value, str):
        return clean(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if depth and isinstance(value, Mapping):
        return {clean(str(name)): cleaned(item, depth - 1) for name, item in value.items()}
    if depth and isinstance(value, list | tuple):
        return [cleaned(item, depth - 1) for item in value]
    return None


# ---- out ----------------------------------------------------------------------------------------------


def body(message: Message) -> dict[str, JSON]:
    """A message as JSON: its fields by name, those left out that say nothing."""
    fields: dict[str, object] = {
        name: getattr(message, name) for name in _PLAIN if getattr(message, name) != getattr(_DEFAULT, name)
    }
    fields["tool_calls"] = [
        {"id": call.id, "name": call.name, "arguments": call.arguments} for call in message.tool_calls
    ]
    fields["citations"] = [{"url": cited.url, "title": cited.title} for cited in message.citations]
    fields["media"] = [
        {"kind": media.kind, **_said({name: getattr(media, name) for name in _MEDIA})} for media in message.media
    ]
    fields["timing"] = _said({"first_token": message.timing.first_token, "total": message.timing.total})
    if message.usage:
        counts = {name: getattr(message.usage, name) for name in _COUNTS}
        fields["usage"] = {**_said(counts), "raw": message.usage.raw}
    if message.failure:
        said = {name: getattr(message.failure, name) for name in (*_FAILURE, "retry_after")}
        fields["failure"] = _said(said)
    fields["logprobs"] = logprobs.body(message.logprobs)
    kept = {name: value for name, value in fields.items() if value not in ([], {}, ())}
    return cast("dict[str, JSON]", cleaned({"role": message.role, **kept}))


def dump(message: Message) -> str:
    """A message as one line of JSON, as the store keeps it."""
    return _text(body(message))


def export(record: Record) -> str:
    """The whole conversation, every branch, as a file for people and for `read`. Ids are counted from 1."""
    nodes = record.conversation.nodes()
    number: dict[NodeId | None, int] = {node.id: place for place, node in enumerate(nodes, 1)}
    out = {
        "format": FORMAT,
        "version": VERSION,
        "title": record.title,
        "created": record.created,
        "updated": record.updated,
        "pinned": record.pinned,
        "tags": list(record.tags),
        "settings": dict(record.settings),
        "messages": [
            {"id": number[node.id], "parent": number.get(node.parent), **body(node.message)} for node in nodes
        ],
        "view": [
            {"after": number.get(parent), "show": number.get(child)}
            for parent, child in record.conversation.view.items()
        ],
    }
    return json.dumps(cleaned(out, DEEPEST + 10), ensure_ascii=False, indent=1)


def _said(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value not in (None, "")}


def _text(value: JSON) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


# ---- in -----------------------------------------------------------------------------------------------


def message(value: object) -> Message:
    """A message from its JSON. Raises Unreadable when there is no role in it."""
    item = _object(value)
    role, state = item.get("role"), item.get("state", "done")
    if role not in get_args(Role):
        raise Unreadable("A message says neither who wrote it nor what it is.")
    usage, failure, timing = (_object(item.get(name)) for name in ("usage", "failure", "timing"))
    said = {name: _words(failure, name) for name in _FAILURE}
    return Message(
        role=cast("Role", role),
        content=_words(item, "content"),
        name=_string(item.get("name")),
        reasoning=_words(item, "reasoning"),
        refusal=_words(item, "refusal"),
        tool_call_id=_string(item.get("tool_call_id")),
        finish_reason=_string(item.get("finish_reason")),
        model=_string(item.get("model")),
        request_id=_words(item, "request_id"),
        reasoning_details=tuple(_objects(item.get("reasoning_details"))),
        tool_calls=tuple(
            ToolCall(_words(call, "id"), _words(call, "name"), _words(call, "arguments"))
            for call in _objects(item.get("tool_calls"))
        ),
        citations=tuple(
            Citation(_words(cited, "url"), _words(cited, "title")) for cited in _objects(item.get("citations"))
        ),
        media=tuple(
            Media(cast("MediaKind", media["kind"]), **{name: _words(media, name) for name in _MEDIA})
            for media in _objects(item.get("media"))
            if media.get("kind") in get_args(MediaKind)
        ),
        usage=Usage(**{name: _count(usage.get(name)) for name in _COUNTS}, raw=_object(usage.get("raw")))
        if usage
        else None,
        cost=_number(item.get("cost")),
        state=cast("State", state) if state in get_args(State) else "done",
        failure=Failure(**said, retry_after=_number(failure.get("retry_after"))) if any(said.values()) else None,
        timing=Timing(_number(timing.get("first_token")), _number(timing.get("total"))),
        logprobs=logprobs.read(item.get("logprobs")),
        estimate=_number(item.get("estimate")),
        by_hand=item.get("by_hand") is True,
    )


def load(text: str) -> Message:
    """A message from the line of JSON that `dump` made. One that is damaged becomes a message that says so."""
    try:
        return message(json.loads(text))
    except (ValueError, RecursionError):
        failure = Failure("This message could not be read from the disk.", "The others are not affected.")
        return Message("assistant", state="failed", failure=failure)


def read(text: str | bytes) -> Record:
    """A conversation from a file that `export` made. Raises Unreadable, with words for the visitor."""
    item = _opened(text)
    number: dict[JSON, NodeId] = {}
    nodes: list[Node] = []
    for place, entry in enumerate(_objects(item.get("messages")), 1):
        parent, id_ = _id(entry.get("parent")), _id(entry.get("id"))
        if parent is not None and parent not in number:
            raise Unreadable(f"Message {place} of the file follows one that does not stand before it.")
        if id_ is None or id_ in number:
            raise Unreadable(f"Message {place} of the file has no number of its own.")
        number[id_] = place
        nodes.append(Node(place, None if parent is None else number[parent], at_rest(message(entry))))
    tags = item.get("tags")
    return Record(
        Conversation.of(nodes, _view(_objects(item.get("view")), number)),
        title=_words(item, "title"),
        settings=_object(item.get("settings")),
        tags=tuple(clean(tag) for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
        created=_number(item.get("created")) or 0.0,
        updated=_number(item.get("updated")) or 0.0,
        pinned=item.get("pinned") is True,
    )


def _opened(text: str | bytes) -> Object:
    try:
        item = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable("The file is not JSON.") from None
    if not isinstance(item, dict) or item.get("format") != FORMAT:
        raise Unreadable("The file is not a conversation of this playground.")
    version = item.get("version")
    if not isinstance(version, int) or version < 1:
        raise Unreadable("The file does not say which version of the format it is.")
    if version > VERSION:
        raise Unreadable("The file comes from a newer playground. Update this one to open it.")
    return item


def _view(choices: Iterator[Object], number: Mapping[JSON, NodeId]) -> dict[NodeId | None, NodeId | None]:
    pairs = [(_id(choice.get("after")), _id(choice.get("show"))) for choice in choices]
    return {
        None if after is None else number[after]: None if show is None else number[show]
        for after, show in pairs
        if (after is None or after in number) and (show is None or show in number)
    }


def at_rest(found: Message) -> Message:
    """A message that nobody writes any more."""
    return replace(found, state="interrupted") if found.state == "running" else found


def _id(value: JSON) -> int | str | None:
    if value is None or isinstance(value, int | str):
        return value
    raise Unreadable("A message of the file is numbered with something that is no number.")


def _object(value: object) -> Object:
    return cast("Object", cleaned(value)) if isinstance(value, Mapping) else {}


def _objects(value: object) -> Iterator[Object]:
    return (
        (cast("Object", item) for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())
    )


def _string(value: object) -> str | None:
    return clean(value) if isinstance(value, str) else None


def _words(item: Object, name: str) -> str:
    return _string(item.get(name)) or ""


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:  # an integer of hundreds of digits
        return None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
