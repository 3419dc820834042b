"""Messages that name their parent -> a Conversation with every branch: shared by the importers of other chats."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from backend.conversation.tree import Conversation, Node, NodeId
from backend.formats.imports.openai import chain
from backend.types import JSON, Message
from backend.untrusted import Unreadable

_Thoughts = tuple[str, ...]


@dataclass(frozen=True)
class Branch:
    """A message in its place; None if nothing is kept: what follows it then follows its parent."""

    parent: JSON
    message: Message | None
    children: tuple[str, ...] = ()


def conversation_of(branches: Mapping[str, Branch], current: JSON) -> Conversation:
    """The conversation, with `current` as the last message in view. Ids are counted from 1, parents first."""
    below = _children(branches)
    place: dict[str, NodeId | None] = {}
    nodes: list[Node] = []
    waiting: list[tuple[str, NodeId | None, _Thoughts]] = [(id_, None, ()) for id_ in reversed(below.get(None, []))]
    while waiting:
        id_, parent, thoughts = waiting.pop()
        after = below.get(id_, [])
        message, thoughts = _thoughtful(branches[id_].message, thoughts, followed=bool(after))
        if message:
            nodes.append(Node(len(nodes) + 1, parent, message))
            parent = len(nodes)
        place[id_] = parent
        # Only the first branch has it: reasoning copied into each of a thousand would turn 10 MB into many GB.
        waiting += [(child, parent, () if child != after[0] else thoughts) for child in reversed(after)]
    if len(place) < len(branches):
        raise Unreadable("Its messages follow each other in a circle.")
    return Conversation.of(nodes, _view(branches, place, current))


def linked(
    ids: Sequence[str], parents: Sequence[JSON], read: Sequence[Message | None], current: JSON
) -> Conversation:
    """`conversation_of` from messages with ids and parent ids; in file order if they name no parents."""
    known = set(ids)
    if len(known) < len(ids) or not any(isinstance(parent, str) and parent in known for parent in parents):
        return chain([message for message in read if message])
    rows = zip(ids, parents, read, strict=True)
    return conversation_of({id_: Branch(parent, message) for id_, parent, message in rows}, current or ids[-1])


def _thoughtful(
    message: Message | None, thoughts: _Thoughts, *, followed: bool
) -> tuple[Message | None, _Thoughts]:
    """Merge a message that is only reasoning into the answer that follows it."""
    if message is None or message.role != "assistant":
        return message, thoughts
    if message.empty and message.reasoning and followed:
        return None, (*thoughts, message.reasoning)
    return replace(message, reasoning="\n\n".join(filter(None, (*thoughts, message.reasoning)))), ()


def _children(branches: Mapping[str, Branch]) -> dict[str | None, list[str]]:
    """The messages that follow each message, in the order of its own list; under None, the roots."""
    below: dict[str | None, list[str]] = {}
    for id_, branch in branches.items():
        parent = branch.parent if isinstance(branch.parent, str) and branch.parent in branches else None
        below.setdefault(parent, []).append(id_)
    for parent, children in below.items():
        if parent is not None and len(children) > 1:
            order = {id_: at for at, id_ in enumerate(branches[parent].children)}
            children.sort(key=lambda id_: order.get(id_, len(order)))
    return below


def _view(
    branches: Mapping[str, Branch], place: Mapping[str, NodeId | None], current: JSON
) -> dict[NodeId | None, NodeId | None]:
    path: list[NodeId] = []
    while isinstance(current, str) and current in branches:
        here = place[current]
        if here is not None and here not in path[-1:]:
            path.append(here)
        current = branches[current].parent
    steps: list[NodeId | None] = [None, *reversed(path), None]
    return dict(itertools.pairwise(steps)) if path else {}
