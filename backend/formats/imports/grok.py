"""Grok's data export (prod-grok-backend.json) -> conversations. It is not published: read as it was in 2026.

A conversation is a header and `responses`, questions included. Marks in a text refer to cards, which are stored
beside it as JSON in JSON; Grok's intermediate searches are left out.
"""

from __future__ import annotations

import json

from backend.formats.archive import Record
from backend.formats.imports.reading import ImportReader, when
from backend.formats.imports.tree import linked
from backend.types import JSON, Citation, Media, Message
from backend.untrusted import Object, fields, items, objects, text

_CARD, _ENDS = "<grok:render", "</grok:render>"
_CARDS = 200  # cards of one answer


def record(item: Object, here: ImportReader) -> Record:
    """One conversation of the export."""
    head = fields(item.get("conversation"))
    entries = [fields(entry.get("response")) or entry for entry in objects(item.get("responses"))]
    entries.sort(key=lambda entry: when(entry.get("create_time")))
    read = [_message(entry, place, here) for place, entry in enumerate(entries, 1)]
    models = [message.model for message in read if message and message.model]
    ids = [text(entry.get("_id")) for entry in entries]
    return Record(
        linked(ids, [entry.get("parent_response_id") for entry in entries], read, head.get("leaf_response_id")),
        title=text(head.get("title")),
        settings={"model": models[-1] if models else None},
        created=when(head.get("create_time")),
        updated=when(head.get("modify_time")),
        pinned=head.get("starred") is True,
    )


def _message(entry: Object, place: int, here: ImportReader) -> Message | None:
    role, words = here.role(entry.get("sender"), place), text(entry.get("message"))
    media = tuple(Media("file", "", name=text(id_)) for id_ in items(entry.get("file_attachments")) if text(id_))
    if role != "assistant":
        return Message(role, words, media=media) if words or media else None
    answer = Message(
        "assistant",
        _without_cards(words),
        reasoning=text(entry.get("thinking_trace")),
        media=media,
        citations=_citations(entry),
        model=text(entry.get("model")) or None,
        state="interrupted" if entry.get("partial") is True else "done",
    )
    return None if answer.empty and not answer.reasoning and not media else answer


def _without_cards(words: str) -> str:
    first, *others = words.split(_CARD)
    parted = (other.partition(_ENDS) for other in others)
    return "".join([first, *(after if end else _CARD + before for before, end, after in parted)])


def _citations(entry: Object) -> tuple[Citation, ...]:
    sources = [
        *map(_card, items(entry.get("card_attachments_json"), _CARDS)),
        *objects(entry.get("web_search_results")),
    ]
    by_url = {
        url: Citation(url, text(source.get("title"))) for source in sources if (url := text(source.get("url")))
    }
    return tuple(by_url.values())


def _card(written: JSON) -> Object:
    try:
        return fields(json.loads(text(written)))
    except (ValueError, RecursionError):
        return {}
