"""A race with the interface of a chat: for a message box, and whatever else sends into "the conversation in
view".
"""

from __future__ import annotations

from collections.abc import Callable

from backend.answer.turn import Turn
from backend.compare.race import Race
from backend.conversation.chat import Chat
from backend.conversation.ports import TurnFactory
from backend.conversation.tree import NodeId
from backend.types import Message


class RaceChat(Chat):
    """A message is sent to every lane with the lane's own settings: `ask` is not used. `conversation` is a copy of
    all lanes at the last send, stop or advance.
    """

    def __init__(self, race: Race) -> None:
        super().__init__(race.journal, race.whole())
        self.race = race
        self.recent = race.recent
        self.queued = race.queued
        self._gather()

    def _gather(self) -> None:
        self.conversation = self.race.whole()
        self.turns = sum(lane.chat.turns for lane in self.race.lanes)

    @property
    def running(self) -> bool:
        return self.race.running

    def send(self, question: str | Message, ask: TurnFactory) -> None:
        self.race.send(question)
        self._gather()

    def advance(self, ask: TurnFactory) -> bool:
        began = self.race.advance()
        self._gather()
        return began

    def stop(self) -> None:
        self.race.stop()
        self._gather()

    def send_next(self, ask: TurnFactory) -> bool:
        began = self.race.send_next()
        self._gather()
        return began

    def live(self, node: NodeId) -> Turn | None:
        lane = self.race.lane_of(node)
        return lane.chat.live(node) if lane else None

    def beside(self, node: NodeId, make_turn: Callable[[], Turn]) -> None:
        if lane := self.race.lane_of(node):
            lane.chat.beside(node, make_turn)
            self._gather()
