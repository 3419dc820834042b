"""Finds messages that earlier versions only hid when they were deleted, by their place in the tree. Pure functions.

Earlier versions deleted without destroying. The last message, or all after one, stayed in place, and the view
ended before it. For one in the middle, the messages after it were copied to its own place, as a branch beside it.

Not found is a deleted question after which another one was asked: it looks like an edited one. It is a branch
that can be reached by the arrows under the new question, and can be deleted there.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from backend.conversation import removal
from backend.conversation.removal import Removal, below, with_copies
from backend.conversation.tree import Conversation, NodeId


def hidden(conversation: Conversation) -> frozenset[NodeId]:
    """The messages that an earlier version deleted, but that still exist."""
    gone: set[NodeId] = set()
    for parent in (None, *(node.id for node in conversation.nodes())):
        children, chosen = conversation.children(parent), conversation.child_in_view(parent)
        if children and chosen is None:
            gone.update(node for child in children for node in (child, *below(conversation, child)))
        elif len(children) > 1:
            gone.update(child for child in children if child != chosen and _next(conversation, child))
    return frozenset(gone)


def still(conversation: Conversation, nodes: Collection[NodeId]) -> frozenset[NodeId]:
    """Those of them that still exist out of view: the visitor may have returned to one, or deleted it."""
    path = {node.id for node in conversation.path()}
    return frozenset(node for node in nodes if node in conversation and node not in path)


def remove(conversation: Conversation, nodes: Collection[NodeId]) -> Removal:
    """The conversation without these messages. What followed one is removed too if it is only the original of a
    copy beside it.
    """
    nodes = still(conversation, nodes)
    gone = {node for node in nodes for node in _originals(conversation, node)} | nodes
    gone |= still(conversation, with_copies(conversation, nodes))
    return Removal(conversation, removal.without(conversation, gone))


def restore(conversation: Conversation, nodes: Collection[NodeId]) -> Conversation:
    """The conversation with these messages in view, in their old places: what came after each follows it again."""
    nodes = still(conversation, nodes)
    under = _places(conversation, nodes)
    view = conversation.view
    for parent in (None, *(node.id for node in conversation.nodes())):
        deleted = [child for child in conversation.children(parent) if child in nodes]
        if deleted and conversation.child_in_view(parent) is None:
            view[parent] = deleted[-1]
    moved = [replace(node, parent=under.get(node.id, node.parent)) for node in conversation.nodes()]
    tree = Conversation.of(moved, view)
    for node in tree.path_to(conversation.leaf):
        tree.choose(node.id)
    return tree


def _places(conversation: Conversation, nodes: Collection[NodeId]) -> dict[NodeId, NodeId]:
    """For what came after a deleted message: the message that it follows again, the deleted one or a later one."""
    under: dict[NodeId, NodeId] = {}
    originals: dict[NodeId, NodeId] = {}
    for node in sorted(nodes):
        after = _next(conversation, node)
        if after is None:
            continue
        under[after] = node
        alike = (child for child in conversation.children(node) if _alike(conversation, child, after))
        originals[after] = next(alike, after)
    return {after: under.get(originals[after], node) for after, node in under.items()}


def _next(conversation: Conversation, node: NodeId) -> NodeId | None:
    """The message beside a deleted one that came after it. None: it was not deleted, or nothing came after."""
    newer = [other for other in conversation.siblings(node) if other > node]
    messages = [conversation[child].message for child in conversation.children(node)]
    for other in newer:
        if conversation[other].message in messages:
            return other
    message = conversation[node].message
    for other in newer:  # an answer was deleted and the next question asked, or a question was inserted before it
        if message.role == "assistant" and conversation[other].message.role == "user":
            behind = [conversation[child].message for child in conversation.children(other)]
            return None if message in behind else other
    return None


def _originals(conversation: Conversation, node: NodeId) -> set[NodeId]:
    """The messages after a deleted one that were copied beside it, and are followed by nothing else."""
    chain: list[NodeId] = []
    old, new = node, _next(conversation, node)
    pairs = [(child, new) for child in conversation.children(old)]
    while pair := next((pair for pair in pairs if _alike(conversation, *pair)), None):
        old, copy = pair
        chain.append(old)
        copies = conversation.children(copy) if copy is not None else []
        pairs = [(child, other) for child in conversation.children(old) for other in copies]
    gone: set[NodeId] = set()
    for old in reversed(chain):
        if set(conversation.children(old)) <= gone:
            gone.add(old)
    return gone


def _alike(conversation: Conversation, one: NodeId, other: NodeId | None) -> bool:
    return other is not None and conversation[one].message == conversation[other].message
