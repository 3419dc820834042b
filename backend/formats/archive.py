"""A conversation as JSON in this app's own format, used by the store and by exports. docs/formats.md describes it.

Reading is lenient: a body may come from an older or newer playground, or from an untrusted file. A field of the
wrong type reads as absent, an unknown one is ignored; only a file that is no conversation at all is refused.
It does NOT make what it reads safe to render or to run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from backend.conversation.tree import Conversation, Node, NodeId
from backend.protocol import logprobs, order
from backend.protocol.wire.known_fields import MESSAGE_FIELDS, REASONING_FIELDS
from backend.types import (
    JSON,
    MEDIA_KINDS,
    ORDER_KINDS,
    ROLES,
    STATES,
    Citation,
    Failure,
    Media,
    Message,
    OrderKind,
    Timing,
    ToolCall,
    Usage,
)
from backend.untrusted import (
    DEEPEST,
    Object,
    Unreadable,
    clean_json,
    fields,
    integer,
    items,
    number,
    objects,
    one_of,
    parsed,
    text,
)

FORMAT = "llm-playground/conversation"
VERSION = 1
_DEFAULT = Message("user")
_PLAIN = (
    *("content", "name", "reasoning", "refusal", "reasoning_details", "tool_call_id", "finish_reason"),
    *("cost", "model", "state", "request_id", "estimate", "by_hand"),
    *("continued_at", "unreadable", "reasoning_field", "extra", "server", "order"),
)
_SEAMS = 1_000  # continuation points of an answer that are read
_MEDIA = ("url", "text", "name", "detail", "encoding")
_FAILURE = ("title", "hint", "detail", "request_id", "kind", "body")
_COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens", "reasoning_tokens", "cached_tokens")


@dataclass(frozen=True)
class Record:
    """A conversation and its metadata. Times are seconds since 1970, UTC; 0 if unknown.

    `settings` are the model, the system prompt and the parameters: all that the page restores, never a key.
    `id` is that of the store, so that a backup is recognised; "" for a conversation that is in no store.
    """

    conversation: Conversation
    title: str = ""
    settings: Object = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    created: float = 0.0
    updated: float = 0.0
    pinned: bool = False
    id: str = ""


# ---- out ----------------------------------------------------------------------------------------------


def body(message: Message) -> dict[str, JSON]:
    """A message as JSON: its fields by name, without empty ones."""
    parts: dict[str, object] = {
        name: getattr(message, name) for name in _PLAIN if getattr(message, name) != getattr(_DEFAULT, name)
    }
    parts["tool_calls"] = [
        {
            "id": call.id,
            "name": call.name,
            "arguments": call.arguments,
            **({"extra": call.extra} if call.extra else {}),
        }
        for call in message.tool_calls
    ]
    parts["citations"] = [{"url": cited.url, "title": cited.title} for cited in message.citations]
    parts["media"] = [
        {"kind": media.kind, **_without_empty({name: getattr(media, name) for name in _MEDIA})}
        for media in message.media
    ]
    parts["timing"] = _without_empty({"first_token": message.timing.first_token, "total": message.timing.total})
    if message.usage:
        counts = {name: getattr(message.usage, name) for name in _COUNTS}
        parts["usage"] = {**_without_empty(counts), "raw": message.usage.raw}
    if message.failure:
        failure = {name: getattr(message.failure, name) for name in (*_FAILURE, "retry_after")}
        parts["failure"] = _without_empty(failure)
    parts["logprobs"] = logprobs.body(message.logprobs)
    members = {name: value for name, value in parts.items() if value not in ([], {}, ())}
    return dict(fields(clean_json({"role": message.role, **members})))


def dump(message: Message) -> str:
    """A message as one line of JSON, for the store."""
    return _text(body(message))


def export(record: Record) -> str:
    """The whole conversation with every branch, as a file for people and for `read`. Ids are counted from 1."""
    nodes = record.conversation.nodes()
    number: dict[NodeId | None, int] = {node.id: place for place, node in enumerate(nodes, 1)}
    out = {
        "format": FORMAT,
        "version": VERSION,
        **({"id": record.id} if record.id else {}),
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
    return json.dumps(clean_json(out, DEEPEST + 10), ensure_ascii=False, indent=1)


def _without_empty(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value not in (None, "")}


def _text(value: JSON) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


# ---- in -----------------------------------------------------------------------------------------------


def message(value: object) -> Message:
    """A message from its JSON. Raises Unreadable if it has no role."""
    item = _object(value)
    role = one_of(item.get("role"), ROLES)
    if role is None:
        raise Unreadable("A message says neither who wrote it nor what it is.")
    usage, failure, timing = (_object(item.get(name)) for name in ("usage", "failure", "timing"))
    texts = {name: text(failure.get(name)) for name in _FAILURE}
    return Message(
        role=role,
        content=text(item.get("content")),
        name=_optional(item.get("name")),
        reasoning=text(item.get("reasoning")),
        refusal=text(item.get("refusal")),
        tool_call_id=_optional(item.get("tool_call_id")),
        finish_reason=_optional(item.get("finish_reason")),
        model=_optional(item.get("model")),
        request_id=text(item.get("request_id")),
        reasoning_details=tuple(objects(item.get("reasoning_details"))),
        tool_calls=tuple(
            ToolCall(
                text(call.get("id")),
                text(call.get("name")),
                text(call.get("arguments")),
                _object(call.get("extra")),
            )
            for call in objects(item.get("tool_calls"))
        ),
        citations=tuple(
            Citation(text(cited.get("url")), text(cited.get("title"))) for cited in objects(item.get("citations"))
        ),
        media=tuple(
            Media(kind, **{name: text(media.get(name)) for name in _MEDIA})
            for media in objects(item.get("media"))
            if (kind := one_of(media.get("kind"), MEDIA_KINDS))
        ),
        usage=Usage(**{name: integer(usage.get(name)) for name in _COUNTS}, raw=_object(usage.get("raw")))
        if usage
        else None,
        cost=number(item.get("cost")),
        state=one_of(item.get("state"), STATES) or "done",
        failure=Failure(**texts, retry_after=number(failure.get("retry_after"))) if any(texts.values()) else None,
        timing=Timing(number(timing.get("first_token")), number(timing.get("total"))),
        logprobs=logprobs.read(item.get("logprobs")),
        estimate=number(item.get("estimate")),
        by_hand=item.get("by_hand") is True,
        continued_at=tuple(at for at in map(integer, items(item.get("continued_at"), _SEAMS)) if at and at > 0),
        unreadable=max(0, integer(item.get("unreadable")) or 0),
        reasoning_field=home if (home := text(item.get("reasoning_field"))) in REASONING_FIELDS else "",
        # In an untrusted file they could override the content of the message.
        extra={name: value for name, value in _object(item.get("extra")).items() if name not in MESSAGE_FIELDS},
        server=text(item.get("server")),
        order=_order(item.get("order")),
    )


def _order(value: JSON) -> tuple[tuple[OrderKind, int], ...]:
    """The order of reasoning, text and calls; () if any of it cannot be read."""
    pairs = [items(pair) for pair in items(value)]
    if len(pairs) > order.LIMIT:
        return ()
    read = [(kind, integer(pair[1])) for pair in pairs if len(pair) == 2 and (kind := one_of(pair[0], ORDER_KINDS))]
    if len(read) < len(pairs):
        return ()
    return tuple((kind, number) for kind, number in read if number is not None and number >= 0)


def load(line: str) -> Message:
    """A message from the line of JSON that `dump` made. A damaged one becomes a message that says so."""
    try:
        return message(json.loads(line))
    except (ValueError, RecursionError):
        failure = Failure("This message could not be read from the disk.", "The others are not affected.")
        return Message("assistant", state="failed", failure=failure)


def read(source: str | bytes) -> Record:
    """A conversation from a file that `export` made. Raises Unreadable with a message for the visitor."""
    return record(fields(parsed(source)))


def record(item: Object) -> Record:
    """A conversation from the object in such a file. Raises Unreadable."""
    _check(item)
    numbers: dict[JSON, NodeId] = {}
    nodes: list[Node] = []
    for place, entry in enumerate(objects(item.get("messages")), 1):
        parent, id_ = _id(entry.get("parent")), _id(entry.get("id"))
        if parent is not None and parent not in numbers:
            raise Unreadable(f"Message {place} of the file follows one that does not stand before it.")
        if id_ is None or id_ in numbers:
            raise Unreadable(f"Message {place} of the file has no number of its own.")
        numbers[id_] = place
        nodes.append(Node(place, None if parent is None else numbers[parent], at_rest(message(entry))))
    return Record(
        Conversation.of(nodes, _view(objects(item.get("view")), numbers)),
        title=text(item.get("title")),
        settings=_object(item.get("settings")),
        tags=tuple(text(tag) for tag in items(item.get("tags")) if isinstance(tag, str)),
        created=number(item.get("created")) or 0.0,
        updated=number(item.get("updated")) or 0.0,
        pinned=item.get("pinned") is True,
        id=text(item.get("id"), 100),
    )


def _check(item: Object) -> None:
    if item.get("format") != FORMAT:
        raise Unreadable("The file is not a conversation of this playground.")
    version = integer(item.get("version"))
    if version is None or version < 1:
        raise Unreadable("The file does not say which version of the format it is.")
    if version > VERSION:
        raise Unreadable("The file comes from a newer playground. Update this one to open it.")


def _view(choices: Iterable[Object], numbers: Mapping[JSON, NodeId]) -> dict[NodeId | None, NodeId | None]:
    pairs = [(_id(choice.get("after")), _id(choice.get("show"))) for choice in choices]
    return {
        None if after is None else numbers[after]: None if show is None else numbers[show]
        for after, show in pairs
        if (after is None or after in numbers) and (show is None or show in numbers)
    }


def at_rest(message: Message) -> Message:
    """The message in a final state: it is not being written any more."""
    return replace(message, state="interrupted") if message.state == "running" else message


def _id(value: JSON) -> int | str | None:
    if value is None or isinstance(value, int | str):
        return value
    raise Unreadable("A message of the file is numbered with something that is no number.")


def _object(value: object) -> Object:
    """A provider's own JSON, in a form that every database accepts."""
    return fields(clean_json(value))


def _optional(value: object) -> str | None:
    """A text; None if absent."""
    return text(value) if isinstance(value, str) else None
