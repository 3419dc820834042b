"""The lanes of a stored race: branches of one conversation, and settings that map its first messages to lanes
(backend/compare/race.py: Race.saved_settings)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backend.conversation.tree import Conversation, NodeId
from backend.types import JSON
from backend.untrusted import Object, fields, items

MOST = 6  # lanes of a race


def apart(conversation: Conversation, kept: Mapping[str, JSON]) -> list[tuple[Object, Conversation]]:
    """The settings of each lane and its branch of the conversation, from untrusted data: at most MOST lanes."""
    entries = [fields(entry) for entry in items(kept.get("lanes"), MOST)]
    roots = conversation.children(None)
    firsts = [[root for root in roots if root in items(entry.get("first"))] for entry in entries]
    if not any(firsts):  # from a file whose messages have other ids
        firsts = [roots[at : at + 1] for at in range(min(MOST, max(len(entries), len(roots))))]
        entries += [{} for _ in firsts[len(entries) :]]
    return [(entry, branch(conversation, first)) for entry, first in zip(entries, firsts, strict=True)]


def branch(conversation: Conversation, first: Sequence[NodeId]) -> Conversation:
    """The part of a conversation below these first messages."""
    wanted, nodes = set(first), []
    for node in conversation.nodes():
        if (node.parent is None and node.id in wanted) or node.parent in wanted:
            wanted.add(node.id)
            nodes.append(node)
    return Conversation.of(nodes, conversation.view)
