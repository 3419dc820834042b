"""What the answers of one tab cost, added up; and the bill of a stopped stream, which comes late."""

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

_LATELY = 3 * 3_600.0  # seconds: a conversation of another day that is opened in a new tab is not this session's


class Spending:
    """The answers of one tab, added up. A turn is let go of as soon as its cost is settled."""

    def __init__(self) -> None:
        self._settled = Sum()
        self._open: list[Turn] = []
        self._began = False

    def begin(self, chat: Chat) -> None:
        """The first page of this tab is drawn. A tab that was reloaded goes on in the conversation it had: what it
        has cost lately counts as before, and what runs is an answer of this tab."""
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


def of_chat(chat: Chat, since: float = 0.0) -> Sum:
    """What all answers of a conversation cost, those of other branches included: it is kept with them. `since`: of
    those that came later, in seconds since 1970.

    A branch that was shaped holds copies: of those that came of one request the first, which a late bill goes to,
    counts. Their times go with the id, which some servers give to every request.
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
