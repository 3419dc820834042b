"""What the answers of one tab cost, added up; and the bill of a stopped stream, which comes late."""

from __future__ import annotations

import weakref

from backend.answer import billing, cost
from backend.answer.cost import Sum
from backend.answer.turn import Source, Turn
from backend.conversation.chat import Chat
from backend.guests.metering import MeteredSource
from backend.transport.client import ChatClient


class Spending:
    """The answers of one tab, added up. A turn is let go of as soon as its cost is settled."""

    def __init__(self) -> None:
        self._settled = Sum()
        self._open: list[Turn] = []

    def add(self, turn: Turn) -> None:
        self._open.append(turn)

    @property
    def total(self) -> Sum:
        """All answers that have ended, by now."""
        ended = [turn for turn in self._open if not turn.running]
        for turn in ended:
            if not turn.pending:
                self._settled = cost.add(self._settled, turn.message)
                self._open.remove(turn)
        total = self._settled
        for turn in ended:
            if turn in self._open:
                total = cost.add(total, turn.message, pending=True)
        return total


def look_for_bill(turn: Turn, paid: Source, client: ChatClient, chat: Chat) -> None:
    """A stopped stream never says what it cost: AI/ML API's usage log does, a while later.

    `paid`: out of what the answer is paid for; a guest's budget is corrected as well.
    """
    still_there = weakref.ref(chat)  # it may be gone by then

    def settled() -> None:
        if isinstance(paid, MeteredSource) and turn.message.cost is not None:
            paid.billed(turn.message.cost)
        if owner := still_there():
            owner.billed(turn)

    billing.watch(turn, client, client.endpoint.origin, settled)
