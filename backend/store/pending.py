"""Messages that could not be written yet: the newest version of each, in memory, bounded, in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from backend.conversation.tree import Conversation, Node, NodeId, View, when
from backend.formats.archive import Record
from backend.store.fulltext import excerpt
from backend.store.listing import Summary
from backend.store.rows import Change, title_of
from backend.text import without_marks
from backend.types import JSON, Message

LIMIT = 64_000_000  # characters
Key = tuple[str, str]  # owner, conversation


@dataclass
class _Waiting:
    """The unsaved messages of one conversation."""

    nodes: dict[NodeId, Node] = field(default_factory=dict)
    view: View | None = None
    settings: Mapping[str, JSON] | None = None


class Unsaved:
    """The unsaved messages of a store. Not thread-safe by itself: the store holds its lock."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._size = 0
        self._waiting: dict[Key, _Waiting] = {}
        self.lost = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, owner: str, id_: str, change: Change) -> None:
        """Add it; if there is no room, the oldest messages are dropped and counted."""
        waiting = self._waiting.setdefault((owner, id_), _Waiting())
        for node in change.nodes:
            before = waiting.nodes.get(node.id)
            self._size += size(node.message) - (size(before.message) if before else 0)
            waiting.nodes[node.id] = node
        waiting.view = change.view if change.view is not None else waiting.view
        waiting.settings = change.settings if change.settings is not None else waiting.settings
        while self._size > self._limit:
            self._give_up_oldest()

    def _give_up_oldest(self) -> None:
        key = next(key for key, waiting in self._waiting.items() if waiting.nodes)
        nodes = self._waiting[key].nodes
        self._size -= size(nodes.pop(next(iter(nodes))).message)
        self.lost += 1
        if not nodes:
            del self._waiting[key]

    def oldest(self) -> tuple[Key, Change] | None:
        for key, waiting in self._waiting.items():
            return key, Change(tuple(waiting.nodes.values()), waiting.view, waiting.settings)
        return None

    def done(self, key: Key, change: Change) -> None:
        """Remove what was written; what changed meanwhile stays."""
        waiting = self._waiting.get(key)
        if waiting is None:
            return
        for node in change.nodes:
            if waiting.nodes.get(node.id) is node:
                self._size -= size(waiting.nodes.pop(node.id).message)
        waiting.view = None if waiting.view is change.view else waiting.view
        waiting.settings = None if waiting.settings is change.settings else waiting.settings
        if not waiting.nodes and waiting.view is None and waiting.settings is None:
            del self._waiting[key]

    def forget(self, owner: str) -> None:
        """Remove everything of this owner."""
        for key in [key for key in self._waiting if key[0] == owner]:
            self._size -= sum(size(node.message) for node in self._waiting.pop(key).nodes.values())

    def summaries(self, owner: str) -> list[Summary]:
        """The owner's conversations that are not in the database yet, newest first."""
        listed: list[Summary] = []
        for (key_owner, id_), waiting in reversed(self._waiting.items()):
            if key_owner == owner and any(node.parent is None for node in waiting.nodes.values()):
                messages = [node.message for node in waiting.nodes.values()]
                title = next((title_of(message) for message in messages if message.role == "user"), "")
                began, newest = (place(waiting.nodes.values(), key=lambda node: node.id).id for place in (min, max))
                line = excerpt(without_marks(messages[-1].content[:1000])).line
                listed.append(Summary(id_, title, line, when(began), when(newest), False, (), len(messages)))
        return listed

    def over(self, owner: str, id_: str, record: Record | None) -> Record | None:
        """A conversation with its unsaved changes applied."""
        waiting = self._waiting.get((owner, id_))
        if waiting is None:
            return record
        if record is None and not any(node.parent is None for node in waiting.nodes.values()):
            return None  # its beginning is in the database, which cannot be read: half a tree would be wrong
        old = record or Record(Conversation())
        nodes = {node.id: node for node in old.conversation.nodes()} | waiting.nodes
        if not nodes:
            return record
        view = waiting.view if waiting.view is not None else old.conversation.view
        return Record(
            Conversation.of(nodes.values(), view),
            old.title,
            waiting.settings if waiting.settings is not None else old.settings,
            old.tags,
            old.created,
            old.updated,
            old.pinned,
        )


def size(message: Message) -> int:
    """The approximate characters of a message: its memory, and the measure of its growth."""
    return (
        200
        + len(message.content)
        + len(message.reasoning)
        + len(message.refusal)
        + sum(len(call.arguments) for call in message.tool_calls)
        + sum(len(media.url) for media in message.media)
    )
