"""A conversation is a tree of messages; a transcript is one path through it, and only a path is ever sent.

Editing and regenerating add siblings: nothing is destroyed. Ids live here, not in the messages.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from backend.types import Message

NodeId = int


@dataclass
class Node:
    """A message and its place. `parent` is None for the first message."""

    id: NodeId
    parent: NodeId | None
    message: Message


class Conversation:
    """A tree that remembers which branch is in view."""

    def __init__(self) -> None:
        self._nodes: dict[NodeId, Node] = {}
        self._children: dict[NodeId | None, list[NodeId]] = {}
        self._chosen: dict[NodeId | None, NodeId] = {}

    def __len__(self) -> int:
        return len(self._nodes)

    def __getitem__(self, node: NodeId) -> Node:
        return self._nodes[node]

    def add(self, message: Message, parent: NodeId | None) -> NodeId:
        """Hang `message` under `parent` and bring it into view. Raises KeyError when there is no such parent."""
        if parent is not None:
            _ = self._nodes[parent]
        node = Node(len(self._nodes) + 1, parent, message)
        self._nodes[node.id] = node
        self._children.setdefault(parent, []).append(node.id)
        self._chosen[parent] = node.id
        return node.id

    def update(self, node: NodeId, message: Message) -> None:
        """Replace a message that is still growing."""
        self._nodes[node].message = message

    def path(self) -> list[Node]:
        """The transcript in view, first message first."""
        path: list[Node] = []
        node = self._chosen.get(None)
        while node is not None:
            path.append(self._nodes[node])
            node = self._chosen.get(node)
        return path

    def path_to(self, node: NodeId | None) -> list[Node]:
        """The messages from the first one to `node`."""
        path: list[Node] = []
        while node is not None:
            path.append(self._nodes[node])
            node = self._nodes[node].parent
        return path[::-1]

    def siblings(self, node: NodeId) -> list[NodeId]:
        """All branches at this place, oldest first, `node` among them."""
        return list(self._children[self._nodes[node].parent])

    def graft(self, messages: Iterable[Message], parent: NodeId | None) -> NodeId | None:
        """Hang a chain of messages under `parent`, in view. Gives the last one (`parent` when there is none)."""
        for message in messages:
            parent = self.add(message, parent)
        return parent

    def after(self, node: NodeId | None) -> list[Message]:
        """The messages that follow `node` in view; none when it is not in view itself."""
        path = self.path()
        places = (place for place, found in enumerate(path, 1) if found.id == node)
        return [found.message for found in path[0 if node is None else next(places, len(path)) :]]

    def end_at(self, node: NodeId | None) -> None:
        """Take everything after `node` out of view; it stays a branch."""
        self._chosen.pop(node, None)

    def choose(self, node: NodeId) -> None:
        """Bring this branch into view."""
        self._chosen[self._nodes[node].parent] = node

    @property
    def leaf(self) -> NodeId | None:
        """The last message in view."""
        path = self.path()
        return path[-1].id if path else None
