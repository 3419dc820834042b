"""A chat: a conversation and the answer that is being written into it. No screen, no network of its own."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Sequence
from dataclasses import replace

from backend.answer.turn import Source, Turn
from backend.conversation.locking import synchronized
from backend.conversation.ports import Journal, TurnFactory
from backend.conversation.queue import MessageQueue
from backend.conversation.recent import RecentTurns
from backend.conversation.transcript import is_empty_failure, middle
from backend.conversation.tree import Conversation, NodeId
from backend.protocol.wire import CONTINUE, is_paused
from backend.types import ChatRequest, Message, Tool

TICK = 0.05  # seconds between two checks on running tools


class Chat:
    """Send, regenerate, stop; messages sent while an answer runs wait in `queued`.

    When an answer ends, the chat continues without a page, on the thread of the answer: queued messages are sent
    with the last settings, unless the answer was stopped or the page is gone. It offers and runs no tools: that is
    backend/tools/agent.py.
    """

    def __init__(self, journal: Journal | None = None, conversation: Conversation | None = None) -> None:
        self.lock = threading.RLock()
        self._ask: TurnFactory | None = None  # the settings of the last request
        self.conversation = conversation or Conversation()
        self.journal = journal
        # The messages that have been saved, and the branches in view.
        self._saved = ({node.id for node in self.conversation.nodes()}, self.conversation.view)
        self.queued = MessageQueue(journal)
        self.turn: Turn | None = None
        self.recent = RecentTurns()
        self.turns = 0  # number of turns begun
        self._reply: NodeId | None = None
        self._running: list[Turn] = []
        weakref.finalize(self, _stop_all, self._running)  # when a session is gone, its answer is stopped

    @property
    def tools(self) -> tuple[Tool, ...]:
        """The definitions of the tools that the model may call."""
        return ()

    def shape_request(self, request: ChatRequest) -> ChatRequest:
        """The request as this chat sends it."""
        return request

    def through(self, source: Source) -> Source:
        """The source as this chat reads it."""
        return source

    @property
    def running(self) -> bool:
        return self.turn is not None and self.turn.running

    @synchronized
    def send(self, question: str | Message, ask: TurnFactory) -> None:
        """Add a user message and start its answer; while an answer runs, the message is queued. Queued messages go
        first, even at the moment when an answer has just ended.
        """
        message = Message("user", question) if isinstance(question, str) else question
        stopped = self.turn is not None and self.turn.state == "stopped"
        if self.running or (self.queued.waiting and not stopped):
            self.queued.add(message, self.conversation.leaf)
            self.send_next(ask)
            return
        self.settle()
        self._answer(self.conversation.add(message, end(self.conversation)), ask)

    @synchronized
    def advance(self, ask: TurnFactory) -> bool:
        """Continue after an answer has ended: send the oldest queued message. True if a new answer was started."""
        self._ask = ask
        if self.running:
            return False
        self.settle()
        return not (self.turn and self.turn.state == "stopped") and self.send_next(ask)

    @synchronized
    def send_next(self, ask: TurnFactory) -> bool:
        """Send the oldest queued message that no other tab has sent. False if there is none, or an answer is
        running.
        """
        while not self.running and (entry := self.queued.next()):
            self.settle()
            question = self.conversation.node(entry.message, end(self.conversation))
            if self.queued.take(entry, question):
                self._answer(self.conversation.hang(question), ask)
                return True
        return False

    @synchronized
    def regenerate(self, node: NodeId, ask: TurnFactory) -> None:
        """Regenerate the answer `node` as a new branch beside it, or answer the question `node`; a running answer
        is stopped."""
        self.stop()
        asked = self.conversation[node]
        self._answer(asked.id if asked.message.role == "user" else asked.parent, ask)

    @synchronized
    def resume(self, node: NodeId, ask: TurnFactory) -> None:
        """Continue an answer that was cut off: a branch beside it that begins with what there is."""
        self.stop()
        answer = self.conversation[node]
        transcript = [before.message for before in self.conversation.path_to(node)]
        if not is_paused(answer.message):
            transcript.append(CONTINUE)
        turn = ask(transcript, (), more=False, before=answer.message)
        self._begin(turn, answer.parent)

    @synchronized
    def beside(self, node: NodeId, make_turn: Callable[[], Turn]) -> None:
        """Another answer in this place, as a branch: to an edited request, or continued from another token."""
        self.stop()
        self._begin(make_turn(), self.conversation[node].parent)

    @synchronized
    def shorten(self, node: NodeId, ask: TurnFactory) -> None:
        """Regenerate `node` without the older half of the questions and answers before it."""
        self.stop()
        transcript = [before.message for before in self.conversation.path_to(self.conversation[node].parent)]
        later = transcript[middle(transcript) :]
        self._answer(self.conversation.graft(later, None), ask)

    @synchronized
    def billed(self, turn: Turn) -> None:
        """Record the cost of an answer that became known after its end. From any thread."""
        node = self.recent.node(turn)
        if node is not None:
            self.conversation.update(node, turn.message)
            if self.journal is not None:
                self.journal.follow(self.conversation[node], turn)

    @synchronized
    def choose(self, node: NodeId) -> None:
        """Bring a branch into view; an answer that leaves the view is stopped."""
        self.conversation.choose(node)
        if self.running and self._reply not in [shown.id for shown in self.conversation.path()]:
            self.stop()
        self.write_down()

    # ---- shaping: every change is a branch, but for deleting.py ------------------------------------------

    @synchronized
    def reshape(self, change: Callable[[Conversation], None]) -> None:
        """Apply a change of backend/conversation/shaping.py; a running answer is stopped."""
        self.stop()
        change(self.conversation)
        self.write_down()

    @synchronized
    def ask_again(self, node: NodeId, text: str, ask: TurnFactory) -> None:
        """Edit a user message and answer it anew."""
        self.stop()
        before = self.conversation[node]
        question = self.conversation.add(replace(before.message, content=text), before.parent)
        self._answer(question, ask)

    @synchronized
    def write_down(self) -> None:
        """Save what is new since the last time: messages, and the branches in view."""
        nodes, view = self.conversation.nodes(), self.conversation.view
        saved, saved_view = self._saved
        new = [node for node in nodes if node.id not in saved]
        if self.journal is None or not (new or view != saved_view):
            return
        self.journal.save(new, nodes, view)
        self._saved = (saved | {node.id for node in new}, view)

    @synchronized
    def adopt(self, node: NodeId, turn: Turn) -> None:
        """Continue reading an answer that began in another tab, or before this one was reloaded."""
        self._reply, self.turn = node, turn
        self._follow(turn)
        self.recent.add(node, turn)
        self.turns += 1
        self._running[:] = [turn]

    # ---- the running answer ------------------------------------------------------------------------------

    def _answer(self, question: NodeId | None, ask: TurnFactory) -> None:
        self._ask = ask
        transcript = [node.message for node in self.conversation.path_to(question)]
        self._begin(ask(transcript, self.tools, more=self._more(transcript)), question)

    def _more(self, transcript: Sequence[Message]) -> bool:
        """Whether the answer to this transcript may call tools."""
        return True

    def _begin(self, turn: Turn, question: NodeId | None) -> None:
        # The reply gets its place before its first token: appending it at the end scrambles the order when the
        # visitor does something else while it streams (measured).
        self._reply = self.conversation.add(turn.message, question)
        self.recent.add(self._reply, turn)
        self.turn = turn
        self.turns += 1
        self._running[:] = [turn]
        try:
            self.write_down()  # the question and the place of its answer are on disk before the request is sent
        except Exception:
            turn.stop()  # otherwise it would look as if it ran, and never begin
            raise
        self._follow(turn)
        turn.start()
        if self.journal is not None:
            self.journal.follow(self.conversation[self._reply], turn)

    def _follow(self, turn: Turn) -> None:
        """Get notified when this answer ends; this keeps no reference to a chat that is gone by then."""
        chat = weakref.ref(self)

        def go_on() -> None:
            while (still_there := chat()) and still_there._continues(turn):
                del still_there
                time.sleep(TICK)

        turn.when_ended(go_on)

    @synchronized
    def _continues(self, turn: Turn) -> bool:
        """Take the next step after an answer has ended. True while there are running tools to wait for."""
        if self.turn is not turn or not (self._ask and self._ask.is_open()):
            return False  # another page of the same conversation continues it, or none does
        self.settle()
        self.advance(self._ask)
        return self.turn is turn and self.running

    def live(self, node: NodeId) -> Turn | None:
        """The turn that writes this message, until it has been settled."""
        return self.turn if node == self._reply else None

    @synchronized
    def settle(self) -> None:
        """Write the turn's progress into the conversation; release the turn once it has ended."""
        # it may have been deleted
        if self.turn is None or self._reply is None or self._reply not in self.conversation:
            return
        running = self.turn.running
        self.conversation.update(self._reply, self.turn.message)
        if running:
            return
        reply, self._reply = self._reply, None
        for message in self.turn.alternatives:  # alternatives (n > 1): branches beside this one
            self.conversation.add(message, self.conversation[reply].parent)
            self.conversation.choose(reply)
        self.write_down()

    @synchronized
    def stop(self) -> None:
        """End the running answer and keep what has arrived."""
        if self.turn is not None:
            self.turn.stop()
        self.settle()


def end(conversation: Conversation) -> NodeId | None:
    """Where the next message is added: after the last one, or in place of a question without an answer."""
    path = conversation.path()
    if len(path) >= 2 and is_empty_failure(path[-1].message) and path[-2].message.role == "user":
        return path[-2].parent
    return conversation.leaf


def _stop_all(turns: list[Turn]) -> None:
    for turn in turns:
        if not turn.has_reader:
            turn.stop()
