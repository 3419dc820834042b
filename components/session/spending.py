"""The total cost of a tab's answers; and the late bill of a stopped stream."""

from __future__ import annotations

import time
import weakref

from backend.answer import billing, cost
from backend.answer.cost import Sum
from backend.answer.turn import Source, Turn
from backend.conversation.chat import Chat
from backend.conversation.tree import when
from backend.guests.metering import MeteredSource
from backend.transport.client import ChatClient
from backend.types import Timing

_LATELY = 3 * 3_600.0  # seconds: an older conversation that is opened in a new tab is not part of this session


class Spending:
    """The total of one tab. A turn is released as soon as its cost is final."""

    def __init__(self) -> None:
        self._settled = Sum()
        self._open: list[Turn] = []
        self._began = False

    def begin(self, chat: Chat) -> None:
        """Begin with the first page of this tab. After a reload the session continues: the recent cost of its
        conversation counts as before, and a running answer is this tab's.
        """
        if self._began:
            return
        self._began, self._settled = True, of_chat(chat, since=time.time() - _LATELY)
        for node in chat.conversation.nodes():
            turn = chat.live(node.id) if node.message.state == "running" else None
            if turn is not None and turn not in self._open:
                self.add(turn)

    def add(self, turn: Turn) -> None:
        self._open.append(turn)

    @property
    def bills_to_come(self) -> int:
        """Answers that have ended and whose bill is being looked up."""
        return sum(turn.pending for turn in list(self._open))

    @property
    def total(self) -> Sum:
        """The cost of all answers that have ended so far."""
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


def of_chat(chat: Chat, since: float = 0.0) -> Sum:
    """The cost of all answers in a conversation, including other branches. `since`: only later ones, in seconds
    since 1970.

    A reshaped branch contains copies: of those of one request only the first counts, which a late bill
    is assigned to. Their times are compared besides the id, as some servers give the same id to every request.
    """
    total, counted = Sum(), set[tuple[str, Timing]]()
    for node in chat.conversation.nodes():
        if node.message.role == "assistant" and node.message.state != "running" and when(node.id) >= since:
            request = node.message.request_id, node.message.timing
            if request in counted:
                continue
            if node.message.request_id:
                counted.add(request)
            turn = chat.recent.get(node.id)
            total = cost.add(total, node.message, pending=turn is not None and turn.pending)
    return total


def look_for_bill(turn: Turn, paid: Source, client: ChatClient, chat: Chat) -> None:
    """Look up the cost of a stopped stream, which AI/ML API's usage log reports later.

    `paid`: the payment of the answer; a guest's budget is corrected as well.
    """
    still_there = weakref.ref(chat)  # it may have been deleted by then

    def settled() -> None:
        if isinstance(paid, MeteredSource) and turn.message.cost is not None:
            paid.billed(turn.message.cost)
        if owner := still_there():
            owner.billed(turn)

    billing.watch(turn, client, client.endpoint.origin, settled)
