"""Messages are drawn together, in elements that stay the same as the conversation grows."""

from __future__ import annotations

from backend.conversation.tree import Node
from backend.types import Message
from components.chat.transcript import SEGMENT, segments


def nodes(count: int) -> list[Node]:
    return [Node(number, number - 1 or None, Message("user", str(number))) for number in range(1, count + 1)]


def ids(path: list[Node], *apart: int) -> list[list[int]]:
    return [[node.id for node in segment] for segment in segments(path, lambda node: node.id in apart)]


def test_no_message_is_lost_or_drawn_twice() -> None:
    for count in range(3 * SEGMENT):
        assert [id_ for segment in ids(nodes(count), 3, 4, 25) for id_ in segment] == list(range(1, count + 1))


def test_a_message_that_stands_apart_is_alone() -> None:
    assert ids(nodes(5), 2, 3) == [[1], [2], [3], [4, 5]]


def test_a_growing_conversation_changes_its_last_segment_only() -> None:
    before, after = ids(nodes(3 * SEGMENT - 1)), ids(nodes(3 * SEGMENT + 1))
    assert before[:-1] == after[: len(before) - 1]
    assert max(map(len, after)) == SEGMENT
