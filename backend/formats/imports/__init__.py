"""Conversations from files of many origins: this app's exports, request bodies, training data, other chat products.

`conversations` recognises a file by its content and yields one conversation at a time: a problem with one is
reported in its place, and the others are imported. They are final (not being written), and carry only the settings
that a file may set. docs/formats.md lists the formats. It does NOT make the text safe to render or run.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import IO

from backend.conversation.tree import Conversation, Node
from backend.formats import archive
from backend.formats.archive import Record
from backend.formats.imports import commands, openai, opening, request
from backend.formats.imports.collecting import Messages, is_message
from backend.formats.imports.opening import prefix_errors
from backend.formats.imports.reading import ImportReader
from backend.formats.imports.recognition import EXPERIMENT, PROGRAMS, records
from backend.formats.imports.splitting import Piece
from backend.parameters import PARAMETERS, Parameter
from backend.types import JSON, Media, Message
from backend.untrusted import Object, Unreadable, fields

__all__ = [
    "EXPERIMENT",
    "LARGEST",
    "MESSAGES",
    "PROGRAMS",
    "Experiment",
    "ImportedConversation",
    "RefusedPart",
    "Unreadable",
    "conversations",
    "request_left_out",
    "request_settings",
]

LARGEST = 256 * 2**20  # bytes of JSON of one conversation, which is in memory as a whole, as when it is open
MESSAGES = 500_000  # messages of one conversation; the store has room for a million
REFUSED = 1_000  # values of one file; the rest is not read
_TABLE = {parameter.name: parameter for parameter in PARAMETERS}
_ADDRESS = re.compile(r"data:|https?://", re.IGNORECASE)
_LONGEST_MODEL = 200  # characters
_LATEST = 1e11  # seconds since 1970; a time beyond that is in milliseconds, or nonsense
_KINDS = {"image": "Picture", "audio": "Sound", "file": "File"}


@dataclass(frozen=True)
class ImportedConversation:
    """A conversation from a file, and notes about what was not imported faithfully."""

    record: Record
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Experiment:
    """A job from a file: `value` is its JSON, `where` its place. `opened` gives another file of the zip."""

    where: str
    value: Object
    opened: Callable[[str], IO[bytes] | None] = lambda name: None


@dataclass(frozen=True)
class RefusedPart:
    """A part of a file that was not imported: its place ("" for the whole file), and the reason."""

    where: str
    why: str


def conversations(
    file: IO[bytes], name: str = "", largest: int = LARGEST
) -> Iterator[ImportedConversation | Experiment | RefusedPart]:
    """The conversations and experiments of a file, one at a time; an unreadable one is yielded as a RefusedPart.

    `largest`: bytes of one conversation; no more than a few times that is ever in memory.
    """
    count = refused = 0
    for each in _read(file, name, largest):
        if isinstance(each, ImportedConversation) and not len(each.record.conversation):
            continue
        count += 1
        refused += isinstance(each, RefusedPart)
        yield each
        if refused >= REFUSED:
            yield RefusedPart("", f"{REFUSED:,} parts of the file could not be read: the rest was left.")
            return
    if not count:
        yield RefusedPart("", "There is no message in the file.")


def _read(file: IO[bytes], name: str, largest: int) -> Iterator[ImportedConversation | Experiment | RefusedPart]:
    here, waiting = ImportReader(), Messages(largest, MESSAGES)
    trouble = None
    try:
        file = commands.body(file)
        here.packed = opening.unpacked(file)
        for where, piece in opening.members(file, here.packed, name, largest):
            yield from _read_piece(where, piece, waiting, here)
    except Unreadable as error:
        trouble = RefusedPart("", str(error))
    yield from _read_collected(waiting, here)
    if trouble:
        yield trouble


def _read_piece(
    where: str, piece: Piece, waiting: Messages, here: ImportReader
) -> Iterator[ImportedConversation | Experiment | RefusedPart]:
    place = _place(where, piece)
    try:
        value = opening.value(piece.written)
    except Unreadable as error:
        yield RefusedPart(place, str(error))
        return
    if waiting.takes(where, piece, value):
        return
    yield from _read_collected(waiting, here)
    if fields(value).get("format") == EXPERIMENT:
        yield Experiment(place, fields(value), partial(opening.entry, here.packed))
    else:
        yield from _read_value(place, value, here)


def _read_collected(waiting: Messages, here: ImportReader) -> Iterator[ImportedConversation | RefusedPart]:
    """The collected messages, as conversations."""
    too_large = waiting.too_large
    place, talks = waiting.take_all()
    if too_large and talks:
        yield RefusedPart(place, "Its messages are too many or too large for one conversation.")
        return
    for talk in talks:
        yield from _read_value(place, talk, here)


def _place(where: str, piece: Piece) -> str:
    inside = ""
    if piece.listed:
        inside = f"Conversation {piece.place}"
    elif piece.place > 1:
        inside = f"Line {piece.place}"
    return ", ".join(filter(None, (where, inside)))


def _read_value(place: str, value: JSON, here: ImportReader) -> Iterator[ImportedConversation | RefusedPart]:
    """The conversations of one value. A value that holds several yields each by itself."""
    for inside, one in _each(value):
        here.notes.clear()
        try:
            with prefix_errors(inside):
                for record in records(one, here):
                    _check_number(record)
                    settled = _at_rest(record, here)
                    yield ImportedConversation(settled, tuple(here.notes))
                    here.notes.clear()
        except Unreadable as error:
            yield RefusedPart(place, str(error))
        except RecursionError:
            yield RefusedPart(place, "It is nested too deeply.")


def _each(value: JSON) -> Iterator[tuple[str, JSON]]:
    """One conversation, a list of them, or a list that is itself the messages of one."""
    wrapped = fields(value).get("conversations")
    if isinstance(wrapped, list) and not _is_turn(fields(wrapped[0]) if wrapped else {}):
        value = wrapped
    if not isinstance(value, list):
        yield "", value
    elif value and is_message(value[0]):
        yield "", {"messages": value}
    else:
        yield from ((f"Conversation {place}", item) for place, item in enumerate(value, 1))


def _is_turn(item: Object) -> bool:
    return "from" in item or "role" in item


def _check_number(record: Record) -> None:
    if len(record.conversation) > MESSAGES:
        raise Unreadable(f"There are more than {MESSAGES:,} messages.")


# ---- applied to every conversation ----------------------------------------------------------------------


def _at_rest(record: Record, here: ImportReader) -> Record:
    nodes = [
        Node(node.id, node.parent, _here(archive.at_rest(node.message))) for node in record.conversation.nodes()
    ]
    return replace(
        record,
        conversation=Conversation.of(nodes, record.conversation.view),
        settings=_settings(record.settings, here),
        created=_time(record.created),
        updated=_time(record.updated),
    )


def _here(message: Message) -> Message:
    """A message whose attachments are all embedded: one that the file only refers to becomes a text about it.

    A path or an address of another program is never kept: it would be sent along with the next question.
    """
    media, texts = [], [message.content] if message.content else []
    for attachment in message.media:
        if _ADDRESS.match(attachment.url):
            media.append(attachment)
        elif attachment.text:
            media.append(replace(attachment, url=""))
        else:
            texts.append(missing(attachment))
    if len(media) == len(message.media) and all(map(operator.is_, media, message.media)):
        return message
    return replace(message, content="\n\n".join(texts), media=tuple(media))


def missing(media: Media) -> str:
    """The text in place of an attachment that is not in the file."""
    name = f" {media.name}" if media.name else ""
    return f"[{_KINDS[media.kind]}{name}: not in the imported file]"


def _settings(settings: Object, here: ImportReader) -> dict[str, JSON]:
    """The settings that a file may set: never an address or a key."""
    values = {name: _setting(name, value) for name, value in settings.items()}
    kept: dict[str, JSON] = {name: value for name, value in values.items() if value is not None}
    if not kept.keys() & {"tools", "ticked_tools"}:
        kept.pop("tool_choice", None)
    if names := request.left_out(settings):
        here.note(f"Left out, as it names an address, a key or a tool that a server runs: {', '.join(names)}.")
    return kept


def request_settings(item: Object) -> dict[str, JSON]:
    """The settings of an exported request, validated, for a preset. Raises Unreadable."""
    here = ImportReader()
    return _settings(openai.record(item, here).settings, here)


def request_left_out(item: Object) -> tuple[str, ...]:
    """Names of the fields of an exported request that a preset cannot hold."""
    return request.left_out(request.settings(item))


def _setting(name: str, value: JSON) -> JSON:
    """A validated setting; None if it is not accepted."""
    if name == "model":
        return value if isinstance(value, str) and 0 < len(value) <= _LONGEST_MODEL else None
    if name == "system_prompt":
        return value if isinstance(value, str) and value else None
    if name == "parameters":
        return _parameters(fields(value)) or None
    if name in request.BROUGHT:
        return request.imported_setting(name, value)
    # This app's own files may have them beside the model.
    return _parameter(_TABLE[name], {name: value}) if name in _TABLE else None


def _parameters(given: Object) -> dict[str, JSON]:
    """The parameters among some fields, in their order."""
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
    """Seconds since 1970; milliseconds are recognised, and anything else is unknown (0)."""
    seconds = timestamp / 1000 if _LATEST <= timestamp < _LATEST * 1000 else timestamp
    return seconds if 0 <= seconds < _LATEST else 0.0
