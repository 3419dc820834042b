"""A chat of SillyTavern (JSON Lines) -> a conversation: a head with the names and the date, then its messages.

A swiped answer has versions: they are branches, and what follows is attached to the one in view.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from backend.conversation.tree import Conversation, Node
from backend.formats.archive import Record
from backend.formats.imports.reading import ImportReader, when
from backend.types import JSON, Message
from backend.untrusted import Object, fields, integer, items, objects, text

_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2}) ?@(\d{1,2})h ?(\d{1,2})m ?(\d{1,2})s")
_WRITTEN = "%B %d, %Y %I:%M%p"  # June 19, 2023 2:20pm


def is_line(item: Object) -> bool:
    """Whether this is a message, or the header before the first one."""
    return {"mes", "is_user"} <= set(item) or {"user_name", "character_name"} <= set(item)


def is_chat(item: Object) -> bool:
    """Whether these are collected lines of a chat."""
    return any(map(is_line, objects(item.get("messages"), 1)))


def record(item: Object, here: ImportReader) -> Record:
    """The chat in a file. Lines that SillyTavern hides from the model are left out."""
    lines = objects(item.get("messages"))
    entries = [line for line in lines if "mes" in line and line.get("is_system") is not True]
    if hidden := sum("mes" in line for line in lines) - len(entries):
        here.note(f"Messages that the model did not see either were left out: {hidden}.")
    head = next((line for line in lines if "mes" not in line), {})
    times = [moment for entry in entries if (moment := _time(entry.get("send_date")))]
    return Record(
        _conversation(entries),
        title=text(head.get("character_name")),
        created=_time(head.get("create_date")) or min(times, default=0.0),
        updated=max(times, default=0.0),
    )


def _conversation(entries: list[Object]) -> Conversation:
    nodes: list[Node] = []
    view: dict[int | None, int | None] = {}
    parent: int | None = None
    for entry in entries:
        following = parent
        for chosen, message in _versions(entry):
            nodes.append(Node(len(nodes) + 1, parent, message))
            if chosen:
                following = len(nodes)
        view[parent] = following
        parent = following
    return Conversation.of(nodes, view)


def _versions(entry: Object) -> Iterator[tuple[bool, Message]]:
    """Each version, and whether it is the one in view: that is `mes`, whatever its index in the list."""
    extra = fields(entry.get("extra"))
    if entry.get("is_user") is True:
        yield True, Message("user", text(entry.get("mes")))
        return
    swipes, infos = items(entry.get("swipes")), items(entry.get("swipe_info"))
    chosen = integer(entry.get("swipe_id")) or 0
    if not 0 <= chosen < len(swipes):
        swipes, infos, chosen = [None], [], 0
    for place, swipe in enumerate(swipes):
        own = fields(fields(infos[place]).get("extra")) if place < len(infos) else {}
        in_view = place == chosen
        yield in_view, _answer(entry.get("mes") if in_view else swipe, extra if in_view else own)


def _answer(words: JSON, extra: Object) -> Message:
    return Message(
        "assistant", text(words), reasoning=text(extra.get("reasoning")), model=text(extra.get("model")) or None
    )


def _time(value: JSON) -> float:
    """A time in any of SillyTavern's formats; those without a zone count as UTC."""
    if moment := when(value):
        return moment
    try:
        if match := _DATE.match(text(value, 40)):
            return datetime(*map(int, match.groups()), tzinfo=UTC).timestamp()  # type: ignore[arg-type, misc]
        return datetime.strptime(text(value, 40), _WRITTEN).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0
