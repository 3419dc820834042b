"""A session of Claude Code (JSON Lines) -> a conversation: a line is a message in Anthropic's shape, or an event.

Left out are events, the work of subagents, and internal messages of the program.
"""

from __future__ import annotations

from collections.abc import Sequence

from backend.formats.archive import Record
from backend.formats.imports import openai
from backend.formats.imports.reading import ImportReader, when
from backend.formats.imports.tree import Branch, conversation_of
from backend.types import JSON, Message
from backend.untrusted import Object, fields, objects, text


def is_line(item: Object) -> bool:
    """Whether this is a message or an event of a session; some events name no session."""
    kind = item.get("type")
    named = isinstance(item.get("sessionId"), str) and isinstance(kind, str) and "role" not in item
    return named or (kind == "summary" and "leafUuid" in item) or kind == "file-history-snapshot"


def is_session(item: Object) -> bool:
    """Whether these are collected lines of a session."""
    return any(map(is_line, objects(item.get("messages"), 1)))


def record(item: Object, here: ImportReader) -> Record:
    """The session of a file."""
    lines = objects(item.get("messages"))
    shown = [line for line in lines if not _hidden(line)]
    if left_out := sum("message" in line for line in lines) - sum("message" in line for line in shown):
        here.note(f"Messages of other agents and of the program were left out: {left_out}.")
    times = [moment for line in lines if (moment := when(line.get("timestamp")))]
    titles = [text(line.get("summary")) for line in lines if line.get("type") == "summary"]
    models = [text(fields(line.get("message")).get("model")) for line in shown]
    return Record(
        conversation_of(_branches(shown, here), None),
        title=next(filter(None, reversed(titles)), ""),
        settings={"model": next(filter(None, reversed(models)), None)},
        created=min(times, default=0.0),
        updated=max(times, default=0.0),
    )


def _hidden(line: Object) -> bool:
    return line.get("isSidechain") is True or line.get("isMeta") is True


def _branches(lines: Sequence[Object], here: ImportReader) -> dict[str, Branch]:
    """The branches of the lines. A line may be several messages: the results of parallel calls, one after the
    other.
    """
    branches: dict[str, Branch] = {}
    ends: dict[str, str] = {}  # the last message made from a line
    for line in lines:
        id_, parent, content = text(line.get("uuid")), text(line.get("parentUuid")), line.get("message")
        if not id_:
            continue
        messages: Sequence[Message | None] = openai.read([content], here) if isinstance(content, dict) else []
        before: JSON = ends.get(parent, parent)
        for number, message in enumerate(messages or [None]):
            ends[id_] = f"{id_}#{number}" if number else id_
            branches[ends[id_]] = Branch(before, message)
            before = ends[id_]
    return branches
