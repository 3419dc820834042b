"""One lane of a race: a chat with its own settings, and with a transcript that no other lane sees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from backend.answer.turn import Turn
from backend.compare.lane_settings import Overrides
from backend.conversation.chat import Chat
from backend.conversation.ports import Journal
from backend.conversation.queue import QueuedMessage
from backend.conversation.removal import Removal
from backend.conversation.tree import Conversation, Node, View
from backend.types import Message, State


@dataclass(eq=False)
class Lane:
    """`id` identifies it within its race; `changes` are the settings that differ from the defaults."""

    id: str
    changes: Overrides
    chat: Chat

    @property
    def answer(self) -> Node | None:
        """The last message in view, if it is an answer."""
        path = self.chat.conversation.path()
        return path[-1] if path and path[-1].message.role == "assistant" else None

    @property
    def turn(self) -> Turn | None:
        """The turn of its last answer, until that is settled."""
        answer = self.answer
        return self.chat.live(answer.id) if answer else None

    @property
    def newest(self) -> Message | None:
        """Its last answer so far; None if it has not been asked yet."""
        answer = self.answer
        if answer is None:
            return None
        turn = self.chat.live(answer.id)
        return turn.message if turn else answer.message

    @property
    def state(self) -> State | None:
        """The current state of its last answer."""
        newest = self.newest
        return newest.state if newest else None


class LaneJournal:
    """The journal of a lane: it writes into the one conversation of its race, beside the other lanes."""

    def __init__(self, journal: Journal, whole: Callable[[], Conversation]) -> None:
        self._journal = journal
        self._whole = whole

    def save(self, nodes: Sequence[Node], everything: Sequence[Node], view: View) -> None:
        whole = self._whole()
        self._journal.save(nodes, whole.nodes(), whole.view)

    def follow(self, node: Node, turn: Turn) -> None:
        self._journal.follow(node, turn)

    def remove(self, removal: Removal) -> Callable[[Conversation], None]:
        return self._journal.remove(removal)

    def enqueue(self, entry: QueuedMessage) -> None:
        self._journal.enqueue(entry)

    def hold(self, ids: Sequence[int], *, held: bool) -> None:
        self._journal.hold(ids, held=held)

    def dequeue(self, entry: QueuedMessage, question: Node) -> bool:
        return self._journal.dequeue(entry, question)

    def discard(self, ids: Sequence[int]) -> None:
        self._journal.discard(ids)
