"""A chat: a conversation and the answer that is being written into it. No screen, no network of its own."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from backend.answer.turn import Source, Turn
from backend.conversation.recent import RecentTurns
from backend.conversation.tree import Conversation, Node, NodeId, View
from backend.types import ChatRequest, Message, Tool

CONTINUE = "Continue exactly where your last message stopped. Do not repeat any of it."


class Ask(Protocol):
    """Makes a turn that answers a transcript with these tools at hand; without `more` none may be called.

    What the turn says is appended to `before`, the answer that is being continued. The chat starts it, when the
    question is on disk.
    """

    def __call__(
        self, transcript: Sequence[Message], offered: tuple[Tool, ...], *, more: bool, before: str = ""
    ) -> Turn: ...


class Journal(Protocol):
    """Where a chat is written down as it grows (backend/store/journal.py)."""

    def save(self, nodes: Sequence[Node], everything: Sequence[Node], view: View) -> None: ...

    def follow(self, node: Node, turn: Turn) -> None: ...

    def amend(self, node: Node) -> None: ...


class Chat:
    """Send, regenerate, stop; messages sent while an answer runs wait in `queue`.

    It offers no tools and runs none: that is backend/tools/agent.py.
    """

    def __init__(self, journal: Journal | None = None, conversation: Conversation | None = None) -> None:
        self.conversation = conversation or Conversation()
        self.journal = journal
        newest = max((node.id for node in self.conversation.nodes()), default=0)
        self._saved = (newest, self.conversation.view)  # the last message that is written down, and the branches
        self.queue: list[Message] = []
        self.turn: Turn | None = None
        self.turns = 0
        self.recent = RecentTurns()
        self._reply: NodeId | None = None
        self._running: list[Turn] = []
        weakref.finalize(self, _stop_all, self._running)  # a session that is gone leaves no answer running

    @property
    def tools(self) -> tuple[Tool, ...]:
        """What the model is told it may call."""
        return ()

    def shaped(self, request: ChatRequest) -> ChatRequest:
        """The request as this chat sends it."""
        return request

    def through(self, source: Source) -> Source:
        """The source as this chat hears it."""
        return source

    @property
    def running(self) -> bool:
        return self.turn is not None and self.turn.running

    def send(self, question: str | Message, ask: Ask) -> None:
        """Add a user message and start its answer; while an answer runs, the message waits its turn."""
        message = Message("user", question) if isinstance(question, str) else question
        if self.running:
            self.queue.append(message)
            return
        self.settle()
        self._answer(self.conversation.add(message, self._end()), ask)

    def _end(self) -> NodeId | None:
        """Where the next message goes: after the last one, but in place of a question that got no answer."""
        path = self.conversation.path()
        if len(path) >= 2 and unanswered(path[-1].message) and path[-2].message.role == "user":
            return path[-2].parent
        return self.conversation.leaf

    def advance(self, ask: Ask) -> bool:
        """What comes next when an answer has ended: the oldest waiting message. True when a new one was started."""
        if self.running:
            return False
        self.settle()
        if self.queue:
            self.send(self.queue.pop(0), ask)
            return True
        return False

    def regenerate(self, node: NodeId, ask: Ask) -> None:
        """Answer again what `node` answered, as a new branch beside it; an answer that runs is stopped."""
        self.stop()
        self._answer(self.conversation[node].parent, ask)

    def resume(self, node: NodeId, ask: Ask) -> None:
        """Go on with an answer that was cut off: a branch beside it that begins with what there is."""
        self.stop()
        answer = self.conversation[node]
        transcript = [before.message for before in self.conversation.path_to(node)]
        turn = ask([*transcript, Message("user", CONTINUE)], (), more=False, before=answer.message.content)
        self._begin(turn, answer.parent)

    def beside(self, node: NodeId, make_turn: Callable[[], Turn]) -> None:
        """Another answer at the place of this one, as a branch: to an edited request, or from another word on."""
        self.stop()
        self._begin(make_turn(), self.conversation[node].parent)

    def shorten(self, node: NodeId, ask: Ask) -> None:
        """Ask again what `node` answered, without the older half of the questions and answers before it."""
        self.stop()
        transcript = [before.message for before in self.conversation.path_to(self.conversation[node].parent)]
        later = transcript[middle(transcript) :]
        self._answer(self.conversation.graft(later, None), ask)

    def billed(self, turn: Turn) -> None:
        """What an answer cost is known now, after its end. From any thread."""
        node = self.recent.node(turn)
        if node is not None:
            self.conversation.update(node, turn.message)
            if self.journal is not None:
                self.journal.amend(self.conversation[node])

    def choose(self, node: NodeId) -> None:
        """Bring a branch into view; an answer that goes out of view with the other one is stopped."""
        self.conversation.choose(node)
        if self.running and self._reply not in [shown.id for shown in self.conversation.path()]:
            self.stop()
        self.write_down()

    # ---- shaping: nothing is destroyed, every change is a branch -----------------------------------------

    def edit(self, node: NodeId, text: str) -> None:
        """Other words for a message; what followed it still follows."""
        self.stop()
        edited, rest = self.conversation[node], self.conversation.after(node)
        self.conversation.graft([replace(edited.message, content=text), *rest], edited.parent)
        self.write_down()

    def ask_again(self, node: NodeId, text: str, ask: Ask) -> None:
        """Other words for a user message, and a new answer to them."""
        self.stop()
        before = self.conversation[node]
        question = self.conversation.add(replace(before.message, content=text), before.parent)
        self._answer(question, ask)

    def insert(self, message: Message, after: NodeId | None) -> None:
        """A message of any role behind `after`; what followed it follows the new one."""
        self.stop()
        self.conversation.graft([message, *self.conversation.after(after)], after)
        self.write_down()

    def remove(self, node: NodeId) -> None:
        """The conversation without this message."""
        self.stop()
        parent, rest = self.conversation[node].parent, self.conversation.after(node)
        if rest:
            self.conversation.graft(rest, parent)
        else:
            self.conversation.end_at(parent)
        self.write_down()

    def remove_after(self, node: NodeId) -> None:
        """The conversation up to this message."""
        self.stop()
        self.conversation.end_at(node)
        self.write_down()

    def write_down(self) -> None:
        """Save what is new since the last time: messages, and which branches are in view."""
        newest, saved_view = self._saved
        new, view = self.conversation.nodes(after=newest), self.conversation.view
        if self.journal is None or not (new or view != saved_view):
            return
        self.journal.save(new, self.conversation.nodes(), view)
        self._saved = (max([newest, *(node.id for node in new)]), view)

    def adopt(self, node: NodeId, turn: Turn) -> None:
        """Go on reading an answer that began in another tab, or before this one was reloaded."""
        self._reply, self.turn = node, turn
        self.recent.add(node, turn)
        self.turns += 1
        self._running[:] = [turn]

    # ---- the running answer ------------------------------------------------------------------------------

    def _answer(self, question: NodeId | None, ask: Ask) -> None:
        transcript = [node.message for node in self.conversation.path_to(question)]
        self._begin(ask(transcript, self.tools, more=self._more(transcript)), question)

    def _more(self, transcript: Sequence[Message]) -> bool:
        """May the answer to this transcript call tools?"""
        return True

    def _begin(self, turn: Turn, question: NodeId | None) -> None:
        # The reply has its place before its first token: appending at the end scrambles the order when the
        # visitor does something else in mid-stream (measured).
        self._reply = self.conversation.add(turn.message, question)
        self.recent.add(self._reply, turn)
        self.turn = turn
        self.turns += 1
        self._running[:] = [turn]
        try:
            self.write_down()  # the question, and where its answer will be, are on disk before the request leaves
        except Exception:
            turn.stop()  # or it would seem to run, and never begin
            raise
        turn.start()
        if self.journal is not None:
            self.journal.follow(self.conversation[self._reply], turn)

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
            self._set_beside(self._reply, self.turn.alternatives)
            self._reply = None

    def _set_beside(self, reply: NodeId, alternatives: Sequence[Message]) -> None:
        """Other answers to the same question become branches beside the one in view."""
        for message in alternatives:
            self.conversation.add(message, self.conversation[reply].parent)
        if alternatives:
            self.conversation.choose(reply)
            self.write_down()

    def stop(self) -> None:
        """End the running answer and keep what arrived."""
        if self.turn is not None:
            self.turn.stop()
        self.settle()

    def unqueue(self) -> list[Message]:
        """Take the waiting messages back."""
        waiting = list(self.queue)
        self.queue.clear()
        return waiting


def middle(transcript: Sequence[Message]) -> int:
    """Where the newer half of the questions begins; 0 when there is only one."""
    questions = [place for place, message in enumerate(transcript) if message.role == "user"]
    return questions[len(questions) // 2] if len(questions) > 1 else 0


def unanswered(message: Message) -> bool:
    """An answer that failed with nothing in it."""
    return message.role == "assistant" and message.state == "failed" and message.empty


def _stop_all(turns: list[Turn]) -> None:
    for turn in turns:
        if not turn.wanted:
            turn.stop()
