"""A chat: a conversation and the answer that is being written into it. No screen, no network of its own."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence

from backend.conversation import Conversation, NodeId
from backend.turn import Turn
from backend.types import Message

Ask = Callable[[Sequence[Message]], Turn]
"""Starts a turn that answers a transcript."""


class Chat:
    """Send, regenerate, stop; messages sent while an answer runs wait in `queue`."""

    def __init__(self) -> None:
        self.conversation = Conversation()
        self.queue: list[str] = []
        self.turn: Turn | None = None
        self._reply: NodeId | None = None
        self._running: list[Turn] = []
        weakref.finalize(self, _stop_all, self._running)  # a session that is gone leaves no answer running

    @property
    def running(self) -> bool:
        return self.turn is not None and self.turn.running

    def send(self, text: str, ask: Ask) -> None:
        """Add a user message and start its answer; while an answer runs, the message waits its turn."""
        if self.running:
            self.queue.append(text)
            return
        self.settle()
        question = self.conversation.add(Message("user", text), self.conversation.leaf)
        self._answer(question, ask)

    def send_next(self, ask: Ask) -> bool:
        """Send the oldest waiting message, if there is one and nothing runs."""
        if self.running or not self.queue:
            return False
        self.send(self.queue.pop(0), ask)
        return True

    def regenerate(self, node: NodeId, ask: Ask) -> None:
        """Answer again what `node` answered, as a new branch beside it."""
        if self.running:
            return
        self.settle()
        self._answer(self.conversation[node].parent, ask)

    def _answer(self, question: NodeId | None, ask: Ask) -> None:
        transcript = [node.message for node in self.conversation.path_to(question)]
        turn = ask(transcript)
        # The reply has its place before its first token: appending at the end scrambles the order when the
        # visitor does something else in mid-stream (measured).
        self._reply = self.conversation.add(turn.message, question)
        self.turn = turn
        self._running[:] = [turn]

    def live(self, node: NodeId) -> Turn | None:
        """The turn that writes this message, as long as it has not been settled."""
        return self.turn if node == self._reply else None

    def settle(self) -> None:
        """Write what the turn has so far into the conversation; let go of the turn once it has ended."""
        if self.turn is None or self._reply is None:
            return
        running = self.turn.running
        self.conversation.update(self._reply, self.turn.message)
        if not running:
            self._reply = None

    def stop(self) -> None:
        """End the running answer and keep what arrived."""
        if self.turn is not None:
            self.turn.stop()
        self.settle()

    def unqueue(self) -> str:
        """Take the waiting messages back, as one text."""
        text = "\n\n".join(self.queue)
        self.queue.clear()
        return text


def _stop_all(turns: list[Turn]) -> None:
    for turn in turns:
        turn.stop()
