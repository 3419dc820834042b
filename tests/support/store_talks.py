"""Conversations in a store, for the tests."""

from __future__ import annotations

from backend.conversation.tree import Conversation, NodeId
from backend.store import Store, new_id
from backend.types import Message

ME, YOU = "me", "you"
WEIRD = [
    "\x00",
    "a\x00b",
    "\ud83d",
    "\ud83d\ude00",
    "𝕳𝖎 👩‍👩‍👧",
    "'; DROP TABLE messages; --",
    "{}[]%s%(a)s:name?$1",
    "\u202eevil",
    "a" * 5000,
]


def say(store: Store, *contents: str, owner: str = ME, id_: str = "") -> tuple[str, Conversation]:
    """A conversation of these messages, by turns, saved as it grows."""
    id_, conversation = id_ or new_id(), Conversation()
    last: NodeId | None = None
    for place, content in enumerate(contents):
        last = conversation.add(Message("assistant" if place % 2 else "user", content), last)
        store.save(owner, id_, conversation[last], conversation.view)
    return id_, conversation


def contents(store: Store, id_: str, owner: str = ME) -> list[str]:
    record = store.load(owner, id_)
    assert record is not None
    return [node.message.content for node in record.conversation.path()]


def titles_found(store: Store, search: str, owner: str = ME) -> list[str]:
    return [summary.title for summary in store.conversations(owner, search)]
