"""Conversations out of files from anywhere: our own exports, request bodies, training data, other chats' exports.

`read` knows a file by what is in it, takes all of it or nothing, and says in words what is wrong and where. What it
gives is at rest, has ids of its own and no settings but those a file may bring. docs/formats.md lists the formats.
It does NOT make the text it read safe to render or to run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace

from backend.conversation.tree import Conversation, Node
from backend.formats import archive
from backend.formats.archive import Record
from backend.formats.imports import chatgpt, openai, openwebui, request
from backend.formats.imports.opening import LIMIT, members, named, parsed, text_of
from backend.parameters import PARAMETERS, Parameter
from backend.types import JSON, Media, Message
from backend.untrusted import Object, Unreadable, fields

__all__ = ["LIMIT", "MESSAGES", "Unreadable", "read", "request_left_out", "request_settings"]

MESSAGES, CONVERSATIONS = 10_000, 1_000  # of one file
KNOWN = (
    "It reads its own exports, OpenAI-style messages (JSON or JSON Lines), and exports of ChatGPT and Open WebUI."
)
_TABLE = {parameter.name: parameter for parameter in PARAMETERS}
_ADDRESS = re.compile(r"data:|https?://", re.IGNORECASE)
_LONGEST_MODEL = 200  # characters
_LATEST = 1e11  # seconds since 1970; a time beyond that is in milliseconds, or nonsense
_KINDS = {"image": "Picture", "audio": "Sound", "file": "File"}


def read(data: bytes, name: str = "") -> tuple[Record, ...]:
    """The conversations of a file. Raises Unreadable: then none of them was taken. `name` is only for the words."""
    records: list[Record] = []
    messages = 0
    for member, content in members(data, name):
        with named(member):
            for record in _records(content):
                messages += len(record.conversation)
                if messages > MESSAGES:
                    raise Unreadable(f"There are more than {MESSAGES:,} messages in the file.")
                records.append(_settled(record))
                if len(records) > CONVERSATIONS:
                    raise Unreadable(f"There are more than {CONVERSATIONS:,} conversations in the file.")
    conversations = tuple(record for record in records if len(record.conversation))
    if not conversations:
        raise Unreadable("There is no message in the file.")
    return conversations


def _records(content: bytes) -> Iterator[Record]:
    for where, value in parsed(text_of(content)):
        with named(where):
            yield from _conversations(value)


def _conversations(value: JSON) -> Iterator[Record]:
    """One conversation, a list of them, or a list that is itself the messages of one."""
    if isinstance(value, dict) and isinstance(value.get("conversations"), list):
        value = value["conversations"]
    if not isinstance(value, list):
        yield _conversation(value)
    elif value and isinstance(value[0], dict) and "role" in value[0]:
        yield _conversation({"messages": value})
    else:
        for place, item in enumerate(value, 1):
            with named(f"Conversation {place}"):
                yield _conversation(item)


def _conversation(item: JSON) -> Record:
    if isinstance(item, dict):
        _check_number(item)
        if item.get("format") == archive.FORMAT:
            return archive.read(json.dumps(item))
        if isinstance(item.get("mapping"), dict):
            return chatgpt.record(item)
        if isinstance(item.get("chat"), dict) or isinstance(item.get("history"), dict):
            return openwebui.record(item)
        if isinstance(item.get("messages"), list):
            return openai.record(item)
    raise Unreadable(f"This is no conversation that the playground knows. {KNOWN}")


def _check_number(item: Object) -> None:
    """Refuse too many messages before they are made: 10 MB could become 600 MB of them."""
    chat = fields(item.get("chat")) or item
    history = fields(chat.get("history"))
    for each in (item.get("messages"), item.get("mapping"), chat.get("messages"), history.get("messages")):
        if isinstance(each, list | dict) and len(each) > MESSAGES:
            raise Unreadable(f"There are more than {MESSAGES:,} messages.")


# ---- what every file goes through ----------------------------------------------------------------------


def _settled(record: Record) -> Record:
    nodes = [
        Node(node.id, node.parent, _here(archive.at_rest(node.message))) for node in record.conversation.nodes()
    ]
    return replace(
        record,
        conversation=Conversation.of(nodes, record.conversation.view),
        settings=_settings(record.settings),
        left_out=request.left_out(record.settings),
        created=_time(record.created),
        updated=_time(record.updated),
    )


def _here(message: Message) -> Message:
    """A message whose attachments are all there: one that the file only points to becomes words about it.

    An address of a disk or of another program is never kept: it would be sent along with the next question.
    """
    media, texts = [], [message.content] if message.content else []
    for attachment in message.media:
        if _ADDRESS.match(attachment.url):
            media.append(attachment)
        elif attachment.text:
            media.append(replace(attachment, url=""))
        else:
            texts.append(missing(attachment))
    if len(media) == len(message.media) and all(map(_same, media, message.media)):
        return message
    return replace(message, content="\n\n".join(texts), media=tuple(media))


def _same(one: Media, other: Media) -> bool:
    return one is other


def missing(media: Media) -> str:
    """Words in the place of an attachment that is not in the file."""
    name = f" {media.name}" if media.name else ""
    return f"[{_KINDS[media.kind]}{name}: not in the imported file]"


def _settings(settings: Object) -> dict[str, JSON]:
    """Only what a file may decide: never an address or a key."""
    values = {name: _setting(name, value) for name, value in settings.items()}
    kept: dict[str, JSON] = {name: value for name, value in values.items() if value is not None}
    if not kept.keys() & {"tools", "ticked_tools"}:
        kept.pop("tool_choice", None)
    return kept


def request_settings(item: Object) -> dict[str, JSON]:
    """What an exported request sets besides its messages, checked: for a preset. Raises Unreadable."""
    return _settings(openai.record(item).settings)


def request_left_out(item: Object) -> tuple[str, ...]:
    """Names of what an exported request sets and a preset does not take over."""
    return request.left_out(request.settings(item))


def _setting(name: str, value: JSON) -> JSON:
    """A setting as it is kept, None when it is not."""
    if name == "model":
        return value if isinstance(value, str) and 0 < len(value) <= _LONGEST_MODEL else None
    if name == "system_prompt":
        return value if isinstance(value, str) and value else None
    if name == "parameters":
        return _parameters(fields(value)) or None
    if name in request.BROUGHT:
        return request.brought(name, value)
    # Our own files may have them beside the model.
    return _parameter(_TABLE[name], {name: value}) if name in _TABLE else None


def _parameters(given: Object) -> dict[str, JSON]:
    """The parameters among some fields, in the order of these."""
    places = {name: place for place, name in enumerate(given)}
    named = [parameter for parameter in PARAMETERS if parameter.name in places or parameter.field in places]
    named.sort(key=lambda parameter: places.get(parameter.name, places.get(parameter.field, 0)))
    found = {parameter.name: _parameter(parameter, given) for parameter in named}
    return {name: value for name, value in found.items() if value is not None}


def _parameter(parameter: Parameter, given: Object) -> JSON:
    try:
        return parameter.found_in(given)
    except ValueError:
        return None


def _time(timestamp: float) -> float:
    """Seconds since 1970; milliseconds are taken for what they are, what is no time is not known."""
    seconds = timestamp / 1000 if _LATEST <= timestamp < _LATEST * 1000 else timestamp
    return seconds if 0 <= seconds < _LATEST else 0.0
