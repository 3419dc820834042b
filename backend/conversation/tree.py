"""A conversation is a tree of messages; a transcript is one path through it, and only a path is ever sent.

Editing and regenerating add siblings: nothing is destroyed but by `without` (backend/conversation/removal.py). Ids
live here, not in the messages.

An id is a time plus random bits, larger than every id before it in its conversation: two tabs that add to
one conversation never use the same id, and sorting by id sorts by age, parents first.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backend.types import Message

NodeId = int
View = Mapping[NodeId | None, NodeId | None]


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
        self._last: NodeId = 0

    @classmethod
    def of(cls, nodes: Iterable[Node], view: View | None = None) -> Conversation:
        """A conversation from its parts. A node whose parent is missing becomes a root, so that it is visible."""
        tree = cls()
        for node in sorted(nodes, key=lambda node: node.id):
            tree.hang(Node(node.id, node.parent if node.parent in tree._nodes else None, node.message))
        for parent, child in (view or {}).items():
            if child is None:
                tree._chosen.pop(parent, None)
            elif child in tree._children.get(parent, ()):
                tree._chosen[parent] = child
        return tree

    def copy(self) -> Conversation:
        """A copy of the current state, independent of later changes."""
        return Conversation.of(self.nodes(), self.view)

    def nodes(self) -> list[Node]:
        """Every message, in view or not, oldest first."""
        return list(self._nodes.values())

    @property
    def view(self) -> dict[NodeId | None, NodeId | None]:
        """The branch in view, if it is not simply the newest one; None where the view ends early."""
        return {
            parent: self._chosen.get(parent)
            for parent, children in self._children.items()
            if self._chosen.get(parent) != children[-1]
        }

    def __len__(self) -> int:
        return len(self._nodes)

    def __contains__(self, node: NodeId) -> bool:
        return node in self._nodes

    def __getitem__(self, node: NodeId) -> Node:
        return self._nodes[node]

    def add(self, message: Message, parent: NodeId | None) -> NodeId:
        """Add `message` under `parent` and bring it into view. Raises KeyError if there is no such parent."""
        if parent is not None:
            _ = self._nodes[parent]
        return self.hang(self.node(message, parent))

    def node(self, message: Message, parent: NodeId | None) -> Node:
        """The node for `message` under `parent`; it is not added yet."""
        return Node(fresh_id(self._last), parent, message)

    def hang(self, node: Node) -> NodeId:
        """Add a node that is newer than all others, and bring it into view."""
        self._nodes[node.id] = node
        self._children.setdefault(node.parent, []).append(node.id)
        self._chosen[node.parent] = node.id
        self._last = node.id
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
        """Add a chain of messages under `parent`, in view. Returns the last one (`parent` if there is none)."""
        for message in messages:
            parent = self.add(message, parent)
        return parent

    def after(self, node: NodeId | None) -> list[Message]:
        """The messages that follow `node` in view; none if it is not in view itself."""
        path = self.path()
        places = (place for place, before in enumerate(path, 1) if before.id == node)
        return [later.message for later in path[0 if node is None else next(places, len(path)) :]]

    def end_at(self, node: NodeId | None) -> None:
        """Take everything after `node` out of view; it stays a branch."""
        self._chosen.pop(node, None)

    def choose(self, node: NodeId) -> None:
        """Bring this branch into view."""
        self._chosen[self._nodes[node].parent] = node

    def children(self, node: NodeId | None) -> list[NodeId]:
        """The branches that begin after this message, oldest first; None: the first messages."""
        return list(self._children.get(node, ()))

    def child_in_view(self, node: NodeId | None) -> NodeId | None:
        """The one of them that is in view; None where the view ends."""
        return self._chosen.get(node)

    @property
    def leaf(self) -> NodeId | None:
        """The last message in view."""
        path = self.path()
        return path[-1].id if path else None


def fresh_id(after: NodeId = 0) -> NodeId:
    """Microseconds and 11 random bits: fits a signed 64-bit column until the year 2112.

    Larger than `after`, with random bits too if the clock was set back: another tab continues from the same id.
    """
    return max(time.time_ns() // 1000, (after >> 11) + 1) << 11 | random.getrandbits(11)


def when(node: NodeId) -> float:
    """When a message was added, in seconds since 1970; without meaning for the small ids of an imported file."""
    return (node >> 11) / 1e6
