"""The last answers of a chat in full: request, headers, every chunk. Bounded, in memory.

A message holds what is stored permanently; this holds what the inspector shows, until newer answers arrive.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from backend.answer.turn import Turn
from backend.conversation.tree import NodeId

COUNT = 20  # answers
RAW = 16 * 1024 * 1024  # characters of raw chunks in total


class RecentTurns:
    """Turns by their message, the newest last."""

    def __init__(self) -> None:
        self._turns: dict[NodeId, Turn] = {}

    def add(self, node: NodeId, turn: Turn) -> None:
        self._turns[node] = turn
        while len(self._turns) > COUNT or (len(self._turns) > 1 and self._size() > RAW):
            del self._turns[next(iter(self._turns))]

    def get(self, node: NodeId) -> Turn | None:
        return self._turns.get(node)

    def take_out(self, nodes: Collection[NodeId]) -> dict[NodeId, Turn]:
        """Drop these answers, except one whose bill is still pending; returns what was dropped."""
        gone = {node: turn for node, turn in self._turns.items() if node in nodes and not turn.pending}
        self._turns = {node: turn for node, turn in self._turns.items() if node not in gone}
        return gone

    def put_back(self, turns: Mapping[NodeId, Turn]) -> None:
        """Restore what was dropped, as older than the rest."""
        newer, self._turns = self._turns, {}
        for node, turn in {**turns, **newer}.items():
            self.add(node, turn)

    def node(self, turn: Turn) -> NodeId | None:
        """The message that a turn writes."""
        return next((node for node, kept in list(self._turns.items()) if kept is turn), None)

    def _size(self) -> int:
        return sum(min(turn.received.raw_kept, RAW) for turn in self._turns.values())
