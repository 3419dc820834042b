"""The queues of the lanes of a race, as one queue for the composer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from backend.compare.lane import Lane
from backend.conversation.queue import MessageQueue, QueuedMessage
from backend.conversation.tree import NodeId
from backend.types import Message


class Lanes(Protocol):
    """The part of a race that its queue needs."""

    lanes: list[Lane]

    def lane_of(self, node: NodeId) -> Lane | None: ...


class RaceQueue(MessageQueue):
    """The queued messages of a race: each lane has its own queue and takes the next one when it is ready."""

    def __init__(self, race: Lanes) -> None:
        super().__init__()
        self._race = race

    @property
    def _queues(self) -> list[MessageQueue]:
        return [lane.chat.queued for lane in self._race.lanes]

    @property
    def waiting(self) -> list[Message]:
        """The queue of the slowest lane."""
        return max((queue.waiting for queue in self._queues), key=len, default=[])

    @property
    def held_messages(self) -> list[Message]:
        return max((queue.held_messages for queue in self._queues), key=len, default=[])

    def restore_lanes(self, entries: Sequence[QueuedMessage], goes_on: Callable[[NodeId | None], bool]) -> None:
        """Put stored messages back into their lanes; a lane whose answer continues sends them by itself."""
        for lane in self._race.lanes:
            own = [one for one in entries if (self._race.lane_of(one.after or 0) or self._race.lanes[0]) is lane]
            lane.chat.queued.restore(own, goes_on=goes_on(lane.chat.conversation.leaf))

    def hold(self) -> None:
        for queue in self._queues:
            queue.hold()

    def release(self) -> None:
        for queue in self._queues:
            queue.release()

    def drop_held(self) -> list[Message]:
        return max([queue.drop_held() for queue in self._queues], key=len, default=[])
