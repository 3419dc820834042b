"""Removes messages from a conversation for good, and restores them as long as that can be undone. Pure: trees in,
trees out.

What follows a removed message is attached to the message before it. Where an edit copied messages into another
branch, the copies are removed as well: what a visitor deletes exists nowhere any more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace

from backend.answer.turn import Turn
from backend.conversation.tree import Conversation, Node, NodeId


@dataclass(frozen=True)
class Removal:
    """A conversation before and after; neither changes any more.

    For undo: `turns` are the recent turns, by their messages; `write_back` writes what a journal
    has deleted into a conversation again.
    """

    before: Conversation
    after: Conversation
    turns: dict[NodeId, Turn] = field(default_factory=dict)
    write_back: Callable[[Conversation], None] | None = None

    @property
    def removed_ids(self) -> frozenset[NodeId]:
        """The messages that were removed."""
        return frozenset(node.id for node in self.before.nodes() if node.id not in self.after)

    @property
    def new_parents(self) -> dict[NodeId, NodeId | None]:
        """Messages with a new parent, and that parent."""
        return {node.id: node.parent for node in self.after.nodes() if node.parent != self.before[node.id].parent}

    @property
    def affected_ids(self) -> frozenset[NodeId]:
        """The removed messages and every message that followed them: their requests contained them."""
        gone = self.removed_ids
        return frozenset(node for first in gone for node in (first, *below(self.before, first)))


def below(conversation: Conversation, node: NodeId | None) -> Iterator[NodeId]:
    """Every message after this one, of all branches."""
    waiting = conversation.children(node)
    while waiting:
        node = waiting.pop()
        yield node
        waiting += conversation.children(node)


def with_copies(conversation: Conversation, nodes: Collection[NodeId]) -> frozenset[NodeId]:
    """These messages, and the copies that an edit made of them in other branches.

    A copy has the same content, and so has the message before or one after it: the same text may occur at
    different places, but not with the same neighbour (an answer's time and cost are part of it).
    """
    alike: dict[tuple[str, str], list[Node]] = {}
    for node in conversation.nodes():
        alike.setdefault((node.message.role, node.message.content), []).append(node)
    found = set(nodes)
    for id_ in nodes:
        node = conversation[id_]
        others = alike[node.message.role, node.message.content]
        if len(others) == 1:
            continue
        path = {before.id for before in conversation.path_to(id_)} | set(below(conversation, id_))
        found.update(other.id for other in others if other.id not in path and _is_copy(conversation, node, other))
    return frozenset(found)


def _is_copy(conversation: Conversation, one: Node, other: Node) -> bool:
    if one.message != other.message:
        return False
    parents = one.parent, other.parent
    if parents[0] != parents[1] and None not in parents:
        before = [conversation[parent].message for parent in parents if parent is not None]
        if before[0] == before[1]:
            return True
    behind = [conversation[child].message for child in conversation.children(one.id)]
    return any(conversation[child].message in behind for child in conversation.children(other.id))


def without(conversation: Conversation, gone: Collection[NodeId]) -> Conversation:
    """The conversation without these messages. The view stays; where it ends, the branch beside comes into view."""

    def before(node: NodeId | None) -> NodeId | None:
        while node is not None and node in gone:
            node = conversation[node].parent
        return node

    left = [
        Node(node.id, before(node.parent), node.message) for node in conversation.nodes() if node.id not in gone
    ]
    tree = Conversation.of(left)
    parents = [None, *(node.id for node in left)]
    return Conversation.of(left, {parent: _in_view(conversation, tree, gone, parent) for parent in parents})


def _in_view(
    conversation: Conversation, left: Conversation, gone: Collection[NodeId], parent: NodeId | None
) -> NodeId | None:
    first = shown = conversation.child_in_view(parent)
    while shown is not None and shown in gone:
        shown = conversation.child_in_view(shown)
    if shown is not None or first is None:
        return shown
    beside = left.children(parent)
    earlier = [child for child in beside if child < first]
    return earlier[-1] if earlier else beside[0] if beside else None


def undo(now: Conversation, removal: Removal) -> Conversation:
    """The conversation with the removed messages in their old place. Later messages stay, and stay in view."""
    before, after = removal.before, removal.after
    back = removal.removed_ids
    nodes = [node for node in before.nodes() if node.id in back]
    for node in now.nodes():
        stayed = node.id in after and after[node.id].parent == node.parent
        nodes.append(replace(node, parent=before[node.id].parent) if stayed else node)
    view: dict[NodeId | None, NodeId | None] = {}
    for parent in (None, *(node.id for node in nodes)):
        new = parent not in back and now.child_in_view(parent) != after.child_in_view(parent)
        view[parent] = now.child_in_view(parent) if new else before.child_in_view(parent)
    tree = Conversation.of(nodes, view)
    if now.leaf is not None and now.leaf not in after:
        for node in tree.path_to(now.leaf):
            tree.choose(node.id)
    return tree
